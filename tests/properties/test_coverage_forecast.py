"""Whatever the past, a forecast is ordered counts; risks are probabilities, and asking never harms."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from regulation.coverage.forecasting import Assumed, Forecast, forecast, learn, negative_binomial_quantiles
from regulation.coverage.halves import calendar_of, open_halves
from regulation.coverage.shortage import Ahead, outlook, wanted
from snp.days import DayHours, SnpHours
from snp.directory.coverage_settings import CoverageSettings

EVERY_DAY = SnpHours(sunday=DayHours(SnpHours().weekdays.opens, SnpHours().weekdays.closes))
CLOCK_CHANGES = (date(2026, 3, 29), date(2026, 10, 25))
days = st.one_of(
    st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    st.sampled_from(CLOCK_CHANGES).flatmap(
        lambda day: st.integers(-3, 3).map(lambda n: day - timedelta(days=n))
    ),
)
territory = st.builds(
    CoverageSettings,
    seaside_percent=st.integers(50, 400),
    seaside=st.tuples(*[st.tuples(st.integers(1, 12), st.integers(1, 28))] * 2),
    school_percent=st.integers(50, 200),
    school_holidays=st.sampled_from([(), ((date(2026, 10, 17), date(2026, 11, 2)),)]),
)


@settings(max_examples=60, deadline=None)
@given(
    first=days,
    known=st.integers(0, 60),
    chosen=territory,
    mean=st.floats(0, 30),
    seed=st.integers(0, 2**16),
    weekly=st.floats(0, 200),
)
def test_quantiles_are_ordered_counts_whatever_the_past(  # noqa: PLR0917 - drawn by name
    first: date, known: int, chosen: CoverageSettings, mean: float, seed: int, weekly: float
) -> None:
    halves = open_halves(first, known + 14, EVERY_DAY)
    here = len(open_halves(first, known, EVERY_DAY))
    calendar = calendar_of(halves, chosen, EVERY_DAY)
    counts = np.random.default_rng(seed).poisson(mean, here).astype(float)

    model = learn(counts, calendar.part(slice(0, here)), Assumed(weekly))
    told = forecast(model, calendar.part(slice(here, len(halves))))
    quantiles = told.quantiles()

    assert quantiles.shape == (len(halves) - here, 5)
    assert (quantiles >= 0).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert np.isfinite(told.mean).all()
    assert (told.mean >= 0).all()
    assert (told.size > 0).all()
    assert model.is_assumed == (model.days < 14)


@settings(max_examples=40, deadline=None)
@given(mean=st.floats(0.01, 50), size=st.floats(0.3, 1e5))
def test_quantiles_reach_their_probability(mean: float, size: float) -> None:
    found = negative_binomial_quantiles(np.array([mean]), np.array([size]))[0]
    drawn = np.random.default_rng(7).negative_binomial(size, size / (size + mean), 4000)

    for level, count in zip((0.1, 0.25, 0.5, 0.75, 0.9), found.tolist(), strict=True):
        assert (drawn <= count).mean() >= level - 0.05
        assert count == 0 or (drawn < count).mean() <= level + 0.05


@settings(max_examples=30, deadline=None)
@given(
    needs=st.lists(st.floats(0, 8), min_size=1, max_size=8),
    free=st.lists(st.integers(0, 8), min_size=8, max_size=8),
    waiting=st.lists(st.integers(0, 4), max_size=5),
    least=st.floats(0.05, 0.95),
)
def test_risks_are_probabilities_and_asking_never_harms(
    needs: list[float], free: list[int], waiting: list[int], least: float
) -> None:
    count = len(needs)
    told = Forecast(np.array(needs), np.full(count, 20.0), np.full(count, 10.0))
    slots = np.array(free[:count], dtype=float)
    ahead = Ahead(told, slots, np.zeros(count), (0.2,) * 5, waiting)

    asked = wanted(ahead, [True] * count, least_risk=least, paths=60)
    before = outlook(ahead, paths=60)
    after = outlook(Ahead(told, slots + asked, np.zeros(count), (0.2,) * 5, waiting), paths=60)

    for share in (before.risk, before.nothing_left):
        assert ((share >= 0) & (share <= 1)).all()
    assert min(asked) >= 0
    assert after.unserved.sum() <= before.unserved.sum() + 1e-9


def test_nobody_known_is_forecast_by_what_is_assumed() -> None:
    halves = open_halves(date(2026, 11, 23), 7, SnpHours())
    calendar = calendar_of(halves, CoverageSettings(), SnpHours())

    told = forecast(learn(np.zeros(0), calendar.part(slice(0, 0)), Assumed(30.0)), calendar)

    assert abs(told.mean.sum() - 30.0) < 1.5
    spread = told.quantiles()[:, -1] - told.quantiles()[:, 0]
    assert spread.min() >= 3


def test_a_level_that_doubled_is_followed_within_weeks() -> None:
    halves = open_halves(date(2026, 1, 5), 98, SnpHours())
    calendar = calendar_of(halves, CoverageSettings(), SnpHours())
    here = len(open_halves(date(2026, 1, 5), 84, SnpHours()))
    means = np.where(np.arange(here) < here / 2, 3.0, 6.0)
    counts = np.random.default_rng(3).poisson(means).astype(float)

    told = forecast(
        learn(counts, calendar.part(slice(0, here)), Assumed(30.0)), calendar.part(slice(here, None))
    )

    assert 5.0 < told.mean.mean() < 7.0
