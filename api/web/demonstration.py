"""What every page says when it shows the demonstration: an hour that is not the real one, how to sign in.

The hour is known to the request alone, and templates are rendered far from it: it travels in the context of
the request, set before any route runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING

from fastapi import Request

from api.wiring import Wiring, wiring_of
from snp.days import say_instant
from snp.platform.clock import ShiftedClock
from snp.platform.settings import Environment

if TYPE_CHECKING:
    from api.demo.facts import SignIn

_told: ContextVar[str] = ContextVar("what pages say of the demonstration's clock", default="")


def tell_the_hour(request: Request) -> None:
    """Let the pages of this request say what the clock shows, when it is not the real hour."""
    _told.set(_sentence(wiring_of(request)))


async def hour_is_told(request: Request) -> None:
    """Tell the hour before the route runs: a coroutine, so that any thread's route sees it."""
    tell_the_hour(request)


def hour_told() -> str:
    """Return what the page must say about the clock; nothing when the hour is the real one."""
    return _told.get()


def is_demonstration(wiring: Wiring) -> bool:
    """Tell whether everybody shown is invented; never in production."""
    return wiring.settings.demo and wiring.settings.environment is not Environment.PRODUCTION


def sign_ins(wiring: Wiring) -> tuple[Sequence[SignIn], str]:
    """Return the demonstration's sign-ins and their password; none in a service that does not show it."""
    if not is_demonstration(wiring):
        return (), ""
    from api.demo.accounts import PASSWORD, SIGN_INS  # noqa: PLC0415 - a real service never loads it

    return SIGN_INS, PASSWORD


def _sentence(wiring: Wiring) -> str:
    if wiring.settings.environment is Environment.PRODUCTION or not isinstance(wiring.clock, ShiftedClock):
        return ""
    return f"Démonstration : l’horloge montre {say_instant(wiring.clock.now())}."
