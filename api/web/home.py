"""The landing page of each role: the desk's form, the queue, the board, or the week of an agenda."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.deps import KeysDep, NowDep, SessionDep, VisitDep
from api.web import desk
from api.web.agenda import week
from api.web.agenda.visit import AGENDA_ROLES
from api.web.console.queue import queue_page
from api.web.console.queue_views import Wanted
from api.web.coordination.board import board_page
from api.web.rendering import see
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
        return queue_page(session, visit, wanted=Wanted(), now=now, info=info)
    if actor.role in {Role.COORDINATOR, Role.ADMINISTRATOR}:
        return board_page(session, visit, now=now, info=info)
    if actor.role is Role.DPO:
        return see("/protection")
    assert actor.role in AGENDA_ROLES, f"no page for a {actor.role.value}"
    return week.first_page_of(session, visit, keys=keys, now=now, info=info)
