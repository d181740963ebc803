"""The home page of a practitioner: what to say, what to publish, his week."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, PageVisit, SessionDep
from api.security import service as security
from api.web.agenda import told, week_views
from api.web.agenda.calendar_views import troubles
from api.web.agenda.habits import habits_of
from api.web.agenda.publish_views import publish_panel
from api.web.agenda.visit import AgendaVisit, AgendaVisitDep
from api.web.forms import Errors
from api.web.rendering import render
from regulation.triage import service as triage
from slots.feeds import service as feeds
from snp.days import local_day
from snp.directory import service as directory
from snp.platform.actors import Role
from snp.platform.keys import Keys

router = APIRouter(prefix="/agenda", include_in_schema=False)

WeekQuery = Annotated[date | None, Query()]
ToldQuery = Annotated[UUID | None, Query()]
TakenUpQuery = Annotated[UUID | None, Query()]
InfoQuery = Annotated[str | None, Query(max_length=40)]


@router.get("")
def show(
    *,
    visit: AgendaVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    semaine: WeekQuery = None,
    dit: ToldQuery = None,
    reprendre: TakenUpQuery = None,
    info: InfoQuery = None,
) -> Response:
    """Show a week of the agenda; today's when none is named."""
    typed = told.typed(session, reprendre, keys=keys, by=visit.actor, now=now)
    return week_page(session, visit, semaine, keys=keys, now=now, said=dit, info=info, typed=typed)


def first_page_of(
    session: Session, visit: PageVisit, *, keys: Keys, now: datetime, info: str | None
) -> Response:
    """Return the landing page of a practitioner or his delegate; who has several agendas picks one."""
    if visit.actor.practitioner is None:
        return choose_agenda(session, visit, now=now, info=info)
    mine = AgendaVisit(visit, visit.actor.practitioner)
    return week_page(session, mine, None, keys=keys, now=now, info=info)


def choose_agenda(session: Session, visit: PageVisit, *, now: datetime, info: str | None = None) -> Response:
    """Return the page on which a delegate picks whose agenda he works on."""
    return render("agenda/choose.html", visit=visit, info=info, agendas=agendas_of(session, visit, now))


def agendas_of(session: Session, visit: PageVisit, now: datetime) -> list[tuple[UUID, str]]:
    """Return the agendas that a delegate was given, by name."""
    if visit.actor.role is not Role.DELEGATE:
        return []
    given = security.list_delegations(session, account_id=visit.account.id)
    people = (directory.get_practitioner(session, one.practitioner_id, now=now) for one in given)
    return sorted(((one.id, one.full_name) for one in people), key=lambda pair: pair[1])


def week_page(
    session: Session,
    visit: AgendaVisit,
    day: date | None,
    *,
    keys: Keys,
    now: datetime,
    said: UUID | None = None,
    info: str | None = None,
    typed: dict[str, str] | None = None,
    errors: Errors | None = None,
) -> Response:
    """Return the page of a week, with what is typed in its form and what must be revised there."""
    by, mine = visit.actor, visit.practitioner
    habits = habits_of(session, mine, now=now)
    monday = week_views.monday_of(day or local_day(now))
    tone, sentences = told.said(session, said, keys=keys, by=by, now=now)
    busy = feeds.absences_of_calendars(session, mine)
    shown = week_views.week(session, mine, monday, busy=busy, keys=keys, by=by, now=now)
    facts: dict[str, Any] = frame(session, visit, now) | {
        "week": shown,
        "unclosed": week_views.unclosed(session, mine, keys=keys, by=by, now=now),
        "panel": publish_panel(habits, typed or {}, now) if habits else None,
        "typed": typed or {},
        "errors": errors or {},
        "troubles": troubles(session, mine, now),
        "told_tone": tone,
        "told": sentences,
        "may_refer": bool(triage.lists_for(by, now)),
    }
    return render("agenda/week.html", info=info, status=422 if errors else 200, **facts)


def frame(session: Session, visit: AgendaVisit, now: datetime) -> dict[str, Any]:
    """Return what every page of an agenda shows around its own: whose it is, and where else to go."""
    page = visit.page
    others = agendas_of(session, page, now)
    whose = directory.get_practitioner(session, visit.practitioner, now=now).full_name if others else ""
    return {"visit": page, "whose": whose, "several": len(others) > 1, "is_his": visit.is_his}
