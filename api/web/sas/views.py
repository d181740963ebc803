"""What the booking page shows: a practitioner's free slots by day, fresh proposals, the lists. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from api.web import desk_views, wording
from api.web.desk_views import Option
from api.web.forms import MtChoice
from api.web.sas.forms import MT_UNKNOWN
from api.web.sas.visit import SasVisit, Target
from regulation.intake.facts import CallPriority
from regulation.intake.hours import outside
from regulation.orientation.explaining import say_distance
from regulation.orientation.facts import Proposals
from regulation.triage.lists import counter_list
from slots.agenda import service as agenda
from slots.agenda.facts import SHOWN_BOTH_WAYS, FreeSlot, FreeSlotQuery
from slots.agenda.refusals import SlotNotFound
from snp.assignment.facts import Audience, Mode
from snp.days import local_day, say_time
from snp.directory import service as directory
from snp.directory.facts import PractitionerView
from snp.platform.actors import Actor

AHEAD: Final = timedelta(days=7)
"""How far the agenda is shown; farther when the slot that was clicked is."""

SEXES: Final = desk_views.SEXES
MT_OPTIONS: Final = (
    Option("non", "Non"),
    Option("oui", "Oui"),
    Option(MT_UNKNOWN, "Inconnu"),
)
CALL_OPTIONS: Final = (
    Option(MtChoice.TOO_LATE, "Appelé : pas dans ce délai, ou pas de réponse"),
    Option(MtChoice.ABSENT, "Absent et non remplacé"),
    Option(MtChoice.AVAILABLE, "Appelé : oui, il peut"),
    Option(MtChoice.NOT_CALLED, "Pas encore appelé"),
)
PRIORITIES: Final = (
    Option(CallPriority.P0, "P0 : détresse vitale, appel au 15"),
    Option(CallPriority.P1, "P1"),
    Option(CallPriority.P2, "P2"),
    Option(CallPriority.P3, "P3 : différable"),
)
DELAYS: Final = (6, 12, 24, 48, 72)
_ELSEWHERE: Final = {Mode.AMB: "", Mode.HH: "à domicile", Mode.VR: "téléconsultation"}


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the agenda and its free slots; the day of the picked slot stands open, else the first."""

    heading: str
    slots: tuple[Option, ...]
    is_open: bool


def consents(session: Session, practitioner_id: UUID, now: datetime) -> bool:
    """Tell whether a practitioner lets the national platform see his slots."""
    return directory.get_practitioner(session, practitioner_id, now=now).preferences.offer_to_sas


def free_slots(session: Session, target: Target, now: datetime) -> list[FreeSlot]:
    """Return the practitioner's slots that the platform may see and take now; none without his consent."""
    if not consents(session, target.ps, now):
        return []
    until, who = _until(session, target, now), frozenset({target.ps})
    query = FreeSlotQuery(
        starts_from=now, starts_until=until, audience=Audience.REGULATION, practitioner_ids=who
    )
    shown = agenda.sas_slots(
        session, now=now, starts_from=now, starts_until=until, views=SHOWN_BOTH_WAYS, practitioner_ids=who
    )
    ids = {slot.id for slot in shown}
    return [slot for slot in agenda.free_slots(session, query, now) if slot.id in ids]


def days_of(slots: Sequence[FreeSlot], picked: str, now: datetime) -> tuple[Day, ...]:
    """Return slots by local day, each told by its hour, and by its place where there are several."""
    many = len({slot.site_id for slot in slots}) > 1
    opened = next((slot for slot in slots if str(slot.id) == picked), slots[0] if slots else None)
    return tuple(
        Day(
            wording.day_heading(day, local_day(now)),
            tuple(_option(slot, many=many) for slot in of_day),
            is_open=opened is not None and day == local_day(opened.start),
        )
        for day, of_day in groupby(slots, key=lambda slot: local_day(slot.start))
    )


def fresh_options(session: Session, found: Proposals, now: datetime) -> tuple[Option, ...]:
    """Return proposals as slots that may be picked instead of the one that went, where there is consent."""
    return tuple(
        Option(
            str(first.slot_id),
            wording.when(first.start, now),
            f"{first.practitioner_name} · {first.site_name} · {say_distance(one.km)}",
        )
        for one in found.proposals
        for first in one.slots[:1]
        if consents(session, first.practitioner_id, now)
        and agenda.sas_slot(session, first.slot_id, now=now) is not None
    )


def where(session: Session, slots: Iterable[FreeSlot], carer: PractitionerView) -> dict[str, Any]:
    """Return who is seen, and where; the telephone of the place, or his own."""
    places = list({slot.site_id: slot for slot in slots}.values())
    site = directory.get_site(session, places[0].site_id) if len(places) == 1 else None
    return {
        "name": carer.full_name,
        "profession": directory.get_profession(session, carer.profession).label,
        "places": [f"{one.site_name}, {one.site_address}, {one.site_postal_code}" for one in places],
        "phone": wording.phone((site.phone if site else None) or carer.phone),
    }


def lists(
    session: Session, slots: Sequence[FreeSlot], visit: SasVisit, asked_territory: UUID | None, now: datetime
) -> dict[str, Any]:
    """Return what may be picked: reasons, communes near the slots; and whether the hours are closed."""
    territory_ids = {ident for slot in slots for ident in slot.territory_ids}
    if asked_territory is not None:
        territory_ids.add(asked_territory)
    closed, delay_h = "", DELAYS[3]
    communes: list[str] = []
    if territory_ids:
        first = directory.get_territory(session, min(territory_ids)).settings
        closed = " ".join(reason.sentence for reason in outside(first.snp_hours, now))
        delay_h = first.default_delay_hours
        near = _near(visit.actor, frozenset(territory_ids))
        communes = [desk_views.commune_label(one) for one in desk_views.own_communes(session, near)]
    return {
        "closed": closed,
        "default_delay": str(delay_h),
        "delays": [Option(str(h), f"{h} h") for h in sorted({*DELAYS, delay_h})],
        "communes": communes,
        "reasons": reason_options(now),
    }


def reason_options(now: datetime) -> tuple[Option, ...]:
    """Return the reasons of unscheduled care; none fits everything, so none is asked for."""
    found = counter_list(local_day(now)).reasons
    return tuple(sorted((Option(one.code, one.label) for one in found), key=lambda one: one.label))


def _near(actor: Actor, territory_ids: frozenset[UUID]) -> Actor:
    return Actor(ident=actor.ident, role=actor.role, territories=territory_ids, from_platform=True)


def _option(slot: FreeSlot, *, many: bool) -> Option:
    place = _ELSEWHERE[slot.mode] or (slot.site_name if many else "")
    return Option(str(slot.id), say_time(slot.start), place)


def _until(session: Session, target: Target, now: datetime) -> datetime:
    """Return until when the agenda is shown: the slot that was clicked is on it."""
    if target.slot is None:
        return now + AHEAD
    try:
        return max(now + AHEAD, agenda.get_slot(session, target.slot, now=now).start)
    except SlotNotFound:
        return now + AHEAD
