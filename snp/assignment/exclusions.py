"""How many slots each rule keeps from a request, counted without looking at every slot."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from snp.assignment.arrays import Arrays, Ints
from snp.assignment.facts import Audience, Mode, Request, Rule
from snp.assignment.rules import accepts_practitioner

_Kind = tuple[str, Mode, frozenset[Audience]]


class RuleCounter:
    """Slots by kind and in the order of their start; asked for the first rule that each breaks."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        rows: dict[_Kind, list[int]] = defaultdict(list)
        for row, slot in enumerate(arrays.slots.facts):
            rows[slot.profession, slot.mode, slot.audiences].append(row)
        self._rows = {
            kind: np.array(sorted(listed, key=lambda row: int(arrays.slots.start[row])))
            for kind, listed in rows.items()
        }

    def excluded(self, row: int, suitable: int) -> dict[Rule, int]:
        """By rule, how many slots it excludes; `suitable` says how many none does.

        Each slot counts once, under the first rule it breaks. Distance is what remains.
        """
        request = self._arrays.requests.facts[row]
        counts: dict[Rule, int] = dict.fromkeys(Rule, 0)
        for kind, rows in self._rows.items():
            rule = _broken_by_kind(request, kind)
            if rule is not None:
                counts[rule] += len(rows)
            else:
                self._count_moments(row, rows, counts)
        counts[Rule.DISTANCE] = len(self._arrays.slots) - suitable - sum(counts.values())
        return {rule: count for rule, count in counts.items() if count}

    def _count_moments(self, row: int, rows: Ints, counts: dict[Rule, int]) -> None:
        requests = self._arrays.requests
        request = requests.facts[row]
        if request.excluded_practitioners or request.only_practitioners is not None:
            facts = self._arrays.slots.facts
            accepted = [accepts_practitioner(request, facts[slot].practitioner) for slot in rows.tolist()]
            counts[Rule.PRACTITIONER] += accepted.count(False)
            rows = rows[accepted]
        starts = self._arrays.slots.start[rows]
        early = int(np.searchsorted(starts, requests.lower[row]))
        late = len(starts) - int(np.searchsorted(starts, requests.deadline[row], side="right"))
        counts[Rule.TOO_EARLY] += early
        counts[Rule.TOO_LATE] += min(late, len(starts) - early)


def _broken_by_kind(request: Request, kind: _Kind) -> Rule | None:
    profession, mode, audiences = kind
    if profession not in request.professions:
        return Rule.PROFESSION
    if mode not in request.modes:
        return Rule.MODE
    return Rule.AUDIENCE if request.audience not in audiences else None
