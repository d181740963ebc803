"""How a campaign ends before its time: by Ctrl-C, by SIGTERM, at its bound; what it started ends too."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TimeIsUp(Exception):
    """The campaign took longer than it may."""


@contextmanager
def ended_by_signals(*, seconds: int = 0) -> Iterator[None]:
    """Turn SIGTERM into the exception of Ctrl-C, and the end of `seconds` (0: none) into `TimeIsUp`."""

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def late(_number: int, _frame: FrameType | None) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGTERM, interrupted), signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGALRM, before[1])
