"""Forecast of the need per half-day from a territory's own past: quantiles, not one number. Pure.

Need is a count, small and uneven: it is taken as Poisson around a level, times a profile (kind of half-day),
times what the calendar says. The level follows the past by a discounted Gamma filter (West and Harrison,
*Bayesian Forecasting and Dynamic Models*, ch. 14): old weeks weigh less and less, and the further ahead, the
less is known. Each factor is learnt and shrunk towards an assumption that rules alone while there is no past.
The service and the simulation run this very code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from regulation.coverage.halves import CELLS, Calendar

Floats = NDArray[np.float64]

QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
"""What a forecast tells: the middle, and two intervals of 50 and 80 %."""
NEED_PER_INHABITANT_WEEK: Final = 0.31 * 0.31 * 0.45 * 0.38 / 52.18
"""Appointments sought by inhabitant and week where nothing is known yet.

Source: DREES and Cour des comptes 2023 (0.31 files an inhabitant-year, 31 % seen by a GP regulator), F.
Guillaud, Les CPTS, thesis, Nantes 2023 (38 % end in an appointment); 45 % by day is assumed.
"""
PHYSIO_PER_INHABITANT_WEEK: Final = 10 / 98_000
"""Source: the same thesis (8 to 12 a week for the 98,000 inhabitants of the Pays de Retz)."""
OTHERS_WEEKLY: Final = 0.5
DISCOUNTS: Final = (0.94, 0.96, 0.975, 0.985, 0.992)
"""How much of what is known of the level is left a day later; the past says which serves best."""
LEAST_DAYS: Final = 14
"""A past shorter than this is too short to act upon by itself."""
_WEEKDAY: Final = (1.18, 1.0, 1.0, 1.0, 1.0, 2.0, 1.0)
"""Need by open hour. Source: the thesis above (Monday 1.11 to 1.25, Saturday morning high)."""
_AFTER_CLOSING: Final = 1.15
_PROFILE_WEIGHT: Final = 12.0
_EFFECT_WEIGHT: Final = 15.0
_SEASON_WEIGHT: Final = 25.0
_LEVEL_WEEKS: Final = 0.4
"""The weight of each assumption: as many needs (weeks, for the level) as must be seen to halve it."""
_SHIFT: Final = 25.0
"""How many days of forgetting a doubling of the calendar's factor is worth, over log 2."""
_SHIFT_DOUBT: Final = 0.35
_YEAR: Final = 364
_WINDOW: Final = 10
"""The season is learnt a year back (52 weeks), ten days to each side."""


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is taken for granted before anything is seen: needs a week, and the factor of school holidays."""

    weekly: float
    school: float = 1.0


def assumed_weekly(profession: str, inhabitants: int) -> float:
    """Return how many needs of a profession a territory is assumed to have in a week."""
    match profession:
        case "medecin_generaliste":
            return inhabitants * NEED_PER_INHABITANT_WEEK
        case "masseur_kinesitherapeute" | "kinesitherapeute":
            return inhabitants * PHYSIO_PER_INHABITANT_WEEK
        case _:
            return OTHERS_WEEKLY


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt. `profile`: share of a week's need by kind of half-day and open hour.

    `shape`, `rate`: the level (needs a week) at the end of the past is Gamma, of mean shape / rate.
    `spread`: how much more than Poisson the counts vary (0: not at all). `days`: of past.
    """

    profile: Floats
    school: float
    after_closing: float
    shape: float
    rate: float
    discount: float
    spread: float
    last_ordinal: int
    last_factor: float
    days: int
    seen: int
    year_back: Floats
    year_first: int

    @property
    def level(self) -> float:
        """Needs a week, now, with the calendar's factors left out."""
        return self.shape / self.rate

    @property
    def is_assumed(self) -> bool:
        """Whether the past is too short to act upon."""
        return self.days < LEAST_DAYS


@dataclass(frozen=True, slots=True)
class Forecast:
    """Half-days ahead: the expected need, and how sure it is.

    `mean`: needs of each half-day. `shape`: of the level that all share; `size`: of each half-day alone
    (negative binomial: variance = mean + mean² / size).
    """

    mean: Floats
    shape: Floats
    size: Floats

    def quantiles(self, levels: tuple[float, ...] = QUANTILES) -> NDArray[np.int64]:
        """Return the quantiles of each half-day, one row a half-day, rising along a row."""
        return negative_binomial_quantiles(self.mean, self.size, levels)


