"""Compensation: terms, envelope, budget and totals of a CPTS; acts, time and statements of a practitioner.

A statement is its practitioner's; a coordinator sees totals, and lines that name nobody.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from api.deps import Allow, NowDep, SessionDep
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, Limit
from api.schemas.compensation import (
    ActsOut,
    BudgetOut,
    EventOut,
    LineEventsOut,
    LineOut,
    MarkIn,
    MarkOut,
    MonthOut,
    StatementDetailOut,
    StatementOut,
    StatementsOut,
    StatementTotalOut,
    TermsIn,
    TermsListOut,
    TermsOut,
    TimeIn,
    TimeOut,
    VerdictOut,
    YearIn,
    YearOut,
)
from api.schemas.forms import Day, Listing
from api.security.rights import Action, Subject, check_existing
from regulation.proofs.service import read_proofs
from slots.appointments import service as appointments
from slots.compensation import service as compensation
from slots.compensation.facts import Line, Statement
from slots.compensation.periods import month_of
from snp.directory import service as directory
from snp.directory.paging import decode_cursor, encode_cursor
from snp.errors import InvalidValue
from snp.platform.actors import Actor

router = APIRouter(tags=["compensation"])
OwnReader = Annotated[Actor, Depends(Allow(Action.STATEMENT_READ))]
Marker = Annotated[Actor, Depends(Allow(Action.ACT_MARK))]
TotalsReader = Annotated[Actor, Depends(Allow(Action.COMPENSATION_READ))]
Setter = Annotated[Actor, Depends(Allow(Action.COMPENSATION_WRITE))]
Year = Annotated[int, Path(ge=2020, le=2099)]
MonthQuery = Annotated[Day, Query(description="Un jour du mois.", examples=["2026-11-01"])]


@router.get("/territories/{territory_id}/compensation/terms")
def list_terms(session: SessionDep, by: TotalsReader, territory_id: UUID) -> TermsListOut:
    """List what the CPTS decided to pay, the last decision first."""
    _check_territory(by, Action.COMPENSATION_READ, territory_id)
    found = compensation.list_terms(session, territory_id)
    return TermsListOut(terms=[TermsOut.of_terms(one) for one in found])


@router.post("/territories/{territory_id}/compensation/terms", status_code=201, response_model=TermsOut)
def add_terms(
    *, session: SessionDep, now: NowDep, by: Setter, once: OnceDep, territory_id: UUID, body: TermsIn
) -> Response:
    """Decide what is paid from a day on; closed months are corrected in later ones."""
    _check_territory(by, Action.COMPENSATION_WRITE, territory_id)

    def add() -> Answer:
        made = compensation.add_terms(session, territory_id, body.to_facts(), by=by, now=now)
        return Answer(TermsOut.of_terms(made), f"/api/v1/territories/{territory_id}/compensation/terms")

    return once(add)


@router.put("/territories/{territory_id}/compensation/years/{year}")
def set_year(
    *, session: SessionDep, now: NowDep, by: Setter, territory_id: UUID, year: Year, body: YearIn
) -> YearOut:
    """Set the envelope of a year and how long its months stay open; what was set before is kept."""
    _check_territory(by, Action.COMPENSATION_WRITE, territory_id)
    made = compensation.set_year(
        session,
        territory_id,
        year,
        envelope_cents=body.envelope_cents,
        close_after_days=body.close_after_days,
        by=by,
        now=now,
    )
    return YearOut.of(made)


@router.get("/territories/{territory_id}/compensation/years/{year}")
def show_budget(
    *, session: SessionDep, now: NowDep, by: TotalsReader, territory_id: UUID, year: Year
) -> BudgetOut:
    """Return the budget of a year: ACI, envelope, spent, committed and expected, by month."""
    _check_territory(by, Action.COMPENSATION_READ, territory_id)
    return BudgetOut.of_budget(compensation.budget(session, territory_id, year, now=now))


@router.get("/territories/{territory_id}/compensation/month")
def show_month(
    *, session: SessionDep, now: NowDep, by: TotalsReader, territory_id: UUID, month: MonthQuery
) -> MonthOut:
    """Return what the CPTS owes for a month, by kind and by practitioner, in order of name."""
    _check_territory(by, Action.COMPENSATION_READ, territory_id)
    first = month_of(month)
    totals = []
    for one in compensation.month_statements(session, territory_id, first):
        whose = directory.get_practitioner(session, one.practitioner_id, now=now)
        totals.append((f"{whose.family_name} {whose.given_name}", whose.full_name, one))
    ordered = sorted(totals, key=lambda row: (row[0].casefold(), row[2].id))
    return MonthOut(
        month=first,
        by_kind=compensation.month_sums(session, territory_id, first),
        totals=[StatementTotalOut.of_statement(one, name) for _, name, one in ordered],
    )


@router.get("/territories/{territory_id}/compensation/lines")
def list_lines(
    *,
    session: SessionDep,
    by: TotalsReader,
    territory_id: UUID,
    month: MonthQuery,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[LineOut]:
    """List the lines behind the totals of a month, by day; they name nobody."""
    _check_territory(by, Action.COMPENSATION_READ, territory_id)
    offset = _offset(cursor)
    lines, count = compensation.month_lines(
        session, territory_id, month_of(month), offset=offset, limit=limit
    )
    following = encode_cursor([str(offset + limit)]) if count > offset + limit else None
    return Listing[LineOut](items=[LineOut.of_line(line) for line in lines], next=following)


@router.get("/territories/{territory_id}/compensation/lines/{line_id}")
def show_line_of_territory(
    *, session: SessionDep, by: TotalsReader, territory_id: UUID, line_id: UUID
) -> LineEventsOut:
    """Return a line of a territory and the events behind it, without their authors."""
    line, statement = compensation.get_line(session, line_id)
    _check_territory(by, Action.COMPENSATION_READ, territory_id)
    _check_territory(by, Action.COMPENSATION_READ, statement.territory_id)
    return _events(session, line, named=False)


@router.post(
    "/statements/{statement_id}/close",
    responses=problem_responses(409),
)
def close_statement(*, session: SessionDep, now: NowDep, by: Setter, statement_id: UUID) -> StatementOut:
    """Close the statement of a month that is over, before its day; a closed one stays as it is."""
    statement = compensation.get_statement(session, statement_id)
    _check_territory(by, Action.COMPENSATION_WRITE, statement.territory_id)
    return StatementOut.of(
        compensation.close_statement(session, statement_id, proofs=read_proofs, by=by, now=now)
    )


@router.get("/practitioners/{practitioner_id}/statements")
def list_statements(session: SessionDep, by: OwnReader, practitioner_id: UUID) -> StatementsOut:
    """List one's own statements, the latest month first."""
    _check_own(by, Action.STATEMENT_READ, practitioner_id)
    found = compensation.list_statements(session, practitioner_id)
    return StatementsOut(statements=[StatementOut.of(one) for one in found])


