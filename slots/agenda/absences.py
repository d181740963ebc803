"""A practitioner away.

His free slots hide, those somebody has stay or are given up with a reason, then return.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda import absence_rows, repository
from slots.agenda.facts import (
    AbsenceOutcome,
    AbsenceView,
    Interval,
    LockedSlot,
    NoticeCode,
    SlotEventKind,
    SlotState,
)
from slots.agenda.plan import notice
from slots.agenda.reconciling import restorable
from slots.agenda.refusals import AbsenceLifted, AbsenceNotFound
from slots.appointments.evicting import evict
from slots.paging import after_start, page_by_start
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import Page
from snp.directory.paging import DEFAULT_LIMIT, checked_limit
from snp.errors import InvalidValue, VersionMismatch
from snp.platform.actors import Actor


def add_absence(
    session: Session,
    practitioner_id: UUID,
    start: datetime,
    end: datetime,
    *,
    label: str | None = None,
    cancel_taken_reason: str | None = None,
    by: Actor,
    now: datetime,
) -> AbsenceOutcome:
    """Hide the free slots that `[start, end)` touches.

    Taken or held slots stay, with a notice, and are not offered again; unless `cancel_taken_reason` is
    given: then who has them loses them, they hide too, and their requests are returned. Raises
    InvalidValue, NotFound.
    """
    if end <= start or end <= now:
        raise InvalidValue("end", "l’absence doit finir après son début, et plus tard que maintenant")
    repository.lock_agenda(session, practitioner_id)
    directory.get_practitioner(session, practitioner_id, now=now)
    absence = absence_rows.insert(session, practitioner_id, start, end, label=label, author=by.ident, now=now)
    touched = repository.lock(
        session, repository.slots_in(session, practitioner_id, Interval(max(start, now), end))
    )
    ahead = [slot for slot in touched if slot.start > now]
    occupied = repository.occupied(session, [slot.id for slot in ahead], now)
    freed: tuple[UUID, ...] = ()
    stays: list[LockedSlot] = []
    if cancel_taken_reason:
        freed = evict(session, occupied, reason=cancel_taken_reason, by=by, now=now)
    else:
        stays = [slot for slot in ahead if slot.id in occupied]
    hidden = [slot.id for slot in ahead if slot not in stays]
    repository.update(session, hidden, state=SlotState.HIDDEN, hidden_by_id=absence.id, closing=False)
    repository.add_events(session, hidden, SlotEventKind.HIDDEN, author=by.ident, now=now)
    closing = [slot.id for slot in stays if not slot.closing]
    repository.update(session, closing, closing=True, hidden_by_id=absence.id)
    told = (notice(NoticeCode.KEPT_TAKEN, local_day(slot.start), slot.start, slot.id) for slot in stays)
    return AbsenceOutcome(absence, hidden=tuple(hidden), freed_request_ids=freed, notices=tuple(told))


def lift_absence(
    session: Session, absence_id: UUID, *, version: int | None = None, by: Actor, now: datetime
) -> AbsenceOutcome:
    """Say that the practitioner is there after all, and bring back the slots the absence hid.

    Those under another absence stay hidden; those in conflict with a slot published since are withdrawn,
    with a notice; those due for release are released. Raises AbsenceNotFound, AbsenceLifted,
    VersionMismatch.
    """
    found = get_absence(session, absence_id)
    repository.lock_agenda(session, found.practitioner_id)
    found = get_absence(session, absence_id)
    if found.lifted_at is not None:
        raise AbsenceLifted
    if version is not None and version != found.version:
        raise VersionMismatch
    lifted = absence_rows.lift(session, absence_id, now)
    rows = _still_under_another(session, found, repository.hidden_by(session, absence_id), now)
    kept = [row.id for row in rows if row.state == SlotState.OPEN]
    repository.update(session, kept, closing=False, hidden_by_id=None)
    ahead = [row for row in rows if row.state == SlotState.HIDDEN and row.start_at > now]
    due = [row.id for row in ahead if row.release_at is not None and row.release_at <= now]
    back, conflicting = _restorable(session, found, [row for row in ahead if row.id not in due])
    for state, event, ids in (
        (SlotState.RELEASED, SlotEventKind.RELEASED, due),
        (SlotState.WITHDRAWN, SlotEventKind.WITHDRAWN, conflicting),
        (SlotState.OPEN, SlotEventKind.RESTORED, back),
    ):
        repository.update(session, ids, state=state, hidden_by_id=None)
        repository.add_events(session, ids, event, author=by.ident, now=now)
    starts = {row.id: row.start_at for row in ahead}
    told = (
        notice(NoticeCode.OVERLAP, local_day(starts[ident]), starts[ident], ident) for ident in conflicting
    )
    return AbsenceOutcome(lifted, restored=tuple(back), notices=tuple(told))


def get_absence(session: Session, absence_id: UUID) -> AbsenceView:
    """Return an absence; raises AbsenceNotFound."""
    found = absence_rows.by_id(session, absence_id)
    if found is None:
        raise AbsenceNotFound(absence_id)
    return found


def list_absences(
    session: Session,
    *,
    practitioner_ids: frozenset[UUID] | None = None,
    ends_after: datetime | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[AbsenceView]:
    """List absences by start, lifted ones included."""
    found = absence_rows.page(
        session,
        practitioner_ids=practitioner_ids,
        ends_after=ends_after,
        after=after_start(cursor),
        limit=checked_limit(limit),
    )
    return page_by_start(found, limit)


def _still_under_another(
    session: Session, lifted: AbsenceView, rows: Sequence[sa.Row[Any]], now: datetime
) -> list[sa.Row[Any]]:
    """Hand over to other absences the slots they cover too; returns the rest."""
    others = absence_rows.running(session, lifted.practitioner_id, ends_after=now)
    rest = list(rows)
    for other in others:
        away = Interval(other.start, other.end)
        covered = [row for row in rest if away.overlaps(Interval(row.start_at, row.end_at))]
        repository.update(session, [row.id for row in covered], hidden_by_id=other.id)
        rest = [row for row in rest if row not in covered]
    return rest


def _restorable(
    session: Session, lifted: AbsenceView, rows: Sequence[sa.Row[Any]]
) -> tuple[tuple[UUID, ...], tuple[UUID, ...]]:
    if not rows:
        return (), ()
    hull = Interval(min(row.start_at for row in rows), max(row.busy_until for row in rows))
    live = repository.busy_times(session, lifted.practitioner_id, hull)
    return restorable([(row.id, Interval(row.start_at, row.busy_until)) for row in rows], live)
