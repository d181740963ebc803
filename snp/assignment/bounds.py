"""What prices prove: the exact Lagrangian bound of any prices, in integers.

Relax that a slot serves once, that a load is paid for, that floors are met, and charge prices for it: what is
left falls apart into owners and practitioners, each best by itself. The sum bounds every answer from below,
whatever the prices are; rounding them to integers makes the bound exact (docs/adr/0011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snp.assignment.arrays import Bools, Floats, Ints
from snp.assignment.master import Branch, Goal, Prices
from snp.assignment.options import Options

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


def bound_of(
    options: Options, goal: Goal, branch: Branch, prices: Prices, cuts: Sequence[Bools] = ()
) -> Bound:
    """The bound that these prices prove for the answers within the branch."""
    unit = _unit(options, goal)
    slot = _whole(prices.slot, unit)
    floor = _whole(prices.floor, unit)
    spent = int(_whole(np.array([prices.burden]), unit)[0]) if goal.most_burden is not None else 0
    charge = slot.copy()
    total = int(floor @ np.array(goal.floor)) - int(slot.sum()) - spent * (goal.most_burden or 0)
    if goal.spread:
        load = _whole(prices.load, unit)
        charge[:-1] += load[options.practitioner]
        total += _cheapest_loads(options, load, goal.spread * unit)
    reduced = goal.cost * unit + charge[options.slots].sum(axis=1) + spent * options.burden
    reduced -= (options.counts @ floor)[options.owner]
    cut = _whole(prices.cut, unit)
    total -= int(cut.sum())
    for price_of_cut, members in zip(cut.tolist(), cuts, strict=True):
        if price_of_cut:
            reduced[members] += price_of_cut
    best = np.zeros(options.owners, np.int64)
    best[list(branch.forced)] = IMPOSSIBLE
    allowed = np.flatnonzero(branch.allowed)
    np.minimum.at(best, options.owner[allowed], reduced[allowed])
    if (best == IMPOSSIBLE).any():
        return Bound(IMPOSSIBLE, IMPOSSIBLE, np.zeros_like(reduced), unit)
    total += int(best.sum())
    return Bound(-(-total // unit), total, reduced - best[options.owner], unit)


def _cheapest_loads(options: Options, load: Ints, spread: int) -> int:
    """What the practitioners would choose to give if each slot given were paid their price of load."""
    offered = np.bincount(options.practitioner, minlength=options.practitioners)
    # n * n * spread - n * load is least at the whole number nearest to load / (2 * spread)
    given = np.minimum((load + spread) // (2 * spread), offered)
    return int((given * given * spread - given * load).sum())


def _whole(prices: Floats, unit: int) -> Ints:
    whole: Ints = np.rint(np.clip(prices, 0, _ROOM / unit / max(1, len(prices)) / 8) * unit).astype(np.int64)
    return whole


def _unit(options: Options, goal: Goal) -> int:
    """The finest power of two in whose parts all sums stay well within 64 bits."""
    dearest = int(np.abs(goal.cost).max(initial=1)) + goal.spread * (options.slot_count + 1)
    most = dearest * (options.owners + options.slot_count + 1)
    return max(1, min(1 << _FINEST, _ROOM // max(1, most)))
