"""The health of the outbox: what waits, what was given up, and sending it again. Identifiers only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response

from api.deps import NowDep, SessionDep
from api.security.rights import Action, Reach, reach_of
from api.web.coordination.visits import Post, PostDep
from api.web.rendering import render, see
from snp.days import say_delay, say_relative
from snp.notifications import service as outbox
from snp.notifications.facts import MessageState, MessageView, TopicFigures
from snp.notifications.refusals import NotReplayable
from snp.platform.actors import Actor

router = APIRouter(prefix="/coordination/envois", include_in_schema=False)

ROWS: Final = 30
TOPICS: Final = {
    "appointment.booked": "Rendez-vous pris",
    "appointment.moved": "Rendez-vous déplacé",
    "appointment.cancelled": "Rendez-vous annulé",
    "appointment.honoured": "Patient venu",
    "appointment.no_show": "Patient non venu",
    "email": "Courriel",
    "physio.pass_answered": "Réponse sur une série de séances",
    "physio.pass_proposed": "Série de séances proposée à un confrère",
    "physio.sheet_finished": "Fiche de kinésithérapie terminée",
    "physio.sheet_missing": "Fiche de kinésithérapie à remplir",
    "promise.broken": "Promesse non tenue",
    "promise.made": "Promesse faite",
    "rota.offer_answered": "Réponse à un volontaire",
    "rota.swap_answered": "Réponse à un échange de garde",
    "rota.swap_proposed": "Échange de garde proposé",
    "rota.turns_changed": "Gardes changées",
    "sas.appointment": "Rendez-vous déclaré au SAS",
    "slot.released": "Créneau rendu",
    "sms": "SMS",
    "webhook": "Événement vers un autre logiciel",
}


@dataclass(frozen=True, slots=True)
class TopicRow:
    """What leaves under one topic. `age`: how long the oldest waiting message is overdue."""

    label: str
    pending: int
    delivered: int
    unsent: int
    dead: int
    dropped: int
    age: str
    late: bool


@dataclass(frozen=True, slots=True)
class DeadRow:
    """A message that was given up."""

    id: UUID
    label: str
    subject: str
    error: str
    attempts: int
    when: str


@router.get("")
def show(
    *,
    post: PostDep,
    session: SessionDep,
    now: NowDep,
    apres: Annotated[int | None, Query(ge=0)] = None,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show what waits to leave the building, and what was given up."""
    reach_of(post.actor, Action.OUTBOX_READ)
    territories = _territories(post.actor)
    rows = [_topic(one, now) for one in outbox.figures(session, territories=territories)]
    dead = outbox.list_messages(
        session, states=[MessageState.DEAD], territories=territories, after=apres, limit=ROWS + 1
    )
    return render(
        "coordination/messages.html",
        visit=post.visit,
        info=info,
        post=post,
        rows=rows,
        dead=[_dead(one, now) for one in dead[:ROWS]],
        after=dead[ROWS - 1].position if len(dead) > ROWS else None,
        waiting=sum(one.pending for one in rows),
        given_up=sum(one.dead for one in rows),
    )


@router.post("/{message_id}/renvoyer")
def replay(*, message_id: UUID, post: PostDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Send a message again that was given up; clicked twice, it leaves once."""
    reach_of(post.actor, Action.OUTBOX_REPLAY)
    try:
        with session.begin_nested():
            outbox.replay(session, message_id, territories=_territories(post.actor), now=now)
    except NotReplayable:
        return _back(post, "deja-renvoye")
    return _back(post, "renvoye")


def _territories(actor: Actor) -> frozenset[UUID] | None:
    """Return whose messages the actor sees; those of no territory are the administrator's."""
    return None if reach_of(actor, Action.OUTBOX_READ) is Reach.ALL else actor.territories


def _back(post: Post, info: str) -> RedirectResponse:
    return see(f"/coordination/envois?territoire={post.territory.id}&info={info}")


def _topic(one: TopicFigures, now: datetime) -> TopicRow:
    overdue = None if one.oldest_due_at is None else now - one.oldest_due_at
    waits = overdue is not None and overdue.total_seconds() > 0
    return TopicRow(
        label=TOPICS.get(one.topic, one.topic),
        pending=one.pending,
        delivered=one.delivered,
        unsent=one.unsent,
        dead=one.dead,
        dropped=one.dropped,
        age=say_delay(overdue) if overdue is not None and waits else "",
        late=overdue is not None and overdue.total_seconds() > _LATE_SECONDS,
    )


_LATE_SECONDS: Final = 15 * 60


def _dead(one: MessageView, now: datetime) -> DeadRow:
    return DeadRow(
        id=one.id,
        label=TOPICS.get(one.topic, one.topic),
        subject=one.subject,
        error=one.last_error or "",
        attempts=one.attempts,
        when=say_relative(one.settled_at or one.created_at, now),
    )
