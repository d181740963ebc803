"""What the pages of calls for slots show, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.web import wording
from regulation.coverage.facts import Asking, CallView
from regulation.coverage.wording import ENDINGS, half_name, moment_name
from snp.days import say_relative


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call in a list."""

    id: UUID
    profession: str
    opened: str
    how: str
    halves: str
    wanted: int
    gained: int
    asked: int
    answered: int
    state: str
    tone: str
    running: bool


@dataclass(frozen=True, slots=True)
class AskingRow:
    """Somebody whom a call would ask, or not, and why."""

    name: str
    why: tuple[str, ...]
    moments: tuple[str, ...]
    leaves: str


def call_row(call: CallView, labels: Mapping[str, str], now: datetime) -> CallRow:
    """Return a call as a line of a list."""
    gained = sum(call.gained.values())
    running = call.ended_at is None
    tone = "todo" if running else "good" if gained >= sum(call.wanted.values()) else ""
    return CallRow(
        id=call.id,
        profession=labels.get(call.profession, call.profession),
        opened=say_relative(call.opened_at, now),
        how="ouvert par le service" if call.automatic else "ouvert à la main",
        halves=" ; ".join(f"{half_name(half)} ({count})" for half, count in sorted(call.wanted.items())),
        wanted=sum(call.wanted.values()),
        gained=gained,
        asked=call.asked,
        answered=call.answered,
        state="En cours" if call.ending is None else ENDINGS[call.ending],
        tone=tone,
        running=running,
    )


def asking_row(asking: Asking, now: datetime) -> AskingRow:
    """Return somebody as a line of the preview."""
    leaves = (
        "" if asking.leaves_at is None or asking.leaves_at <= now else say_relative(asking.leaves_at, now)
    )
    return AskingRow(
        name=asking.name,
        why=tuple(wording.capital(one) for one in asking.why),
        moments=tuple(moment_name(one) for one in asking.moments),
        leaves=leaves,
    )
