"""A practitioner's statements: the list, one of them, the events behind a line, PDF and CSV; his time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep
from api.routers.statements import file_of
from api.web import statement_views as views
from api.web.agenda.visit import AgendaVisit, OwnerVisitDep
from api.web.agenda.week import InfoQuery, frame
from api.web.amounts import read_day
from api.web.desk_views import Option
from api.web.forms import Errors, capital_reason, ident
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from regulation.proofs.service import read_proofs
from slots.compensation import service as compensation
from slots.compensation.facts import Activity, FundingKind, Statement, VerdictStatus
from slots.compensation.periods import month_of, week_of
from slots.compensation.tariffs import national
from slots.compensation.wording import ACTIVITIES, say_euros
from snp.days import local_day, say_day
from snp.directory import service as directory
from snp.errors import InvalidValue, NotFound

router = APIRouter(prefix="/agenda/releves", include_in_schema=False)

PAGE: Final = "/agenda/releves"
ROWS: Final = 12
_LATELY: Final = timedelta(days=92)
_FIELDS: Final = {"day": "jour", "minutes": "minutes", "territory_id": "cpts"}


@router.get("")
def show(
    *,
    visit: OwnerVisitDep,
    session: SessionDep,
    now: NowDep,
    info: InfoQuery = None,
    page: Annotated[int, Query(ge=1, le=100)] = 1,
) -> Response:
    """List the statements, what waits for a word of the practitioner, and the time he declared."""
    return _page(session, visit, now, info=info, page=page)


@router.post("/temps")
def declare(*, visit: OwnerVisitDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Declare time given to the CPTS."""
    typed, errors = form.texts, Errors()
    day, minutes = read_day(typed.get("jour", "")), typed.get("minutes", "")
    territory, activity = ident(typed.get("cpts")), typed.get("activite", "")
    if isinstance(day, str):
        errors["jour"] = day
    if not (minutes.isascii() and minutes.isdigit() and len(minutes) < 4):
        errors["minutes"] = "Indiquez une durée en minutes"
    if activity not in set(Activity):
        errors["activite"] = "Choisissez une activité"
    if errors or isinstance(day, str) or territory is None:
        return _page(session, visit, now, typed=typed, errors=errors or {"cpts": "Choisissez la CPTS"})
    try:
        compensation.declare_time(
            session,
            visit.practitioner,
            territory,
            day=day,
            minutes=int(minutes),
            activity=Activity(activity),
            by=visit.actor,
            now=now,
        )
    except InvalidValue as fault:
        name = _FIELDS.get(str(fault.fields["field"]), "jour")
        return _page(session, visit, now, typed=typed, errors={name: capital_reason(fault)})
    compensation.compute_statements(session, territory, visit.practitioner, proofs=read_proofs, now=now)
    return see(PAGE, info="temps-declare")


