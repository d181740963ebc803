"""Local days, clock changes, public holidays and the hours of care, in France. Pure: `now` is an argument.

Instants are aware; what is returned is in UTC, since arithmetic on a local datetime counts wall time.
Intervals are `[start, end)`.
"""

from snp.days.hours import (
    CarePeriod,
    DayHours,
    PdsaHours,
    SnpHours,
    care_period,
    is_pdsa,
    is_snp_hours,
    next_snp_opening,
    outside_snp_hours,
    snp_openings,
    within_snp_hours,
)
from snp.days.local import (
    PARIS,
    Wall,
    at_local,
    day_bounds,
    local,
    local_day,
    local_days,
    read_wall,
    same_local_day,
    shift_days,
)
from snp.days.public_holidays import HolidayRegion, holiday_name, holiday_region, is_holiday, public_holidays
from snp.days.wording import say_day, say_delay, say_instant, say_interval, say_relative, say_time

__all__ = [
    "PARIS",
    "CarePeriod",
    "DayHours",
    "HolidayRegion",
    "PdsaHours",
    "SnpHours",
    "Wall",
    "at_local",
    "care_period",
    "day_bounds",
    "holiday_name",
    "holiday_region",
    "is_holiday",
    "is_pdsa",
    "is_snp_hours",
    "local",
    "local_day",
    "local_days",
    "next_snp_opening",
    "outside_snp_hours",
    "public_holidays",
    "read_wall",
    "same_local_day",
    "say_day",
    "say_delay",
    "say_instant",
    "say_interval",
    "say_relative",
    "say_time",
    "shift_days",
    "snp_openings",
    "within_snp_hours",
]
