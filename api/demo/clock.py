"""The demonstration's clock: at night, on Sundays and holidays it runs ahead, to the next morning of care.

Outside SNP hours every call is oriented to the PDSA, as it must be; whoever looks at the demonstration then
would see only that. The span is kept in a file of the data folder, so that every command of this service
tells the same time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from snp.days import SnpHours, is_snp_hours, next_snp_opening
from snp.platform.clock import Clock, ShiftedClock, SystemClock
from snp.platform.settings import Environment, Settings

_FILE: Final = "demo-clock-seconds-ahead"
_BEFORE_CLOSING: Final = timedelta(hours=1)
_AFTER_OPENING: Final = timedelta(hours=2)


def living_instant(now: datetime, hours: SnpHours | None = None) -> datetime:
    """Return `now` when at least an hour of SNP care is left, else two hours after the next opening."""
    hours = hours or SnpHours()
    if is_snp_hours(now, hours) and is_snp_hours(now + _BEFORE_CLOSING, hours):
        return now
    opening = next_snp_opening(now + _BEFORE_CLOSING, hours)
    return now if opening is None else opening + _AFTER_OPENING


def clock_of(settings: Settings) -> Clock:
    """Return the clock that this service's commands share: the machine's, unless it was shifted."""
    if settings.environment is Environment.PRODUCTION:
        return SystemClock()
    try:
        ahead = int(_path(settings).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return SystemClock()
    return ShiftedClock(timedelta(seconds=ahead)) if ahead else SystemClock()


def set_clock(settings: Settings, *, real: datetime, shown: datetime) -> Clock:
    """Make every command of this service show `shown` now, when the machine says `real`."""
    ahead = round((shown - real).total_seconds())
    path = _path(settings)
    if ahead == 0:
        path.unlink(missing_ok=True)
        return SystemClock()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{ahead}\n", encoding="ascii")
    return ShiftedClock(timedelta(seconds=ahead))


def _path(settings: Settings) -> Path:
    return settings.data_dir / _FILE
