"""The queue of the regulation, whole or as the part that live updates fetch again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from api.deps import NowDep, PageVisit, SessionDep
from api.security.rights import RIGHTS, Action
from api.web.console import queue_views as views
from api.web.console.queue_views import Wanted
from api.web.console.running_out import running_out
from api.web.console.visits import ConsoleDep
from api.web.rendering import render

router = APIRouter(prefix="/regulation", include_in_schema=False)


def cut(
    *,
    etat: Annotated[str, Query(max_length=20)] = "",
    priorite: Annotated[str, Query(max_length=4)] = "",
    echeance: Annotated[str, Query(max_length=20)] = "",
    territoire: Annotated[str, Query(max_length=36)] = "",
    apres: Annotated[str | None, Query(max_length=300)] = None,
) -> Wanted:
    """Return how the address cuts the queue; an emptied field of the filter cuts nothing."""
    try:
        territory = UUID(territoire)
    except ValueError:
        territory = None
    return views.wanted_of(etat, priorite, echeance, territory, apres)


WantedDep = Annotated[Wanted, Depends(cut)]


@router.get("")
def show(
    *,
    visit: ConsoleDep,
    session: SessionDep,
    now: NowDep,
    wanted: WantedDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the queue by deadline."""
    return queue_page(session, visit, wanted=wanted, now=now, info=info)


@router.get("/file")
def rows(*, visit: ConsoleDep, session: SessionDep, now: NowDep, wanted: WantedDep) -> Response:
    """Return the rows alone, as they stand now."""
    facts = views.queue(session, wanted, by=visit.actor, now=now)
    return render("regulation/parts/rows.html", visit=visit, **facts)


def queue_page(
    session: Session, visit: PageVisit, *, wanted: Wanted, now: datetime, info: str | None
) -> HTMLResponse:
    """Return the page of the queue."""
    return render(
        "regulation/queue.html",
        visit=visit,
        info=info,
        closed=views.closed(session, visit.actor, now),
        running_out=running_out(session, visit.actor, now=now),
        may_emergency=visit.actor.role in RIGHTS[Action.EMERGENCY_OPEN],
        **views.choices(session, visit.actor),
        **views.queue(session, wanted, by=visit.actor, now=now),
    )
