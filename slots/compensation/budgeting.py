"""The budget of a CPTS: what the ACI brings, the envelope, what is spent, committed and expected by month."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.compensation import statement_rows
from slots.compensation.facts import Budget, LineKind, MonthFigures, VerdictStatus
from slots.compensation.periods import month_of, next_month
from slots.compensation.setting import year_settings
from slots.compensation.tariffs import national
from snp.days import local_day
from snp.directory import service as directory

PACE_DAYS: Final = 90
"""The forecast goes on at the pace of as many days up to yesterday."""


def budget(session: Session, territory_id: UUID, year: int, *, now: datetime) -> Budget:
    """Return a year of a territory; amounts in cents. Raises `NotFound`.

    `spent` are closed statements, `committed` drafts. The forecast of a day to come is what the CPTS owed a
    day over the last 90; no cap of the terms is foreseen. It is spread by month, the rest of a division last.
    """
    territory = directory.get_territory(session, territory_id)
    today = local_day(now, territory.settings.snp_hours.zone)
    first, last = date(year, 1, 1), date(year, 12, 1)
    pace = statement_rows.paid_between(
        session, territory_id, today - timedelta(days=PACE_DAYS), today - timedelta(days=1)
    )
    fixed = national().at(f"aci_fixed_{territory.size_class}", first)
    variable = national().at(f"aci_variable_{territory.size_class}", first)
    expected = _forecast(year, today, pace)
    return Budget(
        year=year,
        settings=year_settings(session, territory_id, year),
        aci_fixed_cents=fixed.number if fixed else 0,
        aci_variable_cents=variable.number if variable else 0,
        aci_source=variable.source if variable else "",
        months=_months(session, territory_id, first, last, expected),
        pace_cents=pace,
        pace_days=PACE_DAYS,
        forecast_cents=sum(expected.values()),
    )


def _forecast(year: int, today: date, pace: int) -> dict[date, int]:
    """What each month to come is expected to bring from today on, by its days left."""
    days: dict[date, int] = defaultdict(int)
    day, end = max(today, date(year, 1, 1)), date(year, 12, 31)
    while day <= end:
        days[month_of(day)] += 1
        day += timedelta(days=1)
    told, elapsed, total = {}, 0, 0
    for month in sorted(days):
        elapsed += days[month]
        reached = pace * elapsed // PACE_DAYS
        told[month], total = reached - total, reached
    return told


def _months(
    session: Session, territory_id: UUID, first: date, last: date, expected: dict[date, int]
) -> tuple[MonthFigures, ...]:
    spent: dict[date, int] = defaultdict(int)
    committed: dict[date, int] = defaultdict(int)
    cpam: dict[date, int] = defaultdict(int)
    kinds: dict[date, dict[LineKind, int]] = defaultdict(lambda: defaultdict(int))
    for row in statement_rows.sums(session, territory_id, first, last):
        kind, cents = LineKind(row.kind), int(row.cents)
        kinds[row.month][kind] += cents
        if kind is LineKind.MAJORATION:
            cpam[row.month] += cents
        else:
            (spent if row.closed else committed)[row.month] += cents
    acts: dict[date, dict[VerdictStatus, int]] = defaultdict(dict)
    for row in statement_rows.verdict_counts(session, territory_id, first, last):
        acts[row.month][VerdictStatus(row.status)] = row.acts
    months, month = [], first
    while month <= last:
        months.append(
            MonthFigures(
                month=month,
                spent_cents=spent[month],
                committed_cents=committed[month],
                forecast_cents=expected.get(month, 0),
                cpam_cents=cpam[month],
                by_kind=dict(kinds[month]),
                acts=acts[month],
            )
        )
        month = next_month(month)
    return tuple(months)
