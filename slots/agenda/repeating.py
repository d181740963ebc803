"""Recurring openings: publish a pattern, edit it in its three scopes, end it, and write the slots it becomes.

A taken slot is never removed by an edit: it keeps its terms where they still fit, else it stays for who has
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda import pattern_rows, recurrence, repository, rules
from slots.agenda.facts import (
    EditScope,
    ExceptionKind,
    ExceptionView,
    Interval,
    Notice,
    NoticeCode,
    OccurrenceChange,
    PatternDraft,
    PatternFilter,
    PatternView,
    Publication,
    SlotEventKind,
    SlotState,
)
from slots.agenda.ground import Ground
from slots.agenda.plan import (
    ExistingSlot,
    Opening,
    Plan,
    PlannedSlot,
    Reconciliation,
    occurs_on,
    plan,
    reconcile,
)
from slots.agenda.publishing import slot_row
from slots.agenda.refusals import NotAnOccurrence, OccurrenceStarted, PatternEnded, PatternNotFound
from slots.agenda.surveying import survey
from snp.assignment.facts import Mode
from snp.days import at_local, local_day
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
    ground = _ground(session, practitioner_id, draft, now)
    pattern_id = pattern_rows.insert(
        session, _values(ground, draft) | {"practitioner_id": practitioner_id}, author=by.ident, now=now
    )
    return _write(
        session, ground, pattern_id, start=local_day(now), horizon_days=horizon_days, by=by, now=now
    )


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
    ground = _ground_of(session, found, now)
    return _write(session, ground, pattern_id, start=last + _DAY, by=by, now=now)


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
    if start >= _horizon(now, horizon_days):
        return Publication(pattern=found)
    ground = _ground_of(session, found, now)
    return _write(session, ground, pattern_id, start=start, horizon_days=horizon_days, by=by, now=now)


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
    opening = _opening(found)
    if not occurs_on(opening, day):
        raise NotAnOccurrence(day)
    rows = repository.slots_of_pattern(session, found.id, start=day, end=day + _DAY)
    if day < local_day(now) or any(row.start_at <= now for row in rows):
        raise OccurrenceStarted(day)
    ground = _ground_of(session, found, now)
    exception = _exception(day, change)
    if exception is None:
        pattern_rows.remove_exception(session, found.id, day)
    else:
        _check_moved(ground, found, exception, now)
        pattern_rows.put_exception(session, found.id, exception, author=by.ident, now=now)
    pattern_rows.update(session, found.id)
    if found.expanded_until is None or day >= found.expanded_until:
        return Publication(pattern=get_pattern(session, found.id))
    return _write(session, ground, found.id, start=day, end=day + _DAY, by=by, now=now)


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
    opening = _opening(found)
    if not occurs_on(opening, day):
        raise NotAnOccurrence(day)
    if day < local_day(now):
        raise OccurrenceStarted(day)
    draft = replace(draft, first_day=day, rrule=_rest_of(opening, draft, day))
    ground = _ground(session, found.practitioner_id, draft, now)
    values = _values(ground, draft) | {
        "practitioner_id": found.practitioner_id,
        "replaces_id": found.id,
        "expanded_until": found.expanded_until,
    }
    new_id = pattern_rows.insert(session, values, author=by.ident, now=now)
    pattern_rows.update(session, found.id, last_day=day - _DAY)
    pattern_rows.hand_exceptions_over(session, found.id, new_id, start=day)
    repository.repoint(session, found.id, new_id, start=day)
    return _write(session, ground, new_id, start=day, horizon_days=horizon_days, by=by, now=now)


def _edit_all(
    session: Session,
    found: PatternView,
    draft: PatternDraft,
    *,
    horizon_days: int,
    by: Actor,
    now: datetime,
) -> Publication:
    ground = _ground(session, found.practitioner_id, draft, now)
    pattern_rows.update(session, found.id, **_values(ground, draft))
    return _write(session, ground, found.id, start=local_day(now), horizon_days=horizon_days, by=by, now=now)


def _write(
    session: Session,
    ground: Ground,
    pattern_id: UUID,
    *,
    start: date,
    end: date | None = None,
    horizon_days: int | None = None,
    by: Actor,
    now: datetime,
) -> Publication:
    """Bring the slots of the pattern's occurrences of `[start, end)` in line with it.

    `end` None: up to the horizon, or to what was expanded before if that is further. A pattern that was ended
    asks for nothing.
    """
    found = get_pattern(session, pattern_id)
    until = end or max(_horizon(now, horizon_days or 0), found.expanded_until or start, start)
    rows = repository.slots_of_pattern(session, pattern_id, start=start, end=until)
    begun = {row.occurrence_day for row in rows if row.start_at <= now}
    ahead = [row for row in rows if row.occurrence_day not in begun]
    existing = _existing(session, ahead, now)
    asked = Plan((), ())
    if found.ended_at is None:
        asked = plan(_opening(found), ground, start=start, end=until, now=now)
    planned = [slot for slot in asked.slots if slot.day not in begun]
    decided = (SlotState.WITHDRAWN, SlotState.RELEASED)
    todo = reconcile(
        existing,
        planned,
        offer=found.offer,
        decided=frozenset(
            (row.occurrence_day, row.occurrence_no)
            for row in ahead
            if row.state in decided and row.occurrence_no is not None
        ),
        others=_others(session, ground.practitioner_id, planned, existing),
    )
    published = _apply(session, ground, found, todo, rows=ahead, by=by, now=now)
    if end is None and horizon_days is not None:
        pattern_rows.mark_expanded(session, pattern_id, until)
    return Publication(
        slots=tuple(repository.views(session, published, now)),
        withdrawn=todo.withdraw,
        notices=_in_order([*asked.notices, *todo.notices]),
        pattern=get_pattern(session, pattern_id),
    )


def _apply(
    session: Session,
    ground: Ground,
    found: PatternView,
    todo: Reconciliation,
    *,
    rows: Sequence[sa.Row[Any]],
    by: Actor,
    now: datetime,
) -> list[UUID]:
    """Write a reconciliation; returns the slots now published on the pattern's terms."""
    repository.update(
        session, todo.withdraw, state=SlotState.WITHDRAWN, occurrence_no=None, hidden_by_id=None
    )
    repository.update(session, todo.close, closing=True, occurrence_no=None)
    repository.add_events(session, todo.withdraw, SlotEventKind.WITHDRAWN, author=by.ident, now=now)
    repository.add_events(session, todo.close, SlotEventKind.CHANGED, author=by.ident, now=now)
    common = slot_row(ground, found.offer) | {"pattern_id": found.id}
    away = {row.id for row in rows if row.closing and row.hidden_by_id is not None}
    rewritten = {ident: common | _timed(slot) | {"closing": ident in away} for ident, slot in todo.rewrite}
    repository.rewrite(session, rewritten)
    repository.add_events(session, rewritten.keys(), SlotEventKind.CHANGED, author=by.ident, now=now)
    fresh = [
        common
        | _timed(slot)
        | {
            "hidden_by_id": slot.hidden_by_id,
            "state": SlotState.HIDDEN if slot.hidden_by_id else SlotState.OPEN,
        }
        for slot in todo.publish
    ]
    return [*rewritten, *repository.insert(session, fresh, author=by.ident, now=now)]


