"""The forecast of need scored on simulated years: pinball loss against seasonal-naive forecasts.

Every open day, the half-days of the next 14 days are forecast from the past alone, then compared with what
came. A seasonal-naive forecast is the empirical quantiles of the same weekday and half-day over the last
weeks; every number of weeks of `NAIVE_WEEKS` is tried, and the best of them is the one to beat.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from regulation.coverage.forecasting import NEED_PER_INHABITANT_WEEK, QUANTILES, Assumed, forecast, learn
from regulation.coverage.halves import OpenHalf, calendar_of, counted, open_halves
from snp.days import SnpHours
from snp.directory.coverage_settings import CoverageSettings
from snp.simulation.territory import GP
from snp.simulation.year import YearLaw

AHEAD_DAYS = 14
WARM_UP_DAYS = 14
NAIVE_WEEKS = (1, 2, 3, 4, 6, 8, 13)
HOURS = SnpHours()
SETTINGS = CoverageSettings(seaside_percent=200)
"""What a coordinator of a seaside territory would type: twice the need in July and August. The truth is drawn
between 1.5 and 2.5, and is not told."""


@dataclass(frozen=True)
class Scores:
    """Mean pinball loss of each forecaster (all quantiles, all half-days ahead), and by quantile for ours."""

    ours: float
    naive: dict[int, float]
    by_quantile: dict[float, tuple[float, float]]
    covered_80: float
    by_year: dict[int, float]

    @property
    def best_weeks(self) -> int:
        """How many weeks the best seasonal-naive forecast looks back."""
        return min(self.naive, key=lambda weeks: self.naive[weeks])

    @property
    def ratio(self) -> float:
        """Our loss over that of the best seasonal-naive forecast; below 1 is better."""
        return self.ours / self.naive[self.best_weeks]


def score(law: YearLaw, seed: int, *, every_days: int = 1) -> Scores:
    """Score one seed, its years played from an empty history, once two weeks are known."""
    year = law.draw(seed)
    halves = open_halves(
        law.first, (law.first.replace(year=law.first.year + law.years) - law.first).days, HOURS
    )
    calendar = calendar_of(halves, SETTINGS, HOURS)
    counts = counted((one.at for one in year.requests if GP in one.request.professions), halves)
    assumed = Assumed(sum(one.population for one in law.communes) * NEED_PER_INHABITANT_WEEK)
    losses: dict[object, list[NDArray[np.float64]]] = {}
    inside: list[NDArray[np.bool_]] = []
    for today, ahead in _origins(halves, every_days):
        model = learn(counts[:today], calendar.part(slice(0, today)), assumed)
        told = forecast(model, calendar.part(slice(today, ahead))).quantiles()
        came = counts[today:ahead]
        mine = pinball(told, came)
        losses.setdefault("ours", []).append(mine)
        inside.append((told[:, 0] <= came) & (came <= told[:, -1]))
        for weeks in NAIVE_WEEKS:
            naive = pinball(seasonal_naive(counts, halves, today, ahead, weeks), came)
            losses.setdefault(weeks, []).append(naive)
    means = {name: float(np.concatenate(parts).mean()) for name, parts in losses.items()}
    naive = {weeks: means[weeks] for weeks in NAIVE_WEEKS}
    best = min(naive, key=lambda weeks: naive[weeks])
    ours, theirs = np.concatenate(losses["ours"]), np.concatenate(losses[best])
    by_year = _by_year(halves, every_days, losses["ours"], losses[best])
    return Scores(
        means["ours"],
        naive,
        {q: (float(ours[:, i].mean()), float(theirs[:, i].mean())) for i, q in enumerate(QUANTILES)},
        float(np.concatenate(inside).mean()),
        by_year,
    )


def _origins(halves: list[OpenHalf], every_days: int) -> list[tuple[int, int]]:
    """From which half-day on, and up to which, each forecast goes, once the warm-up is over."""
    first, last = halves[0].half.day, halves[-1].half.day
    days = [one.half.day for one in halves]
    found = []
    for number in range(WARM_UP_DAYS, (last - first).days - AHEAD_DAYS + 2, every_days):
        day = first + timedelta(days=number)
        today = int(np.searchsorted(np.array(days, dtype="datetime64[D]"), np.datetime64(day)))
        ahead = int(
            np.searchsorted(
                np.array(days, dtype="datetime64[D]"), np.datetime64(day + timedelta(days=AHEAD_DAYS))
            )
        )
        if today < ahead:
            found.append((today, ahead))
    return found


def _by_year(
    halves: list[OpenHalf],
    every_days: int,
    ours: list[NDArray[np.float64]],
    theirs: list[NDArray[np.float64]],
) -> dict[int, float]:
    sums: dict[int, list[float]] = {}
    for (today, _), mine, naive in zip(_origins(halves, every_days), ours, theirs, strict=True):
        both = sums.setdefault(halves[today].half.day.year, [0.0, 0.0])
        both[0] += float(mine.sum())
        both[1] += float(naive.sum())
    return {year: both[0] / both[1] for year, both in sums.items()}


def pinball(told: NDArray[np.int64], came: NDArray[np.float64]) -> NDArray[np.float64]:
    """The pinball loss of each half-day (rows) and quantile (columns)."""
    miss = came[:, None] - told
    levels = np.array(QUANTILES)[None, :]
    return np.maximum(levels * miss, (levels - 1) * miss)


def seasonal_naive(
    counts: NDArray[np.float64], halves: list[OpenHalf], today: int, ahead: int, weeks: int
) -> NDArray[np.int64]:
    """Empirical quantiles of the last `weeks` half-days of the same kind before `today`."""
    cells = np.array([one.half.cell for one in halves])
    told = np.zeros((ahead - today, len(QUANTILES)))
    for cell in set(cells[today:ahead].tolist()):
        seen = counts[:today][cells[:today] == cell][-weeks:]
        rows = cells[today:ahead] == cell
        told[rows] = np.quantile(seen, QUANTILES, method="inverted_cdf") if len(seen) else 0.0
    return told.astype(np.int64)
