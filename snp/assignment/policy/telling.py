"""When people may be told: the last moment at which a slot can be named, outside quiet hours."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
QuietHours = tuple[time, time]


def latest_naming(start: float, notice_s: float, quiet: QuietHours | None) -> float:
    """The last moment to name a slot, in seconds since the epoch.

    That is `notice_s` before it starts, moved before quiet hours.
    """
    moment = start - notice_s
    if quiet is None or not is_quiet(moment, quiet):
        return moment
    local = datetime.fromtimestamp(moment, PARIS)
    begins = local.replace(hour=quiet[0].hour, minute=quiet[0].minute, second=0, microsecond=0)
    return (begins if begins <= local else begins - timedelta(days=1)).timestamp()


def is_quiet(moment: float, quiet: QuietHours | None) -> bool:
    """Whether nobody is to be told anything at this moment; quiet hours may span midnight."""
    if quiet is None:
        return False
    clock = datetime.fromtimestamp(moment, PARIS).time()
    begins, ends = quiet
    return begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
