"""Open promises beside the free slots that stand surety for them: what can be spared, promised, named. Pure.

The certificate is the policy's own (`policy.promises`): every open promise has a slot of its own. What is not
needed for it may go to others; a slot is named when its last call comes, all promises being matched anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from snp.assignment.facts import Request, Slot, Weights
from snp.assignment.policy.desk import Caller
from snp.assignment.policy.futures import columns_of
from snp.assignment.policy.promises import Promises
from snp.assignment.policy.scenario import OpenRequest
from snp.assignment.policy.slot_table import SlotTable
from snp.assignment.policy.telling import QuietHours, latest_naming
from snp.assignment.rules import broken_rule, burden
from snp.assignment.stream import RequestArrived

_KEPT: Final = 10**10
"""What keeping one promise gains: above all that prices, waits and notice of every other can add up to."""
_LATE: Final = 10**6
"""What naming a slot later than the notice costs: done only rather than break the promise."""
_POINT: Final = 10**4
"""One point of value, so that prices count to a hundredth of their burden."""
RELEASE_MARGIN: Final = timedelta(minutes=2)
"""A slot due for release is named that much before: the release comes by once a minute."""
NAMING_MARGIN: Final = timedelta(minutes=2)
"""How late the naming of slots may come by without any promise suffering."""
BURDEN_POINTS: Final = 0.002
"""Points of value per point of burden, between slots that cost the others the same."""


@dataclass(frozen=True, slots=True)
class Pledge:
    """A promise to a request: a slot is named at the latest `notice_min` before it starts."""

    request: Request
    notice_min: int


@dataclass(frozen=True, slots=True)
class Surety:
    """A free slot; `until`: when its practitioner takes it back if nobody has it, None for never."""

    slot: Slot
    until: datetime | None = None


class Circle:
    """The open promises of a territory and the free slots that they rely on, at one instant."""

    def __init__(
        self,
        pledges: Iterable[Pledge],
        sureties: Iterable[Surety],
        *,
        now: datetime,
        quiet: QuietHours | None = None,
    ) -> None:
        self._now, self._quiet = now, quiet
        self._sureties = {surety.slot.id: surety for surety in sureties}
        self._table = SlotTable()
        for surety in self._sureties.values():
            self._table.add(surety.slot)
        self._pledges = {pledge.request.id: pledge for pledge in pledges}
        self._promises = Promises()
        for column in self._table.column.values():
            self._promises.opened(column, ())
        for pledge in self._pledges.values():
            self._promises.add(self._item(pledge))

    def __len__(self) -> int:
        return len(self._pledges)

    def certificate(self) -> dict[str, str]:
        """Return the slot that stands surety for each promise, by request."""
        return {ident: self._table.slot_at(column).id for ident, column in self._promises.kept_by().items()}

    def unkept(self) -> list[str]:
        """Return the requests whose promise no free slot can keep with its notice any more."""
        kept = self._promises.kept_by()
        return [ident for ident in self._pledges if ident not in kept]

    def can_spare(self, slot_ids: Iterable[str]) -> bool:
        """Whether all of these slots can go and every promise be kept as well as before."""
        columns = [self._table.column[ident] for ident in slot_ids if ident in self._table.column]
        return not columns or self._promises.can_spare(columns)

    def needed(self) -> frozenset[str]:
        """Return the slots none of which can go without breaking a promise."""
        spare = self._promises.spare()
        if spare is None:
            return frozenset()
        return frozenset(ident for ident, column in self._table.column.items() if not spare >> column & 1)

    def without(self, request_id: str) -> Circle:
        """Return the circle as it stands for the holder of one promise: his own does not bind him."""
        others = [pledge for ident, pledge in self._pledges.items() if ident != request_id]
        return Circle(others, self._sureties.values(), now=self._now, quiet=self._quiet)

    def adding(self, pledge: Pledge) -> Circle:
        """Return the circle with one more promise."""
        grown = [*self._pledges.values(), pledge]
        return Circle(grown, self._sureties.values(), now=self._now, quiet=self._quiet)

    def nameable(self, pledge: Pledge) -> frozenset[str]:
        """Return the slots that suit a promise and can still be named in time."""
        columns = self._item(pledge).columns
        return frozenset(ident for ident, column in self._table.column.items() if columns >> column & 1)

    def has_room_for(self, pledge: Pledge, *, slack: float = 0.0) -> bool:
        """Whether one more promise can be kept with all the others, should naming be `NAMING_MARGIN` late.

        `slack`: free slots wanted per slot relied on.
        """
        later = Circle(
            self._pledges.values(), self._sureties.values(), now=self._now + NAMING_MARGIN, quiet=self._quiet
        )
        return later._promises.has_room_for(later._item(pledge), slack)

    def due(
        self,
        price: Callable[[str], float],
        *,
        ahead: timedelta = NAMING_MARGIN,
        weights: Weights | None = None,
    ) -> dict[str, str]:
        """Return the slots to name now, by request: all promises matched anew for the least price and burden.

        A slot is due when its last call comes within `ahead`. A promise that no slot can keep in time gets
        one with less notice at once, rather than none.
        """
        pairs = self._best_pairs(price, weights or Weights())
        return {
            ident: slot_id
            for ident, slot_id in pairs.items()
            if self._last_call(self._sureties[slot_id], self._pledges[ident].notice_min) <= self._now + ahead
        }

    def _best_pairs(self, price: Callable[[str], float], weights: Weights) -> dict[str, str]:
        from snp.assignment.policy.pairing import best_pairing  # noqa: PLC0415 - OR-Tools: only when naming

        pledges, sureties = list(self._pledges.values()), list(self._sureties.values())
        rows, columns, gains = [], [], []
        for row, pledge in enumerate(pledges):
            for column, surety in enumerate(sureties):
                if broken_rule(pledge.request, surety.slot, self._now) is not None:
                    continue
                rows.append(row)
                columns.append(column)
                gains.append(self._gain(pledge, surety, price(surety.slot.id), weights))
        chosen = best_pairing(*(np.array(values, dtype=np.int64) for values in (rows, columns, gains)))
        return {pledges[rows[pair]].request.id: sureties[columns[pair]].slot.id for pair in chosen.tolist()}

    def _gain(self, pledge: Pledge, surety: Surety, price: float, weights: Weights) -> int:
        cost = price + BURDEN_POINTS * burden(pledge.request, surety.slot, weights)
        late = self._last_call(surety, pledge.notice_min) < self._now
        return _KEPT - round(_POINT * cost) - (_LATE if late else 0)

    def _last_call(self, surety: Surety, notice_min: int) -> datetime:
        """The last moment to name a slot: before its notice, quiet hours, and its release."""
        start = surety.slot.start
        latest = latest_naming(start.timestamp(), 60.0 * notice_min, self._quiet)
        told = datetime.fromtimestamp(latest, start.tzinfo)
        return told if surety.until is None else min(told, surety.until - RELEASE_MARGIN)

    def _item(self, pledge: Pledge) -> OpenRequest:
        request = pledge.request
        arrival = RequestArrived(self._now, request, self._now, True, pledge.notice_min)
        caller = Caller(arrival, self._table.compile(request), promised=True)
        columns, _ = self._table.suitable(caller.need, self._now.timestamp())
        in_time = [
            column
            for column in columns.tolist()
            if self._last_call(self._sureties[self._table.slot_at(column).id], pledge.notice_min) >= self._now
        ]
        return OpenRequest(caller, 1, columns_of(in_time), 60.0 * pledge.notice_min, promised=True)


def certificate_covers(certificate: Mapping[str, str], pledges: Sequence[Pledge]) -> bool:
    """Whether every promise has a slot of its own; what a certificate claims, without any matching."""
    slots = [certificate.get(pledge.request.id) for pledge in pledges]
    return None not in slots and len(set(slots)) == len(slots)
