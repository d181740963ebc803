"""What is read of a rota: shifts and their holders, exchanges, offers, and why a turn fell to somebody."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from slots.agenda import service as agenda
from slots.agenda.facts import Occupancy, SlotFilter, SlotView
from slots.rota import plan_rows, repository, shift_rows
from slots.rota.explaining import Alternative, Share, shares, why
from slots.rota.planning import problem_and_answer
from slots.rota.refusals import RotaNotFound
from slots.rota.stating import key_of, state_around
from slots.rota.terms import OfferView, PlanView, ShiftView, SwapView, TurnView
from snp.directory.paging import MAX_LIMIT


def list_shifts(session: Session, rota_id: UUID, start: datetime, end: datetime) -> tuple[ShiftView, ...]:
    """Return the shifts of a rota that start in `[start, end)`, by start, with who holds them."""
    return tuple(shift_rows.shifts(session, rota_id=rota_id, start=start, end=end))


def get_shift(session: Session, shift_id: UUID) -> ShiftView:
    """Return a shift. Raises `RotaNotFound`."""
    found = shift_rows.shifts(session, shift_ids=[shift_id])
    if not found:
        raise RotaNotFound("garde", shift_id)
    return found[0]


def shift_of_turn(session: Session, turn_id: UUID) -> tuple[ShiftView, TurnView]:
    """Return a running turn with its shift. Raises `RotaNotFound`."""
    found = shift_rows.turns(session, turn_ids=[turn_id])
    if not found:
        raise RotaNotFound("garde", turn_id)
    return get_shift(session, found[0].shift_id), found[0]


def list_swaps(
    session: Session,
    *,
    rota_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    running: bool | None = None,
    limit: int = MAX_LIMIT,
) -> tuple[SwapView, ...]:
    """Return exchanges, newest first."""
    found = plan_rows.swaps(
        session, rota_id=rota_id, practitioner_id=practitioner_id, running=running, limit=limit
    )
    return tuple(found)


def get_swap(session: Session, swap_id: UUID) -> SwapView:
    """Return an exchange. Raises `RotaNotFound`."""
    return plan_rows.swap_by_id(session, swap_id)


def list_offers(
    session: Session, rota_id: UUID, *, practitioner_id: UUID | None = None
) -> tuple[OfferView, ...]:
    """Return the offers that wait for an answer, oldest first."""
    return tuple(plan_rows.offers(session, rota_id=rota_id, practitioner_id=practitioner_id))


def get_offer(session: Session, offer_id: UUID) -> OfferView:
    """Return an offer. Raises `RotaNotFound`."""
    return plan_rows.offer_by_id(session, offer_id)


def undecided_plan(session: Session, rota_id: UUID) -> PlanView | None:
    """Return the plan of a rota that waits to be solved or decided on."""
    return plan_rows.undecided(session, rota_id)


def taken_slots(session: Session, turn_ids: Collection[UUID], *, now: datetime) -> tuple[SlotView, ...]:
    """Return the slots of turns that somebody has: a change of hands leaves them where they are."""
    ids = frozenset(shift_rows.slots_of(session, turn_ids))
    if not ids:
        return ()
    query = SlotFilter(slot_ids=ids, occupancy=Occupancy.TAKEN, starts_from=now)
    return agenda.list_slots(session, query, now=now, limit=MAX_LIMIT).items


def why_him(
    session: Session, shift: ShiftView, turn: TurnView, *, now: datetime
) -> tuple[tuple[Alternative, ...], tuple[Share, ...]]:
    """« Pourquoi moi ? »: who else could hold a shift and at what cost, and what everybody holds and is due.

    By the plan that gave the turn while it still stands as it was made; by what stands around it otherwise.
    """
    key, carer = key_of(shift), str(turn.practitioner_id)
    if turn.plan_id is not None:
        stated = problem_and_answer(plan_rows.plan_by_id(session, turn.plan_id))
        if stated is not None and carer in stated[1].turns.get(key, frozenset()):
            problem, answer = stated
            return why(problem, answer.turns, key, carer), shares(problem, answer.turns)
    rota = repository.by_id(session, shift.rota_id)
    problem, turns = state_around(session, rota, [shift.start], now=now)
    return why(problem, turns, key, carer), shares(problem, turns)


def turns_named(
    session: Session, rota_id: UUID, pairs: Collection[tuple[str, str]], *, now: datetime
) -> list[UUID]:
    """Return the running turns ahead that a problem names by shift and carer."""
    return [
        turn.id
        for shift in shift_rows.shifts(session, rota_id=rota_id, start=now)
        for turn in shift.turns
        if (key_of(shift), str(turn.practitioner_id)) in pairs
    ]
