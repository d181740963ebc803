"""A matching of weighted requests to slots, kept of greatest weight while both come and go.

The weight of a pair depends on its request alone, so the sets of requests that can be served together form a
transversal matroid: one augmenting path or one exchange restores the optimum after every change. Sets are
integers used as bit sets. Source: J. Edmonds and D. R. Fulkerson, "Transversals and matroid partition", 1965.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

NOWHERE = -1


def bits(mask: int) -> Iterator[int]:
    """Positions of the bits set in a mask, rising."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def mask_of(positions: Sequence[int]) -> int:
    """The mask with these bits set, in any order."""
    if not positions:
        return 0
    octets = bytearray(max(positions) // 8 + 1)
    for position in positions:
        octets[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(octets, "little")


class Matching:
    """Requests (rows) and slots (columns) under numbers chosen by the caller; always of greatest weight."""

    def __init__(self) -> None:
        self.adjacent: dict[int, int] = {}
        """Row to the mask of the columns that suit it, present or not."""
        self.weight: dict[int, int] = {}
        self.column_of: dict[int, int] = {}
        """Served rows only."""
        self.row_of: dict[int, int] = {}
        """Taken columns only."""
        self.wanted_by: dict[int, int] = {}
        """Column to the mask of the rows that it suits."""
        self.present = 0
        """Mask of the columns that exist."""
        self.free = 0
        """Mask of the columns that exist and are not taken."""
        self.waiting = 0
        """Mask of the rows that are not served."""

    def load(self, adjacent: list[int], wanted_by: list[int], weights: list[int], order: list[int]) -> None:
        """Start from many rows at once, numbered from 0 and served in the given order.

        Columns already present.
        """
        self.adjacent.update(enumerate(adjacent))
        self.weight.update(enumerate(weights))
        for column, mask in enumerate(wanted_by):
            if mask:
                self.wanted_by[column] = self.wanted_by.get(column, 0) | mask
        self.waiting |= (1 << len(adjacent)) - 1
        for row in order:
            self._place(row)

    def add_row(self, row: int, adjacent: int, weight: int) -> None:
        """Add a request and serve it if that raises the weight."""
        self.adjacent[row] = adjacent
        self.weight[row] = weight
        mark = 1 << row
        wanted_by = self.wanted_by
        for column in bits(adjacent):
            wanted_by[column] = wanted_by.get(column, 0) | mark
        self.waiting |= mark
        self._place(row)

    def remove_row(self, row: int) -> int:
        """Take a request out; returns the weight lost, its own less that of who takes its place."""
        mark = 1 << row
        wanted_by = self.wanted_by
        for column in bits(self.adjacent.pop(row)):
            wanted_by[column] &= ~mark
        weight = self.weight.pop(row)
        self.waiting &= ~mark
        if row not in self.column_of:
            return 0
        column = self.column_of.pop(row)
        del self.row_of[column]
        self.free |= 1 << column
        return weight - self._fill(column)

    def add_column(self, column: int) -> None:
        """Add a slot, which rows may already name among theirs, and use it if that raises the weight."""
        self.present |= 1 << column
        self.free |= 1 << column
        self._fill(column)

    def remove_column(self, column: int) -> int:
        """Take a slot out; returns the weight lost."""
        mark = 1 << column
        if not self.present & mark:
            return 0
        self.present &= ~mark
        if self.free & mark:
            self.free &= ~mark
            return 0
        row = self.row_of.pop(column)
        del self.column_of[row]
        self.waiting |= 1 << row
        return self.weight[row] - self._place(row)

    def forget_column(self, column: int) -> None:
        """Strike an absent slot from every row, so that its number may serve again."""
        keep = ~(1 << column)
        for row in bits(self.wanted_by.pop(column, 0)):
            self.adjacent[row] &= keep

    def allow(self, row: int, column: int) -> None:
        """Declare that a column, not yet present, suits a row."""
        self.adjacent[row] |= 1 << column
        self.wanted_by[column] = self.wanted_by.get(column, 0) | 1 << row

    def forbid(self, row: int, column: int) -> None:
        """A slot no longer suits a request: give the request another if there is one."""
        self.adjacent[row] &= ~(1 << column)
        self.wanted_by[column] = self.wanted_by.get(column, 0) & ~(1 << row)
        if self.column_of.get(row) == column:
            del self.column_of[row], self.row_of[column]
            self.free |= 1 << column
            self.waiting |= 1 << row
            self._place(row)
            if self.free >> column & 1:
                self._fill(column)

    def _place(self, row: int) -> int:
        """Serve an unserved row by an augmenting path, or by exchange with the lightest row it can reach.

        Returns the weight gained: its own, less that of the row put out.
        """
        adjacent, row_of, free = self.adjacent, self.row_of, self.free
        unseen = self.present
        reached_from: dict[int, int] = {}
        lightest, least = row, self.weight[row]
        queue = [row]
        for here in queue:
            new = adjacent[here] & unseen
            if not new:
                continue
            if new & free:
                found = new & free
                column = (found & -found).bit_length() - 1
                self._shift(row, here, column, reached_from)
                self.free &= ~(1 << column)
                self.waiting &= ~(1 << row)
                return self.weight[row]
            unseen &= ~new
            while new:
                low = new & -new
                new ^= low
                column = low.bit_length() - 1
                there = row_of[column]
                reached_from[column] = here
                queue.append(there)
                if self.weight[there] < least:
                    lightest, least = there, self.weight[there]
        if lightest == row:
            return 0
        column = self.column_of.pop(lightest)
        self._shift(row, reached_from[column], column, reached_from)
        self.waiting = self.waiting & ~(1 << row) | 1 << lightest
        return self.weight[row] - least

    def _shift(self, row: int, last: int, column: int, reached_from: dict[int, int]) -> None:
        """Move every row of the alternating path ending with (last, column) one column on."""
        here = last
        while True:
            before = self.column_of.get(here, NOWHERE)
            self.column_of[here] = column
            self.row_of[column] = here
            if here == row:
                return
            column = before
            here = reached_from[column]

    def _fill(self, column: int) -> int:
        """Use a free column for the heaviest unserved row that reaches it; returns the weight gained."""
        if not self.waiting:
            return 0
        wanted_by, waiting = self.wanted_by, self.waiting
        unseen = -1
        next_column: dict[int, int] = {}
        best, most = NOWHERE, 0
        queue = [column]
        for here in queue:
            new = wanted_by.get(here, 0) & unseen
            unseen &= ~new
            while new:
                low = new & -new
                new ^= low
                row = low.bit_length() - 1
                next_column[row] = here
                if low & waiting:
                    if self.weight[row] > most:
                        best, most = row, self.weight[row]
                else:
                    queue.append(self.column_of[row])
        if best == NOWHERE:
            return 0
        self.free &= ~(1 << column)
        self.waiting &= ~(1 << best)
        row = best
        while True:
            target = next_column[row]
            evicted = self.row_of.get(target, NOWHERE)
            self.row_of[target] = row
            self.column_of[row] = target
            if target == column:
                return most
            row = evicted

    def loss_without_column(self, column: int) -> int:
        """What losing one slot would cost, the matching left as it is."""
        return self._loss_and_reach(column)[0]

    def _loss_and_reach(self, column: int) -> tuple[int, int]:
        """What losing one slot would cost, and where that is not nothing, the columns its row can move to."""
        row = self.row_of.get(column, NOWHERE)
        if row == NOWHERE:
            return 0, 0
        least = self.weight[row]
        adjacent, row_of, free, weight = self.adjacent, self.row_of, self.free, self.weight
        within = self.present & ~(1 << column)
        unseen = within
        queue = [row]
        for here in queue:
            new = adjacent[here] & unseen
            if new & free:
                return 0, 0
            unseen &= ~new
            while new:
                low = new & -new
                new ^= low
                there = row_of[low.bit_length() - 1]
                queue.append(there)
                least = min(least, weight[there])
        return least, within & ~unseen

    def cost_of_serving(self, columns: int, ceiling: int) -> int:
        """What a newcomer served in one of these columns would cost the others, at most `ceiling`."""
        row_of, free, adjacent, weight = self.row_of, self.free, self.adjacent, self.weight
        if columns & free:
            return 0
        least = ceiling
        new = columns & self.present
        unseen = self.present & ~new
        queue: list[int] = []
        while True:
            while new:
                low = new & -new
                new ^= low
                there = row_of[low.bit_length() - 1]
                queue.append(there)
                least = min(least, weight[there])
            if not queue:
                return least
            new = adjacent[queue.pop()] & unseen
            if new & free:
                return 0
            unseen &= ~new

    def slack_of(self, row: int) -> tuple[int, int]:
        """How many free and how many taken columns a row reaches by alternating paths."""
        adjacent, row_of, free = self.adjacent, self.row_of, self.free
        unseen = self.present
        reached_free = taken = 0
        queue = [row]
        for here in queue:
            new = adjacent[here] & unseen
            unseen &= ~new
            reached_free += (new & free).bit_count()
            for column in bits(new & ~free):
                taken += 1
                queue.append(row_of[column])
        return reached_free, taken

    def value_of_column(self, column: int, enough: float = float("inf")) -> int:
        """What one more slot like a present column would bring: the heaviest unserved row that reaches it.

        The search ends as soon as `enough` is found.
        """
        if not self.waiting:
            return 0
        wanted_by, waiting = self.wanted_by, self.waiting
        unseen = -1
        most = 0
        queue = [column]
        for here in queue:
            new = wanted_by.get(here, 0) & unseen
            unseen &= ~new
            while new:
                low = new & -new
                new ^= low
                row = low.bit_length() - 1
                if low & waiting:
                    most = max(most, self.weight[row])
                    if most >= enough:
                        return most
                else:
                    queue.append(self.column_of[row])
        return most

    def loss_of_pairing(self, row: int, column: int) -> int:
        """What fixing one pair would cost against the plan of greatest weight; exact to one exchange."""
        return self.losses_of_pairing([row], column)[0]

    def losses_of_pairing(self, rows: Sequence[int], column: int) -> list[int]:
        """The same for several rows, each alone, after one search from the column."""
        price, reached = self._loss_and_reach(column)
        return [self._loss_of_pairing(row, column, price, reached) for row in rows]

    def _loss_of_pairing(self, row: int, column: int, price: int, reached: int) -> int:
        own = self.column_of.get(row, NOWHERE)
        if own == NOWHERE:
            return price - self.weight[row]
        if not price or own == column or reached >> own & 1:
            return 0
        return max(0, price - self.value_of_column(own, enough=price))

    def prices(self) -> list[tuple[int, int]]:
        """What each slot is worth to the others: (price, mask of the columns at exactly that price), rising.

        The price of a column is the weight lost if it went: zero when an alternating path leads from its row
        to a free column, else the weight of the lightest row such a path can put out.
        """
        adjacent, weight, free = self.adjacent, self.weight, self.free
        beside_free: list[int] = []
        by_weight: dict[int, list[int]] = {}
        for row, column in self.column_of.items():
            if adjacent[row] & free:
                beside_free.append(column)
            else:
                by_weight.setdefault(weight[row], []).append(row)
        left = mask_of([row for rows in by_weight.values() for row in rows])
        reached, left = self._spread(beside_free, left)
        levels = [(0, reached | free)]
        for price in sorted(by_weight):
            seeds = mask_of(by_weight[price]) & left
            if not seeds:
                continue
            reached, left = self._spread([self.column_of[row] for row in bits(seeds)], left & ~seeds)
            levels.append((price, reached))
        return levels

    def _spread(self, columns: list[int], left: int) -> tuple[int, int]:
        """Columns from which `columns` can be reached through the rows `left`, and the rows still left."""
        wanted_by, column_of = self.wanted_by, self.column_of
        queue = list(columns)
        for here in queue:
            new = wanted_by[here] & left
            if not new:
                continue
            left ^= new
            while new:
                low = new & -new
                new ^= low
                queue.append(column_of[low.bit_length() - 1])
        return mask_of(queue), left
