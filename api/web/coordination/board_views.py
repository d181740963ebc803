"""What the coordinator's board shows: slots of seven days, open requests; no identity. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from api.web import wording
from api.web.console import queue_views
from api.web.console.queue_views import Wanted
from slots.agenda import service as agenda
from slots.agenda.facts import SlotCount
from snp.days import day_bounds, local_day
from snp.directory import service as directory
from snp.directory.facts import TerritoryView
from snp.platform.actors import Actor

DAYS: Final = 7
_BAR: Final = ("taken", "held", "free", "released", "lost")
"""The parts of a bar, from left to right."""


@dataclass(slots=True)
class Row:
    """Slots of one line of a table, by what has become of them."""

    label: str = ""
    published: int = 0
    free: int = 0
    held: int = 0
    taken: int = 0
    released: int = 0
    lost: int = 0

    def add(self, count: SlotCount) -> None:
        """Add what was counted."""
        for name in ("published", *_BAR):
            setattr(self, name, getattr(self, name) + getattr(count, name))

    @property
    def parts(self) -> list[tuple[str, float, float]]:
        """The bar: kind, where it begins and how wide it is, in hundredths of the line."""
        drawn, at = [], 0.0
        for name in _BAR:
            width = 100 * getattr(self, name) / self.published if self.published else 0.0
            if width:
                drawn.append((name, round(at, 2), round(width, 2)))
            at += width
        return drawn


@dataclass(frozen=True, slots=True)
class Table:
    """One way to cut the slots."""

    code: str
    heading: str
    first: str
    rows: tuple[Row, ...] = field(default=())


def board(session: Session, territory: TerritoryView, *, by: Actor, now: datetime) -> dict[str, Any]:
    """Return the slots of today and the six days after, and the open requests by deadline."""
    today = local_day(now)
    days = [today + timedelta(days=n) for n in range(DAYS)]
    counts = agenda.count_slots(
        session, territory.id, day_bounds(days[0])[0], day_bounds(days[-1])[1], now=now
    )
    labels = {one.code: one.label for one in directory.list_professions(session, active=None)}
    places = directory.get_communes(session, {one.insee for one in counts})
    total = Row()
    for one in counts:
        total.add(one)
    halves = {
        (day, is_morning): f"{wording.day_heading(day, today)}, {'matin' if is_morning else 'après-midi'}"
        for day in days
        for is_morning in (True, False)
    }
    kept = [
        (key, label)
        for key, label in halves.items()
        if key[0].weekday() != _SUNDAY or any((one.day, one.is_morning) == key for one in counts)
    ]
    return {
        "total": total,
        "tables": (
            Table("jours", "Par demi-journée", "Demi-journée", _rows(kept, counts, _half)),
            Table(
                "professions",
                "Par profession",
                "Profession",
                _rows(_by_label(labels, {one.profession for one in counts}), counts, _profession),
            ),
            Table(
                "communes",
                "Par commune",
                "Commune",
                _rows(
                    sorted(((code, one.name) for code, one in places.items()), key=lambda pair: pair[1]),
                    counts,
                    _commune,
                ),
            ),
        ),
        "requests": queue_views.queue(session, Wanted(territory=territory.id), by=by, now=now),
    }


_SUNDAY: Final = 6


def _half(one: SlotCount) -> Hashable:
    return one.day, one.is_morning


def _profession(one: SlotCount) -> Hashable:
    return one.profession


def _commune(one: SlotCount) -> Hashable:
    return one.insee


def _by_label(labels: dict[str, str], codes: Iterable[str]) -> list[tuple[Hashable, str]]:
    named: list[tuple[Hashable, str]] = [(code, labels.get(code, code)) for code in codes]
    return sorted(named, key=lambda pair: pair[1])


def _rows(
    lines: Iterable[tuple[Hashable, str]], counts: list[SlotCount], key: Callable[[SlotCount], Hashable]
) -> tuple[Row, ...]:
    found = {line: Row(label) for line, label in lines}
    for one in counts:
        found[key(one)].add(one)
    return tuple(found.values())
