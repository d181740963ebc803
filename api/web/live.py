"""The stream that open pages listen to; who listens, and to what, is judged here."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import StreamingResponse

from api.deps import VisitDep
from api.live.hub import Hub, Kind
from api.live.stream import MEDIA_TYPE, RETRY_MS, events
from api.security.rights import RIGHTS, Action, Reach, reach_of
from snp.platform.actors import Actor, Role

router = APIRouter(include_in_schema=False)


@router.get("/en-direct")
async def listen(
    *,
    request: Request,
    visit: VisitDep,
    age: Annotated[int | None, Query(ge=0, le=86_400_000)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Tell which kinds of things change in the visitor's territories, for as long as he listens.

    `age`: how long ago the page was asked for, in milliseconds; a stream taken up again starts afresh.
    """
    actor = visit.actor
    reach_of(actor, Action.LIVE_READ)
    request.state.actor = actor
    hub = hub_of(request)
    told = None if age is None or last_event_id is not None else age / 1000
    stream = hub.subscribe(
        actor.ident,
        territories_of(actor),
        kinds_of(actor),
        drawn_seconds_ago=told,
    )
    if stream is None:
        raise HTTPException(503, headers={"Retry-After": str(RETRY_MS // 1000 * 10)})
    return StreamingResponse(
        events(hub, stream),
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def hub_of(request: Request) -> Hub:
    """Return the streams of this process."""
    hub = request.app.state.live
    assert isinstance(hub, Hub)
    return hub


def kinds_of(actor: Actor) -> frozenset[Kind]:
    """Return what the actor may hear of: requests only when he may read those of a whole territory."""
    reach = RIGHTS[Action.REQUEST_READ].get(actor.role, Reach.OWN)
    return frozenset({Kind.SLOTS} if reach is Reach.OWN else Kind)


def territories_of(actor: Actor) -> frozenset[UUID] | None:
    """Return the territories that the actor hears of; None: all."""
    everywhere = actor.role is Role.ADMINISTRATOR and not actor.territories
    return None if everywhere else actor.territories
