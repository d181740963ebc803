"""HiGHS on an assignment problem: linear programs, level after level, each keeping what those before reached.

The relaxation of this problem is whole, so linear programs suffice: served requests weighed 3, 2, 1, then
burden, then spread by convex unit costs. Runs alone: no OR-Tools may be in the process.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import highspy
import numpy as np

from bench.assignment_instances import Shape, draw
from snp.assignment.arrays import arrays_of
from snp.assignment.candidates import suitable_pairs


def solved(shape: Shape, seed: int, cap_s: float) -> dict[str, Any]:
    """Seconds to build and solve the programs, whom they serve, how far they got."""
    arrays = arrays_of(draw(shape, seed))
    pairs = suitable_pairs(arrays)
    requests, slots, count = len(arrays.requests), len(arrays.slots), len(pairs)
    practitioner = arrays.slots.practitioner
    practitioners = len(arrays.slots.practitioners)
    started = time.perf_counter()
    by_practitioner = np.sort(practitioner)
    rank = np.arange(slots) - np.searchsorted(by_practitioner, by_practitioner)
    load_row = requests + slots
    levels = [
        np.append(-(3.0 - arrays.requests.priority[pairs.request]), np.zeros(slots)),
        np.append(pairs.burden.astype(float), np.zeros(slots)),
        np.append(np.zeros(count), 2.0 * rank + 1),
    ]
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = count + slots, requests + slots + practitioners
    model.col_cost_ = levels[0]
    model.col_lower_, model.col_upper_ = np.zeros(count + slots), np.ones(count + slots)
    model.row_lower_ = np.full(model.num_row_, -highspy.kHighsInf)
    model.row_upper_ = np.append(np.ones(requests + slots), np.zeros(practitioners))
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.append(np.arange(0, 3 * count, 3), 3 * count + np.arange(slots + 1))
    of_pairs = [pairs.request, requests + pairs.slot, load_row + practitioner[pairs.slot]]
    model.a_matrix_.index_ = np.append(np.column_stack(of_pairs).ravel(), load_row + by_practitioner)
    model.a_matrix_.value_ = np.append(np.ones(3 * count), -np.ones(slots))
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    reached = []
    served = None
    columns = np.arange(count + slots, dtype=np.int32)
    for name, level in zip(("served", "burden", "spread"), levels, strict=True):
        solver.setOptionValue("time_limit", max(0.01, cap_s - (time.perf_counter() - started)))
        solver.changeColsCost(count + slots, columns, level)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            break
        reached.append(name)
        share = np.array(solver.getSolution().col_value)
        served = np.bincount(arrays.requests.priority[pairs.request], share[:count], minlength=3)
        value = float(level @ share)
        weighing = np.flatnonzero(level).astype(np.int32)
        solver.addRow(-highspy.kHighsInf, value + 1e-6, len(weighing), weighing, level[weighing])
    return {
        "seconds": time.perf_counter() - started,
        "served": None if served is None else served.round().astype(int).tolist(),
        "reached": "all levels"
        if len(reached) == 3
        else f"{', '.join(reached) or 'nothing'} in {cap_s:.0f} s",
    }


if __name__ == "__main__":
    drawn, seed, cap = sys.argv[1:]
    print(json.dumps(solved(Shape(**json.loads(drawn)), int(seed), float(cap))))
