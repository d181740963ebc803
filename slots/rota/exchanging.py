"""Exchanges by agreement: who holds a turn proposes, the other accepts, and no hard rule gives way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from slots.rota import announcing, plan_rows, repository, shift_rows
from slots.rota.checks import violations
from slots.rota.facts import Conflict, RotaProblem, Turns
from slots.rota.handing import hand_over, publish_due, together
from slots.rota.refusals import AlreadyReplied, NotInTheRota, RotaNotFound, RotaRuleBroken, TurnOver
from slots.rota.stating import key_of, state_around
from slots.rota.terms import Cause, Moved, Reply, RotaView, ShiftView, SwapView, TurnView
from snp.platform.actors import Actor


def propose_swap(
    session: Session,
    turn_id: UUID,
    to_id: UUID,
    *,
    for_turn_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> SwapView:
    """Propose one's turn to another who takes part, for one of his or for nothing; he is asked to agree.

    Refused at once when hard rules would be broken. Raises `RotaRuleBroken`, `NotInTheRota`, `TurnOver`,
    `AlreadyProposed`, `RotaNotFound`.
    """
    shift, turn = turn_ahead(session, turn_id, now)
    other = None if for_turn_id is None else turn_ahead(session, for_turn_id, now)
    members = {row.practitioner_id for row in repository.members(session, shift.rota_id)}
    if to_id not in members or to_id == turn.practitioner_id:
        raise NotInTheRota(to_id, "il n’y prend pas part.")
    if other is not None and (other[1].practitioner_id != to_id or other[0].rota_id != shift.rota_id):
        raise RotaNotFound("garde", for_turn_id)
    check_change(session, _handed(shift, turn, to_id, other), now=now)
    ident = plan_rows.insert_swap(
        session,
        {
            "rota_id": shift.rota_id,
            "turn_id": turn_id,
            "for_turn_id": for_turn_id,
            "from_id": turn.practitioner_id,
            "to_id": to_id,
            "proposed_at": now,
            "proposed_by": by.ident,
        },
    )
    made = plan_rows.swap_by_id(session, ident)
    announcing.swap_proposed(session, made, now)
    return made


def accept_swap(session: Session, swap_id: UUID, *, by: Actor, now: datetime) -> Moved:
    """Agree to an exchange: turns change hands, slots follow.

    Raises as `propose_swap`, and `AlreadyReplied`.
    """
    swap = plan_rows.swap_by_id(session, swap_id)
    repository.lock(session, swap.rota_id)
    swap = plan_rows.swap_by_id(session, swap_id)
    if swap.reply is not None:
        raise AlreadyReplied
    shift, turn = turn_ahead(session, swap.turn_id, now)
    other = None if swap.for_turn_id is None else turn_ahead(session, swap.for_turn_id, now)
    check_change(session, _handed(shift, turn, swap.to_id, other), now=now)
    plan_rows.reply_swap(session, swap_id, Reply.ACCEPTED, author=by.ident, now=now)
    announcing.swap_answered(session, swap, now)
    common = {"cause": Cause.SWAP, "by": by, "now": now}
    moves = [
        hand_over(session, shift, leaving=[swap.from_id], coming=[swap.to_id], **common)  # type: ignore[arg-type]
    ]
    if other is not None:
        moves.append(
            hand_over(session, other[0], leaving=[swap.to_id], coming=[swap.from_id], **common)  # type: ignore[arg-type]
        )
    publish_due(session, swap.rota_id, by=by, now=now)
    return together(moves)


def decline_swap(session: Session, swap_id: UUID, *, by: Actor, now: datetime) -> None:
    """Say no. Raises `AlreadyReplied`."""
    plan_rows.reply_swap(session, swap_id, Reply.DECLINED, author=by.ident, now=now)
    announcing.swap_answered(session, plan_rows.swap_by_id(session, swap_id), now)


def withdraw_swap(session: Session, swap_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take a proposal back. Raises `AlreadyReplied`."""
    plan_rows.reply_swap(session, swap_id, Reply.WITHDRAWN, author=by.ident, now=now)


def turn_ahead(session: Session, turn_id: UUID, now: datetime) -> tuple[ShiftView, TurnView]:
    """A turn that has not begun, with its shift. Raises `TurnOver`."""
    found = shift_rows.turns(session, turn_ids=[turn_id])
    if not found:
        raise TurnOver(f"turn {turn_id} is over")
    shift = shift_rows.shifts(session, shift_ids=[found[0].shift_id])[0]
    if shift.start <= now:
        raise TurnOver(f"turn {turn_id} has begun")
    return shift, found[0]


Handed = Mapping[UUID, tuple[ShiftView, frozenset[UUID], frozenset[UUID]]]
"""By shift: the shift, who leaves it, who comes."""


def check_change(session: Session, handed: Handed, *, now: datetime) -> None:
    """Refuse a change that breaks a hard rule which holds now. Raises `RotaRuleBroken`."""
    broken = broken_by(session, handed, now=now)
    if broken:
        raise RotaRuleBroken(broken)


def broken_by(session: Session, handed: Handed, *, now: datetime) -> tuple[Conflict, ...]:
    """The hard rules that a change would newly break."""
    shifts = [shift for shift, _, _ in handed.values()]
    rota: RotaView = repository.by_id(session, shifts[0].rota_id)
    problem, turns = state_around(session, rota, [shift.start for shift in shifts], now=now)
    changed = dict(turns)
    for shift, leaving, coming in handed.values():
        key = key_of(shift)
        changed[key] = (turns.get(key, frozenset()) - set(map(str, leaving))) | set(map(str, coming))
    return _new(problem, turns, changed)


def _new(problem: RotaProblem, before: Turns, after: Turns) -> tuple[Conflict, ...]:
    known = set(violations(problem, before))
    return tuple(each for each in violations(problem, after) if each not in known)


def _handed(
    shift: ShiftView, turn: TurnView, to_id: UUID, other: tuple[ShiftView, TurnView] | None
) -> dict[UUID, tuple[ShiftView, frozenset[UUID], frozenset[UUID]]]:
    mine, his = frozenset({turn.practitioner_id}), frozenset({to_id})
    handed = {shift.id: (shift, mine, his)}
    if other is not None:
        handed[other[0].id] = (other[0], his, mine)
    return handed
