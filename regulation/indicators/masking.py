"""Which figures are kept back so that no small number is told, nor found by subtracting what is told. Pure.

A count from 1 to 4 is small; a share is when its numerator or the rest is. Two shapes of table are protected:
the calendar's tree, where every node is the sum of its children, and the same tree cut into groups, where
every node is the sum of its groups too. What is told is a sum of nodes told, so it is enough that no sum over
a family leaves one unknown, or an unknown rest that is small itself. ADR 88 says why.

Source: INSEE, *Guide du secret statistique*, primary and secondary secrecy; the threshold of five is ours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from regulation.indicators.periods import LEVELS, Node, children, pieces

SMALLEST: Final = 5
"""The smallest number of events that is told; zero is told too."""

Vector = tuple[int, ...]
"""Everything that a reader could know of one cell: its count, or the counts of its classes."""


def is_small(vector: Vector) -> bool:
    """Whether a cell holds a number from 1 to 4."""
    return any(0 < count < SMALLEST for count in vector)


def tree_masks(years: Iterable[date], vectors: Mapping[Node, Vector], deepest: str) -> frozenset[Node]:
    """Return the nodes of whole years, down to a level, that must not be told.

    Under a masked node everything is masked. In a family whose sum is told, no cell or at least two are
    masked, and what they add up to is not small. Weeks are masked with any of their pieces (`week_masked`).
    """
    masked: set[Node] = set()
    for year in years:
        node = ("year", year)
        if is_small(vectors.get(node, ())):
            masked.add(node)
        _mask_below(node, vectors, deepest, masked)
    return frozenset(masked)


def _mask_below(node: Node, vectors: Mapping[Node, Vector], deepest: str, masked: set[Node]) -> None:
    level = LEVELS.index(node[0])
    if node[0] == deepest:
        return
    below = LEVELS[level + 1]
    family = [(below, first) for first in children(*node, below)]
    if node in masked:
        masked.update(family)
    else:
        masked.update(_companions({one: vectors[one] for one in family if one in vectors}))
    for one in family:
        _mask_below(one, vectors, deepest, masked)


def _companions(family: Mapping[Node, Vector]) -> set[Node]:
    """The small cells of a family whose sum is told, then others to hide them."""
    chosen = {one for one, vector in family.items() if is_small(vector)}
    others = sorted((one for one in family if one not in chosen), key=lambda one: (sum(family[one]), one))
    for other in others:
        if not chosen or (len(chosen) > 1 and not is_small(_sum(family[one] for one in chosen))):
            break
        if sum(family[other]):
            chosen.add(other)
    return chosen


def group_masks(
    years: Iterable[date],
    table: Mapping[Node, Mapping[str, Vector]],
    totals_masked: Collection[Node],
    deepest: str,
) -> dict[Node, frozenset[str]]:
    """Return, node by node, the groups that must not be told; the nodes masked whole are `totals_masked`.

    A group that is small in one node of a family is masked in all of them, with a companion: the unknowns
    fill whole columns, so that no equation along time or across groups holds a single one of them.
    """
    found: dict[Node, frozenset[str]] = {}
    for year in years:
        node = ("year", year)
        found[node] = _groups([node], table, totals_masked, frozenset())
        _groups_below(node, table, totals_masked, deepest, found)
    return found


def _groups_below(
    node: Node,
    table: Mapping[Node, Mapping[str, Vector]],
    totals_masked: Collection[Node],
    deepest: str,
    found: dict[Node, frozenset[str]],
) -> None:
    if node[0] == deepest:
        return
    below = LEVELS[LEVELS.index(node[0]) + 1]
    family = [(below, first) for first in children(*node, below)]
    chosen = _groups(family, table, totals_masked, found[node])
    for one in family:
        found[one] = chosen
        _groups_below(one, table, totals_masked, deepest, found)


def _groups(
    family: Sequence[Node],
    table: Mapping[Node, Mapping[str, Vector]],
    totals_masked: Collection[Node],
    kept_back: frozenset[str],
) -> frozenset[str]:
    """The groups masked in every node of a family: those of its parent, the small ones, and companions."""
    rows = [table[one] for one in family if one in table and one not in totals_masked]
    names = sorted({name for row in rows for name in row})
    chosen = set(kept_back) | {name for row in rows for name, vector in row.items() if is_small(vector)}
    size = {name: sum(sum(row.get(name, ())) for row in rows) for name in names}
    for name in sorted((name for name in names if name not in chosen), key=lambda name: (size[name], name)):
        if not chosen or (len(chosen) > 1 and not any(is_small(_left(row, chosen)) for row in rows)):
            break
        chosen.add(name)
    return frozenset(chosen)


def _left(row: Mapping[str, Vector], chosen: Collection[str]) -> Vector:
    return _sum(row[name] for name in chosen if name in row)


def week_masked(week: date, masked: Collection[Node]) -> bool:
    """Whether a week holds a masked piece."""
    return any(piece in masked for piece in pieces(week))


def _sum(vectors: Iterable[Vector]) -> Vector:
    return tuple(map(sum, zip(*vectors, strict=True)))
