"""What ends a day: appointments given up, honoured or not, slots given back, requests left unserved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session

from api.demo.facts import Stage
from api.demo.playing import IDENT, Theatre, coin, take
from api.demo.stage import DEMO
from regulation.intake import service as intake
from regulation.orientation import service as orientation
from regulation.orientation.facts import Reopened
from slots.agenda import service as agenda
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentStatusKind, AppointmentView, CancelledBy
from snp.days import day_bounds, snp_openings
from snp.directory.paging import MAX_LIMIT

NO_SHOW_SHARE: Final = 0.05
"""Share of patients who do not come. Assumption: 5 % (2.5 to 8)."""

_GIVEN_UP_BY_PATIENT: Final = 0.10
_GIVEN_UP_BY_CARER: Final = 0.13
_AFTERWARDS: Final = timedelta(minutes=5)


def morning(theatre: Theatre, slug: str, day: date, *, seed: int) -> None:
    """Let some patients and, more rarely, a carer give up an appointment of the day at its opening."""
    start, end = day_bounds(day)
    opening = next(iter(snp_openings(start, end, theatre.hours)), None)
    if opening is None or opening[0] + _AFTERWARDS >= theatre.until:
        return
    at = opening[0] + _AFTERWARDS
    for appointment in _booked(theatre.session, theatre.stage, slug, start=at, end=end, now=at):
        drawn = coin(f"{day}:{appointment.start}:{appointment.practitioner_id}", seed)
        if NO_SHOW_SHARE <= drawn < _GIVEN_UP_BY_CARER and appointment.start > at:
            by_patient = drawn < _GIVEN_UP_BY_PATIENT
            _give_up(theatre, appointment, by_patient=by_patient, at=at)


def end_of_day(session: Session, stage: Stage, day: date, *, now: datetime, seed: int) -> None:
    """Close the appointments of a day that are over, give back what nobody took, name who was not served."""
    start, end = day_bounds(day)
    for slug in stage.territories:
        for appointment in _booked(session, stage, slug, start=start, end=min(end, now), now=now):
            at = appointment.end + _AFTERWARDS
            if at >= now:
                continue
            drawn = coin(f"{day}:{appointment.start}:{appointment.practitioner_id}", seed)
            close = orientation.no_show if drawn < NO_SHOW_SHARE else orientation.honour
            close(session, appointment.id, by=DEMO, now=at)
    over = min(end, now)
    agenda.release_due(session, by=DEMO, now=over)
    orientation.expire_requests(session, by=DEMO, now=over)


def _give_up(theatre: Theatre, appointment: AppointmentView, *, by_patient: bool, at: datetime) -> None:
    ended = orientation.cancel_appointment(
        theatre.session,
        appointment.id,
        cancelled_by=CancelledBy.PATIENT if by_patient else CancelledBy.PRACTITIONER,
        reason="empêchement du patient" if by_patient else "praticien souffrant",
        by=DEMO,
        now=at,
    )
    if isinstance(ended, Reopened):
        take(theatre, ended.proposals, DEMO, at)


def _booked(
    session: Session, stage: Stage, slug: str, *, start: datetime, end: datetime, now: datetime
) -> Iterator[AppointmentView]:
    """The appointments that the demonstration itself made and that are still to be lived; not a visitor's."""
    query = AppointmentFilter(
        territory_ids=frozenset({stage.territories[slug]}),
        starts_from=start,
        starts_before=end,
        statuses=frozenset({AppointmentStatusKind.BOOKED}),
    )
    for appointment in appointments.list_appointments(session, query, limit=MAX_LIMIT).items:
        request = intake.get_request(session, appointment.request_id, by=DEMO, now=now)
        if request.created_by == IDENT:
            yield appointment
