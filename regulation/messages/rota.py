"""From what happened to a rota to the messages that tell of it: exchanges, turns, volunteers sought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.messages.facts import Kind
from regulation.messages.telling import tell_carer
from slots.rota import service as rotas
from slots.rota.terms import Reply, RotaView, ShiftView
from snp.directory import service as directory
from snp.notifications import service as outbox
from snp.notifications.facts import Message

SOUGHT_AGAIN: Final = timedelta(days=7)
"""A carer hears once a week that shifts of his rota seek a volunteer, however many they are."""
SOON: Final = timedelta(days=3)
"""A shift that begins within that time and still lacks somebody is told apart, once."""
_LOOKED_AT: Final = 20


def swap_proposed(session: Session, message: Message, now: datetime) -> None:
    """Tell a colleague that a turn is proposed to him, while nobody answered."""
    swap = rotas.get_swap(session, UUID(str(message.payload["swap_id"])))
    if swap.reply is None:
        _tell(session, Kind.CARER_ROTA_SWAP, swap.to_id, message, now=now)


def swap_answered(session: Session, message: Message, now: datetime) -> None:
    """Tell who proposed an exchange what his colleague answered."""
    swap = rotas.get_swap(session, UUID(str(message.payload["swap_id"])))
    if swap.reply in {Reply.ACCEPTED, Reply.DECLINED}:
        _tell(session, Kind.CARER_ROTA_ANSWERED, swap.from_id, message, now=now)


def offer_answered(session: Session, message: Message, now: datetime) -> None:
    """Tell a volunteer whether he holds the shift."""
    offer = rotas.get_offer(session, UUID(str(message.payload["offer_id"])))
    _tell(session, Kind.CARER_ROTA_ANSWERED, offer.practitioner_id, message, now=now)


def turns_changed(session: Session, message: Message, now: datetime) -> None:
    """Tell somebody that a plan changed his turns."""
    who = UUID(str(message.payload["practitioner_id"]))
    _tell(session, Kind.CARER_ROTA_CHANGED, who, message, now=now)


def queue_volunteers(session: Session, rota: RotaView, *, now: datetime) -> int:
    """Ask who may hold them for the shifts that lack somebody: once a week, and once more when one is near.

    Only those whom no rule keeps from a shift are asked, and nobody who wants no calls. Returns how many.
    """
    short = rotas.short_shifts(session, rota.id, now=now)[:_LOOKED_AT]
    if not short:
        return 0
    members = rotas.list_members(session, rota.id, now=now)
    return sum(_ask(session, rota, each.practitioner_id, short, now) for each in members)


def _ask(session: Session, rota: RotaView, who: UUID, short: Sequence[ShiftView], now: datetime) -> bool:
    weekly = f"rota-short:{rota.id}:{who}"
    told = outbox.was_queued(session, weekly, since=now - SOUGHT_AGAIN)
    new = [
        each
        for each in short
        if not told or (each.start - now <= SOON and not outbox.was_queued(session, _near(each, who)))
    ]
    if not new or not directory.get_practitioner(session, who, now=now).preferences.max_messages_a_week:
        return False
    offered = {one.shift_id for one in rotas.list_offers(session, rota.id, practitioner_id=who)}
    open_to_him = [
        each for each in new if each.id not in offered and not rotas.what_keeps(session, each, who, now=now)
    ]
    if not open_to_him:
        return False
    content = {"rota_id": str(rota.id), "shift_ids": [str(each.id) for each in open_to_him]}
    return tell_carer(
        session,
        Kind.CARER_ROTA_VOLUNTEERS,
        who,
        subject=_near(open_to_him[0], who) if told else weekly,
        content=content,
        territory_id=rota.territory_id,
        now=now,
    )


def _near(shift: ShiftView, who: UUID) -> str:
    return f"rota-near:{shift.id}:{who}"


def _tell(session: Session, kind: Kind, who: UUID, message: Message, *, now: datetime) -> None:
    tell_carer(
        session,
        kind,
        who,
        subject=f"{message.subject}:{who}",
        content={name: value for name, value in message.payload.items() if name != "practitioner_id"},
        territory_id=message.territory_id,
        now=now,
    )
