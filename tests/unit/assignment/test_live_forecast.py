"""The forecast learns how many and what, shrinks with little evidence, and follows the day."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from snp.assignment.forecast import Forecast, ForecastSettings
from tests.support.streams import a_call, a_live_slot, at

HOUR = 3600.0


def taught(per_hour: int, days: int = 14, *, hours: range = range(8, 20)) -> Forecast:
    forecast = Forecast(ForecastSettings(spread=0.0))
    for day in range(-days, 0):
        for hour in hours:
            for i in range(per_hour):
                forecast.saw_request(a_call(f"r{day}-{hour}-{i}", at(hour + i / 60, day=day)))
    forecast.go_live(at(0).timestamp())
    return forecast


def test_two_weeks_teach_the_rate_of_an_hour() -> None:
    rates = taught(4).rates(at(0).timestamp())
    assert 3.0 < rates[0, 10] < 5.0
    assert rates[0, 3] < 0.5


def test_without_history_the_rate_comes_from_the_slots() -> None:
    forecast = Forecast()
    for i in range(48):
        forecast.saw_slot(a_live_slot(f"s{i}", at(8 + i / 4)), at(0))
    forecast.go_live(at(0).timestamp())
    assert 30 < forecast.rates(at(0).timestamp())[0].sum() < 60


def test_history_of_slots_alone_does_not_say_that_nobody_calls() -> None:
    forecast = Forecast()
    for i in range(40):
        forecast.saw_slot(a_live_slot(f"s{i}", at(8 + i / 4)), at(0, day=-10))
    forecast.go_live(at(0).timestamp())
    assert forecast.rates(at(0).timestamp()).sum() > 7 * 20


def test_a_busy_morning_raises_the_level() -> None:
    forecast = taught(4)
    for hour in range(8, 14):
        for i in range(12):
            forecast.saw_request(a_call(f"now{hour}-{i}", at(hour + i / 60)))
    assert forecast.level(at(14).timestamp()) > 1.3


def test_a_sampled_future_has_about_the_expected_size_and_known_shapes() -> None:
    forecast = taught(4)
    random = np.random.default_rng(1)
    sizes = [len(forecast.requests(at(0).timestamp(), at(24).timestamp(), random)[0]) for _ in range(30)]
    assert 38 < float(np.mean(sizes)) < 58
    times, shapes = forecast.requests(at(0).timestamp(), at(24).timestamp(), random)
    assert (np.diff(times) >= 0).all()
    assert (shapes < len(forecast.arrivals)).all()


def test_nothing_known_draws_nothing() -> None:
    times, shapes = Forecast().requests(0.0, 10 * HOUR, np.random.default_rng(0))
    assert len(times) == len(shapes) == 0


def test_late_slots_of_the_past_are_expected_again_on_the_same_weekday() -> None:
    forecast = Forecast()
    for week in (-2, -1):
        for day in range(5):
            starts = at(15, day=7 * week + day)
            forecast.saw_slot(a_live_slot(f"late{week}{day}", starts), starts - timedelta(hours=3))
            forecast.saw_slot(a_live_slot(f"early{week}{day}", starts), starts - timedelta(days=4))
    forecast.go_live(at(0).timestamp())
    drawn = forecast.slots(at(1).timestamp(), at(20).timestamp(), np.random.default_rng(0))
    assert [(publication, start) for publication, start, _ in drawn] == [
        (at(12).timestamp(), at(15).timestamp())
    ]
