"""The calls of a day, invented after what the two CPTS report. Pure: a seed and a day give the same calls.

Volumes, outcomes and weekdays are those of a real regulation; people, reasons and answers are invented.

Source: F. Guillaud, Les CPTS, Nantes 2023 (calls a day, outcomes); DREES (people without médecin traitant);
assumed peaks of the day (8–11, 14–16, 17–19 h): no French profile was found.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from api.demo import invented
from api.demo.cast import MONTAIGU, RETZ
from api.demo.facts import Call, Path
from regulation.intake.facts import CallPriority, MtAnswers
from snp.days import SnpHours, local, local_day
from snp.directory.facts import CommuneView

CALLS_A_DAY: Final = {RETZ: 15, MONTAIGU: 11}
_SATURDAY_MORNING: Final = 0.7
_MONDAY: Final = 1.2
_HOURS: Final = {8: 5, 9: 5, 10: 4, 11: 3, 12: 2, 13: 2, 14: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 1}
_PATHS: Final = {
    Path.ADVICE: 45,
    Path.SNP: 30,
    Path.DESK: 8,
    Path.BACK_TO_MT: 8,
    Path.EMERGENCY: 5,
    Path.DESK_RED_FLAG: 1,
    Path.TELECONSULTATION: 2,
    Path.PDSA: 1,
}
_PHYSIO_A_DAY: Final = 2
_WITHOUT_MT: Final = 0.35
"""Among callers, well above the 10 % of the population: who has a médecin traitant calls him first."""

_LAST_MINUTES: Final = timedelta(minutes=25)
"""A call taken nearer to the closing would be decided after it."""

_REASONS: Final[dict[str, tuple[CallPriority, int, int]]] = {
    "fever": (CallPriority.P2, 24, 2),
    "ear_pain": (CallPriority.P2, 24, 2),
    "cough": (CallPriority.P3, 48, 2),
    "cold_sinus": (CallPriority.P3, 48, 3),
    "sore_throat": (CallPriority.P3, 48, 3),
    "urinary_burning": (CallPriority.P2, 24, 16),
    "vomiting_diarrhoea": (CallPriority.P2, 24, 3),
    "skin": (CallPriority.P3, 48, 3),
    "red_eye": (CallPriority.P3, 24, 3),
    "back_pain": (CallPriority.P3, 48, 16),
    "sprain": (CallPriority.P2, 24, 3),
    "minor_wound": (CallPriority.P2, 24, 3),
    "shingles": (CallPriority.P2, 24, 16),
    "bite_sting": (CallPriority.P3, 48, 3),
}
_PHYSIO_REASONS: Final = ("trauma", "musculoskeletal", "continuity", "post_operative")


def calls_of_day(
    day: date,
    territory: str,
    communes: Sequence[CommuneView],
    *,
    hours: SnpHours,
    desks: Sequence[str],
    physio_desks: Sequence[str],
    seed: int,
) -> list[Call]:
    """Return the calls of a territory on a local day, in order; none on a day without SNP hours.

    `desks`: keys of the pharmacies and nurse practices; `physio_desks`: of the carers who refer to physios.
    """
    open_hours = hours.of(day)
    if open_hours is None:
        return []
    rng = random.Random(f"{seed}:{territory}:{day}")  # noqa: S311 - invented calls, no secret
    opens, closes = open_hours.on(day, hours.zone)
    factor = {0: _MONDAY, 5: _SATURDAY_MORNING}.get(day.weekday(), 1.0)
    instants = [_instant(rng, opens, closes - _LAST_MINUTES) for _ in range(_count(rng, territory, factor))]
    calls = [_call(rng, at, territory, communes, desks) for at in instants]
    if physio_desks:
        calls += [
            _physio(rng, _instant(rng, opens, closes - _LAST_MINUTES), territory, communes, physio_desks)
            for _ in range(_PHYSIO_A_DAY)
        ]
    return sorted(calls, key=lambda call: call.at)


def open_calls(
    now: datetime,
    territory: str,
    communes: Sequence[CommuneView],
    *,
    count: int,
    seed: int,
) -> list[Call]:
    """Return calls of the last three hours that all seek a consultation: what is open at `now`.

    Some ask for more than the slots of the day can give (a short delay, a short way, a teleconsultation).
    """
    rng = random.Random(f"{seed}:{territory}:{now:%Y-%m-%dT%H}")  # noqa: S311 - invented calls, no secret
    made = []
    for position in range(count):
        at = now - timedelta(minutes=rng.randint(20, 180))
        call = _about(rng, at, territory, communes, Path.SNP)
        if position % 7 == 3:
            call = replace(call, max_km=3.0)
        elif position % 7 == 5:
            call = replace(call, path=Path.TELECONSULTATION)
        made.append(call)
    return sorted(made, key=lambda call: call.at)


def _count(rng: random.Random, territory: str, factor: float) -> int:
    expected = CALLS_A_DAY[territory] * factor
    return max(1, round(rng.gauss(expected, expected**0.5 / 2)))


def _instant(rng: random.Random, opens: datetime, closes: datetime) -> datetime:
    """An instant of the opening, oftener in the peaks."""
    span = int((closes - opens).total_seconds() // 60)
    minutes = [opens + timedelta(minutes=rng.randint(0, max(0, span))) for _ in range(6)]
    weights = [_HOURS.get(local(at).hour, 1) for at in minutes]
    return rng.choices(minutes, weights)[0]


def _call(
    rng: random.Random, at: datetime, territory: str, communes: Sequence[CommuneView], desks: Sequence[str]
) -> Call:
    (path,) = rng.choices(list(_PATHS), list(_PATHS.values()))
    call = _about(rng, at, territory, communes, path)
    if path in {Path.DESK, Path.DESK_RED_FLAG}:
        return replace(call, desk=rng.choice(desks))
    return call


def _about(
    rng: random.Random, at: datetime, territory: str, communes: Sequence[CommuneView], path: Path
) -> Call:
    reason = rng.choice(list(_REASONS))
    priority, delay_h, youngest = _REASONS[reason]
    (commune,) = rng.choices(communes, [commune.population for commune in communes])
    has_mt = rng.random() >= _WITHOUT_MT
    back = path is Path.BACK_TO_MT
    return Call(
        at=at,
        territory=territory,
        path=path,
        patient=invented.patient(rng, commune.insee, local_day(at), at_least=youngest),
        mt=MtAnswers(has_mt=True, called=True, available=True)
        if back
        else MtAnswers(has_mt=has_mt, called=True if has_mt else None, available=False if has_mt else None),
        reason=reason,
        priority=priority,
        delay_h=delay_h if rng.random() < 0.5 else 48,
        waits=has_mt and not back and path is not Path.DESK and rng.random() < 0.2,
    )


def _physio(
    rng: random.Random,
    at: datetime,
    territory: str,
    communes: Sequence[CommuneView],
    physio_desks: Sequence[str],
) -> Call:
    call = _about(rng, at, territory, communes, Path.PHYSIO)
    return replace(
        call,
        desk=rng.choice(physio_desks),
        reason=rng.choice(_PHYSIO_REASONS),
        sessions=rng.choice((1, 1, 2)),
        waits=False,
    )


def every_day(first: date, last: date) -> Iterator[date]:
    """Return the days from the first to the last, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