def learn(counts: Floats, calendar: Calendar, assumed: Assumed) -> Model:
    """Learn from the counts of open half-days in order, without a gap; none at all is a past like another."""
    days = int(calendar.ordinals[-1] - calendar.ordinals[0] + 1) if len(counts) else 0
    model = _unlearnt(calendar, assumed, days=days)
    if not len(counts):
        return model
    model = replace(model, discount=DISCOUNTS[2])
    for _ in range(2):
        exposure = _exposure(model, calendar)
        level = _smoothed(counts, exposure, calendar, assumed.weekly, model.discount)
        model = _with_effects(model, counts, calendar, level, assumed)
    model = _with_year(model, counts, calendar)
    return _filtered(model, counts, calendar, assumed.weekly)


def forecast(model: Model, calendar: Calendar) -> Forecast:
    """Return the need of the half-days of a calendar, which begins on or after the last day learnt."""
    exposure = _exposure(model, calendar)
    lead = np.maximum(calendar.ordinals - model.last_ordinal, 0)
    factor = _slow(model, calendar)
    doubt = np.abs(np.log(factor / model.last_factor))
    shape = np.maximum(model.shape * model.discount**lead, 0.7)
    shape = 1 / (1 / shape + (_SHIFT_DOUBT * doubt) ** 2)
    size = 1 / (1 / shape + model.spread)
    return Forecast(model.level * exposure, shape, size)


def negative_binomial_quantiles(
    mean: Floats, size: Floats, levels: tuple[float, ...] = QUANTILES
) -> NDArray[np.int64]:
    """Return, for each mean, the least counts whose probability reaches each level (levels rising)."""
    top = int(np.max(mean + 12 * np.sqrt(mean + mean**2 / size), initial=4.0)) + 2
    share = size / (size + mean)
    chance = share**size
    reached = np.zeros((len(mean), len(levels)), dtype=np.int64)
    total = chance.copy()
    for count in range(top):
        reached += total[:, None] < np.asarray(levels)[None, :]
        chance = chance * (1 - share) * (size + count) / (count + 1)
        total = total + chance
    return reached


def _unlearnt(calendar: Calendar, assumed: Assumed, *, days: int) -> Model:
    weights = np.repeat(np.array(_WEEKDAY), 2)
    hours = np.array([5.0, 7.0] * 5 + [4.0, 0.0, 0.0, 0.0])
    for cell, length in zip(calendar.cells.tolist(), calendar.hours.tolist(), strict=True):
        hours[cell] = length
    return Model(
        profile=weights / float((weights * hours).sum()),
        school=assumed.school,
        after_closing=_AFTER_CLOSING,
        shape=max(assumed.weekly * _LEVEL_WEEKS, 0.5),
        rate=max(assumed.weekly * _LEVEL_WEEKS, 0.5) / max(assumed.weekly, 1e-6),
        discount=1.0,
        spread=0.05,
        last_ordinal=int(calendar.ordinals[-1]) if days else 0,
        last_factor=1.0,
        days=days,
        seen=0,
        year_back=np.ones(0),
        year_first=0,
    )


def _slow(model: Model, calendar: Calendar) -> Floats:
    """The factors that last for days: seaside season, school holidays, what last year's season taught."""
    factor = calendar.season * np.where(calendar.school, model.school, 1.0)
    if len(model.year_back):
        place = np.clip(calendar.ordinals - _YEAR - model.year_first, 0, len(model.year_back) - 1)
        known = (calendar.ordinals - _YEAR >= model.year_first) & (
            calendar.ordinals - _YEAR < model.year_first + len(model.year_back)
        )
        factor = factor * np.where(known, model.year_back[place], 1.0)
    return factor


def _exposure(model: Model, calendar: Calendar) -> Floats:
    """The share of a week's need that each half-day has, calendar included."""
    after = np.where(calendar.after_closing, model.after_closing, 1.0)
    return model.profile[calendar.cells] * calendar.hours * after * _slow(model, calendar)


def _smoothed(counts: Floats, exposure: Floats, calendar: Calendar, weekly: float, discount: float) -> Floats:
    """The level around each half-day, from both sides."""
    forward, backward = np.zeros((len(counts), 2)), np.zeros((len(counts), 2))
    kept = np.array([weekly * _LEVEL_WEEKS, _LEVEL_WEEKS])
    pairs = np.stack([counts, exposure], axis=1)
    gaps = discount ** np.diff(calendar.ordinals, prepend=calendar.ordinals[0])
    for i, pair in enumerate(pairs):
        kept = kept * gaps[i] + pair
        forward[i] = kept
    kept = np.zeros(2)
    for i in range(len(pairs) - 1, -1, -1):
        backward[i] = kept
        kept = (kept + pairs[i]) * gaps[i]
    both = forward + backward
    level: Floats = both[:, 0] / both[:, 1]
    return level


