"""Where to branch: the question about the groups that the relaxation is most divided about.

Is an owner served, by whom, on what day, with which slot; in this order.
"""

from __future__ import annotations

import numpy as np

from snp.assignment.arrays import Bools, Floats, Ints
from snp.assignment.master import WHOLE, Branch
from snp.assignment.options import Options

_Decision = tuple[int, Bools, bool]
"""An owner, some columns, and whether he is likely to take one of them."""


def children_of(options: Options, branch: Branch, columns: Ints, share: Floats) -> tuple[Branch, ...]:
    """Two branches, the likelier first: an owner takes one of some columns, or none; () if all is settled."""
    decision = _undecided(options, branch, columns, share) or _open(options, branch)
    if decision is None:
        return ()
    owner, among, likely = decision
    theirs = options.owner == owner
    takes = Branch(branch.allowed & (~theirs | among), branch.forced | {owner})
    leaves = Branch(branch.allowed & ~(theirs & among), branch.forced)
    return (takes, leaves) if likely else (leaves, takes)


def _undecided(options: Options, branch: Branch, columns: Ints, share: Floats) -> _Decision | None:
    """What the relaxation is most divided about: whom to serve, else by whom, else when, else where."""
    everything = np.zeros(options.slot_count, np.int64)
    each = np.arange(options.slot_count)
    for kind in (everything, options.practitioner, options.sitting, each):
        of_slot = np.append(kind, -1)
        divided = _most_divided(options.owner[columns], of_slot[options.slots[columns]], share)
        for owner, number, amount in divided:
            among = (of_slot[options.slots] == number).any(axis=1)
            others = branch.allowed & (options.owner == owner) & ~among
            if owner not in branch.forced or others.any():
                return owner, among, amount >= 0.5
    return None


def _open(options: Options, branch: Branch) -> _Decision | None:
    """Any owner whose slots are not settled, though the relaxation happens to be whole."""
    columns = np.flatnonzero(branch.allowed & options.coupled)
    many = np.bincount(options.owner[columns], minlength=options.owners)
    for column in columns.tolist():
        owner = int(options.owner[column])
        if many[owner] > 1 or owner not in branch.forced:
            only = np.zeros(len(options.owner), np.bool_)
            only[column] = True
            return owner, only, True
    return None


def _most_divided(owner: Ints, number: Ints, share: Floats) -> list[tuple[int, int, float]]:
    """Owners, numbers that their columns touch, the share of these; first what is large and near one half."""
    totals: dict[tuple[int, int], float] = {}
    size: dict[int, int] = {}
    for who, numbers, part in zip(owner.tolist(), number.tolist(), share.tolist(), strict=True):
        size[who] = max(size.get(who, 0), sum(what >= 0 for what in numbers))
        for what in set(numbers) - {-1}:
            totals[who, what] = totals.get((who, what), 0.0) + part
    divided = [(who, what, total) for (who, what), total in totals.items() if total < WHOLE]
    return sorted(divided, key=lambda found: (-round(found[2] * (1 - found[2]) * size[found[0]], 6), found))
