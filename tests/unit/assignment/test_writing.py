from __future__ import annotations

import json

from snp.assignment.facts import Assigned, Assignment, Priority, Status, Unserved, UnservedReason
from snp.assignment.reading import read_assignment, read_instance
from snp.assignment.writing import write_assignment, write_instance
from tests.support.assignment import random_instance

ANSWER = Assignment(
    status=Status.OPTIMAL,
    served={Priority.P1: 0, Priority.P2: 1, Priority.P3: 0},
    burden=12,
    spread=1,
    assignments=(Assigned("r1", ("s1",), 12),),
    unserved=(Unserved("r2", UnservedReason.OUTCOMPETED, "é\ud800"),),
    wall_s=0.0041,
)


def test_an_answer_has_the_fields_of_its_format_in_order() -> None:
    written = json.loads(write_assignment(ANSWER))
    assert list(written) == [
        "format",
        "status",
        "served",
        "burden",
        "spread",
        "wall_s",
        "assignments",
        "unserved",
    ]
    assert list(written["assignments"][0]) == ["request", "slots", "burden"]
    assert list(written["unserved"][0]) == ["request", "reason", "detail"]


def test_an_answer_reads_back_as_it_was_written() -> None:
    assert read_assignment(write_assignment(ANSWER)) == ANSWER


def test_a_feasible_answer_gives_its_bounds() -> None:
    bound = {"P1": 1, "P2": 2, "P3": 3, "burden": 4, "spread": 5}
    answer = Assignment(Status.FEASIBLE, ANSWER.served, 12, 1, ANSWER.assignments, (), 0.1, bound)
    assert json.loads(write_assignment(answer))["bound"] == bound


def test_instances_read_back_as_they_were_written() -> None:
    for seed in range(40):
        instance = random_instance(seed)
        assert read_instance(write_instance(instance)) == instance
