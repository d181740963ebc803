"""What the week of an agenda shows: each day's slots, who comes, what is left to say. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.web import wording
from api.web.reasons import reason_label
from regulation.orientation import service as orientation
from regulation.orientation.facts import Coming
from slots.agenda import service as agenda
from slots.agenda.facts import Occupancy, SlotFilter, SlotState, SlotView
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentStatusKind, AppointmentView
from snp.days import day_bounds, local_day, say_day, say_time
from snp.directory import service as directory
from snp.platform.actors import Actor
from snp.platform.keys import Keys

WHY_READ: Final = "semaine du praticien"
MOST_SLOTS: Final = 200
UNCLOSED_SINCE: Final = timedelta(days=7)

_OCCUPANCY: Final = {
    Occupancy.FREE: ("libre", "good"),
    Occupancy.HELD: ("retenu", "care"),
    Occupancy.TAKEN: ("pris", "taken"),
}
_OUTCOMES: Final = {
    AppointmentStatusKind.HONOURED: ("venu", "good"),
    AppointmentStatusKind.NO_SHOW: ("pas venu", "alarm"),
}
_GONE: Final = {SlotState.WITHDRAWN: "retiré", SlotState.RELEASED: "rendu : personne ne l’a pris"}
ABSENT: Final = "masqué par une absence"
BUSY: Final = "masqué : votre calendrier vous dit pris"


@dataclass(frozen=True, slots=True)
class Patient:
    """Who comes: enough to call him out, to ring him, to expect him."""

    appointment_id: UUID
    name: str
    born: str
    phone: str
    reason: str


@dataclass(frozen=True, slots=True)
class WeekSlot:
    """A slot of a day, and what may be done with it. `warning`: what stands against it."""

    id: UUID
    start: str
    end: str
    place: str
    state: str
    tone: str
    patient: Patient | None
    warning: str
    may_withdraw: bool
    may_close: bool


@dataclass(frozen=True, slots=True)
class WeekDay:
    """A day of the week: the slots that count, and those taken back or given back."""

    label: str
    is_today: bool
    is_past: bool
    slots: tuple[WeekSlot, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """A week from its Monday."""

    label: str
    monday: date
    previous: date
    following: date
    is_current: bool
    days: tuple[WeekDay, ...]


@dataclass(frozen=True, slots=True)
class Unclosed:
    """An appointment that has begun and of which nobody has said whether the patient came."""

    appointment_id: UUID
    when: str
    name: str


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def slots_between(
    session: Session, practitioner_id: UUID, first: date, days: int, now: datetime
) -> list[SlotView]:
    """Return every slot of some local days, whatever has become of it, by start."""
    query = SlotFilter(
        practitioner_ids=frozenset({practitioner_id}),
        starts_from=day_bounds(first)[0],
        starts_before=day_bounds(first + timedelta(days=days - 1))[1],
    )
    found: list[SlotView] = []
    cursor = None
    while True:
        page = agenda.list_slots(session, query, now=now, cursor=cursor, limit=MOST_SLOTS)
        found.extend(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return found


def week(
    session: Session,
    practitioner_id: UUID,
    monday: date,
    *,
    busy: frozenset[UUID] = frozenset(),
    keys: Keys,
    by: Actor,
    now: datetime,
) -> Week:
    """Return a week; opens the identities of who comes, audited. `busy`: absences that a calendar made."""
    slots = slots_between(session, practitioner_id, monday, 7, now)
    booked = _booked(session, practitioner_id, slots)
    coming = orientation.read_who_comes(
        session, [one.id for one in booked.values()], keys=keys, why=WHY_READ, by=by, now=now
    )
    places = _places(session, slots)
    days: dict[date, list[SlotView]] = {monday + timedelta(days=n): [] for n in range(7)}
    for slot in slots:
        days[local_day(slot.start)].append(slot)
    today = local_day(now)
    return Week(
        label=_say_week(monday),
        monday=monday,
        previous=monday - timedelta(days=7),
        following=monday + timedelta(days=7),
        is_current=monday == monday_of(today),
        days=tuple(
            WeekDay(
                label=wording.day_heading(day, today),
                is_today=day == today,
                is_past=day < today,
                slots=tuple(
                    _week_slot(slot, booked.get(slot.id), coming, places=places, busy=busy, now=now)
                    for slot in of_day
                    if slot.state not in _GONE
                ),
                gone=tuple(
                    f"{say_time(slot.start)} : {_GONE[slot.state]}" for slot in of_day if slot.state in _GONE
                ),
            )
            for day, of_day in days.items()
            if of_day or day.weekday() < 5
        ),
    )


def unclosed(
    session: Session, practitioner_id: UUID, *, keys: Keys, by: Actor, now: datetime
) -> tuple[Unclosed, ...]:
    """Return the appointments of the last days whose outcome is still to be said, the oldest first."""
    query = AppointmentFilter(
        practitioner_ids=frozenset({practitioner_id}),
        statuses=frozenset({AppointmentStatusKind.BOOKED}),
        starts_from=now - UNCLOSED_SINCE,
        starts_before=now,
    )
    found = appointments.list_appointments(session, query, limit=MOST_SLOTS).items
    coming = orientation.read_who_comes(
        session, [one.id for one in found], keys=keys, why=WHY_READ, by=by, now=now
    )
    return tuple(
        Unclosed(one.id, wording.until(one.start, now), wording.full_name(coming[one.id].traits))
        for one in found
        if one.id in coming
    )


def patient_of(appointment_id: UUID, coming: Coming, day: date) -> Patient:
    """Return who comes, as the pages show it."""
    traits = coming.traits
    return Patient(
        appointment_id,
        wording.full_name(traits),
        wording.born(traits),
        wording.phone(traits.phone),
        reason_label(coming.reason, day),
    )


def state_of(slot: SlotView, booked: AppointmentView | None, busy: frozenset[UUID]) -> tuple[str, str]:
    """Return a slot's state in words, and its tone."""
    if slot.state in _GONE:
        return _GONE[slot.state], ""
    if slot.state is SlotState.HIDDEN:
        return (BUSY if slot.hidden_by_id in busy else ABSENT), "care"
    if booked is not None and booked.status in _OUTCOMES:
        return _OUTCOMES[booked.status]
    return _OCCUPANCY[slot.occupancy]


