"""A clock that jumps under the real service: all its processes, by libfaketime where it is installed.

PostgreSQL keeps its own clock, as a server of another machine would. Without the library the jump is played
in `partners`, by a clock that is handed in, and its rows say so.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from bench.faults.counting import count, until_none
from bench.faults.crowd import Acknowledged
from bench.faults.killing import RECOVERED_SECONDS, SETTLED_SECONDS, Played, playing
from bench.faults.lines import line, progress
from bench.tables import Row

JUMP_MINUTES = 10
_PLACES = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt/homebrew/lib")
_HELD = "SELECT count(*) FROM hold WHERE ended_at IS NULL AND expires_at <= now() - interval '1 minute'"


def library() -> Path | None:
    """Where libfaketime for programs with threads is; None where it is absent (Debian: `faketime`)."""
    for place in _PLACES:
        if found := next(iter(sorted(Path(place).glob("**/libfaketimeMT.so.1"))), None):
            return found
    return None


def rows(folder: Path) -> list[Row]:
    """The clock jumps ahead, then back; no row where the library is absent."""
    preload = library()
    if preload is None:
        return []
    folder.mkdir(mode=0o711)
    clock = folder / "clock"
    clock.write_text("+0", encoding="ascii")
    more = {
        "LD_PRELOAD": str(preload),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    progress("a clock that jumps")
    with playing(folder / "data", bookings=3_000, **more) as played:
        return [_jump(played, clock, JUMP_MINUTES), _jump(played, clock, 0)]


def _jump(played: Played, clock: Path, minutes: int) -> Row:
    """Set the clock so many minutes ahead of the machine's; bookings must go on at once."""
    crowd, before = played.crowd, len(played.crowd.acknowledged)
    time.sleep(1.5)
    clock.write_text(f"+{minutes * 60}", encoding="ascii")
    taken = crowd.wait_for_next(time.perf_counter(), seconds=RECOVERED_SECONDS)
    time.sleep(1.5)
    told: Sequence[Acknowledged] = crowd.acknowledged[before:]
    leaders = played.victim.await_leader()
    held = until_none(played.address, _HELD, seconds=SETTLED_SECONDS)
    way = "ahead" if minutes else "back"
    note = f"every process of the service (libfaketime); {len(leaders)} leader; "
    note += "no hold stands that ran out" if held is not None else "**holds that ran out stand**"
    settled = held is not None and len(leaders) == 1
    seen = count(played.address, told)
    fault = f"the clock jumps {way} by {JUMP_MINUTES} minutes"
    return line(fault, times=1, seen=seen, recovery=[taken], note=note, settled=settled)