@router.post("/temps/{time_id}/retirer")
def withdraw(*, time_id: UUID, visit: OwnerVisitDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Take a declaration back."""
    time = compensation.get_time(session, time_id)
    if time.practitioner_id != visit.practitioner:
        raise NotFound("déclaration", time_id)
    compensation.withdraw_time(session, time_id, now=now)
    compensation.compute_statements(
        session, time.territory_id, visit.practitioner, proofs=read_proofs, now=now
    )
    return see(PAGE, info="temps-retire")


@router.get("/lignes/{line_id}")
def show_line(*, line_id: UUID, visit: OwnerVisitDep, session: SessionDep, now: NowDep) -> Response:
    """Show what happened behind an amount."""
    line, statement = compensation.get_line(session, line_id)
    zone = _own(session, visit, statement)
    return render(
        "agenda/statement_line.html",
        row=views.row(line, zone),
        statement=views.statement_row(statement, ""),
        events=[
            views.event(one, zone, named=True) for one in compensation.events_behind(session, line.content)
        ],
        **frame(session, visit, now),
    )


@router.get("/{statement_id}")
def show_statement(*, statement_id: UUID, visit: OwnerVisitDep, session: SessionDep, now: NowDep) -> Response:
    """Show a statement line by line."""
    zone = _own(session, visit, compensation.get_statement(session, statement_id))
    paper = compensation.paper(session, statement_id, now=now)
    groups = [
        (payer, say_euros(total), views.by_payer(paper.lines, payer, zone))
        for payer, total in (
            ("CPTS", paper.statement.cpts_cents),
            ("Assurance maladie", paper.statement.cpam_cents),
        )
    ]
    return render(
        "agenda/statement.html",
        statement=views.statement_row(paper.statement, paper.territory),
        groups=groups,
        month=f"{paper.statement.month:%Y-%m}",
        **frame(session, visit, now),
    )


@router.get("/{statement_id}/pdf")
def statement_pdf(*, statement_id: UUID, visit: OwnerVisitDep, session: SessionDep, now: NowDep) -> Response:
    """Return a statement ready to print."""
    statement = compensation.get_statement(session, statement_id)
    zone = _own(session, visit, statement)
    content = compensation.statement_pdf(compensation.paper(session, statement_id, now=now), zone=zone)
    return file_of(content, "application/pdf", f"releve-{statement.month:%Y-%m}.pdf")


@router.get("/{statement_id}/csv")
def statement_csv(*, statement_id: UUID, visit: OwnerVisitDep, session: SessionDep, now: NowDep) -> Response:
    """Return a statement for a spreadsheet."""
    statement = compensation.get_statement(session, statement_id)
    zone = _own(session, visit, statement)
    content = compensation.statement_csv(compensation.paper(session, statement_id, now=now), zone=zone)
    return file_of(content, "text/csv; charset=utf-8", f"releve-{statement.month:%Y-%m}.csv")


def _own(session: Session, visit: AgendaVisit, statement: Statement) -> ZoneInfo:
    """Return the zone of a statement of his own. Raises `NotFound` for anybody else's."""
    if statement.practitioner_id != visit.practitioner:
        raise NotFound("relevé", statement.id)
    return directory.get_territory(session, statement.territory_id).settings.snp_hours.zone


def _page(
    session: Session,
    visit: AgendaVisit,
    now: datetime,
    *,
    info: str | None = None,
    page: int = 1,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
) -> Response:
    mine, today = visit.practitioner, local_day(now)
    is_doctor = _is_doctor(session, mine, now)
    statements = compensation.list_statements(session, mine)
    shown = statements[(page - 1) * ROWS : page * ROWS]
    names = {one: directory.get_territory(session, one).name for one in {s.territory_id for s in shown}}
    return render(
        "agenda/statements.html",
        status=422 if errors else 200,
        info=info,
        statements=[views.statement_row(one, names[one.territory_id]) for one in shown],
        newer=page - 1,
        older=page + 1 if len(statements) > page * ROWS else 0,
        is_doctor=is_doctor,
        package=compensation.package_of(session, mine, now=now) if is_doctor else None,
        package_amount=_package_amount(today),
        typed=typed or {"jour": f"{today:%d/%m/%Y}"},
        errors=errors or {},
        **_week(session, mine, today),
        **_times(session, mine, now, today),
        **frame(session, visit, now),
    )


def _week(session: Session, mine: UUID, today: date) -> dict[str, Any]:
    """What this week counts towards the cap, and what waits for a word of his, this month and the last."""
    month = month_of(today)
    last = month_of(month - timedelta(days=1))
    found = [
        one
        for first in (last, month)
        for one in compensation.verdicts_of(session, first, practitioner_id=mine)
    ]
    cap = national().at("snp_weekly_cap", today)
    week = [
        one for one in found if one.week == week_of(today) and one.status is not VerdictStatus.DOES_NOT_HOLD
    ]
    waiting = [one for one in found if one.status is VerdictStatus.TO_CONFIRM]
    oldest = min((one.seen_at for one in waiting), default=None)
    return {
        "acts_seen": bool(found),
        "week_count": len(week),
        "week_cap": cap.number if cap else 0,
        "waiting": len(waiting),
        "waiting_month": f"{month_of(local_day(oldest)):%Y-%m}" if oldest else "",
        "this_month": f"{month:%Y-%m}",
    }


def _times(session: Session, mine: UUID, now: datetime, today: date) -> dict[str, Any]:
    territories = directory.get_practitioner(session, mine, now=now).territory_ids
    paying = [
        directory.get_territory(session, one)
        for one in territories
        if any(t.details.kind is FundingKind.COORDINATION for t in compensation.list_terms(session, one))
    ]
    declared = compensation.list_times(session, mine, since=today - _LATELY)
    return {
        "paying": [Option(str(one.id), one.name) for one in paying],
        "activities": [Option(code.value, label) for code, label in ACTIVITIES.items()],
        "times": [
            (one.id, say_day(one.day, year=True), one.minutes, ACTIVITIES[one.activity])
            for one in declared
            if one.withdrawn_at is None
        ],
    }


def _is_doctor(session: Session, mine: UUID, now: datetime) -> bool:
    practitioner = directory.get_practitioner(session, mine, now=now)
    return directory.get_profession(session, practitioner.profession).mos_code == "10"


def _package_amount(today: date) -> str:
    rate = national().at("sas_package", today)
    return say_euros(rate.number) if rate else ""