def warning_of(slot: SlotView, busy: frozenset[UUID]) -> str:
    """Return what stands against a slot that somebody has."""
    if not slot.closing:
        return ""
    if slot.hidden_by_id is None:
        return "gardé pour ce patient seulement"
    if slot.hidden_by_id in busy:
        return "votre calendrier vous dit pris à cette heure"
    return "pris, pendant une absence"


def _week_slot(
    slot: SlotView,
    booked: AppointmentView | None,
    coming: Mapping[UUID, Coming],
    *,
    places: Mapping[UUID, str],
    busy: frozenset[UUID],
    now: datetime,
) -> WeekSlot:
    state, tone = state_of(slot, booked, busy)
    started = slot.start <= now
    if started and slot.occupancy is Occupancy.FREE and slot.state is SlotState.OPEN:
        state, tone = "resté libre", ""
    who = coming.get(booked.id) if booked else None
    return WeekSlot(
        id=slot.id,
        start=say_time(slot.start),
        end=say_time(slot.end),
        place=places.get(slot.site_id, ""),
        state=state,
        tone=tone,
        patient=patient_of(booked.id, who, local_day(now)) if booked and who else None,
        warning=warning_of(slot, busy),
        may_withdraw=not started and slot.occupancy is Occupancy.FREE,
        may_close=started and booked is not None and booked.status is AppointmentStatusKind.BOOKED,
    )


def _booked(
    session: Session, practitioner_id: UUID, slots: Iterable[SlotView]
) -> dict[UUID, AppointmentView]:
    taken = [slot for slot in slots if slot.occupancy is Occupancy.TAKEN]
    if not taken:
        return {}
    query = AppointmentFilter(
        practitioner_ids=frozenset({practitioner_id}),
        live=True,
        starts_from=taken[0].start,
        starts_before=taken[-1].end,
    )
    found = appointments.list_appointments(session, query, limit=MOST_SLOTS).items
    return {one.slot_id: one for one in found}


def _places(session: Session, slots: Iterable[SlotView]) -> dict[UUID, str]:
    """Return the names of the places, when there are several to tell apart."""
    ids = {slot.site_id for slot in slots}
    return {ident: directory.get_site(session, ident).name for ident in ids} if len(ids) > 1 else {}


def _say_week(monday: date) -> str:
    return f"Semaine du {say_day(monday).split(' ', 1)[1]}"
