"""A thread of its own for work that runs a loop: the browser's tests leave theirs running in the main one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def apart(work: Callable[[], T]) -> T:
    """Do something in a thread of its own; its result."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own; its result."""
    return apart(lambda: asyncio.run(work))
