"""Continuity while a physiotherapist is away and not replaced: a colleague takes sessions of his.

The series stays with its holder: only the sessions that the colleague takes are his. A coordinator declares
who stands in for whom, and sees no patient.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.live.circle import check_spared
from regulation.orientation.facts import ProposedSlot
from regulation.orientation.service.ending import check_follows, take_other_slot
from regulation.series import keeping, repository
from regulation.series.facts import PHYSIO, Relay, RelayedSession, SeriesEvent
from regulation.series.refusals import OutsideRelay, RelayNotFound
from regulation.series.rules import check_relay
from regulation.series.service import acting, planning
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentStatusKind, AppointmentView
from snp.days import day_bounds, local_day
from snp.errors import InvalidValue
from snp.platform.actors import Actor, Role
from snp.platform.keys import Keys

WHY_RELAYED: Final = "séance prise en relais par un confrère"
_COORDINATION: Final = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})


def declare_relay(
    session: Session,
    territory_id: UUID,
    *,
    practitioner_id: UUID,
    colleague_id: UUID,
    starts_on: date,
    ends_on: date,
    by: Actor,
    now: datetime,
) -> Relay:
    """Declare that a colleague stands in, both days included; by who is away, or a coordinator.

    Raises `InvalidValue` (days, two people of the territory, an absence that is another's).
    """
    _check_may_declare(by, territory_id, practitioner_id)
    check_relay(starts_on, ends_on, local_day(now))
    members = {one.id for one in keeping.physios(session, territory_id, now)}
    if practitioner_id not in members:
        raise InvalidValue("practitioner_id", "choisissez un kinésithérapeute du territoire")
    if colleague_id not in members or colleague_id == practitioner_id:
        raise InvalidValue("colleague_id", "choisissez un autre kinésithérapeute du territoire")
    values = {
        "territory_id": territory_id,
        "practitioner_id": practitioner_id,
        "colleague_id": colleague_id,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "declared_at": now,
        "declared_by": by.ident,
    }
    return _found(session, repository.insert_relay(session, values))


def end_relay(session: Session, relay_id: UUID, *, by: Actor, now: datetime) -> Relay:
    """End a relay now; the sessions already taken stay taken. Raises `RelayNotFound`."""
    relay = repository.relay_by_id(session, relay_id)
    if relay is None or not _may_see(by, relay):
        raise RelayNotFound(relay_id)
    if by.role not in _COORDINATION and by.practitioner != relay.practitioner_id:
        raise RelayNotFound(relay_id)
    repository.end_relay(session, relay_id, by=by, now=now)
    return _found(session, relay_id)


def list_relays(
    session: Session, *, territory_id: UUID | None = None, by: Actor, now: datetime
) -> list[Relay]:
    """Relays that run or are to run: a carer's own (away, or standing in), a coordinator's territory's."""
    today = local_day(now)
    if by.role in _COORDINATION:
        here = frozenset(() if territory_id is None else {territory_id})
        asked = here & by.territories if here and by.territories else here or by.territories
        return repository.relays(session, territory_ids=asked or None, not_over_on=today)
    if by.practitioner is None:
        return []
    own = repository.relays(session, of=by.practitioner, not_over_on=today)
    return own + repository.relays(session, by_colleague=by.practitioner, not_over_on=today)


def sessions_to_take(session: Session, *, by: Actor, now: datetime) -> tuple[RelayedSession, ...]:
    """The sessions to come of those for whom the actor's physiotherapist stands in, by start."""
    if by.practitioner is None or by.profession != PHYSIO:
        return ()
    found: list[RelayedSession] = []
    for relay in repository.relays(session, by_colleague=by.practitioner, not_over_on=local_day(now)):
        away = _sessions_of(session, relay, now)
        series = repository.load(session, {one.request_id for one in away})
        found += [
            RelayedSession(relay, one, series[one.request_id].indication)
            for one in away
            if one.request_id in series and series[one.request_id].is_open
        ]
    return tuple(sorted(found, key=lambda one: (one.appointment.start, one.appointment.id)))


def relay_slots(
    session: Session, relay_id: UUID, appointment_id: UUID, *, by: Actor, now: datetime
) -> tuple[ProposedSlot, ...]:
    """Free slots of the colleague, within the relay, that may take the place of a session."""
    relay, one = _relayed(session, relay_id, appointment_id, by, now)
    view = requests.load(session, [one.request_id])[one.request_id]
    kept = [s for s in keeping.sessions_of(session, [view.id])[view.id] if s.id != one.id]
    within = (day_bounds(relay.starts_on)[0], day_bounds(relay.ends_on)[1])
    return planning.fitting(session, view, kept, {relay.colleague_id}, within=within, now=now)


def take_session(
    session: Session,
    relay_id: UUID,
    appointment_id: UUID,
    slot_id: UUID,
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> AppointmentView:
    """Take a session of who is away on a slot of one's own; the series comes back to him.

    Raises `RelayNotFound`, `OutsideRelay`, and as `move_appointment`.
    """
    relay, one = _relayed(session, relay_id, appointment_id, by, now)
    held = acting.lock(session, one.request_id)
    keeping.check_declared(session, held.series, relay.colleague_id, local_day(now))
    view = held.view
    relay, one = _relayed(session, relay_id, appointment_id, by, now)
    free = planning.chosen(session, view, slot_id, now)
    if free.practitioner_id != relay.colleague_id or not relay.runs_on(local_day(free.start)):
        raise OutsideRelay(relay.starts_on, relay.ends_on)
    check_follows(session, view, free, moved=(one.id,), same_carer=False)
    check_spared(session, [free], asked_by=[view.id], now=now)
    moved = take_other_slot(session, view, one.id, slot_id, reason=WHY_RELAYED, keys=keys, by=by, now=now)
    repository.add_line(
        session, view.id, SeriesEvent.RELAYED, practitioner_id=relay.colleague_id, by=by, now=now
    )
    return moved


def _relayed(
    session: Session, relay_id: UUID, appointment_id: UUID, by: Actor, now: datetime
) -> tuple[Relay, AppointmentView]:
    """A relay of the actor's and a session to come of who is away. Raises `RelayNotFound`."""
    relay = repository.relay_by_id(session, relay_id)
    if relay is None or relay.colleague_id != by.practitioner or relay.ended_at is not None:
        raise RelayNotFound(relay_id)
    one = next((s for s in _sessions_of(session, relay, now) if s.id == appointment_id), None)
    if one is None or one.request_id not in repository.load(session, [one.request_id]):
        raise RelayNotFound(relay_id)
    return relay, one


def _sessions_of(session: Session, relay: Relay, now: datetime) -> Sequence[AppointmentView]:
    """What who is away has to come during the relay."""
    query = AppointmentFilter(
        practitioner_ids=frozenset({relay.practitioner_id}),
        territory_ids=frozenset({relay.territory_id}),
        starts_from=max(now, day_bounds(relay.starts_on)[0]),
        starts_before=day_bounds(relay.ends_on)[1],
        statuses=frozenset({AppointmentStatusKind.BOOKED}),
    )
    return appointments.list_appointments(session, query, limit=keeping.MANY).items


def _check_may_declare(by: Actor, territory_id: UUID, practitioner_id: UUID) -> None:
    if by.role in _COORDINATION:
        allowed = territory_id in by.territories or (by.role is Role.ADMINISTRATOR and not by.territories)
    else:
        allowed = by.practitioner == practitioner_id and territory_id in by.territories
    if not allowed:
        raise InvalidValue("practitioner_id", "déclarez votre propre absence, ou demandez à la coordination")


def _may_see(by: Actor, relay: Relay) -> bool:
    if by.role in _COORDINATION:
        return not by.territories or relay.territory_id in by.territories
    return by.practitioner in {relay.practitioner_id, relay.colleague_id}


def _found(session: Session, relay_id: UUID) -> Relay:
    relay = repository.relay_by_id(session, relay_id)
    assert relay is not None
    return relay
