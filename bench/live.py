"""Live policies against the clairvoyant: score by load, robustness, and decision times at department scale.

Run: python -m bench.live [--seeds 20] [--workers 1] [--resume] [--part scores|robustness|speed].
Prints tables; figures go to bench/out/live-*.json.
"""

from __future__ import annotations

import argparse
import gc
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import mean
from time import process_time, thread_time
from typing import Any

import numpy as np

from snp.assignment.live_replay import replay
from snp.assignment.policy.live import LivePolicy
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.stream import Answer, RequestArrived, SlotPublished, Stream
from snp.simulation.compare import CONTESTANTS, Contestant, Run, Task, compare, figure, played, scores
from snp.simulation.region import LAB, RegionParameters, RegionScene, region_week

Row = dict[str, Any]

OUT = Path(__file__).parent / "out"
LOADS = (0.7, 0.9, 1.1, 1.4)
IMMEDIATE = {0.7: 0.97, 0.9: 0.96, 1.1: 0.95, 1.4: 0.93}
PROMISE = {0.7: 0.985, 0.9: 0.975, 1.1: 0.97, 1.4: 0.955}
NOTICE_MIN = 60
GOAL_P99_MS = 20.0
DEPARTMENT = replace(
    LAB, slots=18000, practitioners=700, communes=250, side_km=110, early_days=(7.0, 13.0), days=13
)
"""About 18,000 slots open at once."""
FCFS, LIVE, PROMISES = CONTESTANTS[2], CONTESTANTS[4], CONTESTANTS[5]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=20)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--resume", action="store_true", help="keep the scores already in bench/out")
    options.add_argument("--part", choices=("scores", "robustness", "speed"), default=None)
    chosen = options.parse_args()
    OUT.mkdir(exist_ok=True)
    if chosen.part in {None, "speed"}:
        speed()
    if chosen.part in {None, "robustness"}:
        robustness(range(max(3, chosen.seeds // 3)), chosen.workers)
    if chosen.part in {None, "scores"}:
        score_table(range(chosen.seeds), chosen.workers, resume=chosen.resume)


def region(name: str, **changes: object) -> RegionScene:
    return RegionScene(name, replace(LAB, notice_min=NOTICE_MIN, **changes))


def score_table(seeds: Sequence[int], workers: int, *, resume: bool) -> None:
    """One row a load and policy. Runs are written as they end, so that a table cut short can be resumed."""
    rows = read("scores") if resume else []
    known = {(item["scene"], item["seed"]) for item in rows}
    scenes = {load: region(f"{load}", load=load) for load in LOADS}
    tasks: list[Task] = [
        (scene, CONTESTANTS, seed)
        for scene in scenes.values()
        for seed in seeds
        if (scene.name, seed) not in known
    ]
    shown: set[float] = set()
    show_scores(rows, scenes, seeds, shown)
    for runs in played(tasks, workers):
        rows.extend(row(run) for run in runs)
        write("scores", rows)
        show_scores(rows, scenes, seeds, shown)


def show_scores(
    rows: Sequence[Row], scenes: Mapping[float, RegionScene], seeds: Sequence[int], shown: set[float]
) -> None:
    """Print the loads whose every seed is there and that were not printed yet."""
    for load, scene in scenes.items():
        own = [item for item in rows if item["scene"] == scene.name and item["seed"] in seeds]
        if load in shown or len(own) < len(seeds) * len(CONTESTANTS):
            continue
        if not shown:
            print(
                f"{'load':>5} {'policy':<24} {'score (95 %)':<16} {'goal':>6} {'':<6} "
                f"{'>fcfs':>6} {'wait':>6} {'km':>6} {'broken':>6}"
            )
        shown.add(load)
        for contestant in CONTESTANTS:
            print(score_row(own, load, contestant), flush=True)


def score_row(rows: Sequence[Row], load: float, contestant: Contestant) -> str:
    """A policy at a load beside its goal; `wait` and `km` relative to first come, first served."""
    own = by_seed(rows, contestant)
    base = by_seed(rows, FCFS)
    wins = sum(a["score"] > b["score"] for a, b in zip(own, base, strict=True))
    wait, km = (mean(r[of] for r in own) / mean(r[of] for r in base) for of in ("wait_h", "km"))
    goal = {LIVE.name: IMMEDIATE, PROMISES.name: PROMISE}.get(contestant.name, {}).get(load)
    found = figure([r["score"] for r in own])
    verdict = "" if goal is None else "ok" if found.mean >= goal else "below"
    return (
        f"{load:>5} {contestant.name:<24} {found!s:<16} {goal or '':>6} {verdict:<6} "
        f"{wins:>3}/{len(own):<2} {wait:>6.2f} {km:>6.2f} {sum(r['broken'] for r in own):>6}"
    )


def by_seed(rows: Sequence[Row], contestant: Contestant) -> list[Row]:
    """A policy's rows by rising seed."""
    return sorted((r for r in rows if r["policy"] == contestant.name), key=lambda r: int(r["seed"]))


def robustness(seeds: Sequence[int], workers: int) -> None:
    """The forecast is wrong, or the day is not like the others."""
    scenes = [
        *(
            region(f"past x{f}", load=load, history_load=f * load)
            for load in (0.9,)
            for f in (0.6, 0.8, 1.25, 1.5)
        ),
        region("no past", load=0.9, history_days=0),
        region("epidemic day x2", load=0.9, surge={2: 2.0}),
        region("summer x2", load=1.8, history_load=0.9),
        region("withdrawn 5 %, cancelled 8 %", load=0.9, withdrawn_share=0.05, cancelled_share=0.08),
        RegionScene("no waiting list", replace(LAB, load=0.9, waiting_list_share=0.0, notice_min=NOTICE_MIN)),
        RegionScene("wide reach", RegionParameters(load=1.1, notice_min=NOTICE_MIN)),
    ]
    runs: list[Run] = []
    print(f"{'scene':<30} {'fcfs':<16} {'live':<16} {'promises':<16} worst gap to fcfs")
    for scene in scenes:
        runs.extend(compare([scene], (FCFS, LIVE, PROMISES), seeds, workers=workers))
        own = {c.name: scores(runs, scene.name, c.name) for c in (FCFS, LIVE, PROMISES)}
        gaps = [
            min(a - b for a, b in zip(own[c.name], own[FCFS.name], strict=True)) for c in (LIVE, PROMISES)
        ]
        cells = " ".join(f"{figure(own[c.name])!s:<16}" for c in (FCFS, LIVE, PROMISES))
        print(f"{scene.name:<30} {cells} {gaps[0]:+.3f} {gaps[1]:+.3f}", flush=True)
    write("robustness", [row(run) for run in runs])


def speed() -> None:
    """CPU time of decisions with warm prices, the first morning of a CPTS and of a department.

    CPU of the deciding thread, so that a busy machine does not count. `asked` are answers to a caller on the
    line, `named` those that nobody waits for: promises named, waiting list served.
    """
    titles = ("open slots", "asked", "p50 ms", "p99 ms", "named", "p50 ms", "p99 ms", "cpu s")
    print(f"{'scale':<12} {'mode':<10} " + " ".join(f"{title:>10}" for title in titles))
    rows: list[Row] = []
    for scale, parameters, until_h in (("cpts", LAB, 12.0), ("department", DEPARTMENT, 8.4)):
        played = replace(parameters, load=1.1, notice_min=NOTICE_MIN, history_days=7)
        stream = morning(played, until_h)
        gc.collect()
        gc.freeze()
        for mode in ("immediate", "promise"):
            cpu = process_time()
            settings = LiveSettings(promise=mode == "promise")
            answers = list(replay(stream, LivePolicy(settings), clock=thread_time))
            used = process_time() - cpu
            asked, named = told_apart(stream, answers)
            (p50, p99), (named50, named99) = (middle_and_top(times) for times in (asked, named))
            rows.append(
                {
                    "scale": scale, "mode": mode, "open_slots": open_slots(stream), "answers": len(asked),
                    "p50": p50, "p99": p99, "goal_p99": GOAL_P99_MS, "pass": p99 < GOAL_P99_MS,
                    "named": len(named), "named_p50": named50, "named_p99": named99, "cpu_s": used,
                }
            )  # fmt: skip
            print(
                f"{scale:<12} {mode:<10} {open_slots(stream):>10} {len(asked):>10} {p50:>10.2f} {p99:>10.2f} "
                f"{len(named):>10} {named50:>10.2f} {named99:>10.2f} {used:>10.1f}",
                flush=True,
            )
        gc.unfreeze()
    write("speed", rows)


def told_apart(stream: Stream, answers: Sequence[Answer]) -> tuple[list[float], list[float]]:
    """Decision times of answers to callers on the line, and of those given later; none of the closing."""
    rang = {e.request.id: e.at for e in stream.events if isinstance(e, RequestArrived)}
    asked = [a.decision_ms for a in answers if a.at == rang[a.request]]
    named = [a.decision_ms for a in answers if rang[a.request] < a.at < stream.header.end]
    return asked, named


def middle_and_top(times: Sequence[float]) -> tuple[float, float]:
    """Median and 99th percentile; zero when there is nothing."""
    return (float(np.quantile(times, 0.5)), float(np.quantile(times, 0.99))) if times else (0.0, 0.0)


def open_slots(stream: Stream) -> int:
    """Slots published before the first caller that have not begun when the last one rings."""
    begin, end = stream.header.start, stream.header.end
    return sum(isinstance(e, SlotPublished) and e.at < begin and e.slot.start >= end for e in stream.events)


def morning(parameters: RegionParameters, until_h: float) -> Stream:
    """History, then the first day from 8 h on, ending at `until_h`."""
    week = region_week(1, parameters)
    begin = week.header.start
    opens, closes = begin + timedelta(hours=8), begin + timedelta(hours=until_h)
    events = tuple(e for e in week.events if e.at < begin or opens <= e.at < closes)
    return Stream(replace(week.header, end=closes), events)


def row(run: Run) -> Row:
    s = run.summary
    return {
        "scene": run.scene, "policy": run.contestant, "seed": run.seed, "score": run.score,
        "served": {p.value: n for p, n in s.served.items()}, "wait_h": s.mean_wait_h, "km": s.mean_km,
        "broken": s.broken, "p50_ms": s.p50_ms, "p99_ms": s.p99_ms,
        "kept_waiting": {p.value: k for p, k in s.kept_waiting.items()},
    }  # fmt: skip


def read(name: str) -> list[Row]:
    """The rows of an earlier run; none when there was none."""
    path = OUT / f"live-{name}.json"
    found: list[Row] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return found


def write(name: str, rows: list[Row]) -> None:
    (OUT / f"live-{name}.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
