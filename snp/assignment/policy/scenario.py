"""One possible future: the open requests and the free slots of now, with requests and slots that may come.

Keeps the best plan for it as things happen, and reads from that plan what each slot is worth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from snp.assignment.facts import Priority
from snp.assignment.forecast import Forecast
from snp.assignment.policy.desk import Caller
from snp.assignment.policy.matching import Matching
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.policy.slot_table import EARTH_KM, Bools, Floats, Ints, SlotTable, unit_vectors
from snp.assignment.stream import VALUE

RANKS = tuple(Priority)
VALUES = np.array([VALUE[p] for p in RANKS], dtype=np.int64)
HOUR = 3600.0
BLOCK = 512
"""Slots compared with sampled requests at a time, in order of start: bounds memory in a large territory."""
CEILING = 20
"""Price at most: above every value, below what a promise weighs, so that means stay readable."""


@dataclass(slots=True)
class Shapes:
    """The requests of the forecast as arrays, grown as they are seen."""

    table: SlotTable
    forecast: Forecast
    seen: int = 0
    rows: list[tuple[float, ...]] = field(default_factory=list)
    _array: Floats | None = None

    def array(self) -> Floats:
        """One row a request: kind, wait to earliest, delay, lat, lon, cosine of reach, value, may wait."""
        for arrival in self.forecast.arrivals[self.seen :]:
            need = self.table.compile(arrival.request)
            at = arrival.at.timestamp()
            patient = arrival.waiting_list or arrival.notice_min is not None
            self.rows.append(
                (
                    need.kind,
                    need.earliest - at,
                    need.deadline - at,
                    need.lat,
                    need.lon,
                    np.cos(min(need.max_km / EARTH_KM, np.pi)),
                    VALUE[arrival.request.priority],
                    float(patient),
                )
            )
            self._array = None
        self.seen = len(self.forecast.arrivals)
        if self._array is None:
            self._array = np.array(self.rows, dtype=np.float64).reshape(-1, 8)
        return self._array


@dataclass(slots=True)
class OpenRequest:
    """A request still without a slot that the policy may yet serve."""

    caller: Caller
    weight: int
    columns: int
    """Mask of the columns that suit it and can still be named in time."""
    notice_s: float
    """Seconds before its start by which a slot must be named to it."""
    promised: bool

    @property
    def ident(self) -> str:
        """The request's id."""
        return self.caller.arrival.request.id


