"""What prices prove: the exact Lagrangian bound of any prices, in integers.

Relax that a slot serves once, that floors are met, that other valid rows hold, and charge prices for it: what
is left falls apart into owners, each best by itself. The sum bounds every answer from below, whatever the
prices are; rounding them to integers makes the bound exact (docs/adr/0011).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snp.assignment.arrays import Bools, Floats, Ints
from snp.assignment.master import Branch, Goal, Prices
from snp.assignment.options import Options
from snp.assignment.valid_rows import ValidRows

IMPOSSIBLE = 1 << 61
_FINEST = 12
_ROOM = 1 << 58


@dataclass(frozen=True, slots=True)
class Bound:
    """No answer within the branch costs less than `value`; `slack` is what taking a column adds to it.

    `raw` and `slack` are in parts of 1 / `unit`; `value` is `raw` rounded up to a whole point.
    """

    value: int
    raw: int
    slack: Ints
    unit: int

    def allows(self, reached: int) -> Bools:
        """The columns that an answer which costs `reached` or less may take."""
        allowed: Bools = self.slack <= reached * self.unit - self.raw
        return allowed


def bound_of(valid: ValidRows, goal: Goal, branch: Branch, prices: Prices) -> Bound:
    """The bound that these prices prove for the answers within the branch."""
    options = valid.options
    unit = _unit(options, goal)
    slot, floor = _whole(prices.slot, unit), _whole(prices.floor, unit)
    cut = _whole(prices.cut, unit)
    tangent = _affordable(valid, _whole(prices.tangent, unit), goal.spread * unit)
    total = int(floor @ np.array(goal.floor)) - int(slot.sum()) - int(cut.sum())
    total -= sum(price * t * (t + 1) for price, (_, t) in zip(tangent, valid.tangents, strict=True))
    reduced = goal.cost * unit + options.priced(slot)
    reduced -= (options.counts @ floor)[options.owner]
    if goal.most_burden is not None:
        spent = int(_whole(np.array([prices.burden]), unit)[0])
        total -= spent * goal.most_burden
        reduced += spent * options.burden
    valid.charge(reduced, cut, np.array(tangent, np.int64))
    best = np.zeros(options.owners, np.int64)
    best[list(branch.forced)] = IMPOSSIBLE
    allowed = np.flatnonzero(branch.allowed)
    np.minimum.at(best, options.owner[allowed], reduced[allowed])
    if (best == IMPOSSIBLE).any():
        return Bound(IMPOSSIBLE, IMPOSSIBLE, np.zeros_like(reduced), unit)
    total += int(best.sum())
    return Bound(-(-total // unit), total, reduced - best[options.owner], unit)


def _affordable(valid: ValidRows, prices: Ints, most: int) -> list[int]:
    """The prices of tangents, cut where those of one practitioner add up to more than his spread weighs."""
    left = dict.fromkeys((practitioner for practitioner, _ in valid.tangents), most)
    affordable = []
    for price, (practitioner, _) in zip(prices.tolist(), valid.tangents, strict=True):
        affordable.append(min(price, left[practitioner]))
        left[practitioner] -= affordable[-1]
    return affordable


def _whole(prices: Floats, unit: int) -> Ints:
    whole: Ints = np.rint(np.clip(prices, 0, _ROOM / unit / max(1, len(prices)) / 8) * unit).astype(np.int64)
    return whole


def _unit(options: Options, goal: Goal) -> int:
    """The finest power of two in whose parts all sums stay well within 64 bits."""
    dearest = int(np.abs(goal.cost).max(initial=1)) + goal.spread * (options.slot_count + 1)
    most = dearest * (options.owners + options.slot_count + 1)
    return max(1, min(1 << _FINEST, _ROOM // max(1, most)))
