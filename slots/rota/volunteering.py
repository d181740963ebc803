"""Calls for volunteers: shifts that are short of carers, who offers to hold them, who is taken."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from slots.rota import announcing, plan_rows, repository, shift_rows
from slots.rota.exchanging import broken_by, check_change
from slots.rota.facts import Conflict
from slots.rota.handing import hand_over, publish_due
from slots.rota.refusals import AlreadyReplied, NotInTheRota, RotaNotFound, ShiftFull, TurnOver
from slots.rota.terms import Cause, OfferView, Reply, ShiftView
from snp.platform.actors import Actor


def short_shifts(session: Session, rota_id: UUID, *, now: datetime) -> tuple[ShiftView, ...]:
    """Return the shifts ahead that lack carers, by start."""
    return tuple(each for each in shift_rows.shifts(session, rota_id=rota_id, start=now) if each.missing)


def offer_to_hold(
    session: Session, shift_id: UUID, practitioner_id: UUID, *, by: Actor, now: datetime
) -> OfferView:
    """Offer to hold a short shift; taken at once where the rota says so.

    Raises `RotaRuleBroken`, `ShiftFull`, `NotInTheRota`, `TurnOver`, `AlreadyProposed`, `RotaNotFound`.
    """
    shift = _short(session, shift_id, now)
    repository.lock(session, shift.rota_id)
    shift = _short(session, shift_id, now)
    if practitioner_id not in {row.practitioner_id for row in repository.members(session, shift.rota_id)}:
        raise NotInTheRota(practitioner_id, "il n’y prend pas part.")
    if practitioner_id in {turn.practitioner_id for turn in shift.turns}:
        raise ShiftFull
    check_change(session, _coming(shift, practitioner_id), now=now)
    ident = plan_rows.insert_offer(
        session, {"shift_id": shift_id, "practitioner_id": practitioner_id, "offered_at": now}
    )
    if repository.by_id(session, shift.rota_id).details.takes_volunteers:
        accept_offer(session, ident, by=by, now=now)
    return plan_rows.offer_by_id(session, ident)


def accept_offer(session: Session, offer_id: UUID, *, by: Actor, now: datetime) -> None:
    """Put a volunteer on the shift he offered to hold. Raises as `offer_to_hold`, and `AlreadyReplied`."""
    offer = plan_rows.offer_by_id(session, offer_id)
    if offer.reply is not None:
        raise AlreadyReplied
    shift = _short(session, offer.shift_id, now)
    repository.lock(session, shift.rota_id)
    shift = _short(session, offer.shift_id, now)
    check_change(session, _coming(shift, offer.practitioner_id), now=now)
    plan_rows.reply_offer(session, offer_id, Reply.ACCEPTED, author=by.ident, now=now)
    if by.practitioner != offer.practitioner_id:
        announcing.offer_answered(session, offer, shift.rota_id, now)
    hand_over(session, shift, coming=[offer.practitioner_id], cause=Cause.VOLUNTEER, by=by, now=now)
    if shift.missing == 1:
        for other in plan_rows.offers(session, shift_ids=[shift.id]):
            plan_rows.reply_offer(session, other.id, Reply.LAPSED, author=by.ident, now=now)
            announcing.offer_answered(session, other, shift.rota_id, now)
    publish_due(session, shift.rota_id, by=by, now=now)


def decline_offer(session: Session, offer_id: UUID, *, by: Actor, now: datetime) -> None:
    """Thank a volunteer who is not needed. Raises `AlreadyReplied`."""
    plan_rows.reply_offer(session, offer_id, Reply.DECLINED, author=by.ident, now=now)
    offer = plan_rows.offer_by_id(session, offer_id)
    shift = shift_rows.shifts(session, shift_ids=[offer.shift_id])[0]
    announcing.offer_answered(session, offer, shift.rota_id, now)


def withdraw_offer(session: Session, offer_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take an offer back. Raises `AlreadyReplied`."""
    plan_rows.reply_offer(session, offer_id, Reply.WITHDRAWN, author=by.ident, now=now)


def what_keeps(
    session: Session, shift: ShiftView, practitioner_id: UUID, *, now: datetime
) -> tuple[Conflict, ...]:
    """Return the rules that keep somebody from a short shift; empty when he may offer to hold it."""
    return broken_by(session, _coming(shift, practitioner_id), now=now)


def _short(session: Session, shift_id: UUID, now: datetime) -> ShiftView:
    found = shift_rows.shifts(session, shift_ids=[shift_id])
    if not found:
        raise RotaNotFound("garde", shift_id)
    if found[0].start <= now:
        raise TurnOver(f"shift {shift_id} has begun")
    if not found[0].missing:
        raise ShiftFull
    return found[0]


def _coming(
    shift: ShiftView, practitioner_id: UUID
) -> dict[UUID, tuple[ShiftView, frozenset[UUID], frozenset[UUID]]]:
    return {shift.id: (shift, frozenset(), frozenset({practitioner_id}))}
