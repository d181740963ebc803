"""Which tables the second lock between territories closes, which it leaves open and why, and whom it binds.

The revisions make the policies; a test holds this list, the tables and the database against each other, so
that a new table with a territory must say where it stands. See ADR 105.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.sharing import service as sharing
from snp.directory import service as directory
from snp.platform import near
from snp.platform.actors import DESK_ROLES, Actor, Role
from snp.platform.events import Event
from snp.platform.logs import log

TERRITORIAL: Final = frozenset({Role.ARM, Role.OSNP, Role.REGULATEUR, Role.COORDINATOR, Role.DPO})
"""Those whose rights end at the territories of their account or key."""

ASKED_AGAIN_AFTER_SECONDS: Final = 60.0

CLOSED: Final = frozenset(
    {
        "act_verdict",
        "assignment_run",
        "audit_entry",
        "compensation_line",
        "compensation_statement",
        "compensation_year",
        "coordination_time",
        "coverage_sheet",
        "desk_trace",
        "emergency_access",
        "funding_terms",
        "indicator",
        "indicator_revision",
        "live_decision",
        "mt_call",
        "mt_consent",
        "mt_entry",
        "mt_move",
        "mt_pick",
        "mt_place",
        "mt_setting",
        "outbox_message",
        "patient",
        "physio_pass",
        "physio_relay",
        "physio_series",
        "physio_series_line",
        "physio_sheet",
        "physio_template",
        "price_sheet",
        "promise",
        "proposal",
        "request",
        "reminder_choice",
        "request_move",
        "right_asked",
        "slot_call",
        "slot_call_answer",
        "slot_call_ask",
        "slot_call_half",
    }
)
"""Neither read nor changed from another territory; a line of the audit and a message may be added."""

CLOSED_TO_WRITING: Final = frozenset({"appointment", "hold"})
"""Read by whoever may be offered the slot, since it is taken or not; made and changed at home alone."""

_DIRECTORY: Final = "the directory is open to whoever signed in"
_AGENDA: Final = "who offers when is seen by all who may be offered it; names no patient"
_ROTA: Final = "working hours of carers of several territories, repaired together; names no patient"
_DOOR: Final = "read before anybody is known; names no patient"
_CLAIM: Final = "follows an appointment, by its identifier alone; names no patient"

LEFT_OPEN: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            "commune",
            "membership",
            "organisation",
            "organisation_territory",
            "practitioner",
            "practitioner_site",
            "profession",
            "site",
            "territory",
            "territory_commune",
            "territory_revision",
        ),
        _DIRECTORY,
    ),
    **dict.fromkeys(
        (
            "absence",
            "busy_time",
            "calendar_absence",
            "calendar_feed",
            "imported_calendar",
            "pattern",
            "pattern_exception",
            "physio_terms",
            "sharing",
            "sharing_opt_out",
            "sharing_status",
            "slot",
            "slot_event",
        ),
        _AGENDA,
    ),
    **dict.fromkeys(
        (
            "rota",
            "rota_member",
            "rota_opening",
            "rota_place",
            "rota_plan",
            "rota_shift",
            "rota_swap",
            "rota_turn",
            "rota_turn_slot",
            "rota_volunteer",
            "rota_wish",
        ),
        _ROTA,
    ),
    **dict.fromkeys(
        (
            "access_token",
            "account",
            "api_key",
            "delegation",
            "detached_provider",
            "federated_identity",
            "logout_token",
            "magic_link",
            "page_session",
            "recovery_code",
            "regulator",
            "regulator_identifier",
            "totp_secret",
        ),
        _DOOR,
    ),
    **dict.fromkeys(
        ("door_try", "pace", "unknown_login"), "counts by hashed names, read before anybody is known"
    ),
    **dict.fromkeys(("act_mark", "appointment_status", "sas_appointment"), _CLAIM),
    "audit_seal": "counts and hashes of the whole journal",
    "demo_letter": "invented people",
    "desk_draft": "sealed, and found by who typed it alone",
    "idempotency_record": "sealed, and found by who asked alone",
    "invariant_look": "counts over the whole database",
}
"""Tables without a policy, each with its reason."""


class SecondLock:
    """Binds the sessions of actors to their territories, where the database is made for it."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted
        self._is_ready = False
        self._ask_again_at = 0.0

    def close(self, session: Session, actor: Actor) -> None:
        """Bind a session to the reach of who was proven, for as long as it lives."""
        if self._holds(session) and (bounds := bounds_of(session, actor)) is not None:
            near.bind(session, bounds)

    def _holds(self, session: Session) -> bool:
        if not self._wanted or self._is_ready:
            return self._wanted
        if time.monotonic() >= self._ask_again_at:
            self._is_ready = near.is_ready(session)
            self._ask_again_at = time.monotonic() + ASKED_AGAIN_AFTER_SECONDS
            if not self._is_ready:
                log(Event.ROW_SECURITY_AWAY, level=logging.WARNING)
        return self._is_ready


def bounds_of(session: Session, actor: Actor) -> frozenset[UUID] | None:
    """Return the territories that a session of this actor sees; None for who acts as the owner of the tables.

    A desk sees where its practice takes part, a carer (or who acts for him) wherever his patients may come
    from. An administrator sees everything. A régulateur of the national platform acts in the territory of the
    slot that he was sent for, which he names page by page (`SasVisit.acting_in`).
    """
    if actor.from_platform:
        return None
    if actor.role in TERRITORIAL:
        return actor.territories
    if actor.organisation is not None and actor.role in DESK_ROLES:
        return actor.territories | directory.territories_of_organisation(session, actor.organisation)
    if actor.role in {Role.PRACTITIONER, Role.DELEGATE}:
        if actor.practitioner is None:
            return actor.territories
        return sharing.territories_served(session, actor.practitioner, actor.territories)
    return None
