"""The sampled futures that prices are averaged over: drawn, kept up to date, drawn again in turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from snp.assignment.forecast import Forecast
from snp.assignment.policy.scenario import OpenRequest, Scenario, Shapes
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.policy.slot_table import Floats, Ints, SlotTable

TICK_S = 1e-5
"""Instants closer than this are one: seconds since the epoch are not exact to the microsecond."""

SEARCHED = 8
"""Columns at most whose prices are searched for one by one rather than computed with all others."""


class Futures:
    """Several scenarios side by side. Prices are means over them, in points of value."""

    def __init__(
        self,
        table: SlotTable,
        forecast: Forecast,
        open_requests: Mapping[str, OpenRequest],
        settings: LiveSettings,
    ) -> None:
        self.table, self.settings = table, settings
        self.scenarios: list[Scenario] = []
        self.next_refresh = 0.0
        self._open = open_requests
        self._shapes = Shapes(table, forecast)
        self._random = np.random.default_rng(settings.seed)
        self._turn = 0

    @property
    def stale(self) -> bool:
        """Whether there are no futures yet, or the table has outgrown them."""
        return not self.scenarios or self.scenarios[0].capacity != self.table.capacity

    def refresh(self, now: float) -> None:
        """Bring every future up to `now`; draw one of them again when its turn has come."""
        due = now + TICK_S >= self.next_refresh
        if self.stale:
            self.scenarios = [self._draw(now) for _ in range(self.settings.scenarios)]
        elif due:
            self.scenarios[self._turn % len(self.scenarios)] = self._draw(now)
            self._turn += 1
        if due:
            period = self.settings.refresh_min * 60
            self.next_refresh += (int((now + TICK_S - self.next_refresh) // period) + 1) * period
        self.advance(now)

    def advance(self, now: float) -> None:
        """Drop what was sampled before `now`."""
        for scenario in self.scenarios:
            scenario.advance(now)

    def warm(self) -> None:
        """Compute the price levels that the next decision will read."""
        for scenario in self.scenarios:
            scenario.levels()

    def _draw(self, now: float) -> Scenario:
        return Scenario(
            now,
            self.table,
            self._shapes,
            waiting=self._open.values(),
            settings=self.settings,
            random=self._random,
        )

    def opened(self, column: int, now: float) -> None:
        """A slot became free."""
        if not self.stale:
            for scenario in self.scenarios:
                scenario.open_slot(column, now, self._open.values())

    def closed(self, column: int) -> None:
        """A slot is no longer free."""
        if not self.stale:
            for scenario in self.scenarios:
                scenario.close_slot(column)

    def add(self, item: OpenRequest) -> None:
        """A real request joins every plan."""
        for scenario in self.scenarios:
            scenario.add_open(item)

    def drop(self, ident: str) -> None:
        """A real request leaves every plan."""
        for scenario in self.scenarios:
            scenario.drop_open(ident)

    def forbid(self, ident: str, column: int) -> None:
        """A slot can no longer be named in time to a real request."""
        for scenario in self.scenarios:
            scenario.forbid(ident, column)

    def prices(self) -> NDArray[np.float32]:
        """Mean price of each column."""
        if not self.scenarios:
            return np.zeros(self.table.capacity, dtype=np.float32)
        return np.asarray(np.mean([scenario.price_row() for scenario in self.scenarios], axis=0))

    def prices_of(self, columns: Ints) -> Floats:
        """Mean price of some columns: read from the price levels, or searched for if those are old."""
        if len(columns) > SEARCHED or not self.scenarios or all(s.levels_known for s in self.scenarios):
            return self.prices()[columns].astype(np.float64)
        return np.array(
            [
                np.mean([s.price_of(column) for s in self.scenarios], dtype=np.float32)
                for column in columns.tolist()
            ],
            dtype=np.float64,
        )

    def cheapest(self, columns: int, cap: float) -> float:
        """Mean cost to the others of one more request in the best of these columns, each at most `cap`."""
        if not self.scenarios:
            return cap
        return float(np.mean([min(s.cheapest(columns), cap) for s in self.scenarios]))

    def loss_without(self, column: int) -> float:
        """Mean value lost if nobody gets a column."""
        return float(np.mean([s.plan.loss_without_column(column) for s in self.scenarios]))

    def losses_of_pairing(self, items: Sequence[OpenRequest], column: int) -> Floats:
        """Mean value lost by giving a column to each of these requests alone, against each best plan."""
        losses = [
            s.plan.losses_of_pairing([s.row_of[item.ident] for item in items], column) for s in self.scenarios
        ]
        return np.asarray(np.mean(losses, axis=0))

    def wanted(self, columns: Ints) -> Floats:
        """How many requests of the plans each column suits, a mean."""
        count = np.zeros(len(columns))
        for scenario in self.scenarios:
            wanted_by = scenario.plan.wanted_by
            count += [wanted_by.get(column, 0).bit_count() for column in columns.tolist()]
        return count / max(1, len(self.scenarios))


def columns_of(items: Iterable[int]) -> int:
    """A mask of columns."""
    mask = 0
    for column in items:
        mask |= 1 << column
    return mask
