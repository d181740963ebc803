"""What an opening becomes: slots cut from a range, and the checks every published slot passes. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from slots.agenda.facts import Interval
from snp.errors import InvalidValue

HORIZON_DAYS = 60
MIN_SLOT_MINUTES = 5
MAX_SLOT_MINUTES = 240
MAX_PATIENTS = 60
MAX_BUFFER_MINUTES = 120
MAX_RELEASE_MINUTES = 14 * 24 * 60


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
    """Return `patients` slots of `minutes` from `start`, `buffer_minutes` apart; elapsed time, not wall time."""
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
