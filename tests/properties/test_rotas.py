"""Every rota is judged by a checker that knows no solver; tiny ones equal brute force, and so do refusals."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slots.rota.checks import cost_of, judge, violations
from slots.rota.conflicts import conflicts_of
from slots.rota.explaining import why
from slots.rota.facts import Carer, Half, Kind, Limits, Place, RotaProblem, Shift, Span, Status, Wish
from slots.rota.reading import read_answer, read_problem
from slots.rota.solving import solve
from slots.rota.writing import write_answer, write_problem
from tests.support.rota import a_carer, a_shift

HALVES = (Half.MORNING, Half.AFTERNOON, Half.EVENING)


@st.composite
def problems(draw: st.DrawFn) -> RotaProblem:
    """Two or three carers, up to four shifts over a few days and two places."""
    spots = draw(
        st.lists(
            st.tuples(st.integers(3, 8), st.sampled_from(HALVES), st.sampled_from(("msp", "centre"))),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    shifts = tuple(draw(_shift(day, half, place)) for day, half, place in sorted(spots))
    carers = tuple(
        draw(_carer(ident, shifts)) for ident in "abc"[: 2 if len(shifts) > 3 else draw(st.integers(2, 3))]
    )
    limits = Limits(
        timedelta(hours=draw(st.sampled_from((0, 11, 13, 20)))),
        draw(st.integers(1, 2)),
        draw(st.integers(1, 3)),
        draw(st.integers(1, 3)),
    )
    in_force = None
    if draw(st.booleans()):
        holders = st.frozensets(st.sampled_from([carer.id for carer in carers]), max_size=1)
        in_force = {shift.id: draw(holders) for shift in shifts if draw(st.booleans())}
    frozen = draw(st.sampled_from((None, shifts[0].end)))
    places = (Place("msp", "MSP", draw(st.sampled_from((None, 1)))), Place("centre", "Centre", 2))
    return RotaProblem(
        places=places,
        shifts=shifts,
        carers=carers,
        limits=limits,
        gaps=draw(st.booleans()),
        in_force=in_force,
        frozen_before=frozen,
    )


@st.composite
def _shift(draw: st.DrawFn, day: int, half: Half, place: str) -> Shift:
    least = draw(st.integers(0, 2))
    kinds = frozenset({Kind.SATURDAY}) if day == 5 else frozenset()
    return a_shift(day, half, place=place, least=least, most=max(1, least), kinds=kinds)


@st.composite
def _carer(draw: st.DrawFn, ident: str, shifts: tuple[Shift, ...]) -> Carer:
    some = st.sampled_from(shifts)
    away = tuple(Span(shift.start, shift.end) for shift in draw(st.lists(some, max_size=1)))
    never = {(shift.day.weekday(), shift.half) for shift in draw(st.lists(some, max_size=1))}
    fixed = {shift.id for shift in draw(st.lists(some, max_size=1)) if draw(st.integers(0, 3)) == 0}
    wishes = {
        (shift.day.weekday(), shift.half): draw(st.sampled_from((-3, -1, 1, 3)))
        for shift in draw(st.lists(some, max_size=2))
    }
    return a_carer(
        ident,
        share=draw(st.sampled_from((0, 50, 100))),
        places=draw(st.sampled_from((frozenset(), frozenset({"msp"})))),
        away=away,
        never=frozenset(never),
        fixed=frozenset(fixed),
        wishes=tuple(Wish(day, half, points) for (day, half), points in wishes.items()),
        most_per_week=draw(st.sampled_from((None, 1))),
        before={Kind.ALL: draw(st.integers(0, 3))},
    )


def everything(problem: RotaProblem):
    """Every way to hold the shifts."""
    ids = [carer.id for carer in problem.carers]
    ways = [
        [frozenset(who) for count in range(len(ids) + 1) for who in combinations(ids, count)]
        for _ in problem.shifts
    ]
    for chosen in product(*ways):
        yield {shift.id: who for shift, who in zip(problem.shifts, chosen, strict=True)}


@settings(max_examples=60)
@given(problems(), st.booleans())
def test_a_tiny_rota_is_the_best_of_all_that_hold_the_rules(problem: RotaProblem, relax: bool) -> None:
    best = None
    for turns in everything(problem):
        if not violations(problem, turns):
            cost = cost_of(problem, turns).total
            best = cost if best is None else min(best, cost)
    answer = solve(problem, time_limit=20, relax=relax)
    assert judge(problem, answer) == ()
    if best is None:
        assert answer.status is Status.INFEASIBLE
        assert answer.conflicts
    else:
        assert (answer.status, answer.cost.total, answer.bound) == (Status.OPTIMAL, best, best)


@settings(max_examples=15)
@given(problems())
def test_documents_say_all_there_is(problem: RotaProblem) -> None:
    assert read_problem(write_problem(problem)) == problem
    answer = solve(problem, time_limit=20)
    told = read_answer(write_answer(answer))
    assert (told.status, told.turns, told.cost, told.conflicts) == (
        answer.status, answer.turns, answer.cost, answer.conflicts
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_large_rotas_pass_the_judge_and_nobody_could_take_a_turn_at_less_cost(seed: int) -> None:
    from bench.rota_instances import msp

    problem = msp(seed, doctors=6, weeks=4)
    answer = solve(problem, time_limit=60)
    assert answer.status is Status.OPTIMAL
    assert judge(problem, answer) == ()
    for shift in problem.shifts[::9]:
        for carer_id in answer.turns[shift.id]:
            for each in why(problem, answer.turns, shift.id, carer_id):
                assert each.broken or each.dearer >= 0


def test_rules_that_clash_clash_by_themselves_and_not_without_one() -> None:
    shifts = tuple(a_shift(day) for day in range(4))
    problem = RotaProblem((Place("msp", "MSP"),), shifts, (a_carer("a"), a_carer("b", share=50)))
    away = Span(shifts[0].start, shifts[3].end)
    problem = RotaProblem(problem.places, shifts, (a_carer("a"), a_carer("b", away=(away,))))
    conflicts, is_minimal = conflicts_of(problem, time_limit=20)
    assert is_minimal
    said = [each.sentence for each in conflicts]
    assert sum("au moins" in each for each in said) == 4
    assert "Dr A tient au plus 3 gardes par semaine." in said or (
        "Dr A tient au plus 3 jours de suite." in said
    )
    assert any("Dr B est absent" in each for each in said)