@router.get("/statements/{statement_id}")
def show_statement(session: SessionDep, now: NowDep, by: OwnReader, statement_id: UUID) -> StatementDetailOut:
    """Return one's own statement with its lines."""
    paper = compensation.paper(session, own_statement(session, by, statement_id).id, now=now)
    return StatementDetailOut(
        statement=StatementOut.of(paper.statement), lines=[LineOut.of_line(line) for line in paper.lines]
    )


@router.get("/statement-lines/{line_id}")
def show_line(session: SessionDep, by: OwnReader, line_id: UUID) -> LineEventsOut:
    """Return a line of one's own statement and the events behind its amount."""
    line, statement = compensation.get_line(session, line_id)
    _check_own(by, Action.STATEMENT_READ, statement.practitioner_id)
    return _events(session, line, named=True)


@router.get("/practitioners/{practitioner_id}/acts")
def list_acts(session: SessionDep, by: OwnReader, practitioner_id: UUID, month: MonthQuery) -> ActsOut:
    """List one's own acts of a month with the verdict on the majoration and its proof."""
    _check_own(by, Action.STATEMENT_READ, practitioner_id)
    found = compensation.verdicts_of(session, month_of(month), practitioner_id=practitioner_id)
    return ActsOut(acts=[VerdictOut.of(one) for one in found])


