"""What the service may say about itself: a closed list of events, and what their fields may hold.

An event names what happened; its fields are identifiers, counts, durations and codes, so that no line can
carry a name, a phone, a symptom or any free text. Add the event here before saying it.
"""

from __future__ import annotations

import re
from enum import Enum, StrEnum
from typing import Final
from uuid import UUID


class Event(StrEnum):
    """Everything the service may say."""

    SERVICE_STARTED = "service.started"
    SERVICE_STOPPED = "service.stopped"
    WORKER_ENDED = "worker.ended"
    HTTP_SERVED = "http.served"
    HTTP_FAILED = "http.failed"
    PACE_ALONE = "pace.alone"
    DATABASE_STARTED = "database.started"
    DATABASE_RESTARTED = "database.restarted"
    DATABASE_STOPPED = "database.stopped"
    DATABASE_LOST = "database.lost"
    DATABASE_MIGRATED = "database.migrated"
    ROW_SECURITY_AWAY = "row_security.away"
    DEMO_LOADED = "demo.loaded"
    DIRECTORY_IMPORTED = "directory.imported"
    JOB_STARTED = "job.started"
    JOB_FINISHED = "job.finished"
    JOB_FAILED = "job.failed"
    JOB_SKIPPED = "job.skipped"
    LEADER_ELECTED = "leader.elected"
    LEADER_LOST = "leader.lost"
    AUDIT_BROKEN = "audit.broken"
    RETENTION_APPLIED = "retention.applied"
    INVARIANT_BROKEN = "invariant.broken"
    INVARIANT_UNSEEN = "invariant.unseen"
    LISTENER_LOST = "listener.lost"
    SIGN_IN_ACCEPTED = "sign_in.accepted"
    SIGN_IN_REFUSED = "sign_in.refused"
    ACCESS_REFUSED = "access.refused"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    KEY_ROTATED = "key.rotated"
    TOKEN_ISSUED = "token.issued"  # noqa: S105 - an event
    TOKEN_REFUSED = "token.refused"  # noqa: S105 - an event
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - an event
    SECOND_FACTOR_SET = "second_factor.set"
    SECOND_FACTOR_RESET = "second_factor.reset"
    SESSIONS_ENDED = "sessions.ended"
    IDENTITY_LINKED = "identity.linked"
    IDENTITY_UNLINKED = "identity.unlinked"
    REGULATOR_CREATED = "regulator.created"
    REGULATOR_CHANGED = "regulator.changed"
    LINK_CREATED = "link.created"
    LINK_USED = "link.used"
    LINK_REVOKED = "link.revoked"
    CALENDAR_UNREADABLE = "calendar.unreadable"
    EMERGENCY_OPENED = "emergency.opened"
    IDENTITIES_RESEALED = "identities.resealed"
    AGENDA_PUBLISHED = "agenda.published"
    AGENDA_EXPANDED = "agenda.expanded"
    ROTA_PLAN_SOLVED = "rota.plan_solved"
    ROTA_PLAN_CONFIRMED = "rota.plan_confirmed"
    ROTA_REPAIR_ASKED = "rota.repair_asked"
    ROTA_TURN_SWAPPED = "rota.turn_swapped"
    ROTA_VOLUNTEER_TAKEN = "rota.volunteer_taken"
    SLOT_PUBLISHED = "slot.published"
    SLOT_WITHDRAWN = "slot.withdrawn"
    SLOT_RELEASED = "slot.released"
    HOLD_PLACED = "hold.placed"
    HOLD_EXPIRED = "hold.expired"
    HOLD_RELEASED = "hold.released"
    APPOINTMENT_BOOKED = "appointment.booked"
    APPOINTMENT_MOVED = "appointment.moved"
    APPOINTMENT_CANCELLED = "appointment.cancelled"
    APPOINTMENT_CLOSED = "appointment.closed"
    REQUEST_OPENED = "request.opened"
    REQUEST_MOVED = "request.moved"
    PROPOSALS_MADE = "proposals.made"
    POOL_ASSIGNED = "pool.assigned"
    PRICES_COMPUTED = "prices.computed"
    PROMISE_MADE = "promise.made"
    PROMISE_NAMED = "promise.named"
    PROMISE_AT_RISK = "promise.at_risk"
    PROMISE_BROKEN = "promise.broken"
    SLOT_CALL_OPENED = "slot_call.opened"
    SLOT_CALL_ANSWERED = "slot_call.answered"
    SLOT_CALL_ENDED = "slot_call.ended"
    WAITING_SERVED = "waiting_list.served"
    SHARING_CHANGED = "sharing.changed"
    STATEMENT_COMPUTED = "statement.computed"
    STATEMENT_CLOSED = "statement.closed"
    FUNDING_TERMS_SET = "funding_terms.set"
    ACT_MARKED = "act.marked"
    DESK_ANSWERED = "desk.answered"
    MT_ENTRY_MOVED = "mt_entry.moved"
    MT_PLACES_DECLARED = "mt_places.declared"
    MT_PICKED = "mt_entry.picked"
    MT_SIGNED = "mt_entry.signed"
    SERIES_CLOSED = "series.closed"
    SHEETS_ASKED = "series.sheets_asked"
    INDICATOR_CHANGED = "indicator.changed"
    INDICATORS_REPORTED = "indicators.reported"
    OUTBOX_SENT = "outbox.sent"
    OUTBOX_FAILED = "outbox.failed"
    OUTBOX_RETRIED = "outbox.retried"
    OUTBOX_UNSENT = "outbox.unsent"
    OUTBOX_FAULT = "outbox.fault"
    OUTBOX_REPLAYED = "outbox.replayed"
    OUTBOX_DROPPED = "outbox.dropped"
    OUTBOX_LEASE_LOST = "outbox.lease_lost"


