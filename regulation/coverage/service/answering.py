"""Somebody answers a call by his link: accepts a moment, declines, asks for peace. Each answer is a row.

Whoever holds the link acts for the practitioner it was made for, on what it proposes and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from regulation.coverage import repository, targeting
from regulation.coverage.facts import AnswerKind, AskPage, AskView, CallEnding, CallView, Moment
from regulation.coverage.halves import MIDDAY, HalfDay
from regulation.coverage.refusals import CallEnded, CallNotFound, MomentGone
from regulation.coverage.service.calling import end, get
from regulation.coverage.service.choosing import PAUSE, is_paused, wishes_of
from slots.agenda import service as agenda
from slots.agenda.facts import Offer
from slots.feeds import service as feeds
from snp.assignment.facts import Audience, Mode
from snp.days import local, local_day
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log
from snp.platform.secret_links import read_secret, secret_text

LINK_DOMAIN = "slot-call"
"""The domain under which the secret of an ask is signed; nothing is stored, a rotated key still opens it."""


def secret_of(ask_id: UUID, keys: Keys) -> str:
    """Return the secret of an ask: what the address of its page ends with."""
    return secret_text(LINK_DOMAIN, ask_id, keys.hasher())


def ask_of(secret: str, keys: Keys) -> UUID | None:
    """Return the ask that a secret names; None for anything else."""
    return read_secret(LINK_DOMAIN, secret, keys.hasher())


def find_ask(session: Session, ask_id: UUID) -> AskView:
    """Return an ask. Raises `CallNotFound`."""
    found = repository.ask(session, ask_id)
    if found is None:
        raise CallNotFound(ask_id)
    return found[0]


def asks(session: Session, call_id: UUID) -> list[AskView]:
    """Return everybody a call asked, in order."""
    return repository.asks_of(session, call_id)


def ask_page(session: Session, ask_id: UUID, *, now: datetime) -> AskPage:
    """Return what the page of a link shows now; opening it changes nothing. Raises `CallNotFound`."""
    ask, offer = _found(session, ask_id)
    call = get(session, ask.call_id)
    gone: dict[datetime, str] = {}
    taken = {one.moment_start for one in ask.answers if one.kind is AnswerKind.ACCEPTED}
    for moment in ask.moments:
        if moment.start not in taken and (why := _why_gone(session, ask, call, moment, offer, now=now)):
            gone[moment.start] = why
    told = repository.last_quieting(session, [ask.practitioner_id]).get(ask.practitioner_id)
    paused = told if told is not None and is_paused(told, now) else None
    until = local_day(paused[1] + PAUSE) if paused and paused[0] is AnswerKind.NOT_THIS_WEEK else None
    still = tuple(one for one in ask.moments if one.start not in taken and one.start not in gone)
    return AskPage(ask, call, still, gone, paused[0] if paused else None, until)


def accept(session: Session, ask_id: UUID, start: datetime, *, by: Actor, now: datetime) -> tuple[UUID, ...]:
    """Publish the slots of one moment; accepted twice, it is published once. Returns the slots.

    Raises `CallNotFound`, `CallEnded`, `MomentGone`.
    """
    ask, offer = _found(session, ask_id)
    repository.lock_call(session, ask.call_id)
    ask, _ = _found(session, ask_id)
    before = [one for one in ask.answers if one.moment_start == start]
    if before:
        return before[0].slot_ids
    call = get(session, ask.call_id)
    if call.ended_at is not None:
        raise CallEnded
    moment = next((one for one in ask.moments if one.start == start), None)
    if moment is None:
        raise CallNotFound(ask_id)
    if why := _why_gone(session, ask, call, moment, offer, now=now):
        raise MomentGone(why)
    made = agenda.publish_each(session, ask.practitioner_id, wishes_of(moment, offer), by=by, now=now)
    slot_ids = tuple(one.slot_id for one in made if one.slot_id is not None)
    repository.insert_answer(
        session, ask_id, AnswerKind.ACCEPTED, now=now, moment_start=start, slot_ids=slot_ids
    )
    feeds.align(session, ask.practitioner_id, by=by, now=now)
    log(Event.SLOT_CALL_ANSWERED, call_id=call.id, kind=AnswerKind.ACCEPTED, count=len(slot_ids))
    if not get(session, call.id).missing():
        end(session, call, CallEnding.FILLED, by=by, now=now)
    return slot_ids


def say(session: Session, ask_id: UUID, kind: AnswerKind, *, now: datetime) -> None:
    """Write that somebody declines, wants peace this week or for good, or may be asked again.

    Said twice it is written once. Raises `CallNotFound`.
    """
    assert kind is not AnswerKind.ACCEPTED
    ask, _ = _found(session, ask_id)
    repository.lock_call(session, ask.call_id)
    ask, _ = _found(session, ask_id)
    if ask.answers and ask.answers[-1].kind is kind:
        return
    repository.insert_answer(session, ask_id, kind, now=now)
    log(Event.SLOT_CALL_ANSWERED, call_id=ask.call_id, kind=kind)


def _found(session: Session, ask_id: UUID) -> tuple[AskView, Offer]:
    found = repository.ask(session, ask_id)
    if found is None:
        raise CallNotFound(ask_id)
    return found[0], _offer(found[1])


def _why_gone(
    session: Session, ask: AskView, call: CallView, moment: Moment, offer: Offer, *, now: datetime
) -> str:
    """Why a moment can no longer be accepted, in French; nothing when it can."""
    if call.ended_at is not None:
        return "l’appel est terminé"
    if moment.start <= now + targeting.LEAST_NOTICE / 4:
        return "c’est trop tard"
    shown = local(moment.start)
    if call.missing().get(HalfDay(shown.date(), shown.time() >= MIDDAY), 0) <= 0:
        return "cette demi-journée est pourvue, merci"
    tried = agenda.rehearse_each(session, ask.practitioner_id, wishes_of(moment, offer), now=now)
    return next((one.why_not for one in tried if one.why_not), "")


def _offer(stored: Mapping[str, Any]) -> Offer:
    return Offer(
        site_id=UUID(stored["site_id"]),
        mode=Mode(stored["mode"]),
        audiences=frozenset(map(Audience, stored["audiences"])),
        territory_ids=frozenset(map(UUID, stored["territory_ids"])),
        slot_minutes=stored["slot_minutes"],
        buffer_minutes=stored["buffer_minutes"],
    )
