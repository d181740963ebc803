"""What landing pages show: the week of a practitioner. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from api.web import wording
from regulation.intake.facts import PatientTraits
from regulation.orientation import service as orientation
from slots.agenda import service as agenda
from slots.agenda.facts import Occupancy, SlotFilter, SlotState, SlotView
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter
from snp.days import day_bounds, local_day, say_time
from snp.directory import service as directory
from snp.platform.actors import Actor
from snp.platform.keys import Keys

DAYS_SHOWN: Final = 7
MOST_SLOTS: Final = 200

_OCCUPANCY: Final = {
    Occupancy.FREE: ("libre", "good"),
    Occupancy.HELD: ("retenu", "care"),
    Occupancy.TAKEN: ("pris", ""),
}


@dataclass(frozen=True, slots=True)
class WeekSlot:
    """A slot of the practitioner's week, and who comes."""

    time: str
    place: str
    state: str
    tone: str
    patient: str


@dataclass(frozen=True, slots=True)
class WeekDay:
    """A day of the practitioner's week."""

    label: str
    slots: tuple[WeekSlot, ...]


def _slots(session: Session, now: datetime, **narrowed: Any) -> Iterable[SlotView]:
    """Yield the open slots of today and the six days after, page by page."""
    first = local_day(now)
    query = SlotFilter(
        starts_from=day_bounds(first)[0],
        starts_before=day_bounds(first + timedelta(days=DAYS_SHOWN - 1))[1],
        states=frozenset({SlotState.OPEN}),
        **narrowed,
    )
    cursor = None
    while True:
        page = agenda.list_slots(session, query, now=now, cursor=cursor, limit=MOST_SLOTS)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def week(session: Session, *, keys: Keys, by: Actor, now: datetime) -> list[WeekDay]:
    """Return the week of the practitioner that the actor is or acts for; opens identities, audited."""
    if by.practitioner is None:
        return []
    slots = list(_slots(session, now, practitioner_ids=frozenset({by.practitioner})))
    patients = _patients(session, slots, keys=keys, by=by, now=now)
    places = {
        site_id: directory.get_site(session, site_id).name for site_id in {one.site_id for one in slots}
    }
    days: dict[date, list[WeekSlot]] = {}
    for slot in slots:
        state, tone = _OCCUPANCY[slot.occupancy]
        row = WeekSlot(say_time(slot.start), places[slot.site_id], state, tone, patients.get(slot.id, ""))
        days.setdefault(local_day(slot.start), []).append(row)
    today = local_day(now)
    return [WeekDay(wording.day_heading(day, today), tuple(rows)) for day, rows in days.items()]


def _patients(
    session: Session, slots: list[SlotView], *, keys: Keys, by: Actor, now: datetime
) -> dict[UUID, str]:
    """Return who comes, by slot: name, birth date and phone."""
    if not slots or by.practitioner is None:
        return {}
    query = AppointmentFilter(
        practitioner_ids=frozenset({by.practitioner}),
        live=True,
        starts_from=slots[0].start,
        starts_before=slots[-1].end,
    )
    booked = appointments.list_appointments(session, query, limit=MOST_SLOTS).items
    ids = [one.id for one in booked]
    why = "semaine du praticien"
    traits = orientation.read_patients_of_appointments(session, ids, keys=keys, why=why, by=by, now=now)
    return {one.slot_id: _patient(traits[one.id]) for one in booked if one.id in traits}


def _patient(traits: PatientTraits) -> str:
    shown = (wording.full_name(traits), wording.born(traits), wording.phone(traits.phone))
    return " · ".join(part for part in shown if part)