def _timed(slot: PlannedSlot) -> dict[str, Any]:
    return {
        "occurrence_day": slot.day,
        "occurrence_no": slot.no,
        "start_at": slot.time.start,
        "end_at": slot.time.end,
        "busy_until": slot.busy_until,
        "release_at": slot.release_at,
        "territory_ids": sorted(slot.territory_ids),
    }


def _existing(session: Session, rows: Sequence[sa.Row[Any]], now: datetime) -> list[ExistingSlot]:
    """The live or hidden slots among locked rows, and which of them somebody has."""
    live = [row for row in rows if row.state in (SlotState.OPEN, SlotState.HIDDEN)]
    occupied = repository.occupied(session, [row.id for row in live], now)
    return [
        ExistingSlot(
            id=row.id,
            time=Interval(row.start_at, row.end_at),
            busy_until=row.busy_until,
            site_id=row.site_id,
            mode=Mode(row.mode),
            is_open=row.state == SlotState.OPEN,
            is_occupied=row.id in occupied,
            day=row.occurrence_day,
        )
        for row in live
    ]


def _others(
    session: Session,
    practitioner_id: UUID,
    planned: Sequence[PlannedSlot],
    existing: Sequence[ExistingSlot],
) -> list[Interval]:
    if not planned:
        return []
    hull = Interval(min(slot.time.start for slot in planned), max(slot.busy_until for slot in planned))
    return repository.busy_times(session, practitioner_id, hull, but=[slot.id for slot in existing])


