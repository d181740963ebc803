"""Turns change hands and slots follow: free ones are taken back and published anew, taken ones stay."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.agenda import service as agenda
from slots.agenda.facts import Offer
from slots.agenda.facts import Wish as SlotWish
from slots.agenda.refusals import ReasonRequired, SlotInThePast, SlotNotOpen
from slots.rota import plan_rows, repository, shift_rows
from slots.rota.terms import Cause, Moved, Reply, RotaView, ShiftView, TurnView
from snp.assignment.facts import Mode
from snp.errors import SnpError
from snp.platform.actors import Actor

_STEP: Final = 5
"""Slots begin at multiples of as many minutes after the shift does."""


def hand_over(
    session: Session,
    shift: ShiftView,
    *,
    leaving: Collection[UUID] = (),
    coming: Collection[UUID] = (),
    cause: Cause,
    plan_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Moved:
    """Take carers off a shift and put others on it. Exchanges of the turns that end lapse."""
    ended = [turn.id for turn in shift.turns if turn.practitioner_id in leaving]
    kept = tuple(_take_back(session, ended, by=by, now=now)) if ended else ()
    if ended:
        shift_rows.end_turns(session, ended, author=by.ident, now=now)
        for swap in plan_rows.swaps(session, turn_ids=ended, running=True):
            plan_rows.reply_swap(session, swap.id, Reply.LAPSED, author=by.ident, now=now)
    made = [
        shift_rows.insert_turn(session, shift.id, who, cause, plan_id=plan_id, author=by.ident, now=now)
        for who in sorted(coming)
    ]
    return Moved(tuple(made), tuple(ended), kept)


def together(moves: Collection[Moved]) -> Moved:
    """Several moves as one."""
    return Moved(
        tuple(each for move in moves for each in move.taken_up),
        tuple(each for move in moves for each in move.given_up),
        tuple(each for move in moves for each in move.kept_slots),
    )


def publish_due(session: Session, rota_id: UUID, *, by: Actor, now: datetime) -> tuple[UUID, ...]:
    """Publish the slots of the turns that begin within the rota's horizon; returns the slots.

    Each turn is published once. What is in the way of some of its slots (another slot of his, an absence)
    stays written beside the turn.
    """
    rota = repository.by_id(session, rota_id)
    until = now + timedelta(days=rota.details.publish_days)
    published: list[UUID] = []
    for shift, turn in shift_rows.due(session, rota_id, now, until):
        made, trouble = _publish(session, rota, shift, turn, by=by, now=now)
        shift_rows.add_slots(session, turn.id, made)
        shift_rows.mark_published(session, turn.id, trouble, now)
        published += made
    return tuple(published)


def _take_back(session: Session, turn_ids: Collection[UUID], *, by: Actor, now: datetime) -> Iterator[UUID]:
    """Withdraw the free slots of turns; yields those that somebody has, which stay."""
    for slot_id in shift_rows.slots_of(session, turn_ids):
        try:
            agenda.withdraw_slot(session, slot_id, by=by, now=now)
        except ReasonRequired:
            yield slot_id
        except (SlotNotOpen, SlotInThePast):
            continue


def _publish(
    session: Session, rota: RotaView, shift: ShiftView, turn: TurnView, *, by: Actor, now: datetime
) -> tuple[list[UUID], str | None]:
    minutes = max(
        _STEP, int((shift.end - shift.start) / timedelta(minutes=1)) // shift.patients // _STEP * _STEP
    )
    offer = Offer(
        site_id=shift.site_id,
        mode=Mode.AMB,
        audiences=rota.details.audiences,
        territory_ids=frozenset({rota.territory_id}),
        slot_minutes=minutes,
        release_minutes=rota.details.release_minutes,
        sas=rota.details.sas,
    )
    try:
        with session.begin_nested():
            made = agenda.publish_range(
                session,
                turn.practitioner_id,
                shift.start,
                shift.end,
                offer,
                patients=shift.patients,
                by=by,
                now=now,
            )
        return [slot.id for slot in made.slots], None
    except SnpError:
        starts = [shift.start + timedelta(minutes=minutes * number) for number in range(shift.patients)]
        tries = agenda.publish_each(
            session, turn.practitioner_id, [SlotWish(at, offer) for at in starts], by=by, now=now
        )
    refused = [each.why_not for each in tries if each.slot_id is None]
    return [each.slot_id for each in tries if each.slot_id], refused[0] if refused else None
