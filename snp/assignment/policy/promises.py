"""How every promise can be kept with the slots that are really there: a matching that is never let go of."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

from snp.assignment.policy.matching import Matching
from snp.assignment.policy.scenario import OpenRequest


class Promises:
    """The open promises, matched to free slots that can still be named in time: their certificate."""

    def __init__(self) -> None:
        self._keeping = Matching()
        self._row: dict[str, int] = {}
        self._rows = 0
        self._spare: int | None = None

    def __len__(self) -> int:
        return len(self._row)

    def add(self, item: OpenRequest) -> None:
        """A promise is made."""
        self._row[item.ident] = self._rows
        self._keeping.add_row(self._rows, item.columns, 1)
        self._rows += 1
        self._spare = None

    def drop(self, ident: str) -> None:
        """A promise is kept, cancelled or broken."""
        row = self._row.pop(ident, None)
        if row is not None:
            self._keeping.remove_row(row)
            self._spare = None

    def opened(self, column: int, for_whom: Iterable[OpenRequest]) -> None:
        """A slot became free, and suits these."""
        for item in for_whom:
            if item.ident in self._row:
                self._keeping.allow(self._row[item.ident], column)
        self._keeping.add_column(column)
        self._spare = None

    def closed(self, column: int) -> None:
        """A slot is no longer free."""
        self._keeping.remove_column(column)
        self._keeping.forget_column(column)
        self._spare = None

    def forbid(self, ident: str, column: int) -> None:
        """A slot can no longer be named in time."""
        self._keeping.forbid(self._row[ident], column)
        self._spare = None

    def has_room_for(self, item: OpenRequest, slack: float) -> bool:
        """Whether this and every other promise can be kept, with `slack` free slots per slot relied on."""
        row = self._rows
        self._rows += 1
        self._keeping.add_row(row, item.columns, 1)
        fits = row in self._keeping.column_of
        if fits and slack > 0:
            free, taken = self._keeping.slack_of(row)
            fits = free >= slack * taken
        self._keeping.remove_row(row)
        return fits

    def kept_by(self) -> dict[str, int]:
        """The column that stands surety for each promise; one that cannot be kept has none."""
        column_of = self._keeping.column_of
        return {ident: column_of[row] for ident, row in self._row.items() if row in column_of}

    def spare(self) -> int | None:
        """Mask of the columns any one of which can go without breaking a promise; None when all can."""
        if not self._row:
            return None
        if self._spare is None:
            price, mask = self._keeping.prices()[0]
            assert price == 0, "the first price level is the columns at no price"
            self._spare = mask
        return self._spare

    def can_spare(self, columns: list[int]) -> bool:
        """Whether all of these columns together can go."""
        if not self._row:
            return True
        trial = deepcopy(self._keeping)
        return sum(trial.remove_column(column) for column in columns) == 0

    def allows(self, item: OpenRequest, column: int) -> bool:
        """Whether naming this column to this request, promised or not, leaves every promise keepable."""
        if item.ident in self._row:
            return self._keeping.loss_of_pairing(self._row[item.ident], column) <= 0
        spare = self.spare()
        return spare is None or bool(spare >> column & 1)
