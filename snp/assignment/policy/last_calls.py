"""The last moments: when a slot can still be told to whoever waits, and when a promise is lost."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np

from snp.assignment.policy.scenario import OpenRequest
from snp.assignment.policy.slot_table import SlotTable
from snp.assignment.policy.telling import QuietHours, latest_naming


class LastCalls:
    """One call per free slot and notice in use, in order of time; a call that comes late is due at once."""

    def __init__(self, table: SlotTable, quiet: QuietHours | None) -> None:
        self._table, self._quiet = table, quiet
        self._notices: set[float] = set()
        self._calls: list[tuple[float, int, str, float]] = []
        self._last_chances: list[tuple[float, str]] = []

    def watch(self, notice_s: float, now: float) -> None:
        """Somebody needs this notice: from now on, free slots have a last call for it."""
        if notice_s in self._notices:
            return
        self._notices.add(notice_s)
        for column in np.flatnonzero(self._table.free).tolist():
            self._call(column, notice_s, now)

    def opened(self, column: int, now: float) -> None:
        """A slot became free."""
        for notice_s in sorted(self._notices):
            self._call(column, notice_s, now)

    def promised(self, item: OpenRequest) -> None:
        """A promise was made: after its last chance it is broken."""
        moment = latest_naming(item.caller.need.deadline, item.notice_s, None)
        heapq.heappush(self._last_chances, (moment, item.ident))

    def next(self) -> float:
        """When the next call or last chance is due; infinity when there is none."""
        heads = [queue[0][0] for queue in (self._calls, self._last_chances) if queue]
        return min(heads, default=np.inf)

    def due(self, until: float) -> Iterator[tuple[int, float]]:
        """Columns still free whose call has come, and the notice it is for."""
        while self._calls and self._calls[0][0] <= until:
            _, column, slot_id, notice_s = heapq.heappop(self._calls)
            if self._table.column.get(slot_id) == column and self._table.free[column]:
                yield column, notice_s

    def overdue(self, until: float) -> Iterator[str]:
        """Requests whose last chance has passed."""
        while self._last_chances and self._last_chances[0][0] <= until:
            yield heapq.heappop(self._last_chances)[1]

    def _call(self, column: int, notice_s: float, now: float) -> None:
        start = float(self._table.start[column])
        moment = max(latest_naming(start, notice_s, self._quiet), now)
        if moment <= start:
            heapq.heappush(self._calls, (moment, column, self._table.slot_at(column).id, notice_s))
