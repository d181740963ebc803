"""What happens to a rota and somebody must hear of: events for the outbox, identifiers only."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.rota import repository
from slots.rota.terms import OfferView, SwapView
from snp.notifications import service as outbox

SWAP_PROPOSED: Final = "rota.swap_proposed"
SWAP_ANSWERED: Final = "rota.swap_answered"
OFFER_ANSWERED: Final = "rota.offer_answered"
TURNS_CHANGED: Final = "rota.turns_changed"


def swap_proposed(session: Session, swap: SwapView, now: datetime) -> None:
    """A turn is proposed to a colleague, who has a word to say."""
    _put(session, SWAP_PROPOSED, f"swap:{swap.id}", {"swap_id": str(swap.id)}, rota_id=swap.rota_id, now=now)


def swap_answered(session: Session, swap: SwapView, now: datetime) -> None:
    """A colleague agreed or declined: who proposed must know."""
    _put(session, SWAP_ANSWERED, f"swap:{swap.id}", {"swap_id": str(swap.id)}, rota_id=swap.rota_id, now=now)


def offer_answered(session: Session, offer: OfferView, rota_id: UUID, now: datetime) -> None:
    """A volunteer was taken, thanked, or came after another."""
    payload = {"offer_id": str(offer.id)}
    _put(session, OFFER_ANSWERED, f"offer:{offer.id}", payload, rota_id=rota_id, now=now)


def turns_changed(
    session: Session, rota_id: UUID, plan_id: UUID, practitioner_ids: Collection[UUID], now: datetime
) -> None:
    """A plan gave turns to, or took some from, these people: one event each."""
    for who in sorted(practitioner_ids):
        payload = {"rota_id": str(rota_id), "plan_id": str(plan_id), "practitioner_id": str(who)}
        _put(session, TURNS_CHANGED, f"turns:{plan_id}:{who}", payload, rota_id=rota_id, now=now)


def _put(
    session: Session, topic: str, subject: str, payload: dict[str, str], *, rota_id: UUID, now: datetime
) -> None:
    territory_id = repository.by_id(session, rota_id).territory_id
    outbox.enqueue(session, topic, subject, dict(payload), now, territory_id=territory_id)
