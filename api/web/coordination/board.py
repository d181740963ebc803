"""The live board of a territory: whole, or as the part that live updates fetch again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from api.deps import NowDep, PageVisit, ReadingDep
from api.web.coordination import board_views
from api.web.coordination.visits import Post, PostDep, within_reach
from api.web.rendering import render, see
from api.web.staleness import data_told

router = APIRouter(prefix="/coordination", include_in_schema=False)


@router.get("")
def show(
    *,
    post: PostDep,
    session: ReadingDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the board of a territory."""
    return _page(session, post, now=now, info=info)


@router.get("/tableau")
def part(*, post: PostDep, session: ReadingDep, now: NowDep) -> Response:
    """Return the figures alone, as they stand now."""
    facts = board_views.board(session, post.territory, by=post.actor, now=now)
    told = data_told(session)
    return render("coordination/parts/board.html", visit=post.visit, post=post, data_told=told, **facts)


def board_page(session: Session, visit: PageVisit, *, now: datetime, info: str | None) -> Response:
    """Return the board of the first territory; where there is none yet, the first steps."""
    territories = within_reach(session, visit.actor)
    if not territories:
        return see("/premiers-pas")
    return _page(session, Post(visit, territories[0], territories), now=now, info=info)


def _page(session: Session, post: Post, *, now: datetime, info: str | None) -> HTMLResponse:
    return render(
        "coordination/board.html",
        visit=post.visit,
        info=info,
        post=post,
        data_told=data_told(session),
        **board_views.board(session, post.territory, by=post.actor, now=now),
    )
