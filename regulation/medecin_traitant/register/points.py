"""How many points an entry has, and why: one line for each rule that applies. Pure and total.

Of the rules that look at an age or a distance the best one counts; the rest add up. Ties of the total go to
who has waited longest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from regulation.facts import Reason
from regulation.medecin_traitant.register.facts import EntryView, Point, ScoredEntry
from regulation.medecin_traitant.register.terms import PointRule, RegisterTerms, RuleKind
from snp.days import local_day

_BEST_ONE: Final = frozenset({RuleKind.AGE, RuleKind.DISTANCE})
_BANDS: Final = ((0, 6), (7, 15), (16, 29), (30, 44), (45, 59), (60, 69), (70, 79), (80, 89))


def score(entry: EntryView, terms: RegisterTerms, today: date, *, km: float | None = None) -> ScoredEntry:
    """Return an entry with its points on a local day. `km`: to the practice that looks; None: to none.

    The age that counts is the one reached within the calendar year: only the year of birth stands in clear.
    """
    found: list[Point] = []
    best: dict[RuleKind, Point] = {}
    for rule in terms.rules:
        point = _point(rule, _MEASURES[rule.kind](entry, today, km))
        if point is None:
            continue
        if rule.kind not in _BEST_ONE:
            found.append(point)
        elif rule.kind not in best or best[rule.kind].points < point.points:
            best[rule.kind] = point
    order = {rule.code: place for place, rule in enumerate(terms.rules)}
    points = sorted([*found, *best.values()], key=lambda point: order[point.code])
    return ScoredEntry(entry, tuple(points), km)


def rank(scored: ScoredEntry) -> tuple[int, datetime, str]:
    """Return the key by which a list is sorted: more points first, then the longer wait."""
    since = scored.entry.waiting_since or scored.entry.created_at
    return (-scored.total, since, str(scored.entry.id))


def age_in_year(birth_year: int, today: date) -> int:
    """Return the age reached within the calendar year, in years."""
    return max(0, today.year - birth_year)


def age_band(birth_year: int, today: date) -> str:
    """Return the band of that age: « 60 à 69 ans »; wide enough to name nobody."""
    age = age_in_year(birth_year, today)
    for low, high in _BANDS:
        if low <= age <= high:
            return f"{low} à {high} ans" if low else f"{high} ans ou moins"
    return "90 ans ou plus"


def _since(then: date | None, today: date) -> int | None:
    """Return the whole days since a day; None for no day, or one to come."""
    return None if then is None or then > today else (today - then).days


def _true(holds: bool) -> int | None:
    """Return the measure of what has none: 0 when it holds, None when it does not."""
    return 0 if holds else None


_MEASURES: Final[Mapping[RuleKind, Callable[[EntryView, date, float | None], float | None]]] = {
    RuleKind.ALD: lambda entry, _today, _km: _true(entry.ald),
    RuleKind.HOUSEBOUND: lambda entry, _today, _km: _true(entry.housebound),
    RuleKind.PREGNANT: lambda entry, today, _km: _true(
        entry.pregnant_until is not None and today <= entry.pregnant_until
    ),
    RuleKind.AGE: lambda entry, today, _km: (
        None if entry.birth_year is None else age_in_year(entry.birth_year, today)
    ),
    RuleKind.DISCHARGED: lambda entry, today, _km: _since(entry.discharged_on, today),
    RuleKind.WAITING: lambda entry, today, _km: _since(
        entry.waiting_since and local_day(entry.waiting_since), today
    ),
    RuleKind.REFUSALS: lambda entry, _today, _km: entry.refusals,
    RuleKind.DISTANCE: lambda _entry, _today, km: km,
}
"""What each kind of rule looks at; None: the rule does not apply."""


def _point(rule: PointRule, measure: float | None) -> Point | None:
    if measure is None:
        return None
    if rule.at_least is not None and measure < rule.at_least:
        return None
    if rule.at_most is not None and measure > rule.at_most:
        return None
    times = 1 if rule.per is None else int(measure // rule.per)
    points = rule.points * times if rule.most is None else min(rule.most, rule.points * times)
    return Point(rule.code, points, Reason(rule.code, rule.label, rule.source)) if points else None
