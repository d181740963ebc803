"""What a desk did: appointments to reprint or give up, traces that cover the professional; its poster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.web import desk_views, wording
from api.web.reasons import reason_label
from api.web.rendering import render
from api.web.submitted import DeskVisitDep
from regulation.intake import service as intake
from regulation.intake.facts import RequestFilter, RequestOrder
from regulation.triage import service as triage
from regulation.triage.facts import EligibilityOutcome, TraceView
from snp.days import local_day, say_instant
from snp.directory import service as directory
from snp.platform.actors import Actor
from snp.platform.keys import Keys

router = APIRouter(prefix="/comptoir", include_in_schema=False)

A_PAGE: Final = 20
Cursor = Annotated[str | None, Query(max_length=200)]
_OUTCOMES: Final = {
    EligibilityOutcome.ELIGIBLE: ("éligible", "good"),
    EligibilityOutcome.RED_FLAG: ("signe d’alerte : 15", "alarm"),
    EligibilityOutcome.NOT_ELIGIBLE: ("non éligible : 116 117", "care"),
    EligibilityOutcome.PHARMACIST: ("réglé au comptoir", "good"),
}


@dataclass(frozen=True, slots=True)
class TraceRow:
    """An eligibility question as it was answered; no identity."""

    at: str
    reason: str
    signs: int
    outcome: str
    tone: str
    sentences: tuple[str, ...]
    list_name: str


@router.get("/historique")
def booked(
    *, visit: DeskVisitDep, session: SessionDep, keys: KeysDep, now: NowDep, suite: Cursor = None
) -> Response:
    """Show the appointments that the desk took, the newest first; opens their identities, audited."""
    rows, following = _booked(session, visit.actor, keys=keys, now=now, cursor=suite)
    return render("history/booked.html", visit=visit, rows=rows, following=following, first=suite is None)


@router.get("/historique/traces")
def traces(*, visit: DeskVisitDep, session: SessionDep, now: NowDep, suite: Cursor = None) -> Response:
    """Show the questions that the desk asked and how each was answered."""
    territory_id = desk_views.territory_for(session, visit.actor, None)
    page = triage.list_traces(session, territory_id, cursor=suite, limit=A_PAGE, by=visit.actor, now=now)
    return render(
        "history/traces.html",
        visit=visit,
        rows=[_trace(one) for one in page.items],
        following=page.next_cursor,
        first=suite is None,
    )


@router.get("/affiche")
def sheet(*, visit: DeskVisitDep, session: SessionDep, now: NowDep) -> Response:
    """Show what the desk may do for whom, on one page to print and put on the counter."""
    territory = directory.get_territory(session, desk_views.territory_for(session, visit.actor, None))
    lists = [
        (one.title, [reason.label for reason in one.reasons if reason.code != desk_views.OTHER])
        for one in desk_views.reason_lists(visit.actor, now)
    ]
    return render(
        "history/sheet.html",
        visit=visit,
        lists=lists,
        regulation_number=territory.settings.regulation_number,
        territory=territory.name,
    )


def _booked(
    session: Session, by: Actor, *, keys: Keys, now: datetime, cursor: str | None
) -> tuple[list[desk_views.Row], str | None]:
    wanted = RequestFilter(
        states=desk_views.BOOKED_ONCE, organisation_id=by.organisation, order=RequestOrder.NEWEST
    )
    page = intake.list_requests(session, wanted, cursor=cursor, limit=A_PAGE, by=by, now=now)
    ids: list[UUID] = [request.id for request in page.items]
    rows = desk_views.rows_of(session, ids, why="historique du comptoir", keys=keys, by=by, now=now)
    return rows, page.next_cursor


def _trace(one: TraceView) -> TraceRow:
    outcome, tone = _OUTCOMES[one.outcome]
    return TraceRow(
        at=wording.capital(say_instant(one.at)),
        reason=reason_label(one.reason, local_day(one.at))
        if one.reason != desk_views.OTHER
        else "autre motif",
        signs=len(one.red_flags),
        outcome=outcome,
        tone=tone,
        sentences=tuple(reason.sentence for reason in one.reasons),
        list_name=one.list_name,
    )
