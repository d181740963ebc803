"""The live part of docs/PERFORMANCE.md: scores, robustness and speed, from what `bench.live` wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import mean
from typing import Any

from bench.live import FCFS, IMMEDIATE, LIVE, PROMISE, PROMISES
from bench.tables import NOT_MEASURED, Row, as_table, verdict
from snp.simulation.compare import figure

ALWAYS_BETTER_FROM = 0.9
WAIT_LONGER, DECISION_MS, BELOW_FCFS = 1.30, 20.0, -0.005
_GOALS = {LIVE.name: IMMEDIATE, PROMISES.name: PROMISE}

Runs = dict[str, dict[str, list[Row]]]
"""Runs by scene and policy, in the order of their seeds."""


def sections(scores: Any, robustness: Any, speed: Any) -> list[str]:
    """The sections, in order; what was not run says so."""
    return [
        (
            "## Live: share of the clairvoyant value, by load\n\n"
            "Simulated weeks, the same for every policy; 95 % intervals over seeds. Wait and travel are "
            "beside those of first come, first served; *wins* counts the seeds above it.\n"
        ),
        _scores(scores),
        (
            "## Live: when the forecast is wrong\n\n"
            "Worst gap: the seed on which the policy does worst against first come, first served; asked: not "
            f"below {BELOW_FCFS:+.3f}.\n"
        ),
        _robustness(robustness),
        f"## Live: time to decide, prices warm\n\nAsked at department scale: p99 < {DECISION_MS:.0f} ms.\n",
        _speed(speed),
    ]


def _by_scene(rows: Iterable[Row]) -> Runs:
    runs: Runs = defaultdict(lambda: defaultdict(list))
    for row in sorted(rows, key=lambda row: int(row["seed"])):
        runs[str(row["scene"])][str(row["policy"])].append(row)
    return runs


def _scores(rows: Sequence[Row] | None) -> str:
    if not rows:
        return NOT_MEASURED
    lines = []
    for load, policies in _by_scene(rows).items():
        for policy, runs in policies.items():
            base = policies.get(FCFS.name, [])
            lines.append(_score_line(load, policy, runs, base))
    return as_table(lines)


def _score_line(load: str, policy: str, runs: list[Row], base: list[Row]) -> Row:
    goal = _GOALS.get(policy, {}).get(float(load))
    score = mean(run["score"] for run in runs)
    first = {run["seed"]: run["score"] for run in base}
    wins = sum(run["score"] > first[run["seed"]] for run in runs if run["seed"] in first)
    wait, km = _against(runs, base, "wait_h"), _against(runs, base, "km")
    broken = sum(run["broken"] for run in runs)
    reached = None
    if goal is not None:
        reached = score >= goal
        if policy == LIVE.name:
            reached &= float(load) < ALWAYS_BETTER_FROM or wins == len(runs)
        elif wait is not None and km is not None:
            reached &= wait <= WAIT_LONGER and km <= 1 and not broken
    return {
        "load": load,
        "policy": policy,
        "seeds": len(runs),
        "score": str(figure([run["score"] for run in runs])),
        "asked": goal,
        "wins": f"{wins} of {len(runs)}" if base else None,
        "wait": None if wait is None else f"{wait:.2f}",
        "travel": None if km is None else f"{km:.2f}",
        "broken": broken,
        "all that is asked": None if goal is None else verdict(reached),
    }


def _against(runs: list[Row], base: list[Row], key: str) -> float | None:
    """A mean beside that of first come, first served."""
    total = mean(run[key] for run in base) if base else 0.0
    return mean(run[key] for run in runs) / total if total else None


def _robustness(rows: Sequence[Row] | None) -> str:
    if not rows:
        return NOT_MEASURED
    lines = []
    for scene, policies in _by_scene(rows).items():
        base = {run["seed"]: run["score"] for run in policies.get(FCFS.name, [])}
        for policy, runs in policies.items():
            gaps = [run["score"] - base[run["seed"]] for run in runs if run["seed"] in base]
            asked = policy != FCFS.name and bool(gaps)
            lines.append(
                {
                    "scene": scene,
                    "policy": policy,
                    "seeds": len(runs),
                    "score": str(figure([run["score"] for run in runs])),
                    "worst gap": f"{min(gaps):+.3f}" if asked else None,
                    "goal": verdict(min(gaps) >= BELOW_FCFS) if asked else None,
                }
            )
    return as_table(lines)


def _speed(rows: Sequence[Row] | None) -> str:
    if not rows:
        return NOT_MEASURED
    return as_table(
        [
            {
                **{key: f"{value:.2f}" if isinstance(value, float) else value for key, value in row.items()},
                "goal": verdict(row["p99"] < DECISION_MS) if row["scale"] == "department" else None,
            }
            for row in rows
        ]
    )
