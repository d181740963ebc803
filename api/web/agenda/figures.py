"""A practitioner's own figures, visible to himself alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep
from api.web.agenda.visit import OwnerVisitDep
from api.web.agenda.week import frame
from api.web.agenda.week_views import slots_between
from api.web.rendering import render
from slots.agenda.facts import Occupancy, SlotState
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentStatusKind
from snp.days import day_bounds, local_day

router = APIRouter(prefix="/agenda/chiffres", include_in_schema=False)

MOST: Final = 200
THREE_MONTHS: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a period held. `published`: slots that patients could take, those given back untaken included."""

    label: str
    published: int
    taken: int
    honoured: int
    no_show: int


@router.get("")
def show(*, visit: OwnerVisitDep, session: SessionDep, now: NowDep) -> Response:
    """Show this month and the last three."""
    today = local_day(now)
    month = today.replace(day=1)
    periods = (
        figures(session, visit.practitioner, "Depuis le début du mois", first=month, last=today, now=now),
        figures(
            session,
            visit.practitioner,
            "Trois derniers mois",
            first=today - THREE_MONTHS,
            last=today,
            now=now,
        ),
    )
    return render("agenda/figures.html", periods=periods, **frame(session, visit, now))


def figures(
    session: Session, practitioner_id: UUID, label: str, *, first: date, last: date, now: datetime
) -> Figures:
    """Return the figures of the local days from `first` to `last`, both included."""
    slots = slots_between(session, practitioner_id, first, (last - first).days + 1, now)
    offered = [slot for slot in slots if slot.state in {SlotState.OPEN, SlotState.RELEASED}]
    statuses: Counter[AppointmentStatusKind] = Counter()
    query = AppointmentFilter(
        practitioner_ids=frozenset({practitioner_id}),
        starts_from=day_bounds(first)[0],
        starts_before=day_bounds(last)[1],
    )
    cursor = None
    while True:
        page = appointments.list_appointments(session, query, cursor=cursor, limit=MOST)
        statuses.update(one.status for one in page.items)
        cursor = page.next_cursor
        if cursor is None:
            break
    return Figures(
        label=label,
        published=len(offered),
        taken=sum(slot.occupancy is Occupancy.TAKEN for slot in offered),
        honoured=statuses[AppointmentStatusKind.HONOURED],
        no_show=statuses[AppointmentStatusKind.NO_SHOW],
    )
