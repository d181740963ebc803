"""The coordinator's compensation: the budget of a year, the totals of a month, the events behind an amount.

Totals by practitioner are in order of name; lines name nobody; nothing of an act is told beyond its proof.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep
from api.routers.statements import file_of
from api.security.rights import Action, reach_of
from api.web import statement_views as views
from api.web.amounts import read_month
from api.web.coordination.visits import Post, PostDep
from api.web.rendering import render, see
from api.web.wording import capital
from regulation.proofs.service import read_proofs
from slots.compensation import service as compensation
from slots.compensation.facts import MonthFigures, VerdictStatus
from slots.compensation.periods import month_bounds, month_of
from slots.compensation.wording import KINDS, say_euros, say_month
from snp.days import local_day
from snp.directory import service as directory
from snp.errors import NotFound

router = APIRouter(prefix="/coordination/indemnisation", include_in_schema=False)

PAGE: Final = "/coordination/indemnisation"
ROWS: Final = 50
FIRST_YEAR, LAST_YEAR = 2020, 2099
MonthQuery = Annotated[str, Query(max_length=7)]


@router.get("")
def show(
    *,
    post: PostDep,
    session: SessionDep,
    now: NowDep,
    annee: Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)] = None,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the budget of a year, month by month."""
    year = annee or local_day(now, _zone(post)).year
    book = compensation.budget(session, post.territory.id, year, now=now)
    return render(
        "coordination/compensation.html",
        visit=post.visit,
        info=info,
        post=post,
        year=year,
        before=year - 1 if year > FIRST_YEAR else None,
        after=year + 1 if year < LAST_YEAR else None,
        book=book,
        euros=say_euros,
        rows=[_month_row(one) for one in book.months],
    )


@router.get("/mois")
def show_month(
    *,
    post: PostDep,
    session: SessionDep,
    now: NowDep,
    mois: MonthQuery = "",
    page: Annotated[int, Query(ge=1, le=500)] = 1,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show what is owed for a month: totals by practitioner, in order of name, and the lines behind."""
    zone = _zone(post)
    month = read_month(mois, month_of(local_day(now, zone)))
    here = post.territory.id
    lines, count = compensation.month_lines(session, here, month, offset=(page - 1) * ROWS, limit=ROWS)
    sums = compensation.month_sums(session, here, month)
    totals = _totals(session, post, month, now)
    return render(
        "coordination/compensation_month.html",
        visit=post.visit,
        info=info,
        post=post,
        heading=say_month(month),
        month=f"{month:%Y-%m}",
        totals=totals,
        by_kind=[(KINDS[kind], say_euros(cents)) for kind, cents in sums.items()],
        rows=[views.row(one, zone) for one in lines],
        count=count,
        newer=page - 1,
        older=page + 1 if count > page * ROWS else 0,
        may_close=month_bounds(month, zone)[1] <= now and any(not one["closed"] for one in totals),
    )


@router.post("/mois/clore")
def close_month(
    *, post: PostDep, session: SessionDep, now: NowDep, mois: MonthQuery = ""
) -> RedirectResponse:
    """Close every statement of a month that is over."""
    reach_of(post.actor, Action.COMPENSATION_WRITE)
    month = read_month(mois, month_of(local_day(now, _zone(post))))
    address = f"{PAGE}/mois?territoire={post.territory.id}&mois={month:%Y-%m}"
    if month_bounds(month, _zone(post))[1] > now:
        return see(f"{address}&info=mois-en-cours")
    for one in compensation.month_statements(session, post.territory.id, month):
        compensation.close_statement(session, one.id, proofs=read_proofs, by=post.actor, now=now)
    return see(f"{address}&info=mois-clos")


@router.get("/preuves")
def proofs(*, post: PostDep, session: SessionDep, now: NowDep, mois: MonthQuery = "") -> Response:
    """Return the proof of each act of a month for the CPAM; nobody is named."""
    zone = _zone(post)
    month = read_month(mois, month_of(local_day(now, zone)))
    found = compensation.verdicts_of(session, month, territory_id=post.territory.id, zone=zone)
    content = compensation.proofs_csv(found, zone=zone)
    return file_of(content, "text/csv; charset=utf-8", f"preuves-{month:%Y-%m}.csv")


@router.get("/lignes/{line_id}")
def show_line(*, line_id: UUID, post: PostDep, session: SessionDep) -> Response:
    """Show what happened behind an amount, without saying who."""
    line, statement = compensation.get_line(session, line_id)
    if statement.territory_id != post.territory.id:
        raise NotFound("ligne", line_id)
    zone = _zone(post)
    return render(
        "coordination/compensation_line.html",
        visit=post.visit,
        post=post,
        row=views.row(line, zone),
        heading=say_month(statement.month),
        month=f"{statement.month:%Y-%m}",
        events=[
            views.event(one, zone, named=False) for one in compensation.events_behind(session, line.content)
        ],
    )


def _zone(post: Post) -> ZoneInfo:
    return post.territory.settings.snp_hours.zone


def _totals(session: Session, post: Post, month: date, now: datetime) -> list[dict[str, Any]]:
    """What is owed to each, in order of name."""
    found = []
    for one in compensation.month_statements(session, post.territory.id, month):
        whose = directory.get_practitioner(session, one.practitioner_id, now=now)
        found.append(
            {
                "key": (whose.family_name.casefold(), whose.given_name.casefold(), whose.id),
                "name": whose.full_name,
                "amount": say_euros(one.cpts_cents),
                "closed": one.is_closed,
            }
        )
    return sorted(found, key=lambda one: one["key"])


def _month_row(one: MonthFigures) -> dict[str, Any]:
    return {
        "address": f"{one.month:%Y-%m}",
        "label": capital(say_month(one.month)),
        "spent": say_euros(one.spent_cents),
        "committed": say_euros(one.committed_cents),
        "forecast": say_euros(one.forecast_cents),
        "cpam": say_euros(one.cpam_cents),
        "acts": one.acts.get(VerdictStatus.HOLDS, 0),
        "waiting": one.acts.get(VerdictStatus.TO_CONFIRM, 0),
        "any": bool(one.by_kind or one.acts or one.forecast_cents),
    }
