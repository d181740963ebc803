"""Seeded rotas to build: an MSP, and centres de SNP with rooms; absences, days off, wishes, holidays."""

from __future__ import annotations

import random
from datetime import date, time, timedelta

from slots.rota.facts import Carer, Half, Kind, Limits, Place, RotaProblem, Shift, Span, Wish
from snp.days import at_local, day_bounds, is_holiday

FIRST = date(2027, 1, 4)
_HOURS = {
    Half.MORNING: (time(8), time(13)),
    Half.AFTERNOON: (time(13), time(18)),
    Half.EVENING: (time(18), time(20)),
}
SHARES = (100, 100, 80, 60, 100, 50, 90, 80)
WINTER = (date(2027, 2, 20), date(2027, 3, 8))
"""Winter holidays of zone B, which is that of Nantes."""


def msp(seed: int, *, doctors: int = 8, weeks: int = 12) -> RotaProblem:
    """One doctor of an MSP each half-day, Saturday morning included."""
    draw = random.Random(seed)
    shifts = shifts_of("msp", weeks, (Half.MORNING, Half.AFTERNOON), least=1, most=1)
    carers = tuple(_carer(draw, number, weeks, ("msp",)) for number in range(doctors))
    return RotaProblem((Place("msp", "MSP"),), shifts, carers, Limits(timedelta(hours=11), 1, 3, 3))


def centres(seed: int, *, doctors: int = 14, weeks: int = 12) -> RotaProblem:
    """Two centres de SNP: the one with two doctors and rooms for three, the other with one, evenings too."""
    draw = random.Random(seed)
    halves = (Half.MORNING, Half.AFTERNOON, Half.EVENING)
    shifts = (
        *shifts_of("nord", weeks, halves[:2], least=2, most=3),
        *shifts_of("sud", weeks, halves, least=1, most=1),
    )
    places = (Place("nord", "Centre nord", 3), Place("sud", "Centre sud", 1))
    carers = tuple(
        _carer(draw, number, weeks, ("nord", "sud") if draw.random() < 0.7 else ("nord",))
        for number in range(doctors)
    )
    return RotaProblem(places, shifts, carers, Limits(timedelta(hours=13), 1, 4, 4), gaps=True)


def shifts_of(
    place: str, weeks: int, halves: tuple[Half, ...], *, least: int, most: int
) -> tuple[Shift, ...]:
    """The shifts of a place, Monday to Friday and Saturday morning, none on public holidays."""
    found = []
    for number in range(weeks * 7):
        day = FIRST + timedelta(days=number)
        if day.weekday() == 6 or is_holiday(day):
            continue
        for half in halves if day.weekday() < 5 else (Half.MORNING,):
            opens, closes = _HOURS[half]
            if day.weekday() == 5:
                closes = time(12)
            kinds = {Kind.SATURDAY} if day.weekday() == 5 else set()
            if day.weekday() == 4 and half is not Half.MORNING:
                kinds.add(Kind.FRIDAY_AFTERNOON)
            if WINTER[0] <= day < WINTER[1]:
                kinds.add(Kind.SCHOOL_HOLIDAYS)
            found.append(
                Shift(
                    f"{place}-{day}-{half}", place, at_local(day, opens), at_local(day, closes), half,
                    least, most, frozenset(kinds),
                )
            )  # fmt: skip
    return tuple(found)


def _carer(draw: random.Random, number: int, weeks: int, places: tuple[str, ...]) -> Carer:
    away = []
    for _ in range(2):
        first = FIRST + timedelta(days=draw.randrange(weeks * 7 - 7))
        away.append(Span(day_bounds(first)[0], day_bounds(first + timedelta(days=draw.choice((2, 6))))[1]))
    never = frozenset((draw.randrange(5), draw.choice(tuple(Half))) for _ in range(2))
    halves = (Half.MORNING, Half.AFTERNOON)
    wishes = {(draw.randrange(6), draw.choice(halves)): draw.choice((-3, -2, -1, 1, 2)) for _ in range(3)}
    return Carer(
        f"m{number:02d}",
        f"Dr {chr(65 + number)}",
        share=SHARES[number % len(SHARES)],
        places=frozenset(places),
        away=tuple(away),
        never=never,
        wishes=tuple(Wish(day, half, points) for (day, half), points in wishes.items()),
        before={Kind.ALL: draw.randrange(10, 14), Kind.SATURDAY: draw.randrange(3)},
    )
