"""What landing pages show: the queue of the regulation, the counts of a coordinator. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from api.web import wording
from api.web.reasons import reason_label
from regulation.intake import service as intake
from regulation.intake.facts import RequestFilter, RequestState, RequestView
from regulation.intake.rules import STATE_LABELS
from slots.agenda import service as agenda
from slots.agenda.facts import Occupancy, SlotFilter, SlotState, SlotView
from snp.days import day_bounds, local_day
from snp.directory import service as directory
from snp.platform.actors import Actor

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
class QueueRow:
    """An open request in the regulation's queue; no identity."""

    number: str
    state: str
    tone: str
    deadline: str
    reason: str
    commune: str
    priority: str


def queue(session: Session, *, by: Actor, now: datetime) -> dict[str, Any]:
    """Return the open requests by deadline."""
    page = intake.list_requests(session, RequestFilter(states=OPEN_STATES), limit=MOST_ROWS, by=by, now=now)
    communes = directory.get_communes(session, {one.insee for one in page.items})
    rows = [_queue_row(one, communes[one.insee].name, now) for one in page.items]
    return {"rows": rows, "more": page.next_cursor is not None}


def _queue_row(one: RequestView, commune: str, now: datetime) -> QueueRow:
    late = one.deadline is not None and one.deadline < now
    return QueueRow(
        number=one.number,
        state=STATE_LABELS[one.state],
        tone="alarm" if late or one.state is RequestState.UNSERVED else "care",
        deadline=wording.until(one.deadline, now) if one.deadline else "à fixer",
        reason=reason_label(one.reason, local_day(now)) if one.reason else "",
        commune=commune,
        priority=one.priority.value if one.priority else "",
    )


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
