"""The answer for when there is no time: each request in turn takes the slot of least burden still free."""

from __future__ import annotations

import numpy as np

from snp.assignment.arrays import Bools
from snp.assignment.flow import Matching


def greedy_pairs(problem: Matching) -> Bools:
    """Which pairs are taken when P1 choose first, then P2, then P3, those with fewest slots before others.

    Not the best answer, but an allowed one, and no request is left with a free slot that suits it.
    """
    requests = len(problem.priority)
    order = np.lexsort((problem.slot, problem.burden, problem.request))
    many = np.bincount(problem.request, minlength=requests)
    begin = np.cumsum(many) - many
    free = np.ones(len(problem.practitioner), np.bool_)
    taken = np.zeros(len(problem.request), np.bool_)
    for request in np.lexsort((np.arange(requests), many, problem.priority)).tolist():
        choice = order[begin[request] : begin[request] + many[request]]
        open_choice = free[problem.slot[choice]]
        if open_choice.any():
            pair = choice[open_choice.argmax()]
            taken[pair] = True
            free[problem.slot[pair]] = False
    return taken
