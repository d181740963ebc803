"""What publishing would do, without doing it: reads only, once for a practitioner, and locks nothing.

A page that asks, and a call for slots that asks twenty practitioners, must neither wait for an agenda nor
hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from slots.agenda import repository, rules
from slots.agenda.facts import Attempt, Interval, Offer, Wish
from slots.agenda.ground import Ground
from slots.agenda.reconciling import Busy
from slots.agenda.refusals import OverlappingSlot
from slots.agenda.surveying import look
from snp.errors import SnpError


def rehearse_each(
    session: Session, practitioner_id: UUID, wishes: Sequence[Wish], *, now: datetime
) -> tuple[Attempt, ...]:
    """Return what `publish_each` would do now; what may be published comes back without a slot."""
    return rehearse_apart(session, practitioner_id, [wishes], now=now)[0]


def rehearse_apart(
    session: Session, practitioner_id: UUID, choices: Sequence[Sequence[Wish]], *, now: datetime
) -> list[tuple[Attempt, ...]]:
    """Return what `publish_each` would do now with each of several choices, as if it were the only one."""
    grounds: dict[Offer, Ground | SnpError] = {}
    for wish in (wish for wishes in choices for wish in wishes):
        if wish.offer not in grounds:
            grounds[wish.offer] = _ground(session, practitioner_id, wish.offer, now)
    spans = [
        _span(wish, ground)
        for wishes in choices
        for wish in wishes
        if isinstance(ground := grounds[wish.offer], Ground)
    ]
    taken = _taken(session, practitioner_id, spans)
    return [_tried(wishes, grounds, taken, now) for wishes in choices]


def _tried(
    wishes: Sequence[Wish],
    grounds: dict[Offer, Ground | SnpError],
    taken: Iterable[Interval],
    now: datetime,
) -> tuple[Attempt, ...]:
    busy, attempts = Busy(taken), []
    for wish in wishes:
        ground = grounds[wish.offer]
        try:
            if isinstance(ground, SnpError):
                raise ground
            span = _span(wish, ground)
            held = _held(span, wish.offer)
            rules.check_publishable(ground, span, wish.offer, now)
            if busy.meets(held):
                raise OverlappingSlot(span.start)
            busy.add(held)
        except SnpError as refusal:
            attempts.append(Attempt(wish, None, refusal.sentence))
        else:
            attempts.append(Attempt(wish, None, ""))
    return tuple(attempts)


def _ground(session: Session, practitioner_id: UUID, offer: Offer, now: datetime) -> Ground | SnpError:
    try:
        rules.check_offer(offer)
        return look(
            session, practitioner_id, site_id=offer.site_id, territory_ids=offer.territory_ids, now=now
        )
    except SnpError as refusal:
        return refusal


def _span(wish: Wish, ground: Ground) -> Interval:
    minutes = wish.offer.slot_minutes or ground.slot_minutes
    return Interval(wish.start, wish.start + timedelta(minutes=minutes))


def _held(span: Interval, offer: Offer) -> Interval:
    return Interval(span.start, span.end + timedelta(minutes=offer.buffer_minutes))


def _taken(session: Session, practitioner_id: UUID, spans: Sequence[Interval]) -> list[Interval]:
    if not spans:
        return []
    longest = timedelta(minutes=rules.MAX_BUFFER_MINUTES)
    hull = Interval(min(one.start for one in spans), max(one.end for one in spans) + longest)
    return repository.busy_times(session, practitioner_id, hull)
