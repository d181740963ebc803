"""Every figure of the ready set, recomputed from the raw tables by plain SQL, agrees exactly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from regulation.indicators import service as indicators
from regulation.indicators.facts import Asked, Figure, Period, Unit
from regulation.indicators.periods import end_of, period_of
from regulation.indicators.ready import READY
from snp.days import PARIS, at_local
from snp.directory.facts import TerritoryView
from tests.support.history import NOW, History, a_history
from tests.support.indicator_sql import PARTS, SQL

pytestmark = pytest.mark.database

HOLIDAYS = {
    "2025-04-21", "2025-05-01", "2025-05-08", "2025-05-29", "2025-06-09", "2025-07-14", "2025-08-15",
    "2025-11-01", "2025-11-11", "2025-12-25", "2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08",
    "2026-05-14", "2026-05-25", "2026-07-14", "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25",
    "2025-01-01",
}  # fmt: skip
CARE = [
    day
    for day in (date(2025, 1, 1) + timedelta(days=n) for n in range(730))
    if day.weekday() < 6 and day.isoformat() not in HOLIDAYS and day <= NOW.astimezone(PARIS).date()
]
ASKED = (
    (Unit.YEAR, date(2025, 6, 1), Unit.MONTH),
    (Unit.YEAR, date(2026, 6, 1), Unit.MONTH),
    (Unit.QUARTER, date(2026, 2, 1), Unit.WEEK),
    (Unit.MONTH, date(2026, 3, 29), Unit.DAY),
    (Unit.MONTH, date(2025, 10, 26), Unit.WEEK),
    (Unit.WEEK, date(2025, 12, 31), Unit.DAY),
)


@pytest.fixture(scope="module")
def past(engine: sa.Engine) -> Iterator[tuple[Session, History]]:
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session, a_history(session)
        outer.rollback()


def second(session: Session, code: str, territory: TerritoryView, period: Period) -> Any:
    end = end_of(period.unit.value, period.first)
    answered = {
        "t": territory.id,
        "a": at_local(period.first, time(0)),
        "b": at_local(end, time(0)),
        "day_a": period.first,
        "day_b": end,
        "now": NOW,
        "care": [day for day in CARE if period.first <= day < end],
    }
    return session.execute(sa.text(SQL[code]), answered).one()


def told(figure: Figure) -> list[tuple[Period, Any]]:
    return [(figure.period, figure.whole), *figure.beside, *figure.series]


@pytest.mark.parametrize(("unit", "day", "grain"), ASKED)
def test_every_figure_agrees_with_plain_sql(
    past: tuple[Session, History], unit: Unit, day: date, grain: Unit
) -> None:
    session, history = past
    compared = 0
    for territory in history.territories:
        asked = Asked(period_of(unit, day), beside=(period_of(unit, date(2026, 5, 4)),), grain=grain)
        found = indicators.list_indicators(session, territory.id)
        for figure in indicators.measure(session, territory, found, asked, now=NOW):
            code = figure.indicator.code
            for period, cell in told(figure):
                row = second(session, code, territory, period)
                where = f"{code} {territory.slug} {period.unit} {period.first}"
                yes = (row.yes or 0) if "yes" in row._fields else 0
                small = any(0 < number < 5 for number in (row.base or 0, yes, (row.base or 0) - yes))
                assert cell.masked or not small, f"{where}: a small number is told"
                if not cell.masked:
                    compared += 1
                    expected = None if row.value is None else float(row.value)
                    assert cell.value == (None if expected is None else pytest.approx(expected, abs=1e-9)), (
                        where
                    )
    assert compared > 60


def test_every_cut_agrees_with_plain_sql(past: tuple[Session, History]) -> None:
    session, history = past
    one = history.territories[0]
    found = [item for item in indicators.list_indicators(session, one.id) if item.code in PARTS]
    asked = Asked(period_of(Unit.YEAR, date(2026, 1, 1)))
    for figure in indicators.measure(session, one, found, asked, now=NOW):
        code = figure.indicator.code
        start, end = at_local(date(2026, 1, 1), time(0)), at_local(date(2027, 1, 1), time(0))
        rows = session.execute(sa.text(PARTS[code]), {"t": one.id, "a": start, "b": end, "now": NOW})
        expected = {row.key: row.value for row in rows}
        told_parts = {part.code: part.cell for part in figure.parts}
        assert set(told_parts) == set(expected), code
        for key, cell in told_parts.items():
            assert cell.masked or cell.value == expected[key], (code, key)
        assert sum(not cell.masked for cell in told_parts.values()) >= 2


def test_the_second_implementation_covers_the_ready_set() -> None:
    assert set(SQL) == set(READY)


def test_what_territories_have_apart_adds_up_to_the_table(past: tuple[Session, History]) -> None:
    """Requests of two territories, added up, are those of the table: none is counted twice or lost."""
    session, history = past
    total = 0
    for territory in history.territories[:2]:
        found = [indicators.get_indicator(session, territory.id, "decisions")]
        asked = Asked(period_of(Unit.YEAR, date(2026, 1, 1)))
        (figure,) = indicators.measure(session, territory, found, asked, now=NOW)
        total += int(figure.whole.value or 0)
    question = """SELECT count(*) FROM request r WHERE r.created_at BETWEEN :a AND :now
                  AND r.territory_id != :asleep"""
    bounds = {"a": at_local(date(2026, 1, 1), time(0)), "now": NOW, "asleep": history.territories[2].id}
    assert total == session.execute(sa.text(question), bounds).scalar_one()


def test_what_happens_beside_midnight_belongs_to_the_local_day(past: tuple[Session, History]) -> None:
    """A slot at 00:10 in Paris is of that day, also when clocks change, though UTC says the day before."""
    session, history = past
    one = history.territories[0]
    found = [indicators.get_indicator(session, one.id, "creneaux-publies")]
    for day in (date(2026, 3, 29), date(2025, 10, 26)):
        start, end = at_local(day, time(0)), at_local(day + timedelta(days=1), time(0))
        raw: datetime | int = session.execute(
            sa.text(SQL["creneaux-publies"]), {"t": one.id, "a": start, "b": end, "now": NOW}
        ).scalar_one()
        (figure,) = indicators.measure(session, one, found, Asked(period_of(Unit.DAY, day)), now=NOW)
        assert figure.whole.masked or figure.whole.value == raw
        hours = (end - start).total_seconds() / 3600
        assert hours == (23 if day.month == 3 else 25)
        assert raw >= 5