def _with_effects(model: Model, counts: Floats, calendar: Calendar, level: Floats, assumed: Assumed) -> Model:
    """The profile and the two effects, each shrunk towards what is assumed."""
    blank = _unlearnt(calendar, assumed, days=model.days)
    expected = level * _exposure(replace(model, profile=blank.profile), calendar)
    seen = np.bincount(calendar.cells, weights=counts, minlength=CELLS)
    meant = np.bincount(calendar.cells, weights=expected, minlength=CELLS)
    profile = blank.profile * (seen + _PROFILE_WEIGHT) / (meant + _PROFILE_WEIGHT)
    hours = np.zeros(CELLS)
    hours[calendar.cells] = calendar.hours
    profile = profile / max(float((profile * hours).sum()), 1e-9)
    expected = level * _exposure(replace(model, profile=profile), calendar)

    def effect(chosen: NDArray[np.bool_], before: float, prior: float) -> float:
        plain = float(expected[chosen].sum()) / before
        return (float(counts[chosen].sum()) + _EFFECT_WEIGHT * prior) / (plain + _EFFECT_WEIGHT)

    return replace(
        model,
        profile=profile,
        school=effect(calendar.school, model.school, assumed.school),
        after_closing=effect(calendar.after_closing, model.after_closing, _AFTER_CLOSING),
    )


def _with_year(model: Model, counts: Floats, calendar: Calendar) -> Model:
    """What the same weeks of the year before showed, against their whole year; nothing while it is short."""
    first, last = int(calendar.ordinals[0]), int(calendar.ordinals[-1])
    if last - first < _YEAR - 4 * 7:
        return model
    days = last - first + 1
    seen = np.bincount(calendar.ordinals - first, weights=counts, minlength=days)
    exposure = np.bincount(calendar.ordinals - first, weights=_exposure(model, calendar), minlength=days)
    level = float(seen[:_YEAR].sum() / max(exposure[:_YEAR].sum(), 1e-9))
    window = np.ones(2 * _WINDOW + 1)
    around = np.convolve(seen, window, mode="same") + _SEASON_WEIGHT
    meant = np.convolve(exposure * level, window, mode="same") + _SEASON_WEIGHT
    # Only what is a year back, and a little of what follows it, is ever used.
    return replace(model, year_back=around / meant, year_first=first)


def _filtered(model: Model, counts: Floats, calendar: Calendar, weekly: float) -> Model:
    """The level at the end of the past, under the discount that foretold the past best."""
    exposure, factor = _exposure(model, calendar), _slow(model, calendar)
    discounts = np.array(DISCOUNTS)
    gaps = np.diff(calendar.ordinals, prepend=calendar.ordinals[0]).astype(float)
    shifts = np.abs(np.diff(np.log(factor), prepend=np.log(factor[0])))
    kept = discounts[None, :] ** (gaps + _SHIFT * shifts)[:, None]
    shape = np.full(len(discounts), max(weekly * _LEVEL_WEEKS, 0.5))
    rate = shape / max(weekly, 1e-6)
    means = np.zeros((len(counts), len(discounts)))
    sizes = np.zeros_like(means)
    for i, count in enumerate(counts.tolist()):
        shape, rate = shape * kept[i], rate * kept[i]
        means[i], sizes[i] = shape / rate * exposure[i], shape
        shape, rate = shape + count, rate + exposure[i]
    best = int(np.argmax(_likelihood(counts, means, sizes)))
    mean, size = means[:, best], sizes[:, best]
    over = float(((counts - mean) ** 2 - mean - mean**2 / size).sum())
    return replace(
        model,
        shape=float(shape[best]),
        rate=float(rate[best]),
        discount=DISCOUNTS[best],
        spread=float(np.clip((over + 1.0) / (float((mean**2).sum()) + 20.0), 0.0, 0.5)),
        last_factor=float(factor[-1]),
        seen=int(counts.sum()),
    )


def _likelihood(counts: Floats, means: Floats, sizes: Floats) -> Floats:
    """Log-likelihood of each column, up to what all share; the first fortnight only teaches."""
    told = slice(min(len(counts) // 2, 22), None)
    y, mean, size = counts[told, None], means[told], sizes[told]
    share = size / (size + mean)
    gain = y * np.log(np.maximum(1 - share, 1e-12)) + size * np.log(share)
    steps = np.arange(int(counts.max(initial=0)))
    rising = np.where(steps[None, None, :] < y[:, :, None], np.log(size[:, :, None] + steps), 0.0).sum(axis=2)
    total: Floats = (gain + rising).sum(axis=0)
    return total
