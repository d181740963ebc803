"""Offer, accept, decline, end: an agreement between two territories, each act a row of its story."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.sharing import counting, repository, rules
from slots.sharing.facts import (
    OptOut,
    SharingCount,
    SharingLine,
    SharingState,
    SharingView,
    Terms,
)
from slots.sharing.refusals import SharingNotFound, TooManySharings
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import Page
from snp.directory.paging import DEFAULT_LIMIT, checked_limit, decode_cursor, encode_cursor
from snp.errors import InvalidValue, VersionMismatch
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log

WESTERNMOST: Final = timedelta(hours=12)
"""No territory's clock is farther behind UTC: French Polynesia is at ten hours."""


def offer(
    session: Session, lender_id: UUID, borrower_id: UUID, terms: Terms, *, by: Actor, now: datetime
) -> SharingView:
    """Offer slots of a territory to another; nothing is lent before that one accepts.

    Raises `NotFound` (territory), `InvalidValue`, `TooManySharings`.
    """
    lender = directory.get_territory(session, lender_id)
    if borrower_id == lender_id:
        raise InvalidValue("borrower_id", "un autre territoire")
    directory.get_territory(session, borrower_id)
    known = [one.code for one in directory.list_professions(session)]
    rules.check_terms(terms, known, local_day(now, lender.settings.snp_hours.zone))
    if repository.running_between(session, lender_id, borrower_id) >= rules.MOST_RUNNING:
        raise TooManySharings(rules.MOST_RUNNING)
    sharing_id = repository.insert_sharing(session, lender_id, borrower_id, terms, author=by.ident, now=now)
    log(Event.SHARING_CHANGED, sharing_id=sharing_id, state=SharingState.OFFERED)
    return get_sharing(session, sharing_id)


def accept(
    session: Session, sharing_id: UUID, *, version: int | None = None, by: Actor, now: datetime
) -> SharingView:
    """Take an offer up: its slots may be claimed from now on. Raises `SharingNotFound`, `SharingSettled`."""
    return _step(session, sharing_id, SharingState.ACCEPTED, version=version, by=by, now=now)


def decline(
    session: Session, sharing_id: UUID, *, version: int | None = None, by: Actor, now: datetime
) -> SharingView:
    """Turn an offer down. Raises `SharingNotFound`, `SharingSettled`, `VersionMismatch`."""
    return _step(session, sharing_id, SharingState.DECLINED, version=version, by=by, now=now)


def end(
    session: Session, sharing_id: UUID, *, version: int | None = None, by: Actor, now: datetime
) -> SharingView:
    """Lend nothing more from now on; what is held or booked stays. Either side may, and an offer lapses so.

    Raises `SharingNotFound`, `SharingSettled`, `VersionMismatch`.
    """
    return _step(session, sharing_id, SharingState.ENDED, version=version, by=by, now=now)


def end_overdue(session: Session, *, limit: int = 200, by: Actor, now: datetime) -> tuple[UUID, ...]:
    """End the agreements and offers whose last day is over, wherever their territory is; their ids."""
    today = (now.astimezone(UTC) - WESTERNMOST).date()
    due = repository.load(session, repository.over(session, today, limit), lock=True)
    over = [one.id for one in due.values() if one.state in {SharingState.OFFERED, SharingState.ACCEPTED}]
    for sharing_id in over:
        repository.set_state(session, sharing_id, SharingState.ENDED, author=by.ident, now=now)
        log(Event.SHARING_CHANGED, sharing_id=sharing_id, state=SharingState.ENDED)
    return tuple(over)


def get_sharing(session: Session, sharing_id: UUID) -> SharingView:
    """Return an agreement; raises `SharingNotFound`."""
    found = repository.load(session, [sharing_id]).get(sharing_id)
    if found is None:
        raise SharingNotFound(sharing_id)
    return found


def get_sharings(session: Session, sharing_ids: Collection[UUID]) -> dict[UUID, SharingView]:
    """Return the agreements of these ids."""
    return repository.load(session, sharing_ids) if sharing_ids else {}


def is_lent_to(session: Session, territory_id: UUID) -> bool:
    """Whether some neighbour lends slots to a territory now."""
    return bool(repository.accepted_for(session, territory_id))


def borrowers_of(session: Session, lender_id: UUID, profession: str) -> tuple[UUID, ...]:
    """Return the territories that may use the slots of a profession in a territory now."""
    return repository.borrowers_of(session, lender_id, profession)


def list_sharings(
    session: Session,
    territory_id: UUID,
    *,
    running: bool | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[SharingView]:
    """List the agreements of a territory on either side, newest first; `running`: offered or accepted."""
    limit = checked_limit(limit)
    before = None if cursor is None else _cursor_id(cursor)
    found = repository.page(session, territory_id, running=running, before=before, limit=limit)
    items = tuple(found[:limit])
    return Page(items, encode_cursor([str(items[-1].id)]) if len(found) > limit else None)


def story(session: Session, sharing_id: UUID) -> tuple[SharingLine, ...]:
    """Return what happened to an agreement, oldest first."""
    return repository.story(session, sharing_id)


def taken_counts(
    session: Session, territory_id: UUID, *, starts_from: datetime, starts_before: datetime
) -> tuple[SharingCount, ...]:
    """Return how many slots that start on `[starts_from, starts_before)` were taken, by agreement.

    Appointments that stand, were honoured or missed; moved and cancelled ones are not counted.
    """
    return counting.counts(session, territory_id, starts_from=starts_from, starts_before=starts_before)


def set_lending(
    session: Session,
    practitioner_id: UUID,
    territory_id: UUID,
    *,
    lent: bool,
    by: Actor,
    now: datetime,
) -> tuple[OptOut, ...]:
    """Say whether a practitioner's slots in a territory may be lent; returns where they may not.

    What neighbours already took stays. Raises `NotFound` for an unknown practitioner or territory.
    """
    directory.get_practitioner(session, practitioner_id, now=now)
    directory.get_territory(session, territory_id)
    if lent:
        repository.opt_in(session, practitioner_id, territory_id, now=now)
    else:
        repository.opt_out(session, practitioner_id, territory_id, author=by.ident, now=now)
    return repository.opt_outs_of(session, practitioner_id)


def opt_outs(session: Session, practitioner_id: UUID) -> tuple[OptOut, ...]:
    """Return where a practitioner's slots are not lent."""
    return repository.opt_outs_of(session, practitioner_id)


def _step(
    session: Session,
    sharing_id: UUID,
    wanted: SharingState,
    *,
    version: int | None,
    by: Actor,
    now: datetime,
) -> SharingView:
    found = repository.load(session, [sharing_id], lock=True).get(sharing_id)
    if found is None:
        raise SharingNotFound(sharing_id)
    rules.check_follows(found.state, wanted)
    if version is not None and version != found.version:
        raise VersionMismatch(f"agreement {sharing_id} is at version {found.version}")
    repository.set_state(session, sharing_id, wanted, author=by.ident, now=now)
    log(Event.SHARING_CHANGED, sharing_id=sharing_id, state=wanted)
    return get_sharing(session, sharing_id)


def _cursor_id(cursor: str) -> UUID:
    (text,) = decode_cursor(cursor, length=1)
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidValue("cursor", "ce curseur n’a pas été donné par cette liste") from error
