"""The outbox as who looks after it sees it: figures, given-up messages, and sending one again.

A coordinator sees the messages of his territories; those of no territory are the administrator's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from api.deps import Allow, NowDep, SessionDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, Limit
from api.schemas.forms import Listing
from api.schemas.outbox import MessageOut, OutboxOut, TopicFiguresOut
from api.security.rights import Action, narrowed
from snp.directory.paging import decode_cursor, encode_cursor
from snp.errors import InvalidValue
from snp.notifications import service as outbox
from snp.notifications.facts import MessageState, MessageView
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log

router = APIRouter(prefix="/outbox", tags=["service"])
_DIGITS = 18


@router.get("")
def show_outbox(
    *,
    session: SessionDep,
    by: Annotated[Actor, Depends(Allow(Action.OUTBOX_READ))],
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> OutboxOut:
    """Count the messages that leave, and list those given up: identifiers and codes, no personal data."""
    territories, _ = narrowed(by, Action.OUTBOX_READ)
    dead = outbox.list_messages(
        session,
        states={MessageState.DEAD},
        territories=territories,
        after=_position(cursor),
        limit=limit + 1,
    )
    figures = outbox.figures(session, territories=territories)
    return OutboxOut(figures=[TopicFiguresOut.of(row) for row in figures], dead=_page(dead, limit))


@router.post("/{message_id}/replay", responses=problem_responses(409))
def replay(
    *,
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.OUTBOX_REPLAY))],
    message_id: UUID,
) -> MessageOut:
    """Send a message again that was given up, dropped or not sent."""
    territories, _ = narrowed(by, Action.OUTBOX_REPLAY)
    replayed = outbox.replay(session, message_id, territories=territories, now=now)
    log(Event.OUTBOX_REPLAYED, message_id=message_id, actor=by.ident)
    return MessageOut.of(replayed)


def _page(found: Sequence[MessageView], limit: int) -> Listing[MessageOut]:
    shown = found[:limit]
    following = encode_cursor([str(shown[-1].position)]) if len(found) > limit else None
    return Listing[MessageOut](items=[MessageOut.of(view) for view in shown], next=following)


def _position(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    (position,) = decode_cursor(cursor, length=1)
    if not (position.isascii() and position.isdigit() and len(position) <= _DIGITS):
        raise InvalidValue("cursor", "ce curseur n’a pas été donné par cette liste")
    return int(position)
