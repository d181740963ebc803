"""The judge of a rota: each hard rule alone, and the objective."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slots.rota.checks import cost_of, judge, violations
from slots.rota.facts import (
    Half,
    Kind,
    Limits,
    Place,
    RotaAnswer,
    Rule,
    Span,
    Status,
    Wish,
)
from slots.rota.fairness import due_tenths
from slots.rota.school_holidays import Zone, is_school_holiday
from tests.support.rota import MONDAY, a_carer, a_problem, a_shift

MORNING, EVENING = a_shift(0), a_shift(0, Half.EVENING)
NEXT = a_shift(1)


def turns(*held):
    return {shift.id: frozenset(who) for shift, who in held}


@pytest.mark.parametrize(
    ("problem", "held", "rule", "sentence"),
    [
        (
            a_problem((MORNING,), (a_carer(away=(Span(MORNING.start, MORNING.end),)),)),
            turns((MORNING, "a")),
            Rule.AWAY,
            "Dr A est absent le lundi 30 novembre matin.",
        ),
        (
            a_problem((MORNING,), (a_carer(never=frozenset({(0, Half.MORNING)})),)),
            turns((MORNING, "a")),
            Rule.NEVER,
            "Dr A ne travaille jamais le lundi matin (lundi 30 novembre matin).",
        ),
        (
            a_problem((MORNING,), (a_carer(places=frozenset({"centre"})),)),
            turns((MORNING, "a")),
            Rule.PLACE,
            "Dr A n’exerce pas à MSP.",
        ),
        (
            a_problem((MORNING,), (a_carer(fixed=frozenset({MORNING.id})), a_carer("b"))),
            turns((MORNING, "b")),
            Rule.FIXED,
            "Dr A tient toujours le lundi 30 novembre matin.",
        ),
        (
            a_problem((MORNING,), (a_carer(),)),
            {},
            Rule.TOO_FEW,
            "Le lundi 30 novembre matin demande 1 médecin au moins : 0.",
        ),
        (
            a_problem((MORNING,), (a_carer(), a_carer("b"))),
            turns((MORNING, "ab")),
            Rule.TOO_MANY,
            "Le lundi 30 novembre matin admet 1 médecin au plus : 2.",
        ),
        (
            a_problem((EVENING, NEXT), (a_carer(),), limits=Limits(timedelta(hours=13))),
            turns((EVENING, "a"), (NEXT, "a")),
            Rule.REST,
            "Dr A doit avoir 13 h de repos entre le lundi 30 novembre soir et le mardi 1er décembre matin.",
        ),
        (
            a_problem((MORNING, EVENING), (a_carer(),)),
            turns((MORNING, "a"), (EVENING, "a")),
            Rule.PER_DAY,
            "Dr A tient au plus 1 garde par jour : 2 le lundi 30 novembre.",
        ),
        (
            a_problem((MORNING, NEXT), (a_carer(most_per_week=1),)),
            turns((MORNING, "a"), (NEXT, "a")),
            Rule.PER_WEEK,
            "Dr A tient au plus 1 garde par semaine : 2 dans celle du lundi 30 novembre.",
        ),
        (
            a_problem((MORNING, NEXT), (a_carer(),), limits=Limits(most_days_in_a_row=1)),
            turns((MORNING, "a"), (NEXT, "a")),
            Rule.CONSECUTIVE,
            "Dr A tient au plus 1 jour de suite : du lundi 30 novembre au mardi 1er décembre.",
        ),
        (
            a_problem(
                (replace(MORNING, most=2),), (a_carer(), a_carer("b")), places=(Place("msp", "MSP", 1),)
            ),
            turns((MORNING, "ab")),
            Rule.ROOMS,
            "MSP a 1 salle : 2 médecins à la fois le lundi 30 novembre à 8 h.",
        ),
        (
            a_problem((MORNING,), (a_carer(),)),
            {"autre": frozenset()},
            Rule.UNKNOWN,
            "La garde « autre » n’existe pas.",
        ),
    ],
    ids=lambda value: value.value if isinstance(value, Rule) else "",
)  # fmt: skip
def test_a_broken_rule_is_said_in_french(problem, held, rule, sentence):
    found = violations(problem, held)
    assert [each.rule for each in found] == [rule]
    assert found[0].sentence.replace("\u00a0", " ") == sentence


def test_two_shifts_at_once_are_one_too_many():
    there = a_shift(0, place="centre")
    places = (Place("msp", "MSP"), Place("centre", "Centre"))
    problem = a_problem((MORNING, there), (a_carer(),), limits=Limits(most_per_day=2), places=places)
    assert [each.rule for each in violations(problem, turns((MORNING, "a"), (there, "a")))] == [Rule.TOGETHER]


def test_what_has_begun_is_settled_whatever_the_absences():
    carer = a_carer(away=(Span(MORNING.start, MORNING.end),))
    problem = a_problem(
        (MORNING,), (carer, a_carer("b")), in_force=turns((MORNING, "a")), frozen_before=MORNING.end
    )
    assert violations(problem, turns((MORNING, "a"))) == ()
    assert [each.rule for each in violations(problem, turns((MORNING, "b")))] == [Rule.FIXED]


def test_the_cost_is_the_weighted_sum_of_its_parts():
    saturday = a_shift(5, kinds=frozenset({Kind.SATURDAY}))
    carers = (
        a_carer(wishes=(Wish(0, Half.MORNING, -2),)),
        a_carer("b", share=50, wishes=(Wish(5, Half.MORNING, 3),)),
    )
    problem = a_problem((MORNING, saturday, NEXT), carers, gaps=True, in_force=turns((MORNING, "b")))
    cost = cost_of(problem, turns((MORNING, "a"), (saturday, "a")))
    assert (cost.gaps, cost.changes, cost.wishes) == (1, 2, 2 + 3)
    assert due_tenths(problem, Kind.ALL) == {"a": 20, "b": 10}
    assert due_tenths(problem, Kind.SATURDAY) == {"a": 7, "b": 3}
    assert cost.unfairness == {Kind.ALL: 0 + 100, Kind.SATURDAY: 9 + 9}
    assert cost.total == 100_000 + 2 * 2_000 + 5 * 10 + 4 * 100 + 3 * 18


def test_an_answer_that_lies_is_found_out():
    problem = a_problem((MORNING,), (a_carer(), a_carer("b")))
    held = turns((MORNING, "a"))
    cost = cost_of(problem, held)
    right = RotaAnswer(Status.OPTIMAL, held, cost, cost.total, 0.0)
    assert judge(problem, right) == ()
    for wrong in (
        replace(right, cost=replace(cost, total=1)),
        replace(right, bound=cost.total + 1),
        replace(right, bound=cost.total - 1),
    ):
        assert Rule.OBJECTIVE in {each.rule for each in judge(problem, wrong)}


def test_school_holidays_end_the_day_pupils_are_back():
    assert is_school_holiday(MONDAY.replace(month=12, day=19), Zone.B)
    assert is_school_holiday(MONDAY.replace(year=2027, month=1, day=3), Zone.B)
    assert not is_school_holiday(MONDAY.replace(year=2027, month=1, day=4), Zone.B)
