"""Sessions of a series one by one: add one, find other hours for one, cancel what is left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.intake.facts import Move, RequestState, RequestView
from regulation.intake.rules import IllegalMove
from regulation.live.circle import check_spared, withheld
from regulation.orientation import matching
from regulation.orientation.facts import ProposedSlot
from regulation.orientation.ground import points_of
from regulation.orientation.refusals import SlotNoLongerFree, SlotsDoNotFollow
from regulation.orientation.rules import no_proposals
from regulation.orientation.service.claiming import LOST, check_suits
from regulation.orientation.service.ending import check_follows, close_when_over, tell_booking
from regulation.orientation.service.neighbours import lent_to
from regulation.orientation.service.proposing import claimable_among, proposed_slot
from regulation.orientation.service.telling import audit_appointment
from regulation.series import keeping, repository
from regulation.series.facts import MOST_SESSIONS, SeriesCard, SeriesEvent
from regulation.series.refusals import SeriesFull, SeriesNotFound
from regulation.series.rules import breaks_spacing, counted
from regulation.series.service import acting, reading
from slots.agenda import service as agenda
from slots.agenda.facts import FreeSlot, FreeSlotQuery
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentView, CancelledBy, Claim
from snp.assignment.facts import Request
from snp.assignment.rules import broken_rule
from snp.days import local_day
from snp.directory import service as directory
from snp.errors import InvalidValue
from snp.platform.actors import Actor
from snp.platform.keys import Keys

LOOK_AHEAD: Final = timedelta(days=45)
MOST_SHOWN: Final = 12
WHY_REST: Final = "la suite de la série est annulée"


def addable_slots(
    session: Session, request_id: UUID, *, by: Actor, now: datetime
) -> tuple[ProposedSlot, ...]:
    """Free slots of the same physiotherapist that may be one more session; none when there may be none."""
    card = reading.get_series(session, request_id, by=by)
    view = requests.load(session, [request_id])[request_id]
    if not card.series.is_open or len(counted(card.sessions)) >= MOST_SESSIONS or not card.sessions:
        return ()
    return fitting(session, view, card.sessions, {_carer_of(card)}, now=now)


def other_slots(
    session: Session, appointment_id: UUID, *, by: Actor, now: datetime
) -> tuple[ProposedSlot, ...]:
    """Free slots of the same physiotherapist that may take the place of a session to come."""
    one = appointments.get_appointment(session, appointment_id)
    card = reading.get_series(session, one.request_id, by=by)
    view = requests.load(session, [one.request_id])[one.request_id]
    if not card.series.is_open or one.start <= now or not one.live:
        return ()
    kept = [other for other in card.sessions if other.id != one.id]
    return fitting(session, view, kept, {one.practitioner_id}, now=now)


def add_session(
    session: Session, request_id: UUID, slot_id: UUID, *, keys: Keys, by: Actor, now: datetime
) -> AppointmentView:
    """Book one more session, up to three, with the physiotherapist who has the others.

    Raises `SeriesNotFound`, `SeriesClosed`, `SeriesFull`, `SlotNoLongerFree`, `SlotDoesNotSuit`,
    `SlotsDoNotFollow`, `DirectAccessExhausted`, `SlotKeptForPromise`.
    """
    held = acting.held(session, request_id, by=by)
    view = held.view
    if view.state is not RequestState.BOOKED:
        raise IllegalMove(view.state, Move.BOOK)
    if len(counted(held.sessions)) >= MOST_SESSIONS:
        raise SeriesFull(MOST_SESSIONS)
    free = chosen(session, view, slot_id, now)
    if free.practitioner_id != held.series.practitioner_id:
        raise SlotsDoNotFollow
    check_follows(session, view, free, moved=(), same_carer=False)
    keeping.check_days(session, view, [free.start])
    check_spared(session, [free], asked_by=[view.id], now=now)
    number = max((one.session_no for one in held.sessions), default=0) + 1
    try:
        with session.begin_nested():
            booked = appointments.book(
                session,
                [Claim(slot_id, view.id, number)],
                audience=view.audience,
                territory_id=view.territory_id,
                organisation_id=view.organisation_id,
                codes=keys.hasher(),
                by=by,
                now=now,
            )
    except LOST as lost:
        raise SlotNoLongerFree(slot_id, no_proposals(view.id)) from lost
    (made,) = booked.appointments
    tell_booking(session, view, by=by, now=now)
    requests.update_request(session, view.id, {"sessions": min(MOST_SESSIONS, len(held.sessions) + 1)})
    repository.add_line(
        session, view.id, SeriesEvent.SESSION_ADDED, practitioner_id=made.practitioner_id, by=by, now=now
    )
    audit_appointment(session, view, made.id, "séance ajoutée à la série", by=by, now=now)
    return made


def cancel_rest(
    session: Session, request_id: UUID, *, reason: str, by: Actor, now: datetime
) -> tuple[AppointmentView, ...]:
    """The patient gives up every session to come: their slots are offered again. What took place stays.

    Raises `SeriesNotFound`, `SeriesClosed`, `InvalidValue` (no reason, or nothing to come).
    """
    held = acting.held(session, request_id, by=by, or_brought=True)
    if not reason.strip():
        raise InvalidValue("reason", "indiquez un motif")
    rest = held.rest(now)
    if not rest:
        raise InvalidValue("sessions", "il n’y a plus de séance à venir")
    cancelled = tuple(
        appointments.cancel(
            session, one.id, cancelled_by=CancelledBy.PATIENT, reason=reason.strip(), by=by, now=now
        )
        for one in rest
    )
    for one in cancelled:
        audit_appointment(session, held.view, one.id, "annulation de la suite de la série", by=by, now=now)
    repository.add_line(
        session, request_id, SeriesEvent.REST_CANCELLED, code=str(len(cancelled)), by=by, now=now
    )
    left = len(held.sessions) - len(rest)
    if left:
        requests.update_request(session, request_id, {"sessions": left})
    close_when_over(session, held.view, by=by, now=now)
    return cancelled


def fitting(
    session: Session,
    view: RequestView,
    kept: Sequence[AppointmentView],
    carers: Collection[UUID],
    *,
    within: tuple[datetime, datetime] | None = None,
    now: datetime,
) -> tuple[ProposedSlot, ...]:
    """Free slots of these carers that suit a request and go with the sessions it keeps; the soonest first."""
    free = {str(one.id): one for one in free_of(session, view, carers, within=within, now=now)}
    days = [local_day(one.start) for one in kept]
    spared = withheld(session, list(free.values()), asked_by=[view.id], now=now)
    sought = sought_by(session, view, list(free.values()), now)
    found = [
        one
        for ident, one in free.items()
        if ident not in spared
        and broken_rule(sought, matching.engine_slot(one), now) is None
        and not breaks_spacing([*days, local_day(one.start)], view.min_gap_days, view.max_gap_days)
    ]
    found.sort(key=lambda one: (one.start, str(one.id)))
    return tuple(proposed_slot(one, sought) for one in found[:MOST_SHOWN])


def free_of(
    session: Session,
    view: RequestView,
    carers: Collection[UUID],
    *,
    within: tuple[datetime, datetime] | None = None,
    now: datetime,
) -> list[FreeSlot]:
    """Free slots of these carers, in the next weeks or within bounds: the territory's own, and those lent."""
    starts, until = within or (now, now + LOOK_AHEAD)
    starts = max(starts, now)
    if starts >= until:
        return []
    query = FreeSlotQuery(
        starts_from=starts, starts_until=until, territory_ids=frozenset({view.territory_id})
    )
    territory = directory.get_territory(session, view.territory_id)
    lent = (one.free for one in lent_to(session, territory, [view], until=until, now=now).values())
    found = [*agenda.free_slots(session, query, now), *(one for one in lent if one.start >= starts)]
    return [one for one in found if one.practitioner_id in carers]


def sought_by(session: Session, view: RequestView, free: Sequence[FreeSlot], now: datetime) -> Request:
    """A request as the engine sees it, whenever the session is: a series goes on after its first delay."""
    point = points_of(session, [view])[view.insee]
    anyone = replace(view, only_practitioner_ids=None)
    return matching.without_deadline(replace(matching.engine_request(anyone, point, free), earliest=now))


def chosen(session: Session, view: RequestView, slot_id: UUID, now: datetime) -> FreeSlot:
    """A free slot, its territory's own or lent, that suits a request.

    Raises `SlotNoLongerFree`, `SlotDoesNotSuit`.
    """
    free = claimable_among(session, [view], [slot_id], now)[0].get(slot_id)
    if free is None:
        raise SlotNoLongerFree(slot_id, no_proposals(view.id))
    check_suits(free, sought_by(session, view, [free], now), now)
    return free


def _carer_of(card: SeriesCard) -> UUID:
    if card.series.practitioner_id is None:
        raise SeriesNotFound(card.series.request_id)
    return card.series.practitioner_id