_IDENTIFIER_FIELD: Final = re.compile(r"^[a-z][a-z0-9_]*_id$")
_MEASURE_FIELD: Final = re.compile(r"^[a-z][a-z0-9_]*_(ms|seconds|minutes|days|count|bytes|km|total)$")
_FIELDS: Final = frozenset(
    {
        "account",
        "action",
        "actor",
        "attempt",
        "channel",
        "code",
        "count",
        "delay",
        "disposition",
        "environment",
        "error",
        "free",
        "from_state",
        "host",
        "job",
        "kind",
        "method",
        "mode",
        "path",
        "pid",
        "policy",
        "port",
        "profession",
        "reason",
        "release",
        "revision",
        "role",
        "route",
        "rows",
        "scope",
        "served",
        "signal",
        "slug",
        "state",
        "status",
        "tables",
        "to_state",
        "unserved",
        "version",
        "worker",
    }
)
_CODE: Final = re.compile(r"/?[A-Za-z0-9_<][A-Za-z0-9_.:/{}<>@+-]{0,118}")
_LONG_DIGITS: Final = re.compile(r"\d{9,}")
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_LARGEST_NUMBER: Final = 99_999_999


def is_speakable(name: str, value: object) -> bool:
    """Tell whether a field may be logged: a known name holding an identifier, a measure or a code."""
    if _IDENTIFIER_FIELD.match(name):
        return value is None or isinstance(value, UUID) or bool(_UUID.fullmatch(str(value)))
    if name not in _FIELDS and not _MEASURE_FIELD.match(name):
        return False
    plain = value.value if isinstance(value, Enum) else value
    match plain:
        case int() if not isinstance(plain, bool):
            return abs(plain) <= _LARGEST_NUMBER
        case str():
            return is_code(plain)
        case _:
            return plain is None or isinstance(plain, bool | float | UUID)


def is_code(text: str) -> bool:
    """Tell whether a text is a code or a path template: no space, no number as long as a phone."""
    return text == "/" or bool(_CODE.fullmatch(text) and not _LONG_DIGITS.search(_UUID.sub("", text)))