@router.put("/appointments/{appointment_id}/billing")
def mark_act(*, session: SessionDep, now: NowDep, by: Marker, appointment_id: UUID, body: MarkIn) -> MarkOut:
    """Say which codes were billed with an act, and whether one is the médecin traitant."""
    whose = appointments.get_appointment(session, appointment_id)
    _check_own(by, Action.ACT_MARK, whose.practitioner_id)
    mark = compensation.mark_act(session, appointment_id, codes=body.codes, is_mt=body.is_mt, by=by, now=now)
    compensation.compute_statements(
        session, whose.territory_id, whose.practitioner_id, proofs=read_proofs, now=now
    )
    return MarkOut(appointment_id=appointment_id, codes=sorted(mark.codes), is_mt=mark.is_mt, at=mark.at)


@router.post("/practitioners/{practitioner_id}/coordination-times", status_code=201, response_model=TimeOut)
def declare_time(
    *, session: SessionDep, now: NowDep, by: Marker, once: OnceDep, practitioner_id: UUID, body: TimeIn
) -> Response:
    """Declare time given to the CPTS on a day."""
    _check_own(by, Action.ACT_MARK, practitioner_id)

    def declare() -> Answer:
        made = compensation.declare_time(
            session,
            practitioner_id,
            body.territory_id,
            day=body.day,
            minutes=body.minutes,
            activity=body.activity,
            by=by,
            now=now,
        )
        compensation.compute_statements(
            session, body.territory_id, practitioner_id, proofs=read_proofs, now=now
        )
        return Answer(TimeOut.of(made), f"/api/v1/practitioners/{practitioner_id}/statements")

    return once(declare)


@router.delete("/coordination-times/{time_id}")
def withdraw_time(*, session: SessionDep, now: NowDep, by: Marker, time_id: UUID) -> TimeOut:
    """Take a declaration of time back."""
    time = compensation.get_time(session, time_id)
    _check_own(by, Action.ACT_MARK, time.practitioner_id)
    gone = compensation.withdraw_time(session, time_id, now=now)
    compensation.compute_statements(
        session, time.territory_id, time.practitioner_id, proofs=read_proofs, now=now
    )
    return TimeOut.of(gone)


def own_statement(session: SessionDep, by: Actor, statement_id: UUID) -> Statement:
    """Return a statement that is the reader's own. Raises `NotFound`."""
    statement = compensation.get_statement(session, statement_id)
    _check_own(by, Action.STATEMENT_READ, statement.practitioner_id)
    return statement


def _events(session: SessionDep, line: Line, *, named: bool) -> LineEventsOut:
    events = [EventOut.of(one) for one in compensation.events_behind(session, line.content)]
    shown = events if named else [one.model_copy(update={"author": ""}) for one in events]
    return LineEventsOut(line=LineOut.of_line(line), events=shown)


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    (text,) = decode_cursor(cursor, length=1)
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise InvalidValue("cursor", "ce curseur n’a pas été donné par cette liste")
    return int(text)


def _check_territory(by: Actor, action: Action, territory_id: UUID) -> None:
    subject = Subject("territoire", territory_id, territories=frozenset({territory_id}))
    check_existing(by, action, subject)


def _check_own(by: Actor, action: Action, practitioner_id: UUID) -> None:
    subject = Subject("relevé", practitioner_id, practitioners=frozenset({practitioner_id}))
    check_existing(by, action, subject)
