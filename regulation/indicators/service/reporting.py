"""A year of a territory for the dialogue with the CPAM: every indicator in force, measured at once."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session

from regulation.indicators.facts import Asked, Period, Report, Unit
from regulation.indicators.periods import last_day, period_of
from regulation.indicators.service.defining import list_indicators
from regulation.indicators.service.measuring import measure
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import TerritoryView
from snp.errors import InvalidValue


def draw_report(
    session: Session, territory: TerritoryView, year: int, *, data_of: datetime | None = None, now: datetime
) -> Report:
    """Return the figures of a year, beside the year before, month by month. Raises `InvalidValue`.

    `data_of`: of when the data are that `session` reads, where they are not of `now`.
    """
    today = local_day(now, territory.settings.snp_hours.zone)
    if not 2000 < year <= today.year:
        raise InvalidValue("year", f"de 2001 à {today.year}.")
    period = period_of(Unit.YEAR, date(year, 1, 1))
    earlier = Period(Unit.YEAR, date(year - 1, 1, 1))
    asked = Asked(period, beside=(earlier,), grain=Unit.MONTH)
    figures = measure(session, territory, list_indicators(session, territory.id), asked, now=now)
    return Report(
        territory_id=territory.id,
        territory=territory.name,
        year=year,
        drawn_at=now,
        until=min(last_day(period), today),
        figures=figures,
        professions={one.code: one.label for one in directory.list_professions(session, active=None)},
        data_of=data_of,
    )
