"""When unscheduled care is given by day (SNP), and when the permanence des soins takes over (PDSA)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from snp.days.local import PARIS, at_local, day_bounds, local, local_day, local_days
from snp.days.public_holidays import HolidayRegion, holiday_name, is_holiday

_SATURDAY: Final = 5
_SUNDAY: Final = 6
_FARTHEST_OPENING_DAYS: Final = 31


@dataclass(frozen=True, slots=True)
class DayHours:
    """Local opening hours of one day, `[opens, closes)`.

    `closes` at 00:00 means midnight at the end of the day.
    """

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if time(0) != self.closes and self.closes <= self.opens:
            raise ValueError("a day closes after it opens")

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The instants (UTC) when that day opens and closes."""
        end = day_bounds(day, zone)[1] if self.closes == time(0) else at_local(day, self.closes, zone)
        return at_local(day, self.opens, zone), end


@dataclass(frozen=True, slots=True)
class SnpHours:
    """The hours of unscheduled care in a territory; the defaults are the national ones.

    `closed_on`: further local days without unscheduled care. `open_on_holidays` applies the hours of the
    weekday.

    Source: convention médicale 2024-2029 and SAS guide: Monday to Friday 8-20 h, Saturday 8-12 h, no public
    holiday.
    """

    weekdays: DayHours = DayHours(time(8), time(20))
    saturday: DayHours | None = DayHours(time(8), time(12))
    sunday: DayHours | None = None
    open_on_holidays: bool = False
    region: HolidayRegion = HolidayRegion.METROPOLE
    closed_on: frozenset[date] = frozenset()
    zone: ZoneInfo = PARIS

    def of(self, day: date) -> DayHours | None:
        """The hours of a local day; None when it is closed."""
        if day in self.closed_on or (not self.open_on_holidays and is_holiday(day, self.region)):
            return None
        match day.weekday():
            case 5:
                return self.saturday
            case 6:
                return self.sunday
            case _:
                return self.weekdays


@dataclass(frozen=True, slots=True)
class PdsaHours:
    """The hours of the permanence des soins.

    Nights, Sundays and holidays always, the rest as the ARS decides.

    Source: code de la santé publique R6315-1.
    """

    saturday_from_noon: bool = True
    monday_before_holiday: bool = False
    friday_after_holiday: bool = False
    saturday_after_holiday: bool = False
    region: HolidayRegion = HolidayRegion.METROPOLE
    zone: ZoneInfo = PARIS


class CarePeriod(StrEnum):
    """Who answers at an instant.

    Day-time unscheduled care, the permanence des soins, or neither organisation.
    """

    SNP = "snp"
    PDSA = "pdsa"
    NEITHER = "neither"


_DEFAULT_SNP: Final = SnpHours()
_DEFAULT_PDSA: Final = PdsaHours()


def snp_openings(
    start: datetime, end: datetime, hours: SnpHours = _DEFAULT_SNP
) -> Iterator[tuple[datetime, datetime]]:
    """The parts of `[start, end)` that lie within SNP hours, in order, in UTC."""
    for day in local_days(start, end, hours.zone):
        if (open_hours := hours.of(day)) is not None:
            opens, closes = open_hours.on(day, hours.zone)
            if max(opens, start) < min(closes, end):
                yield max(opens, start), min(closes, end)


def within_snp_hours(start: datetime, end: datetime, hours: SnpHours = _DEFAULT_SNP) -> bool:
    """Tell whether the whole of `[start, end)` lies within SNP hours; an empty interval does not."""
    covered = start
    for opens, closes in snp_openings(start, end, hours):
        if opens > covered:
            return False
        covered = closes
    return start < end <= covered


def is_snp_hours(instant: datetime, hours: SnpHours = _DEFAULT_SNP) -> bool:
    """Tell whether an instant lies within SNP hours: 8:00 does, 20:00 does not."""
    return within_snp_hours(instant, instant + timedelta(microseconds=1), hours)


def next_snp_opening(now: datetime, hours: SnpHours = _DEFAULT_SNP) -> datetime | None:
    """The first instant from `now` on within SNP hours: `now` itself during them.

    None when nothing opens within 31 days.
    """
    horizon = now + timedelta(days=_FARTHEST_OPENING_DAYS)
    return next((opens for opens, _ in snp_openings(now, horizon, hours)), None)


def outside_snp_hours(start: datetime, end: datetime, hours: SnpHours = _DEFAULT_SNP) -> str | None:
    """Why `[start, end)` does not lie within SNP hours, as the end of a French sentence.

    None when it does.
    """
    if within_snp_hours(start, end, hours):
        return None
    day = local_day(start, hours.zone)
    if not hours.open_on_holidays and (name := holiday_name(day, hours.region)):
        return f"ce jour est férié ({name})"
    if day in hours.closed_on:
        return "ce jour est fermé aux soins non programmés dans ce territoire"
    open_hours = hours.of(day)
    if open_hours is None:
        return "les soins non programmés n’ont pas lieu ce jour de la semaine"
    named = {_SATURDAY: "le samedi", _SUNDAY: "le dimanche"}.get(day.weekday(), "du lundi au vendredi")
    opens, closes = _wall(open_hours.opens), _wall(open_hours.closes) or "minuit"
    return f"les soins non programmés ont lieu {named} de {opens} à {closes}"


def is_pdsa(instant: datetime, hours: PdsaHours = _DEFAULT_PDSA) -> bool:
    """Tell whether the permanence des soins is on duty at an instant."""
    shown = local(instant, hours.zone)
    if shown.hour < 8 or shown.hour >= 20:
        return True
    return _is_pdsa_by_day(shown.date(), afternoon=shown.hour >= 12, hours=hours)


def care_period(
    instant: datetime, snp: SnpHours = _DEFAULT_SNP, pdsa: PdsaHours = _DEFAULT_PDSA
) -> CarePeriod:
    """Who answers at an instant; day-time care goes first where an ARS decision makes the two overlap."""
    if is_snp_hours(instant, snp):
        return CarePeriod.SNP
    return CarePeriod.PDSA if is_pdsa(instant, pdsa) else CarePeriod.NEITHER


def _is_pdsa_by_day(day: date, *, afternoon: bool, hours: PdsaHours) -> bool:
    """The 8 to 20 h part of R6315-1."""
    one = timedelta(days=1)
    if day.weekday() == _SUNDAY or is_holiday(day, hours.region):
        return True
    after_holiday = is_holiday(day - one, hours.region)
    match day.weekday():
        case 0:
            return hours.monday_before_holiday and is_holiday(day + one, hours.region)
        case 4:
            return hours.friday_after_holiday and after_holiday
        case 5:
            return (hours.saturday_from_noon and afternoon) or (
                hours.saturday_after_holiday and (after_holiday or is_holiday(day - 2 * one, hours.region))
            )
        case _:
            return False


def _wall(at: time) -> str:
    """A time of day in French (`8 h`, `12 h 30`); nothing for midnight."""
    minutes = f"\u00a0{at.minute:02d}" if at.minute else ""
    return f"{at.hour}\u00a0h{minutes}" if at != time(0) else ""
