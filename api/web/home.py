"""The landing page of each role: the desk's form, or what its holder may see until his own pages exist."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.deps import KeysDep, NowDep, SessionDep, VisitDep
from api.web import desk, home_views
from api.web.agenda import week
from api.web.agenda.visit import AGENDA_ROLES
from api.web.rendering import render
from snp.platform.actors import DESK_ROLES, REGULATION_ROLES, Role

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(
    *,
    visit: VisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show what the role does first."""
    actor = visit.actor
    if actor.role in DESK_ROLES:
        return desk.first_page_of(session, visit, keys=keys, now=now, draft_id=None, info=info)
    if actor.role in REGULATION_ROLES:
        queue = home_views.queue(session, by=actor, now=now)
        return render("home/regulation.html", visit=visit, info=info, **queue)
    if actor.role is Role.COORDINATOR:
        boards = home_views.boards(session, by=actor, now=now)
        return render("home/coordinator.html", visit=visit, info=info, territories=boards)
    if actor.role in AGENDA_ROLES:
        return week.first_page_of(session, visit, keys=keys, now=now, info=info)
    return render("home/other.html", visit=visit, info=info)