def to_masks(suits: Bools) -> list[int]:
    """Rows of booleans as integers, bit j for column j."""
    packed = np.packbits(suits, axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


class Scenario:
    """A plan of greatest value for one sampled future; rows are requests, columns are slots.

    Real slots keep their column of the table; slots that may come stand after its capacity.
    """

    def __init__(
        self,
        now: float,
        table: SlotTable,
        shapes: Shapes,
        *,
        waiting: Iterable[OpenRequest],
        settings: LiveSettings,
        random: np.random.Generator,
    ) -> None:
        self.table, self.settings = table, settings
        self.capacity = table.capacity
        self.until = now + settings.horizon_h * HOUR
        self.plan = Matching()
        self._levels: list[tuple[int, int]] | None = None
        self.row_of: dict[str, int] = {}
        self._next_row = 0
        self._draw_requests(now, shapes, random)
        self._draw_slots(now, shapes.forecast, random)
        self._fill(now, waiting)
        self.drawn_at = now

    def _draw_requests(self, now: float, shapes: Shapes, random: np.random.Generator) -> None:
        arrivals, numbers = shapes.forecast.requests(
            now, self.until, random, inflation=self.settings.inflation
        )
        drawn = shapes.array()[numbers]
        jitter = shapes.forecast.settings.jitter_km / EARTH_KM
        lat = drawn[:, 3] + random.normal(0, jitter, len(drawn))
        lon = drawn[:, 4] + random.normal(0, jitter, len(drawn)) / np.maximum(np.cos(drawn[:, 3]), 0.01)
        self.arrival = arrivals
        self.kind: Ints = drawn[:, 0].astype(np.int64)
        self.earliest = arrivals + np.maximum(drawn[:, 1], 0.0)
        self.deadline = arrivals + drawn[:, 2]
        self.vector = unit_vectors(lat, lon)
        self.reach = drawn[:, 5]
        self.value: Ints = drawn[:, 6].astype(np.int64)
        self.patient: Bools = drawn[:, 7] > 0
        self.gone = 0
        self._next_row = len(arrivals)

    def _draw_slots(self, now: float, forecast: Forecast, random: np.random.Generator) -> None:
        coming = sorted(forecast.slots(now, self.until, random), key=lambda item: item[:2])
        self.publication = np.array([item[0] for item in coming])
        self.coming_start = np.array([item[1] for item in coming])
        self.coming_kind = np.array([self.table.kinds.of_slot(item[2]) for item in coming], dtype=np.int64)
        self.coming_vector = unit_vectors(
            np.radians([item[2].lat for item in coming]), np.radians([item[2].lon for item in coming])
        )
        self.came = 0

    def _fill(self, now: float, waiting: Iterable[OpenRequest]) -> None:
        real = np.flatnonzero(self.table.free)
        real = real[np.argsort(self.table.start[real], kind="stable")]
        suits = np.zeros((len(self.arrival), self.capacity + len(self.publication)), dtype=np.bool_)
        for first in range(0, len(real), BLOCK):
            self._mark_real(suits, real[first : first + BLOCK], now)
        if len(self.publication):
            suits[:, self.capacity :] = self._suits(
                self.coming_start, self.coming_kind, self.coming_vector, self.publication
            )
        masks = to_masks(suits)
        plan = self.plan
        plan.present = plan.free = int.from_bytes(
            np.packbits(
                np.concatenate([self.table.free, np.ones(len(self.publication), dtype=np.bool_)]),
                bitorder="little",
            ).tobytes(),
            "little",
        )
        order = np.lexsort((self.deadline, -self.value))
        plan.load(masks, to_masks(suits.T), self.value.tolist(), order.tolist())
        for item in sorted(waiting, key=lambda item: -item.weight):
            self.add_open(item)

    def _mark_real(self, suits: Bools, real: Ints, now: float) -> None:
        """Mark which sampled requests these free columns suit, looking only at requests of their time."""
        start = self.table.start[real]
        reached = self.deadline >= start.min()
        reached &= np.maximum(self.earliest, self.arrival) <= start.max()
        rows = np.flatnonzero(reached)
        if len(rows):
            suits[np.ix_(rows, real)] = self._suits(
                start, self.table.kind[real], self.table.vector[real], np.full(len(real), now), rows
            )

    def _suits(
        self, start: Floats, kind: Ints, vector: Floats, published: Floats, rows: Ints | None = None
    ) -> Bools:
        """Which sampled requests (all, or these rows) these slots suit, shape (requests, slots)."""
        some = slice(None) if rows is None else rows
        arrival = self.arrival[some, None]
        fits = start[None, :] >= np.maximum(self.earliest[some, None], arrival)
        fits &= start[None, :] <= self.deadline[some, None]
        fits &= (published[None, :] <= arrival) | self.patient[some, None]
        fits &= self.table.kinds.accepts[self.kind[some]][:, kind]
        near = self.vector[some] @ vector.T >= self.reach[some, None]
        return np.asarray(fits & (near | self.table.kinds.remote[kind][None, :]), dtype=np.bool_)

    def advance(self, now: float) -> None:
        """What was sampled before `now` did not happen, or happened for real: take it out."""
        while self.gone < len(self.arrival) and self.arrival[self.gone] < now:
            self.plan.remove_row(self.gone)
            self.gone += 1
            self._levels = None
        while self.came < len(self.publication) and self.publication[self.came] < now:
            column = self.capacity + self.came
            self.plan.remove_column(column)
            self.plan.forget_column(column)
            self.came += 1
            self._levels = None

    def add_open(self, item: OpenRequest) -> None:
        """A real request joins the plan."""
        self._levels = None
        row = self._next_row
        self._next_row += 1
        self.row_of[item.ident] = row
        self.plan.add_row(row, self.columns_for(item), item.weight)

    def columns_for(self, item: OpenRequest) -> int:
        """Mask of the columns for a real request: those it may name now, and those that may come."""
        if not len(self.publication):
            return item.columns
        need = item.caller.need
        fits = self.coming_start >= np.maximum(need.earliest, self.publication + item.notice_s)
        fits &= self.coming_start <= need.deadline
        fits[: self.came] = False
        if not fits.any():
            return item.columns
        vector = unit_vectors(np.array(need.lat), np.array(need.lon))
        near = self.coming_vector @ vector >= np.cos(min(need.max_km / EARTH_KM, np.pi))
        fits &= self.table.kinds.accepts[need.kind, self.coming_kind]
        fits &= near | self.table.kinds.remote[self.coming_kind]
        return item.columns | to_masks(fits[None, :])[0] << self.capacity

    def plan_columns(self) -> int:
        """Mask of the real columns."""
        return (1 << self.capacity) - 1

    def drop_open(self, ident: str) -> None:
        """A real request leaves the plan: served, or no longer to be."""
        row = self.row_of.pop(ident, None)
        if row is not None:
            self.plan.remove_row(row)
            self._levels = None

    def open_slot(self, column: int, now: float, waiting: Iterable[OpenRequest]) -> None:
        """A slot became free."""
        one = np.array([column])
        suits = self._suits(
            self.table.start[one], self.table.kind[one], self.table.vector[one], np.array([now])
        )[:, 0]
        plan = self.plan
        for row in np.flatnonzero(suits).tolist():
            if row >= self.gone:
                plan.allow(row, column)
        for item in waiting:
            if item.columns >> column & 1:
                known = self.row_of.get(item.ident)
                if known is not None:
                    plan.allow(known, column)
        plan.add_column(column)
        self._levels = None

    def close_slot(self, column: int) -> None:
        """A slot is no longer free."""
        self.plan.remove_column(column)
        self.plan.forget_column(column)
        self._levels = None

    def forbid(self, ident: str, column: int) -> None:
        """A slot can no longer be named in time to a real request."""
        self.plan.forbid(self.row_of[ident], column)
        self._levels = None

    def levels(self) -> list[tuple[int, int]]:
        """The plan's price levels, kept until something changes."""
        if self._levels is None:
            self._levels = self.plan.prices()
        return self._levels

    def cheapest(self, columns: int) -> int:
        """What one more request in the best of these columns would cost the others, at most `CEILING`.

        Read from the price levels when they are up to date, else searched for from these columns alone.
        """
        if self._levels is None:
            return self.plan.cost_of_serving(columns, CEILING)
        return next((min(price, CEILING) for price, mask in self._levels if mask & columns), CEILING)

    @property
    def levels_known(self) -> bool:
        """Whether the price levels are up to date."""
        return self._levels is not None

    def price_of(self, column: int) -> int:
        """Price of one real column, without those of the others."""
        return min(self.plan.loss_without_column(column), CEILING)

    def price_row(self) -> NDArray[np.float32]:
        """Price of each real column; zero where there is no slot."""
        result = np.zeros(self.capacity, dtype=np.float32)
        real = self.plan_columns()
        for price, mask in self.levels():
            if price and mask & real:
                packed = np.frombuffer((mask & real).to_bytes(self.capacity // 8, "little"), dtype=np.uint8)
                result[np.unpackbits(packed, bitorder="little").astype(np.bool_)] = min(price, CEILING)
        return result
