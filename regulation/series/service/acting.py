"""What every act on a series begins with: lock the request, then its series; see who acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import moving
from regulation.intake.facts import RequestView
from regulation.series import keeping, repository
from regulation.series.facts import SeriesView
from regulation.series.refusals import SeriesClosed, SeriesNotFound
from regulation.series.rules import to_come
from regulation.series.service import reading
from slots.appointments.facts import AppointmentView
from snp.platform.actors import Actor


@dataclass(frozen=True, slots=True)
class Held:
    """A locked series that the actor may act on: its request, its sessions by start."""

    view: RequestView
    series: SeriesView
    sessions: tuple[AppointmentView, ...]

    def rest(self, now: datetime) -> tuple[AppointmentView, ...]:
        """The sessions that have not begun."""
        return to_come(self.sessions, now)


def lock(session: Session, request_id: UUID, *, must_be_open: bool = True) -> Held:
    """Lock a series, whoever may see it. Raises `SeriesNotFound`, `SeriesClosed`."""
    view = moving.lock_all(session, [request_id]).get(request_id)
    series = repository.lock(session, [request_id]).get(request_id)
    if view is None or series is None:
        raise SeriesNotFound(request_id)
    if must_be_open and not series.is_open:
        raise SeriesClosed
    return Held(view, series, keeping.sessions_of(session, [request_id])[request_id])


def held(session: Session, request_id: UUID, *, by: Actor, or_brought: bool = False) -> Held:
    """Lock an open series that the actor holds or, when asked, that he brought."""
    card = reading.get_series(session, request_id, by=by)
    found = lock(session, request_id)
    brought = or_brought and found.view.practitioner_id == by.practitioner
    if not (reading.holds(card, by) or brought):
        raise SeriesNotFound(request_id)
    return found
