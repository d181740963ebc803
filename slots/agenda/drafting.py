"""What a pattern is to become: the ground under a draft, its checks, and what is written of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from slots.agenda import recurrence, rules
from slots.agenda.facts import (
    ExceptionKind,
    ExceptionView,
    Interval,
    Notice,
    NoticeCode,
    OccurrenceChange,
    PatternDraft,
    PatternView,
)
from slots.agenda.ground import Ground
from slots.agenda.plan import Opening, plan
from slots.agenda.refusals import NotAnOccurrence
from slots.agenda.surveying import survey
from snp.days import local_day
from snp.errors import InvalidValue


def ground_of_draft(session: Session, practitioner_id: UUID, draft: PatternDraft, now: datetime) -> Ground:
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


def ground_of_pattern(session: Session, found: PatternView, now: datetime) -> Ground:
    """Survey the ground of a pattern that exists; its site is not asked about again."""
    return survey(
        session,
        found.practitioner_id,
        site_id=None,
        territory_ids=found.offer.territory_ids,
        now=now,
    )


def check_moved(ground: Ground, found: PatternView, exception: ExceptionView, now: datetime) -> None:
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


def exception_of(day: date, change: OccurrenceChange) -> ExceptionView | None:
    """Return the exception a change makes of a day; None when the day is again what its pattern says."""
    if change.cancelled:
        return ExceptionView(day, ExceptionKind.CANCELLED)
    if change.day is None and change.starts_at is None and change.patients is None:
        return None
    return ExceptionView(day, ExceptionKind.MOVED, change.day, change.starts_at, change.patients)


def rest_of_rule(opening: Opening, draft: PatternDraft, day: date) -> str:
    """The rule of the new half of a split: an unchanged rule counts on from where the old one stops."""
    if recurrence.parse(draft.rrule) != opening.recurrence:
        return draft.rrule
    left = recurrence.from_day_on(opening.recurrence, opening.first_day, opening.starts_at, day)
    if left is None:
        raise NotAnOccurrence(day)
    return str(left)


def values_of(ground: Ground, draft: PatternDraft) -> dict[str, Any]:
    """What is written of a draft."""
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
        "sas": sorted(offer.sas),
    }
