"""The slots a live policy can see, as columns of arrays, and the requests compiled against them.

Columns are recycled: a slot that started, or was withdrawn, leaves its number to a later one. Knows no
policy.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from snp.assignment.facts import Audience, Mode, Request, Slot

EARTH_KM = 6371.0088
"""Radius of the sphere of the formats, in kilometres (IUGG mean radius)."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SlotKind = tuple[str, Mode, frozenset[Audience]]
NeedKind = tuple[frozenset[str], frozenset[Mode], Audience]


@dataclass(slots=True)
class Kinds:
    """Numbers for the kinds of slots and of needs met so far, and which need accepts which slot."""

    slot: dict[SlotKind, int] = field(default_factory=dict)
    need: dict[NeedKind, int] = field(default_factory=dict)
    accepts: Bools = field(default_factory=lambda: np.zeros((0, 0), dtype=np.bool_))
    """`accepts[need, slot]`."""
    remote: Bools = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    """`remote[slot]`: a teleconsultation, at distance zero from everyone."""

    def of_slot(self, slot: Slot) -> int:
        """Number of the slot's kind, new if need be."""
        key = (slot.profession, slot.mode, slot.audiences)
        if key not in self.slot:
            self.slot[key] = len(self.slot)
            self._tabulate()
        return self.slot[key]

    def of_need(self, request: Request) -> int:
        """Number of the need's kind, new if need be."""
        key = (request.professions, request.modes, request.audience)
        if key not in self.need:
            self.need[key] = len(self.need)
            self._tabulate()
        return self.need[key]

    def _tabulate(self) -> None:
        self.accepts = np.array(
            [
                [
                    profession in n[0] and mode in n[1] and n[2] in audiences
                    for profession, mode, audiences in self.slot
                ]
                for n in self.need
            ],
            dtype=np.bool_,
        ).reshape(len(self.need), len(self.slot))
        self.remote = np.array([mode is Mode.VR for _, mode, _ in self.slot], dtype=np.bool_)


@dataclass(slots=True)
class Need:
    """A request compiled: seconds since the epoch, radians, and the number of its kind."""

    request: Request
    kind: int
    earliest: float
    deadline: float
    lat: float
    lon: float
    max_km: float


def unit_vectors(lat: Floats, lon: Floats) -> Floats:
    """Points of the unit sphere, shape (n, 3), from radians."""
    points: Floats = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)
    return points


def kilometres(lat: float, lon: float, lats: Floats, lons: Floats) -> Floats:
    """Great-circle distances from one point to many, radians in."""
    half = np.sin((lats - lat) / 2) ** 2 + np.cos(lat) * np.cos(lats) * np.sin((lons - lon) / 2) ** 2
    km: Floats = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return km


