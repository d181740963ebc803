"""docs/PERFORMANCE.md tells what was measured, what was missed and what was not run."""

from __future__ import annotations

from bench import report_assignment, report_coverage, report_live
from bench.coverage import ARMS, CALLS
from bench.tables import as_table


def test_a_part_that_was_not_run_is_said_to_be_not_measured() -> None:
    text = "\n".join([*report_assignment.sections(None), *report_live.sections(None, None, None)])
    assert text.count("Not measured.") == 7


def test_a_goal_that_is_missed_is_said_to_be_missed() -> None:
    row = {"seeds": 3, "proven optimal": 3, "p95 ms": 200.0, "p95 cpu ms": 90.0}
    text = "\n".join(report_assignment.sections({"coupled": [row]}))
    assert "| p95 | < 150 ms | 200.0 ms | **missed** |" in text
    assert "| p95, CPU | < 150 ms | 90.0 ms | reached |" in text


def test_a_size_is_compared_per_request_with_the_department() -> None:
    rows = [
        {"size": size, "status": "optimal", "seconds": 1.0, "us per request": us, "peak MiB": 100}
        for size, us in (("3,000 x 4,000", 100.0), ("20,000 x 25,000", 310.0))
    ]
    text = "\n".join(report_assignment.sections({"scale": rows}))
    assert "against 3,000 x 4,000 | <= 3 times | 3.1 times | **missed** |" in text


def run(policy: str, seed: int, score: float) -> dict[str, object]:
    return {
        "scene": "0.9", "policy": policy, "seed": seed, "score": score,
        "wait_h": 2.0, "km": 5.0, "broken": 0,
    }  # fmt: skip


def test_a_live_policy_must_reach_its_score_and_win_on_every_seed() -> None:
    names = report_live.FCFS.name, report_live.LIVE.name
    good = [run(names[0], seed, 0.90) for seed in (1, 2)] + [run(names[1], seed, 0.97) for seed in (1, 2)]
    lost = [*good[:3], run(names[1], 2, 0.89)]
    assert "| reached |" in report_live.sections(good, None, None)[1]
    assert "**missed**" in report_live.sections(lost, None, None)[1]


def test_calls_for_slots_must_halve_who_goes_without() -> None:
    def row(seed: int, with_calls: float) -> dict[str, object]:
        lived = {
            arm: {"unserved": with_calls if arm == CALLS else 0.2, "slots": 9, "given": 1} for arm in ARMS
        }
        return {
            "seed": seed,
            "ratio": 0.8,
            "covered_80": 0.79,
            "lived": lived,
            "messages": 4,
            "most_messages_a_week": 2,
        }

    assert report_coverage.sections(None)[1] == "Not measured.\n"
    text = "\n".join(report_coverage.sections([row(1, 0.08), row(2, 0.08)]))
    assert text.count("| reached |") == 3
    assert report_coverage.sections([row(1, 0.15), row(2, 0.15)])[1].count("**missed**") == 2


def test_a_table_shows_what_is_absent_as_a_dash() -> None:
    assert as_table([{"a": 1200, "b": None}]) == "| a | b |\n| --- | --- |\n| 1,200 | - |\n"
