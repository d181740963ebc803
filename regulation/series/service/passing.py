"""The rest of a series goes from one physiotherapist to another who accepts it, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.live.circle import check_spared
from regulation.orientation.facts import ProposedSlot
from regulation.orientation.refusals import SlotNoLongerFree, SlotsDoNotFollow
from regulation.orientation.rules import no_proposals
from regulation.orientation.service.claiming import LOST
from regulation.orientation.service.ending import tell_booking
from regulation.orientation.service.telling import audit_appointment
from regulation.series import keeping, repository
from regulation.series.facts import PassAnswer, PassReason, PassView, SeriesCard, SeriesEvent
from regulation.series.refusals import PassNotFound, PassPending, SeriesNotFound
from regulation.series.rules import breaks_spacing
from regulation.series.service import acting, planning, reading
from slots.agenda import locks
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentView
from snp.days import local_day
from snp.errors import InvalidValue
from snp.notifications import service as outbox
from snp.platform.actors import Actor
from snp.platform.keys import Keys

MOST_WAYS: Final = 5
WHY_PASSED: Final = "série confiée à un confrère"
PROPOSED, ANSWERED = "physio.pass_proposed", "physio.pass_answered"
"""Topics of the outbox: what a colleague is offered, and what he answered."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A series offered to the actor: the offer, the series, and whole ways to take what is left of it."""

    offer: PassView
    card: SeriesCard
    ways: tuple[tuple[ProposedSlot, ...], ...]


def propose_pass(
    session: Session, request_id: UUID, to: UUID, reason: PassReason, *, by: Actor, now: datetime
) -> PassView:
    """Offer the rest of a series to a colleague of the territory, who is told.

    Raises `SeriesNotFound`, `SeriesClosed`, `InvalidValue`, `PassPending`.
    """
    held = acting.held(session, request_id, by=by)
    giver = held.series.practitioner_id
    if giver is None or giver != by.practitioner:
        raise SeriesNotFound(request_id)
    colleagues = {one.id for one in keeping.physios(session, held.series.territory_id, now)}
    if to == giver or to not in colleagues:
        raise InvalidValue("to", "choisissez un autre kinésithérapeute du territoire")
    if repository.running_passes(session, request_ids=[request_id]):
        raise PassPending
    ident = repository.insert_pass(session, request_id, giver, to, reason, by=by, now=now)
    repository.add_line(
        session, request_id, SeriesEvent.OFFERED, practitioner_id=to, code=reason.value, by=by, now=now
    )
    _announce(session, PROPOSED, ident, held.series.territory_id, now)
    return _found(session, ident)


def withdraw_pass(session: Session, pass_id: UUID, *, by: Actor, now: datetime) -> PassView:
    """Take an offer back. Raises `PassNotFound`."""
    offer = _running(session, pass_id)
    if offer.from_practitioner_id != by.practitioner:
        raise PassNotFound(pass_id)
    repository.answer_pass(session, pass_id, PassAnswer.WITHDRAWN, by=by, now=now)
    repository.add_line(session, offer.request_id, SeriesEvent.OFFER_WITHDRAWN, by=by, now=now)
    return _found(session, pass_id)


def decline_pass(session: Session, pass_id: UUID, *, by: Actor, now: datetime) -> PassView:
    """Say no to an offer; the series stays where it is. Raises `PassNotFound`."""
    offer = _offered_to(session, pass_id, by)
    repository.answer_pass(session, pass_id, PassAnswer.DECLINED, by=by, now=now)
    repository.add_line(
        session,
        offer.request_id,
        SeriesEvent.OFFER_DECLINED,
        practitioner_id=offer.to_practitioner_id,
        by=by,
        now=now,
    )
    series = repository.load(session, [offer.request_id])[offer.request_id]
    _announce(session, ANSWERED, pass_id, series.territory_id, now)
    return _found(session, pass_id)


def offers_to(session: Session, *, by: Actor, now: datetime) -> tuple[Offered, ...]:
    """What is offered to the actor's physiotherapist, oldest first, with ways to take it."""
    if by.practitioner is None:
        return ()
    return tuple(
        _offered(session, one, by=by, now=now)
        for one in repository.running_passes(session, to=by.practitioner)
    )


def offer_of(session: Session, request_id: UUID, *, by: Actor) -> PassView | None:
    """The offer of a series that waits for an answer, for who may see the series."""
    reading.get_series(session, request_id, by=by)
    return next(iter(repository.running_passes(session, request_ids=[request_id])), None)


