"""Physiotherapy without a prior medical diagnosis: where, when, and how many sessions. Pure, dated, sourced.

A session after a diagnosis is counted by nobody. A diagnosis met on the way ends the episode: what comes
later without one begins another (our reading of « sans diagnostic médical préalable »: to be confirmed by
the CPAM).

Source: law 2023-379 of 19 May 2023, art. 3; decree 2024-618 of 27 June 2024 (8 sessions by patient); order
of 6 June 2025 (20 departments); ARS Nouvelle-Aquitaine, « Accès direct aux masseurs-kinésithérapeutes
exerçant en CPTS » (five years from 15 July 2025; episode of care of 3 months).
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

TRIAL_FROM: Final = date(2025, 7, 15)
TRIAL_UNTIL: Final = date(2030, 7, 15)
"""First day, and the day after the last: five years."""

TRIAL_DEPARTMENTS: Final = frozenset(
    "11 79 22 32 2B 68 38 45 972 976 54 59 974 69 76 81 83 85 89 78".split()  # noqa: SIM905 - reads as the order does
)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many sessions an episode may have, and how many months it lasts, from a day on."""

    valid_from: date
    sessions: int
    months: int
    source: str


LIMITS: Final = (Limit(TRIAL_FROM, 8, 3, "Décret n° 2024-618 du 27 juin 2024 ; arrêté du 6 juin 2025"),)


@dataclass(frozen=True, slots=True)
class Episode:
    """Sessions without diagnosis from `start`; `until` is the first day of what would be another episode."""

    start: date
    until: date
    sessions: tuple[date, ...]


def limit_on(day: date) -> Limit:
    """The limit in force on a day; before the first one, the first."""
    return next((one for one in reversed(LIMITS) if one.valid_from <= day), LIMITS[0])


def is_allowed(department: str, since: date | None, until: date | None, on: date) -> bool:
    """Whether a territory may give such sessions on a local day.

    `since`, `until`: what the territory set, both days included; `since` None: not at all.
    """
    if since is None or department.upper() not in TRIAL_DEPARTMENTS:
        return False
    return max(since, TRIAL_FROM) <= on < TRIAL_UNTIL and (until is None or on <= until)


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last of that month when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def episodes(sessions: Iterable[date], diagnoses: Iterable[date] = ()) -> tuple[Episode, ...]:
    """Local days of sessions without diagnosis, as episodes in order.

    An episode begins with a session, and ends by time or by a diagnosis.
    """
    known = sorted(diagnoses)
    found: list[Episode] = []
    for day in sorted(sessions):
        last = found[-1] if found else None
        if last is None or day >= last.until or any(last.start < one <= day for one in known):
            found.append(Episode(day, add_months(day, limit_on(day).months), (day,)))
        else:
            found[-1] = Episode(last.start, last.until, (*last.sessions, day))
    return tuple(found)


def exceeded(had: Sequence[date], planned: Sequence[date], diagnoses: Iterable[date] = ()) -> Episode | None:
    """The episode that planned sessions would bring over its limit; None when all of them may take place."""
    wanted = set(planned)
    for one in episodes([*had, *planned], diagnoses):
        if len(one.sessions) > limit_on(one.start).sessions and wanted & set(one.sessions):
            return one
    return None


def left_on(had: Sequence[date], on: date, diagnoses: Sequence[date] = ()) -> tuple[int, Episode | None]:
    """How many sessions are left on a local day, and the episode that runs then (None: a new one begins)."""
    running = next(
        (
            one
            for one in reversed(episodes(had, diagnoses))
            if one.start <= on < one.until and not any(one.start < told <= on for told in diagnoses)
        ),
        None,
    )
    limit = limit_on(running.start if running else on).sessions
    return max(0, limit - (len(running.sessions) if running else 0)), running
