"""Publish single slots and ranges: explicit acts, so anything in the way is a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from slots.agenda import repository, rules
from slots.agenda.facts import Attempt, Interval, Offer, Publication, SlotState, Wish
from slots.agenda.ground import Ground
from slots.agenda.reconciling import Busy
from slots.agenda.refusals import OverlappingSlot
from slots.agenda.surveying import survey
from snp.errors import SnpError
from snp.platform.actors import Actor


def publish_slot(
    session: Session, practitioner_id: UUID, start: datetime, offer: Offer, *, by: Actor, now: datetime
) -> Publication:
    """Publish one slot, `offer.slot_minutes` long or the profession's usual length.

    Raises SlotInThePast, NotAMember, OutsideSnpHours, DuringAbsence, ReleaseAlreadyDue, OverlappingSlot,
    PractitionerCannotPublish, NotFound, InvalidValue.
    """
    rules.check_offer(offer)
    ground = _ground(session, practitioner_id, offer, now)
    minutes = offer.slot_minutes or ground.slot_minutes
    spans = rules.in_a_row(start, patients=1, minutes=minutes, buffer_minutes=offer.buffer_minutes)
    return _publish(session, ground, spans, offer, by=by, now=now)


def publish_range(
    session: Session,
    practitioner_id: UUID,
    start: datetime,
    end: datetime,
    offer: Offer,
    *,
    patients: int | None = None,
    by: Actor,
    now: datetime,
) -> Publication:
    """Cut `[start, end)` into slots and publish all or none.

    `patients` alone shares the range between them; `offer.slot_minutes` alone cuts as many as fit; both:
    that many of that length. With neither, slots of the profession's usual length. Raises as
    `publish_slot`.
    """
    rules.check_offer(offer)
    ground = _ground(session, practitioner_id, offer, now)
    minutes = offer.slot_minutes
    if patients is None and minutes is None:
        minutes = ground.slot_minutes
    spans = rules.cut_range(
        start, end, patients=patients, minutes=minutes, buffer_minutes=offer.buffer_minutes
    )
    return _publish(session, ground, spans, offer, by=by, now=now)


def publish_each(
    session: Session, practitioner_id: UUID, wishes: Sequence[Wish], *, by: Actor, now: datetime
) -> tuple[Attempt, ...]:
    """Publish those of several slots that may be; each of the others says why not."""
    return tuple(_attempt(session, practitioner_id, wish, by=by, now=now) for wish in wishes)


def _attempt(session: Session, practitioner_id: UUID, wish: Wish, *, by: Actor, now: datetime) -> Attempt:
    try:
        with session.begin_nested():
            made = publish_slot(session, practitioner_id, wish.start, wish.offer, by=by, now=now)
    except SnpError as refusal:
        return Attempt(wish, None, refusal.sentence)
    return Attempt(wish, made.slots[0].id, "")


def _ground(session: Session, practitioner_id: UUID, offer: Offer, now: datetime) -> Ground:
    return survey(session, practitioner_id, site_id=offer.site_id, territory_ids=offer.territory_ids, now=now)


def _publish(
    session: Session,
    ground: Ground,
    spans: Sequence[Interval],
    offer: Offer,
    *,
    by: Actor,
    now: datetime,
) -> Publication:
    buffer = timedelta(minutes=offer.buffer_minutes)
    hull = Interval(spans[0].start, spans[-1].end + buffer)
    busy = Busy(repository.busy_times(session, ground.practitioner_id, hull))
    for span in spans:
        rules.check_publishable(ground, span, offer, now)
        if busy.meets(Interval(span.start, span.end + buffer)):
            raise OverlappingSlot(span.start)
    rows = [
        slot_row(ground, offer)
        | {
            "start_at": span.start,
            "end_at": span.end,
            "busy_until": span.end + buffer,
            "territory_ids": sorted(offer.territory_ids),
            "release_at": rules.release_of(span.start, offer.release_minutes),
            "state": SlotState.OPEN,
        }
        for span in spans
    ]
    ids = repository.insert(session, rows, author=by.ident, now=now)
    return Publication(slots=tuple(repository.views(session, ids, now)))


def slot_row(ground: Ground, offer: Offer) -> dict[str, Any]:
    """What every slot of an offer has in common."""
    return {
        "practitioner_id": ground.practitioner_id,
        "profession": ground.profession,
        "site_id": offer.site_id,
        "mode": offer.mode,
        "audiences": sorted(offer.audiences),
        "reasons": sorted(offer.reasons),
        "sas": sorted(offer.sas),
    }