def accept_pass(
    session: Session, pass_id: UUID, slot_ids: Sequence[UUID], *, keys: Keys, by: Actor, now: datetime
) -> tuple[AppointmentView, ...]:
    """Take a series over: each session to come moves to a slot of one's own, all or none.

    As many slots as there are sessions to come; none when none is left: sessions are then added later.
    Raises `PassNotFound`, `SeriesClosed`, `InvalidValue`, `SlotsDoNotFollow`, `SlotDoesNotSuit`,
    `SlotNoLongerFree`, `SlotKeptForPromise`, `DirectAccessExhausted`.
    """
    request_id = _offered_to(session, pass_id, by, lock=False).request_id
    held = acting.lock(session, request_id)
    offer = _offered_to(session, pass_id, by)
    keeping.check_declared(session, held.series, offer.to_practitioner_id, local_day(now))
    rest = held.rest(now)
    if len(slot_ids) != len(rest) or len(set(slot_ids)) != len(slot_ids):
        raise InvalidValue("slot_ids", f"choisissez {len(rest)} créneau(x) différents")
    moved = _move_all(session, held, rest, slot_ids, offer.to_practitioner_id, keys=keys, by=by, now=now)
    repository.update_series(session, request_id, practitioner_id=offer.to_practitioner_id)
    repository.answer_pass(session, pass_id, PassAnswer.ACCEPTED, by=by, now=now)
    repository.add_line(
        session,
        request_id,
        SeriesEvent.OFFER_ACCEPTED,
        practitioner_id=offer.to_practitioner_id,
        code=offer.reason.value,
        by=by,
        now=now,
    )
    _announce(session, ANSWERED, pass_id, held.series.territory_id, now)
    return moved


def _move_all(
    session: Session,
    held: acting.Held,
    rest: Sequence[AppointmentView],
    slot_ids: Sequence[UUID],
    taker: UUID,
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> tuple[AppointmentView, ...]:
    """Move sessions to the slots given, in order of time."""
    view = held.view
    free = sorted((planning.chosen(session, view, one, now) for one in slot_ids), key=lambda one: one.start)
    going = {one.id for one in rest}
    days = [local_day(one.start) for one in held.sessions if one.id not in going]
    if any(one.practitioner_id != taker for one in free) or breaks_spacing(
        [*days, *(local_day(one.start) for one in free)], view.min_gap_days, view.max_gap_days
    ):
        raise SlotsDoNotFollow
    if not free:
        return ()
    keeping.check_days(session, view, [one.start for one in free], instead_of=going)
    check_spared(session, free, asked_by=[view.id], now=now)
    try:
        with session.begin_nested():
            locks.lock_slots(session, [*(one.slot_id for one in rest), *(one.id for one in free)])
            moved = tuple(
                appointments.move(
                    session,
                    old.id,
                    new.id,
                    audience=view.audience,
                    territory_id=view.territory_id,
                    reason=WHY_PASSED,
                    codes=keys.hasher(),
                    by=by,
                    now=now,
                )
                for old, new in zip(rest, free, strict=True)
            )
    except LOST as lost:
        raise SlotNoLongerFree(free[0].id, no_proposals(view.id)) from lost
    tell_booking(session, view, by=by, now=now)
    for one in moved:
        audit_appointment(session, view, one.id, WHY_PASSED, by=by, now=now)
    return moved


def _offered(session: Session, offer: PassView, *, by: Actor, now: datetime) -> Offered:
    card = reading.get_series(session, offer.request_id, by=by)
    view = requests.load(session, [offer.request_id])[offer.request_id]
    rest = {one.id for one in card.sessions if one.start > now}
    kept = [one for one in card.sessions if one.id not in rest]
    slots = planning.fitting(session, view, (), {offer.to_practitioner_id}, now=now)
    return Offered(offer, card, _ways(slots, len(rest), kept, view.min_gap_days, view.max_gap_days))


def _ways(
    slots: Sequence[ProposedSlot],
    count: int,
    kept: Sequence[AppointmentView],
    min_gap_days: int,
    max_gap_days: int,
) -> tuple[tuple[ProposedSlot, ...], ...]:
    """Whole ways to have `count` sessions among slots by start, the soonest first."""
    if count == 0:
        return ()
    days = [local_day(one.start) for one in kept]
    found: list[tuple[ProposedSlot, ...]] = []
    for way in product(slots, repeat=count):
        starts = [one.start for one in way]
        if starts != sorted(set(starts)):
            continue
        if not breaks_spacing([*days, *(local_day(start) for start in starts)], min_gap_days, max_gap_days):
            found.append(way)
        if len(found) == MOST_WAYS:
            break
    return tuple(found)


def _announce(session: Session, topic: str, pass_id: UUID, territory_id: UUID, now: datetime) -> None:
    payload: dict[str, object] = {"pass_id": str(pass_id)}
    outbox.enqueue(session, topic, f"pass:{pass_id}", payload, now, territory_id=territory_id)


def _running(session: Session, pass_id: UUID, *, lock: bool = True) -> PassView:
    offer = repository.pass_by_id(session, pass_id, lock=lock)
    if offer is None or offer.answered_at is not None:
        raise PassNotFound(pass_id)
    return offer


def _offered_to(session: Session, pass_id: UUID, by: Actor, *, lock: bool = True) -> PassView:
    offer = _running(session, pass_id, lock=lock)
    if offer.to_practitioner_id != by.practitioner:
        raise PassNotFound(pass_id)
    return offer


def _found(session: Session, pass_id: UUID) -> PassView:
    offer = repository.pass_by_id(session, pass_id)
    assert offer is not None
    return offer
