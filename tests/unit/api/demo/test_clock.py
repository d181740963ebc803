"""The demonstration's clock runs ahead when no care is given, and tells the true time otherwise."""

from datetime import UTC, datetime, timedelta

import pytest

from api.demo.clock import clock_of, living_instant, set_clock
from snp.days import at_local, is_snp_hours, local
from snp.platform.clock import SystemClock
from snp.platform.settings import Environment, Settings


def paris(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return at_local(moment.date(), moment.time())


@pytest.mark.parametrize(
    "now", ["2026-11-23T08:00", "2026-11-23T10:20", "2026-11-27T18:59", "2026-11-28T10:59"]
)
def test_an_hour_of_care_is_shown_as_it_is(now: str) -> None:
    assert living_instant(paris(now)) == paris(now)


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        ("2026-11-22T09:00", "2026-11-23T10:00"),  # Sunday
        ("2026-11-23T03:00", "2026-11-23T10:00"),  # Monday, at night
        ("2026-11-23T19:30", "2026-11-24T10:00"),  # about to close
        ("2026-11-28T11:30", "2026-11-30T10:00"),  # Saturday, about to close
        ("2026-12-24T23:00", "2026-12-26T10:00"),  # Christmas Eve; the 26th is a Saturday
    ],
)
def test_a_closed_hour_shows_the_next_morning_of_care(now: str, shown: str) -> None:
    moment = living_instant(paris(now))
    assert local(moment) == local(paris(shown))
    assert is_snp_hours(moment)


def settings(tmp_path: object, environment: Environment = Environment.DEVELOPMENT) -> Settings:
    return Settings(data_dir=tmp_path, environment=environment)


def test_every_command_tells_the_time_that_was_set(tmp_path: object) -> None:
    chosen = settings(tmp_path)
    real = datetime.now(UTC)
    set_clock(chosen, real=real, shown=real + timedelta(hours=25))
    ahead = clock_of(chosen).now() - datetime.now(UTC)
    assert timedelta(hours=24, minutes=59) < ahead < timedelta(hours=25, minutes=1)


def test_the_true_time_is_told_again_once_it_is_set(tmp_path: object) -> None:
    chosen = settings(tmp_path)
    real = datetime.now(UTC)
    set_clock(chosen, real=real, shown=real + timedelta(hours=25))
    set_clock(chosen, real=real, shown=real)
    assert isinstance(clock_of(chosen), SystemClock)


def test_production_never_reads_a_shifted_clock(tmp_path: object) -> None:
    real = datetime.now(UTC)
    set_clock(settings(tmp_path), real=real, shown=real + timedelta(hours=25))
    assert isinstance(clock_of(settings(tmp_path, Environment.PRODUCTION)), SystemClock)
