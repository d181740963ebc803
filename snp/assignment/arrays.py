"""An instance as columns of numbers, in an order of its own: what it holds decides, never how it was listed.

Rows are sorted by identifier, so that permuting the input changes nothing. Times are microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from snp.assignment.facts import Instance, Priority, Request, Slot

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PRIORITIES = tuple(Priority)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SlotColumns:
    """Slots by row; `practitioner` numbers practitioners in the order of their identifiers."""

    facts: list[Slot]
    practitioner: Ints
    start: Ints
    end: Ints
    lat: Floats
    lon: Floats
    sphere: Floats
    """Coordinates on the unit sphere, three by row."""
    practitioners: list[str]

    def __len__(self) -> int:
        return len(self.facts)


@dataclass(frozen=True, slots=True)
class RequestColumns:
    """Requests by row; `priority` is 0 for P1; `household` numbers households, -1 for none."""

    facts: list[Request]
    priority: Ints
    lower: Ints
    """First moment a slot may start: `max(now, earliest)`."""
    earliest: Ints
    deadline: Ints
    lat: Floats
    lon: Floats
    sphere: Floats
    """Coordinates on the unit sphere, three by row."""
    max_km: Floats
    sessions: Ints
    household: Ints
    choosy: Bools
    """Those that refuse some practitioners."""

    def __len__(self) -> int:
        return len(self.facts)

    @property
    def coupled(self) -> Bools:
        """Those that need several slots at once, alone or with others."""
        return (self.sessions > 1) | (self.household >= 0)


@dataclass(frozen=True, slots=True)
class Arrays:
    """Both sides of an instance."""

    instance: Instance
    slots: SlotColumns
    requests: RequestColumns


def arrays_of(instance: Instance) -> Arrays:
    """Lay an instance out in columns. A household of one is no household: its only member stands alone."""
    return Arrays(instance, _slot_columns(instance), _request_columns(instance))


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 of an aware moment."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _slot_columns(instance: Instance) -> SlotColumns:
    facts = sorted(instance.slots, key=lambda slot: slot.id)
    practitioners = sorted({slot.practitioner for slot in facts})
    number = {ident: i for i, ident in enumerate(practitioners)}
    lat, lon = _floats(slot.lat for slot in facts), _floats(slot.lon for slot in facts)
    return SlotColumns(
        facts=facts,
        practitioner=_ints(number[slot.practitioner] for slot in facts),
        start=_ints(microseconds(slot.start) for slot in facts),
        end=_ints(microseconds(slot.end) for slot in facts),
        lat=lat,
        lon=lon,
        sphere=_on_sphere(lat, lon),
        practitioners=practitioners,
    )


def _request_columns(instance: Instance) -> RequestColumns:
    facts = sorted(instance.requests, key=lambda request: request.id)
    rank = {priority: i for i, priority in enumerate(PRIORITIES)}
    earliest = _ints(microseconds(request.earliest) for request in facts)
    lat, lon = _floats(request.lat for request in facts), _floats(request.lon for request in facts)
    return RequestColumns(
        facts=facts,
        priority=_ints(rank[request.priority] for request in facts),
        lower=np.maximum(earliest, microseconds(instance.now)),
        earliest=earliest,
        deadline=_ints(microseconds(request.deadline) for request in facts),
        lat=lat,
        lon=lon,
        sphere=_on_sphere(lat, lon),
        max_km=_floats(request.max_km for request in facts),
        sessions=_ints(request.sessions for request in facts),
        household=_household_numbers(facts),
        choosy=np.fromiter((_is_choosy(request) for request in facts), np.bool_),
    )


def _household_numbers(facts: list[Request]) -> Ints:
    size: dict[str, int] = {}
    for request in facts:
        if request.household is not None:
            size[request.household] = size.get(request.household, 0) + 1
    homes = sorted(household for household, members in size.items() if members > 1)
    number = {household: i for i, household in enumerate(homes)}
    return _ints(-1 if r.household is None else number.get(r.household, -1) for r in facts)


def _is_choosy(request: Request) -> bool:
    return bool(request.excluded_practitioners) or request.only_practitioners is not None


def _on_sphere(lat: Floats, lon: Floats) -> Floats:
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=1)


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)


def _floats(values: Iterable[float]) -> Floats:
    return np.fromiter(values, np.float64)
