from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from snp.assignment.checks import violations
from snp.assignment.facts import Assigned, Assignment, Instance, Priority, Status, Unserved, UnservedReason
from tests.support.assignment import a_request, a_slot, an_instance


def an_answered_instance() -> tuple[Instance, Assignment]:
    """Two of three singles, a household and a treatment of two sessions, all right."""
    slots = [
        a_slot("s1", "p1"),
        a_slot("s2", "p1", starts="2026-11-23T10:15:00+01:00"),
        a_slot("s3", "p2", starts="2026-11-23T11:00:00+01:00"),
        a_slot("s4", "p2", starts="2026-11-24T11:00:00+01:00"),
        a_slot("s5", "p3", starts="2026-11-23T09:00:00+01:00"),
        a_slot("s6", "p3", starts="2026-11-23T08:00:00+01:00", lat=48),
        a_slot("s7", "p1", starts="2026-11-23T10:45:00+01:00"),
    ]
    requests = [
        a_request("r1", household="h"),
        a_request("r2", household="h"),
        a_request("r3", Priority.P1, sessions=2),
        a_request("r4", Priority.P3),
        a_request("r5", Priority.P3, only=["p3"]),
        a_request("r6", Priority.P3, only=[]),
    ]
    answer = Assignment(
        status=Status.OPTIMAL,
        served={Priority.P1: 1, Priority.P2: 2, Priority.P3: 1},
        burden=8 + 9 + 24 + 1,
        spread=4 + 4 + 1,
        assignments=(
            Assigned("r1", ("s1",), 8),
            Assigned("r2", ("s2",), 9),
            Assigned("r3", ("s3", "s4"), 24),
            Assigned("r4", ("s5",), 1),
        ),
        unserved=(
            Unserved("r5", UnservedReason.OUTCOMPETED, ""),
            Unserved("r6", UnservedReason.NO_SUITABLE_SLOT, ""),
        ),
    )
    return an_instance(slots, requests), answer


def test_a_right_answer_has_no_violation() -> None:
    assert violations(*an_answered_instance()) == []


def given(answer: Assignment, *changed: Assigned) -> Assignment:
    new = {item.request: item for item in changed}
    return replace(answer, assignments=tuple(new.get(item.request, item) for item in answer.assignments))


def as_feasible(answer: Assignment, **bound: int) -> Assignment:
    right = {"P1": 1, "P2": 2, "P3": 1, "burden": 42, "spread": 9}
    return replace(answer, status=Status.FEASIBLE, bound={k: v for k, v in (right | bound).items() if v >= 0})


def test_a_feasible_answer_with_bounds_that_hold_is_valid() -> None:
    instance, answer = an_answered_instance()
    assert violations(instance, as_feasible(answer, P3=2, burden=0, spread=0)) == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda a: replace(a, burden=41), "burden: is 42, not 41"),
        (lambda a: replace(a, spread=8), "spread: is 9, not 8"),
        (lambda a: replace(a, served={**a.served, Priority.P3: 2}), "served P3: is 1, not 2"),
        (lambda a: given(a, Assigned("r4", ("s5",), 2)), "request r4: burden is 1, not 2"),
        (lambda a: given(a, Assigned("r4", ("s6",), 1)), "request r4: slot s6 does not suit it (distance)"),
        (lambda a: given(a, Assigned("r4", ("s1",), 2)), "slot s1: given 2 times"),
        (lambda a: given(a, Assigned("r4", ("s9",), 1)), "slot s9: not in the instance"),
        (lambda a: given(a, Assigned("r4", (), 1)), "request r4: served without a slot"),
        (lambda a: given(a, Assigned("r4", ("s5", "s7"), 1)), "request r4: 1 sessions are needed, 2 given"),
        (lambda a: given(a, Assigned("r3", ("s3",), 24)), "request r3: 2 sessions are needed, 1 given"),
        (
            lambda a: given(a, Assigned("r3", ("s3", "s7"), 24)),
            "request r3: the sessions are not with one practitioner",
        ),
        (lambda a: given(a, Assigned("r2", ("s7",), 11)), "household h: s7 does not start where s1 ends"),
        (
            lambda a: given(a, Assigned("r2", ("s3",), 12)),
            "household h: the slots are not with one practitioner",
        ),
        (
            lambda a: replace(a, assignments=a.assignments[1:]),
            "household h: served in part, without r1",
        ),
        (
            lambda a: replace(a, assignments=a.assignments[1:]),
            "request r1: must be answered once, is 0 times served and 0 times unserved",
        ),
        (
            lambda a: replace(a, unserved=(*a.unserved, a.unserved[0])),
            "request r5: must be answered once, is 0 times served and 2 times unserved",
        ),
        (
            lambda a: replace(a, unserved=(*a.unserved, Unserved("r4", UnservedReason.OUTCOMPETED, ""))),
            "request r4: must be answered once, is 1 times served and 1 times unserved",
        ),
        (
            lambda a: replace(a, assignments=(*a.assignments, Assigned("r9", ("s7",), 1))),
            "request r9: not in the instance",
        ),
        (
            lambda a: replace(
                a, unserved=(replace(a.unserved[0], reason=UnservedReason.NO_SUITABLE_SLOT), a.unserved[1])
            ),
            "request r5: no_suitable_slot, though s5 suits it",
        ),
        (
            lambda a: replace(
                a, unserved=(a.unserved[0], replace(a.unserved[1], reason=UnservedReason.OUTCOMPETED))
            ),
            "request r6: outcompeted, though no slot suits it",
        ),
        (lambda a: as_feasible(a, P2=-1), "bound P2: missing, though the status is feasible"),
        (lambda a: as_feasible(a, P3=0), "bound P3: 0 is less than the 1 served"),
        (lambda a: as_feasible(a, burden=43), "bound burden: 43 is more than the burden reached, 42"),
        (lambda a: as_feasible(a, spread=10), "bound spread: 10 is more than the spread reached, 9"),
    ],
)
def test_a_wrong_answer_is_told(change: Callable[[Assignment], Assignment], line: str) -> None:
    instance, answer = an_answered_instance()
    assert line in violations(instance, change(answer))
