"""Recurring openings: publish a pattern, edit it in its three scopes, end it, and write the slots it becomes.

A taken slot is never removed by an edit: it keeps its terms where they still fit, else it stays for who has
it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from slots.agenda import pattern_rows, repository, rules
from slots.agenda.aligning import align, horizon, opening_of
from slots.agenda.drafting import (
    check_moved,
    exception_of,
    ground_of_draft,
    ground_of_pattern,
    rest_of_rule,
    values_of,
)
from slots.agenda.facts import (
    EditScope,
    OccurrenceChange,
    PatternDraft,
    PatternFilter,
    PatternView,
    Publication,
)
from slots.agenda.plan import occurs_on
from slots.agenda.refusals import NotAnOccurrence, OccurrenceStarted, PatternEnded, PatternNotFound
from snp.days import local_day
from snp.directory.facts import Page
from snp.directory.paging import DEFAULT_LIMIT, checked_limit, decode_cursor, encode_cursor
from snp.errors import InvalidValue, VersionMismatch
from snp.platform.actors import Actor

_DAY = timedelta(days=1)


def publish_pattern(
    session: Session,
    practitioner_id: UUID,
    draft: PatternDraft,
    *,
    horizon_days: int = rules.HORIZON_DAYS,
    by: Actor,
    now: datetime,
) -> Publication:
    """Publish a recurring opening, and its slots up to the horizon.

    Occurrences that cannot be (holiday, absence, overlap, clock change) are told in notices; hours that are
    not SNP hours are a refusal. Raises OutsideSnpHours, NotAMember, InvalidValue,
    PractitionerCannotPublish…
    """
    ground = ground_of_draft(session, practitioner_id, draft, now)
    pattern_id = pattern_rows.insert(
        session, values_of(ground, draft) | {"practitioner_id": practitioner_id}, author=by.ident, now=now
    )
    return align(session, ground, pattern_id, start=local_day(now), horizon_days=horizon_days, by=by, now=now)


def edit_pattern(
    session: Session,
    pattern_id: UUID,
    scope: EditScope,
    change: OccurrenceChange | PatternDraft,
    *,
    day: date | None = None,
    version: int | None = None,
    horizon_days: int = rules.HORIZON_DAYS,
    by: Actor,
    now: datetime,
) -> Publication:
    """Edit one occurrence (`this`), one and all following, or all that is to come.

    `this` takes the occurrence's own `day` and an OccurrenceChange; `following` takes `day` and the whole
    new PatternDraft, and splits the pattern; `all` takes a PatternDraft. Taken slots stay and the notices
    name them. An occurrence that has begun is left as it is. Raises PatternNotFound, PatternEnded,
    VersionMismatch, NotAnOccurrence, OccurrenceStarted, and as `publish_pattern`.
    """
    found = _locked(session, pattern_id, version)
    match scope, change, day:
        case EditScope.THIS, OccurrenceChange() as one, date() as on:
            return _edit_occurrence(session, found, on, one, by=by, now=now)
        case EditScope.FOLLOWING, PatternDraft() as draft, date() as on if on > found.first_day:
            return _split(session, found, on, draft, horizon_days=horizon_days, by=by, now=now)
        case (EditScope.FOLLOWING, PatternDraft() as draft, date()) | (
            EditScope.ALL,
            PatternDraft() as draft,
            None,
        ):
            return _edit_all(session, found, draft, horizon_days=horizon_days, by=by, now=now)
        case _:
            raise InvalidValue("scope", "cette portée demande un jour et un changement d’une autre sorte")


def end_pattern(
    session: Session,
    pattern_id: UUID,
    *,
    last_day: date | None = None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> Publication:
    """Let a pattern come back no more after `last_day` (default: today, whose occurrence stays).

    Free slots after it are withdrawn, taken ones stay and the notices name them.
    """
    found = _locked(session, pattern_id, version)
    last = max(last_day or local_day(now), local_day(now))
    if found.last_day is not None:
        last = min(last, found.last_day)
    values: dict[str, Any] = {"last_day": last} if last >= found.first_day else {}
    if last <= local_day(now) or last < found.first_day:
        values["ended_at"] = now
    pattern_rows.update(session, pattern_id, **values)
    ground = ground_of_pattern(session, found, now)
    return align(session, ground, pattern_id, start=last + _DAY, by=by, now=now)


def expand_pattern(
    session: Session,
    pattern_id: UUID,
    *,
    horizon_days: int = rules.HORIZON_DAYS,
    by: Actor,
    now: datetime,
) -> Publication:
    """Expand a pattern from where it stands up to the horizon; doing it twice changes nothing."""
    found = _locked(session, pattern_id, None)
    start = max(found.expanded_until or found.first_day, local_day(now))
    if start >= horizon(now, horizon_days):
        return Publication(pattern=found)
    ground = ground_of_pattern(session, found, now)
    return align(session, ground, pattern_id, start=start, horizon_days=horizon_days, by=by, now=now)


def get_pattern(session: Session, pattern_id: UUID) -> PatternView:
    """Return a pattern; raises PatternNotFound."""
    found = pattern_rows.by_id(session, pattern_id)
    if found is None:
        raise PatternNotFound(pattern_id)
    return found


def list_patterns(
    session: Session, query: PatternFilter, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[PatternView]:
    """List patterns in order of creation."""
    after = UUID(decode_cursor(cursor, length=1)[0]) if cursor else None
    found = pattern_rows.page(session, query, after=after, limit=checked_limit(limit))
    items = tuple(found[:limit])
    return Page(items, encode_cursor([str(items[-1].id)]) if len(found) > limit else None)


def _edit_occurrence(
    session: Session,
    found: PatternView,
    day: date,
    change: OccurrenceChange,
    *,
    by: Actor,
    now: datetime,
) -> Publication:
    opening = opening_of(found)
    if not occurs_on(opening, day):
        raise NotAnOccurrence(day)
    rows = repository.slots_of_pattern(session, found.id, start=day, end=day + _DAY)
    if day < local_day(now) or any(row.start_at <= now for row in rows):
        raise OccurrenceStarted(day)
    ground = ground_of_pattern(session, found, now)
    exception = exception_of(day, change)
    if exception is None:
        pattern_rows.remove_exception(session, found.id, day)
    else:
        check_moved(ground, found, exception, now)
        pattern_rows.put_exception(session, found.id, exception, author=by.ident, now=now)
    pattern_rows.update(session, found.id)
    if found.expanded_until is None or day >= found.expanded_until:
        return Publication(pattern=get_pattern(session, found.id))
    return align(session, ground, found.id, start=day, end=day + _DAY, by=by, now=now)


def _split(
    session: Session,
    found: PatternView,
    day: date,
    draft: PatternDraft,
    *,
    horizon_days: int,
    by: Actor,
    now: datetime,
) -> Publication:
    """End the pattern before `day` and let a new one follow, which takes over its slots and exceptions."""
    opening = opening_of(found)
    if not occurs_on(opening, day):
        raise NotAnOccurrence(day)
    if day < local_day(now):
        raise OccurrenceStarted(day)
    draft = replace(draft, first_day=day, rrule=rest_of_rule(opening, draft, day))
    ground = ground_of_draft(session, found.practitioner_id, draft, now)
    values = values_of(ground, draft) | {
        "practitioner_id": found.practitioner_id,
        "replaces_id": found.id,
        "expanded_until": found.expanded_until,
    }
    new_id = pattern_rows.insert(session, values, author=by.ident, now=now)
    pattern_rows.update(session, found.id, last_day=day - _DAY)
    pattern_rows.hand_exceptions_over(session, found.id, new_id, start=day)
    repository.repoint(session, found.id, new_id, start=day)
    return align(session, ground, new_id, start=day, horizon_days=horizon_days, by=by, now=now)


def _edit_all(
    session: Session,
    found: PatternView,
    draft: PatternDraft,
    *,
    horizon_days: int,
    by: Actor,
    now: datetime,
) -> Publication:
    ground = ground_of_draft(session, found.practitioner_id, draft, now)
    pattern_rows.update(session, found.id, **values_of(ground, draft))
    return align(session, ground, found.id, start=local_day(now), horizon_days=horizon_days, by=by, now=now)


def _locked(session: Session, pattern_id: UUID, version: int | None) -> PatternView:
    """Lock the agenda, then the pattern, in the order of every act on an agenda."""
    repository.lock_agenda(session, get_pattern(session, pattern_id).practitioner_id)
    found = pattern_rows.by_id(session, pattern_id, lock=True)
    if found is None:
        raise PatternNotFound(pattern_id)
    if version is not None and version != found.version:
        raise VersionMismatch
    if found.ended_at is not None:
        raise PatternEnded
    return found
