"""Whom a call for slots asks, in which order and why, and which moments are put to each. Pure.

Nobody is ranked for anybody else's eyes: the order serves one call, and says why.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, Generic, TypeVar

from regulation.coverage.halves import MIDDAY, HalfDay
from snp.days import PARIS, at_local

Who = TypeVar("Who", bound=Hashable)

WEEKS_READ: Final = 8
"""How far back habits and gifts are read."""
MOST_PROPOSALS: Final = 4
MOST_IN_A_WAVE: Final = 12
WAVE_GAP: Final = timedelta(hours=3)
"""How long those asked are left to answer before others are."""
CALL_GAP: Final = timedelta(hours=36)
"""How long after a call opened the next one opens: a few large calls waste fewer messages than many small."""
LEAST_NOTICE: Final = timedelta(hours=2)
"""How long before it starts a slot must be accepted to be of use."""
USUAL_ANSWER: Final = 0.4
_ANSWER_WEIGHT: Final = 6.0
ABOUT_MINUTES: Final = 30
"""How long a moment that is put to somebody lasts about: short consultations are asked for two by two."""
_MORNINGS: Final = (time(12), time(8, 30), time(11, 30))
_AFTERNOONS: Final = (time(13, 30), time(17, 30), time(18))
"""At the edges of ordinary consultations, for who never published then."""
_POINTS: Final = (1.0, 2.0, 1.0)
"""What counts: usually free then, near the need, gave least lately."""


class WhyNot(StrEnum):
    """Why a member of the profession is not asked."""

    UNREACHABLE = "unreachable"
    PAUSED = "paused"
    ENOUGH_MESSAGES = "enough_messages"
    ASKED_BEFORE = "asked_before"
    GIVES_ENOUGH = "gives_enough"
    NOTHING_TO_OFFER = "nothing_to_offer"


@dataclass(frozen=True, slots=True)
class Volunteer(Generic[Who]):
    """What is known of somebody who may be asked.

    `habits`: how many times he opened a slot at a local time, by kind of half-day (`HalfDay.cell`), over
    `WEEKS_READ`. `given`: slots over that time. `near`: share of the need within reach of his place (see
    `share_within`). `messages`: sent to him these seven days, of `most_messages`. `this_week`: slots he gives
    in the week of the call, of `most_slots` (None: no limit of his).
    """

    who: Who
    habits: Mapping[int, Mapping[time, int]] = field(default_factory=dict)
    given: int = 0
    near: float = 1.0
    messages: int = 0
    most_messages: int = 2
    reachable: bool = True
    paused: bool = False
    asked_before: bool = False
    this_week: int = 0
    most_slots: int | None = None


@dataclass(frozen=True, slots=True)
class Standing(Generic[Who]):
    """Where somebody stands in a call: his points, or why he is not asked.

    `usual`: the half-day he gives most; `times_then`: how often he gave a slot in it.
    """

    volunteer: Volunteer[Who]
    points: float
    usual: HalfDay
    times_then: int
    why_not: WhyNot | None = None


def ranked(volunteers: Sequence[Volunteer[Who]], halves: Sequence[HalfDay]) -> list[Standing[Who]]:
    """Return everybody, first those to ask in order, then those left in peace. `halves`: not empty."""
    most_given = max((one.given for one in volunteers), default=0)
    standings = [_standing(one, halves, most_given) for one in volunteers]
    return sorted(standings, key=lambda one: (one.why_not is not None, -one.points, str(one.volunteer.who)))


def in_a_row(slot_minutes: int) -> int:
    """Return how many slots a moment holds: two of 15 or 20 minutes, one of 30."""
    return max(1, min(round(ABOUT_MINUTES / slot_minutes), 3))


def share_within(km: Sequence[float], weights: Sequence[float], most_km: float) -> float:
    """Return the share of a weighted need that lies within `most_km`; 1 where there is no need to measure."""
    total = sum(weights)
    return sum(w for far, w in zip(km, weights, strict=True) if far <= most_km) / total if total else 1.0


def wave_size(missing: int, *, asked: int, gained: int) -> int:
    """Return how many to ask so that `missing` slots may be expected, from how asking went so far."""
    each = (gained + _ANSWER_WEIGHT * USUAL_ANSWER) / (asked + _ANSWER_WEIGHT)
    return min(math.ceil(missing / each), MOST_IN_A_WAVE) if missing > 0 else 0


def moments(
    volunteer: Volunteer[Who], halves: Sequence[HalfDay], minutes: int, *, earliest: datetime
) -> list[tuple[datetime, datetime]]:
    """Return moments `[start, end)` to put to somebody, best first; more than are shown, as some may be busy.

    `minutes`: how long a moment lasts, all its slots. In the half-days he gives most first; at his usual
    times, then at those at the edge of consultations.
    """
    ordered = sorted(halves, key=lambda half: (-_times(volunteer, half.cell), half))
    length, found = timedelta(minutes=minutes), []
    choices = {half: _clock_times(volunteer, half) for half in ordered}
    for turn in range(max((len(times) for times in choices.values()), default=0)):
        for half in ordered:
            if turn < len(choices[half]):
                start = at_local(half.day, choices[half][turn], PARIS)
                if start >= earliest:
                    found.append((start, start + length))
    return found


def closes_at(halves: Sequence[HalfDay]) -> datetime:
    """Return when a call has nothing left to ask for: the last half-day is over, less the notice."""
    last = max(halves)
    ends = at_local(last.day, time(20) if last.is_afternoon else MIDDAY)
    return ends - LEAST_NOTICE


def _standing(volunteer: Volunteer[Who], halves: Sequence[HalfDay], most_given: int) -> Standing[Who]:
    usual = max(halves, key=lambda half: (_times(volunteer, half.cell), -half.day.toordinal()))
    then = _times(volunteer, usual.cell)
    free = min(then / WEEKS_READ, 1.0)
    least = 1 - volunteer.given / most_given if most_given else 1.0
    points = sum(weight * part for weight, part in zip(_POINTS, (free, volunteer.near, least), strict=True))
    return Standing(volunteer, points, usual, then, _why_not(volunteer))


def _why_not(volunteer: Volunteer[Who]) -> WhyNot | None:
    if volunteer.asked_before:
        return WhyNot.ASKED_BEFORE
    if not volunteer.reachable:
        return WhyNot.UNREACHABLE
    if volunteer.paused:
        return WhyNot.PAUSED
    if volunteer.messages >= volunteer.most_messages:
        return WhyNot.ENOUGH_MESSAGES
    if volunteer.most_slots is not None and volunteer.this_week >= volunteer.most_slots:
        return WhyNot.GIVES_ENOUGH
    return None


def _times(volunteer: Volunteer[Who], cell: int) -> int:
    return sum(volunteer.habits.get(cell, {}).values())


def _clock_times(volunteer: Volunteer[Who], half: HalfDay) -> list[time]:
    """His times then, the most usual first; then his times of other days; then the edges of consultations."""
    mine = volunteer.habits.get(half.cell, {})
    other: dict[time, int] = {}
    for cell, times in volunteer.habits.items():
        if cell % 2 == half.cell % 2 and cell != half.cell:
            for clock, count in times.items():
                other[clock] = other.get(clock, 0) + count
    known = [clock for clock, _ in sorted(mine.items(), key=lambda item: (-item[1], item[0]))]
    known += [clock for clock, _ in sorted(other.items(), key=lambda item: (-item[1], item[0]))]
    known += list(_AFTERNOONS if half.is_afternoon else _MORNINGS)
    return list(dict.fromkeys(known))[:6]