class SlotTable:
    """Every slot that is published and has not started, one column each."""

    def __init__(self, capacity: int = 256) -> None:
        self.kinds = Kinds()
        self.column: dict[str, int] = {}
        self.slots: list[Slot | None] = []
        self._practitioner: dict[str, int] = {}
        self._unused: list[int] = []
        self.capacity = 0
        self.start = np.zeros(0)
        self.end = np.zeros(0)
        self.lat = np.zeros(0)
        self.lon = np.zeros(0)
        self.vector = np.zeros((0, 3))
        self.kind = np.zeros(0, dtype=np.int64)
        self.practitioner = np.zeros(0, dtype=np.int64)
        self.free = np.zeros(0, dtype=np.bool_)
        self._grow(capacity)

    def _grow(self, capacity: int) -> None:
        more = capacity - self.capacity
        for name in ("start", "end", "lat", "lon", "kind", "practitioner", "free"):
            old = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.zeros(more, dtype=old.dtype)]))
        self.vector = np.concatenate([self.vector, np.zeros((more, 3))])
        self.slots.extend([None] * more)
        for column in range(self.capacity, capacity):
            heapq.heappush(self._unused, column)
        self.capacity = capacity

    def add(self, slot: Slot) -> int:
        """Give a published slot a column, free."""
        if not self._unused:
            self._grow(self.capacity * 2)
        column = heapq.heappop(self._unused)
        self.column[slot.id] = column
        self.slots[column] = slot
        self.start[column] = slot.start.timestamp()
        self.end[column] = slot.end.timestamp()
        self.lat[column], self.lon[column] = np.radians(slot.lat), np.radians(slot.lon)
        self.vector[column] = unit_vectors(self.lat[column], self.lon[column])
        self.kind[column] = self.kinds.of_slot(slot)
        self.practitioner[column] = self.practitioner_number(slot.practitioner)
        self.free[column] = True
        return column

    def drop(self, column: int) -> None:
        """Forget a slot that started or was withdrawn; its column will serve again."""
        slot = self.slot_at(column)
        del self.column[slot.id]
        self.slots[column] = None
        self.free[column] = False
        heapq.heappush(self._unused, column)

    def slot_at(self, column: int) -> Slot:
        """The slot standing in a column."""
        slot = self.slots[column]
        assert slot is not None, f"column {column} is empty"
        return slot

    def practitioner_number(self, practitioner: str) -> int:
        """A stable number for a practitioner."""
        return self._practitioner.setdefault(practitioner, len(self._practitioner))

    def compile(self, request: Request) -> Need:
        """Turn a request into numbers once, for all the decisions about it."""
        return Need(
            request=request,
            kind=self.kinds.of_need(request),
            earliest=request.earliest.timestamp(),
            deadline=request.deadline.timestamp(),
            lat=float(np.radians(request.lat)),
            lon=float(np.radians(request.lon)),
            max_km=request.max_km,
        )

    def suitable(
        self, need: Need, now: float, *, only_free: bool = True, any_time: bool = False
    ) -> tuple[Ints, Floats]:
        """Columns of the slots that suit a need at `now`, by start then column, and their distances in km.

        `any_time` drops the deadline: later sessions of a series have none.
        """
        latest = np.inf if any_time else need.deadline
        fits = (self.start >= max(now, need.earliest)) & (self.start <= latest)
        if only_free:
            fits &= self.free
        columns = np.flatnonzero(fits)
        columns = columns[self.kinds.accepts[need.kind, self.kind[columns]]]
        columns = columns[[self.slots[c] is not None for c in columns]] if not only_free else columns
        columns = self._by_practitioner(need.request, columns)
        km = self.distance(need, columns)
        near = km <= need.max_km
        columns, km = columns[near], km[near]
        order = np.lexsort((columns, self.start[columns]))
        return columns[order], km[order]

    def suits(self, need: Need, column: int) -> bool:
        """Whether the slot of one column suits a need, whatever the time now."""
        if not need.earliest <= self.start[column] <= need.deadline:
            return False
        if not self.kinds.accepts[need.kind, self.kind[column]]:
            return False
        one = np.array([column])
        return bool(
            len(self._by_practitioner(need.request, one)) and self.distance(need, one)[0] <= need.max_km
        )

    def distance(self, need: Need, columns: Ints) -> Floats:
        """Kilometres from a need to the slots of these columns; zero for teleconsultations."""
        km = kilometres(need.lat, need.lon, self.lat[columns], self.lon[columns])
        return np.where(self.kinds.remote[self.kind[columns]], 0.0, km)

    def _by_practitioner(self, request: Request, columns: Ints) -> Ints:
        if request.excluded_practitioners:
            excluded = [self.practitioner_number(p) for p in sorted(request.excluded_practitioners)]
            columns = columns[~np.isin(self.practitioner[columns], excluded)]
        if request.only_practitioners is not None:
            only = [self.practitioner_number(p) for p in sorted(request.only_practitioners)]
            columns = columns[np.isin(self.practitioner[columns], only)]
        return columns
