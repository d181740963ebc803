"""« Comme la semaine dernière »: show what would be published, then publish it at one tap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.web import wording
from api.web.agenda import told
from api.web.agenda.publishing import say_busy
from api.web.agenda.visit import AgendaVisitDep
from api.web.agenda.week import WeekQuery, frame
from api.web.agenda.week_views import monday_of, slots_between
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from slots.agenda import service as agenda
from slots.agenda.facts import Attempt, Offer, SlotState, SlotView, Wish
from snp.days import local_day, say_day, say_instant, say_interval, shift_days

router = APIRouter(prefix="/agenda/semaine-derniere", include_in_schema=False)

_COUNTED: Final = frozenset({SlotState.OPEN, SlotState.RELEASED})
"""What was really published that week: open or taken, or given back because nobody came."""


@dataclass(frozen=True, slots=True)
class Line:
    """A slot of last week, a week later; `why_not` when it cannot be."""

    when: str
    why_not: str


@router.get("")
def show(*, visit: AgendaVisitDep, session: SessionDep, now: NowDep, semaine: WeekQuery = None) -> Response:
    """Show what the week would get, and what it would not, and why."""
    monday = monday_of(semaine or local_day(now))
    wishes = last_week(session, visit.practitioner, monday, now)
    attempts = agenda.rehearse_each(session, visit.practitioner, wishes, now=now)
    return render(
        "agenda/copy.html",
        week=f"semaine du {say_day(monday).split(' ', 1)[1]}",
        monday=monday.isoformat(),
        wanted=say_rows(attempts),
        count=sum(not one.why_not for one in attempts),
        skipped=[_line(one) for one in attempts if one.why_not],
        **frame(session, visit, now),
    )


@router.post("")
def publish(
    *, visit: AgendaVisitDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Publish the slots of last week a week later; what cannot be is told."""
    try:
        monday = monday_of(date.fromisoformat(form.texts.get("semaine", "")))
    except ValueError:
        monday = monday_of(local_day(now))
    wishes = last_week(session, visit.practitioner, monday, now)
    attempts = agenda.publish_each(session, visit.practitioner, wishes, by=visit.actor, now=now)
    made = sum(not one.why_not for one in attempts)
    sentences = [say_made(made), *(one.why_not for one in attempts if one.why_not)]
    sentences += say_busy(session, visit, now)
    kept = told.keep(session, sentences, keys=keys, by=visit.actor, now=now)
    return see(f"/agenda?semaine={monday.isoformat()}&dit={kept}")


def last_week(session: Session, practitioner_id: UUID, monday: date, now: datetime) -> list[Wish]:
    """Return the slots of the week before a Monday, each seven local days later."""
    before = slots_between(session, practitioner_id, monday - timedelta(days=7), 7, now)
    return [Wish(shift_days(slot.start, 7), _offer(slot)) for slot in before if slot.state in _COUNTED]


def say_rows(attempts: Sequence[Attempt]) -> list[str]:
    """Return what would be published, slots that follow each other in one line."""
    rows: list[list[Wish]] = []
    for one in attempts:
        if one.why_not:
            continue
        if rows and _end(rows[-1][-1]) == one.wish.start:
            rows[-1].append(one.wish)
        else:
            rows.append([one.wish])
    return [_say_row(row) for row in rows]


def say_made(count: int) -> str:
    """Say how many slots were published."""
    match count:
        case 0:
            return "Aucun créneau n’a été publié."
        case 1:
            return "Un créneau publié."
        case _:
            return f"{count} créneaux publiés."


def _offer(slot: SlotView) -> Offer:
    return Offer(
        site_id=slot.site_id,
        mode=slot.mode,
        audiences=slot.audiences,
        territory_ids=slot.territory_ids,
        reasons=slot.reasons,
        slot_minutes=round((slot.end - slot.start).total_seconds() / 60),
        buffer_minutes=round((slot.busy_until - slot.end).total_seconds() / 60),
        release_minutes=(
            round((slot.start - slot.release_at).total_seconds() / 60) if slot.release_at else None
        ),
    )


def _end(wish: Wish) -> datetime:
    minutes = (wish.offer.slot_minutes or 0) + wish.offer.buffer_minutes
    return wish.start + timedelta(minutes=minutes)


def _say_row(row: Sequence[Wish]) -> str:
    if len(row) == 1:
        return wording.capital(say_instant(row[0].start))
    when = say_interval(row[0].start, _end(row[-1]) - timedelta(minutes=row[-1].offer.buffer_minutes))
    return f"{wording.capital(when)}, {len(row)} créneaux"


def _line(one: Attempt) -> Line:
    return Line(wording.capital(say_instant(one.wish.start)), one.why_not)
