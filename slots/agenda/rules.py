"""What an opening becomes: slots cut from a range, and the checks every published slot passes. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from slots.agenda import recurrence
from slots.agenda.facts import Interval, Offer, PatternDraft
from slots.agenda.ground import Ground
from slots.agenda.recurrence import Recurrence
from slots.agenda.refusals import (
    DuringAbsence,
    NotAMember,
    OutsideSnpHours,
    ReleaseAlreadyDue,
    SlotInThePast,
)
from snp.days import local_day
from snp.errors import InvalidValue

HORIZON_DAYS = 60
MIN_SLOT_MINUTES = 5
MAX_SLOT_MINUTES = 240
MAX_PATIENTS = 60
MAX_BUFFER_MINUTES = 120
MINUTES_A_DAY = 24 * 60
MAX_RELEASE_MINUTES = 14 * MINUTES_A_DAY
MAX_REASON_LENGTH = 60


def cut_range(
    start: datetime,
    end: datetime,
    *,
    patients: int | None = None,
    minutes: int | None = None,
    buffer_minutes: int = 0,
) -> tuple[Interval, ...]:
    """Cut `[start, end)` into equal slots, `buffer_minutes` of pause between them.

    With `patients` alone the range is shared in whole minutes; with `minutes` alone as many slots as fit are
    cut; with both, that many of that length must fit. Elapsed time counts, so a range over a clock change is
    as long as it lasts. What is left at the end is not offered. Raises `InvalidValue` when nothing fits.
    """
    total = int((end - start) / timedelta(minutes=1))
    if total <= 0:
        raise InvalidValue("end", "la fin doit venir après le début")
    if patients is None and minutes is None:
        raise InvalidValue("patients", "indiquez un nombre de patients ou une durée")
    if patients is None:
        patients = (total + buffer_minutes) // (_checked_minutes(minutes or 0) + buffer_minutes)
        if patients == 0:
            raise InvalidValue("slot_minutes", f"un créneau de {minutes} min ne tient pas dans {total} min")
    check_patients(patients)
    if minutes is None:
        minutes = (total - (patients - 1) * buffer_minutes) // patients
    if patients * _checked_minutes(minutes) + (patients - 1) * buffer_minutes > total:
        raise InvalidValue(
            "patients", f"{patients} créneaux de {minutes} min ne tiennent pas dans {total} min"
        )
    return in_a_row(start, patients=patients, minutes=minutes, buffer_minutes=buffer_minutes)


def in_a_row(start: datetime, *, patients: int, minutes: int, buffer_minutes: int) -> tuple[Interval, ...]:
    """Return `patients` slots of `minutes` from `start`, `buffer_minutes` apart.

    Elapsed time, not wall time.
    """
    step, length = timedelta(minutes=minutes + buffer_minutes), timedelta(minutes=minutes)
    return tuple(Interval(start + n * step, start + n * step + length) for n in range(patients))


def check_patients(patients: int) -> None:
    """Raise `InvalidValue` unless a range may be cut for this many patients."""
    if not 1 <= patients <= MAX_PATIENTS:
        raise InvalidValue("patients", f"de 1 à {MAX_PATIENTS} patients")


def _checked_minutes(minutes: int) -> int:
    if not MIN_SLOT_MINUTES <= minutes <= MAX_SLOT_MINUTES:
        raise InvalidValue(
            "slot_minutes", f"un créneau dure de {MIN_SLOT_MINUTES} à {MAX_SLOT_MINUTES} min, pas {minutes}"
        )
    return minutes


def check_offer(offer: Offer) -> None:
    """Raise `InvalidValue` unless the offer is to somebody, somewhere, within the bounds of the tables."""
    if not offer.audiences:
        raise InvalidValue("audiences", "indiquez à qui le créneau est proposé")
    if not offer.territory_ids:
        raise InvalidValue("territory_ids", "indiquez au moins un territoire")
    if offer.slot_minutes is not None:
        _checked_minutes(offer.slot_minutes)
    if not 0 <= offer.buffer_minutes <= MAX_BUFFER_MINUTES:
        raise InvalidValue("buffer_minutes", f"de 0 à {MAX_BUFFER_MINUTES} min")
    if offer.release_minutes is not None and not 0 <= offer.release_minutes <= MAX_RELEASE_MINUTES:
        raise InvalidValue("release_minutes", f"de 0 à {MAX_RELEASE_MINUTES} min")
    check_reasons(offer.reasons)


def check_reasons(reasons: frozenset[str]) -> None:
    """Raise `InvalidValue` unless each reason may be a code."""
    if any(not reason.strip() or len(reason) > MAX_REASON_LENGTH for reason in reasons):
        raise InvalidValue("reasons", f"des codes de 1 à {MAX_REASON_LENGTH} caractères")


def check_publishable(ground: Ground, span: Interval, offer: Offer, now: datetime) -> None:
    """Run every check of a slot published by itself: each failure is a refusal that says why.

    Ahead of now, within the SNP hours of every territory it is offered to, in none of the practitioner's
    absences, and not due for release at once. Raises SlotInThePast, NotAMember, OutsideSnpHours,
    DuringAbsence, ReleaseAlreadyDue.
    """
    check_ahead(span, now)
    check_membership(ground, local_day(span.start), offer.territory_ids)
    check_within_hours(ground, span, offer.territory_ids)
    if ground.absence_over(span) is not None:
        raise DuringAbsence(span.start)
    release_at = release_of(span.start, offer.release_minutes)
    if release_at is not None and release_at <= now:
        raise ReleaseAlreadyDue(span.start)


def check_ahead(span: Interval, now: datetime) -> None:
    """Raise `SlotInThePast` unless the span starts after `now`."""
    if span.start <= now:
        raise SlotInThePast(span.start)


def check_membership(ground: Ground, day: date, territory_ids: frozenset[UUID]) -> None:
    """Raise `NotAMember` unless the practitioner belongs to all the territories on that day."""
    missing = territory_ids - ground.members_on(day, territory_ids)
    if missing:
        raise NotAMember(day, sorted(ground.territories[ident].name for ident in missing))


def check_within_hours(ground: Ground, span: Interval, territory_ids: frozenset[UUID]) -> None:
    """Raise `OutsideSnpHours` unless the span lies within the SNP hours of each territory."""
    closed = ground.closed_to(span, territory_ids)
    if closed is not None:
        raise OutsideSnpHours(span.start, ground.territories[closed].name, ground.why_closed(span, closed))


def check_draft(draft: PatternDraft, slot_minutes: int) -> Recurrence:
    """Return the rule of a recurring opening; raises `InvalidValue` unless the opening makes sense.

    A rule that never comes back within nine years (a 29 February is at most eight years from the next) is
    refused, and so is an occurrence that lasts a day or more, which would meet the next one.
    """
    check_offer(draft.offer)
    check_patients(draft.patients)
    rule = recurrence.parse(draft.rrule)
    if draft.last_day is not None and draft.last_day < draft.first_day:
        raise InvalidValue("last_day", "le dernier jour doit venir après le premier")
    if draft.starts_at.tzinfo is not None or draft.starts_at.second or draft.starts_at.microsecond:
        raise InvalidValue("starts_at", "une heure locale, à la minute")
    if draft.patients * (slot_minutes + draft.offer.buffer_minutes) >= MINUTES_A_DAY:
        raise InvalidValue("patients", "une séance doit durer moins d’un jour")
    far = draft.first_day + timedelta(days=9 * 366)
    found = recurrence.occurrences(rule, draft.first_day, draft.starts_at, start=draft.first_day, end=far)
    if next(found, None) is None:
        raise recurrence.InvalidRecurrence("cette règle ne revient jamais")
    return rule


def release_of(start: datetime, release_minutes: int | None) -> datetime | None:
    """Return when a slot that nobody took is given back."""
    return None if release_minutes is None else start - timedelta(minutes=release_minutes)
