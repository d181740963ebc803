"""What landing pages show: the counts of a coordinator, a week. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from api.web import wording
from regulation.intake import service as intake
from regulation.intake.facts import PatientTraits, RequestFilter, RequestState
from regulation.orientation import service as orientation
from slots.agenda import service as agenda
from slots.agenda.facts import Occupancy, SlotFilter, SlotState, SlotView
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter
from snp.days import day_bounds, local_day, say_time
from snp.directory import service as directory
from snp.platform.actors import Actor
from snp.platform.keys import Keys

OPEN_STATES: Final = frozenset(
    {
        RequestState.RECEIVED,
        RequestState.WAITING_MT,
        RequestState.TO_ESTIMATE,
        RequestState.TO_DECIDE,
        RequestState.SEEKING,
        RequestState.HELD,
        RequestState.UNSERVED,
    }
)
DAYS_SHOWN: Final = 7
MOST_ROWS: Final = 100
MOST_SLOTS: Final = 200

_OCCUPANCY: Final = {
    Occupancy.FREE: ("libre", "good"),
    Occupancy.HELD: ("retenu", "care"),
    Occupancy.TAKEN: ("pris", ""),
}


@dataclass(slots=True)
class Counts:
    """Slots of a day or a week, by what has become of them."""

    label: str = ""
    published: int = 0
    free: int = 0
    held: int = 0
    taken: int = 0

    def add(self, slot: SlotView) -> None:
        """Count one slot."""
        self.published += 1
        self.free += slot.occupancy is Occupancy.FREE
        self.held += slot.occupancy is Occupancy.HELD
        self.taken += slot.occupancy is Occupancy.TAKEN


@dataclass(frozen=True, slots=True)
class Board:
    """A territory's next seven days."""

    name: str
    total: Counts
    days: tuple[Counts, ...]
    open_requests: int
    many: bool


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


def boards(session: Session, *, by: Actor, now: datetime) -> list[Board]:
    """Return the counts of each of the actor's territories."""
    return [_board(session, territory_id, by=by, now=now) for territory_id in sorted(by.territories)]


def _board(session: Session, territory_id: UUID, *, by: Actor, now: datetime) -> Board:
    today = local_day(now)
    days = {today + timedelta(days=n): Counts() for n in range(DAYS_SHOWN)}
    total = Counts()
    for slot in _slots(session, now, territory_ids=frozenset({territory_id})):
        days[local_day(slot.start)].add(slot)
        total.add(slot)
    for day, counts in days.items():
        counts.label = wording.day_heading(day, today)
    wanted = RequestFilter(territory_id=territory_id, states=OPEN_STATES)
    requests = intake.list_requests(session, wanted, limit=MOST_ROWS, by=by, now=now)
    return Board(
        name=directory.get_territory(session, territory_id).name,
        total=total,
        days=tuple(days.values()),
        open_requests=len(requests.items),
        many=requests.next_cursor is not None,
    )


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