def _ground(session: Session, practitioner_id: UUID, draft: PatternDraft, now: datetime) -> Ground:
    """Survey the ground of a draft and check the draft against it."""
    ground = survey(
        session,
        practitioner_id,
        site_id=draft.offer.site_id,
        territory_ids=draft.offer.territory_ids,
        now=now,
    )
    rules.check_membership(ground, max(draft.first_day, local_day(now)), draft.offer.territory_ids)
    opening = Opening(
        recurrence=rules.check_draft(draft, draft.offer.slot_minutes or ground.slot_minutes),
        first_day=draft.first_day,
        last_day=draft.last_day,
        starts_at=draft.starts_at,
        patients=draft.patients,
        slot_minutes=draft.offer.slot_minutes or ground.slot_minutes,
        offer=draft.offer,
        exceptions={},
    )
    first = max(draft.first_day, local_day(now))
    _refuse_closed_hours(
        ground,
        opening,
        plan(opening, ground, start=first, end=first + timedelta(days=rules.HORIZON_DAYS), now=now).notices,
    )
    return ground


def _refuse_closed_hours(ground: Ground, opening: Opening, notices: Sequence[Notice]) -> None:
    """Refuse an opening whose own hours are outside SNP hours: that is no accident of one day."""
    minutes = timedelta(minutes=opening.slot_minutes)
    for told in notices:
        if told.code is NoticeCode.OUTSIDE_SNP_HOURS and told.start is not None:
            span = Interval(told.start, told.start + minutes)
            rules.check_within_hours(ground, span, opening.offer.territory_ids)


def _ground_of(session: Session, found: PatternView, now: datetime) -> Ground:
    return survey(
        session,
        found.practitioner_id,
        site_id=None,
        territory_ids=found.offer.territory_ids,
        now=now,
    )


def _check_moved(ground: Ground, found: PatternView, exception: ExceptionView, now: datetime) -> None:
    """Check where an occurrence is moved to, as any slot published by itself would be."""
    if exception.kind is not ExceptionKind.MOVED:
        return
    day, at = exception.moved_day or exception.day, exception.moved_starts_at or found.starts_at
    begins = recurrence.instant_of(day, at)
    if begins is None:
        raise InvalidValue("starts_at", "cette heure n’existe pas ce jour-là (changement d’heure)")
    patients = exception.patients or found.patients
    rules.check_patients(patients)
    offer = found.offer
    for span in rules.in_a_row(
        begins, patients=patients, minutes=found.slot_minutes, buffer_minutes=offer.buffer_minutes
    ):
        rules.check_publishable(ground, span, offer, now)


def _exception(day: date, change: OccurrenceChange) -> ExceptionView | None:
    if change.cancelled:
        return ExceptionView(day, ExceptionKind.CANCELLED)
    if change.day is None and change.starts_at is None and change.patients is None:
        return None
    return ExceptionView(day, ExceptionKind.MOVED, change.day, change.starts_at, change.patients)


def _rest_of(opening: Opening, draft: PatternDraft, day: date) -> str:
    """The rule of the new half of a split: an unchanged rule counts on from where the old one stops."""
    if recurrence.parse(draft.rrule) != opening.recurrence:
        return draft.rrule
    left = recurrence.from_day_on(opening.recurrence, opening.first_day, opening.starts_at, day)
    if left is None:
        raise NotAnOccurrence(day)
    return str(left)


def _values(ground: Ground, draft: PatternDraft) -> dict[str, Any]:
    offer = draft.offer
    return {
        "site_id": offer.site_id,
        "rrule": str(recurrence.parse(draft.rrule)),
        "first_day": draft.first_day,
        "last_day": draft.last_day,
        "starts_at": draft.starts_at,
        "patients": draft.patients,
        "slot_minutes": offer.slot_minutes or ground.slot_minutes,
        "buffer_minutes": offer.buffer_minutes,
        "release_minutes": offer.release_minutes,
        "mode": offer.mode,
        "audiences": sorted(offer.audiences),
        "territory_ids": sorted(offer.territory_ids),
        "reasons": sorted(offer.reasons),
    }


def _opening(found: PatternView) -> Opening:
    return Opening(
        recurrence=recurrence.parse(found.rrule),
        first_day=found.first_day,
        last_day=found.last_day,
        starts_at=found.starts_at,
        patients=found.patients,
        slot_minutes=found.slot_minutes,
        offer=found.offer,
        exceptions={exception.day: exception for exception in found.exceptions},
    )


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


def _horizon(now: datetime, horizon_days: int) -> date:
    """The first local day that is not expanded yet."""
    return local_day(now) + timedelta(days=horizon_days)


def _in_order(notices: Sequence[Notice]) -> tuple[Notice, ...]:
    def place(told: Notice) -> tuple[datetime, str]:
        return told.start or at_local(told.day, time()), told.code

    return tuple(sorted(notices, key=place))
