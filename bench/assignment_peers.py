"""The same assignment problems given to other solvers: a plain HiGHS linear program, a plain CP-SAT model."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

from ortools.sat.python import cp_model

from bench.assignment_instances import Shape, draw
from snp.assignment.arrays import arrays_of
from snp.assignment.candidates import suitable_pairs


@dataclass(frozen=True, slots=True)
class Peer:
    """How a peer fared: seconds spent, what it served, and how far it got."""

    name: str
    seconds: float
    served: tuple[int, int, int] | None
    reached: str


def highs(shape: Shape, seed: int, cap_s: float) -> Peer:
    """Linear programs, level after level; see `bench.assignment_highs`."""
    drawn = json.dumps(asdict(shape))
    command = [sys.executable, "-m", "bench.assignment_highs", drawn, str(seed), str(cap_s)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    return Peer("HiGHS linear programs", found["seconds"], found["served"], found["reached"])


def cp_sat(shape: Shape, seed: int, cap_s: float) -> Peer:
    """A boolean for every pair and one stage for every level, each keeping the value of those before."""
    arrays = arrays_of(draw(shape, seed))
    pairs = suitable_pairs(arrays)
    started = time.perf_counter()
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in range(len(pairs))]
    by_request: dict[int, list[int]] = {}
    by_slot: dict[int, list[int]] = {}
    for pair, (request, slot) in enumerate(zip(pairs.request.tolist(), pairs.slot.tolist(), strict=True)):
        by_request.setdefault(request, []).append(pair)
        by_slot.setdefault(slot, []).append(pair)
    for group in (*by_request.values(), *by_slot.values()):
        model.add_at_most_one(taken[pair] for pair in group)
    priority = arrays.requests.priority[pairs.request].tolist()
    levels = [
        ("P1", -sum(var for var, rank in zip(taken, priority, strict=True) if rank == 0)),
        ("P2", -sum(var for var, rank in zip(taken, priority, strict=True) if rank == 1)),
        ("P3", -sum(var for var, rank in zip(taken, priority, strict=True) if rank == 2)),
        ("burden", cp_model.LinearExpr.weighted_sum(taken, pairs.burden.tolist())),
        ("spread", _spread(model, taken, arrays.slots.practitioner[pairs.slot].tolist())),
    ]
    proven: list[str] = []
    values: list[int] = []
    for name, level in levels:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = max(0.01, cap_s - (time.perf_counter() - started))
        model.minimize(level)
        if solver.solve(model) != cp_model.OPTIMAL:
            break
        proven.append(name)
        values.append(round(solver.objective_value))
        model.add(level == values[-1])
    seconds = time.perf_counter() - started
    served = (-values[0], -values[1], -values[2]) if len(values) >= 3 else None
    reached = (
        "all levels" if len(proven) == len(levels) else f"{', '.join(proven) or 'nothing'} in {cap_s:.0f} s"
    )
    return Peer("plain CP-SAT", seconds, served, reached)


def _spread(
    model: cp_model.CpModel, taken: list[cp_model.IntVar], practitioner: list[int]
) -> cp_model.LinearExpr:
    theirs: dict[int, list[cp_model.IntVar]] = {}
    for var, who in zip(taken, practitioner, strict=True):
        theirs.setdefault(who, []).append(var)
    squares = []
    for variables in theirs.values():
        load = model.new_int_var(0, len(variables), "")
        square = model.new_int_var(0, len(variables) ** 2, "")
        model.add(load == sum(variables))
        model.add_multiplication_equality(square, [load, load])
        squares.append(square)
    return sum(squares)
