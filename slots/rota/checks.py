"""The independent judge of a rota: every hard rule and the objective, recomputed from the facts alone.

Pure Python, knows no solver and shares no code with the model; slow and plain on purpose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations, pairwise

from slots.rota import wording
from slots.rota.facts import (
    Carer,
    Conflict,
    Cost,
    Kind,
    RotaAnswer,
    RotaProblem,
    Rule,
    Shift,
    Status,
    Turns,
)
from slots.rota.fairness import due_tenths, kinds_of, unfairness


def violations(problem: RotaProblem, turns: Turns) -> tuple[Conflict, ...]:
    """Every hard rule that a rota breaks, with a French sentence; empty when it is valid."""
    unknown = tuple(_unknown(problem, turns))
    if unknown:
        return unknown
    return (
        *(each for carer in problem.carers for each in _of_carer(problem, carer, turns)),
        *(each for shift in problem.shifts for each in _of_shift(problem, shift, turns)),
        *_rooms(problem, turns),
    )


def cost_of(problem: RotaProblem, turns: Turns) -> Cost:
    """The objective of a rota, part by part; less is better."""
    gaps = sum(max(0, shift.least - len(turns.get(shift.id, frozenset()))) for shift in problem.shifts)
    changes = 0
    if problem.in_force is not None:
        changes = sum(
            len(turns.get(shift.id, frozenset()) ^ problem.in_force[shift.id])
            for shift in problem.shifts
            if shift.id in problem.in_force
        )
    unfair = {kind: _unfair(problem, kind, turns) for kind in kinds_of(problem)}
    wishes = sum(
        _wish_points(wish.points, carer.id in turns.get(shift.id, frozenset()))
        for carer in problem.carers
        for wish in carer.wishes
        for shift in problem.shifts
        if wish.concerns(shift) and not problem.is_frozen(shift)
    )
    weights = problem.weights
    total = weights.gap * gaps + weights.change * changes + weights.wish * wishes
    total += sum(weights.of(kind) * points for kind, points in unfair.items())
    return Cost(gaps, changes, unfair, wishes, total)


def judge(problem: RotaProblem, answer: RotaAnswer) -> tuple[Conflict, ...]:
    """Everything wrong with an answer: broken rules, an objective that is not its own, a bound above it."""
    if answer.status in (Status.INFEASIBLE, Status.UNKNOWN):
        return ()
    broken = list(violations(problem, answer.turns))
    if any(each.rule is Rule.UNKNOWN for each in broken):
        return tuple(broken)
    found = cost_of(problem, answer.turns)
    if answer.cost != found:
        told = answer.cost.total if answer.cost else None
        broken.append(
            Conflict(Rule.OBJECTIVE, f"Le coût annoncé est {told}, le coût recalculé {found.total}.")
        )
    if answer.bound > found.total:
        broken.append(
            Conflict(Rule.OBJECTIVE, f"La borne {answer.bound} dépasse le coût recalculé {found.total}.")
        )
    if answer.status is Status.OPTIMAL and answer.bound != found.total:
        broken.append(
            Conflict(Rule.OBJECTIVE, f"Dit optimal, mais la borne est {answer.bound} et non {found.total}.")
        )
    return tuple(broken)


def held(problem: RotaProblem, carer_id: str, turns: Turns) -> list[Shift]:
    """The shifts a carer holds, by start."""
    mine = (shift for shift in problem.shifts if carer_id in turns.get(shift.id, frozenset()))
    return sorted(mine, key=lambda shift: (shift.start, shift.id))


def _unfair(problem: RotaProblem, kind: Kind, turns: Turns) -> int:
    due = due_tenths(problem, kind)
    return sum(
        unfairness(
            carer.before.get(kind, 0)
            + sum(1 for shift in held(problem, carer.id, turns) if shift.counts_in(kind)),
            due[carer.id],
        )
        for carer in problem.carers
    )


def _wish_points(points: int, is_held: bool) -> int:
    """What a wish costs on one shift: for and not granted, or against and ignored."""
    return points * (not is_held) if points > 0 else -points * is_held


def _unknown(problem: RotaProblem, turns: Turns) -> Iterator[Conflict]:
    for shift_id, carers in turns.items():
        if shift_id not in problem.shift_by_id:
            yield Conflict(Rule.UNKNOWN, f"La garde « {shift_id} » n’existe pas.", shift=shift_id)
        for carer_id in sorted(carers - problem.carer_by_id.keys()):
            yield Conflict(Rule.UNKNOWN, f"Le praticien « {carer_id} » n’existe pas.", carer=carer_id)


def _of_carer(problem: RotaProblem, carer: Carer, turns: Turns) -> Iterator[Conflict]:
    mine = held(problem, carer.id, turns)
    for shift in mine:
        if not problem.is_frozen(shift):
            yield from _not_his(problem, carer, shift)
    free = [shift for shift in mine if not problem.is_frozen(shift)]
    for shift_id in sorted(carer.fixed - {shift.id for shift in mine}):
        if shift_id in problem.shift_by_id and not problem.is_frozen(problem.shift_by_id[shift_id]):
            yield wording.fixed(problem, carer, problem.shift_by_id[shift_id])
    for one, other in combinations(mine, 2):
        if other not in free:  # the later of two frozen ones is settled
            continue
        if one.span.meets(other.span):
            yield wording.together(problem, carer, one, other)
        elif one.day != other.day and other.start - one.end < problem.limits.rest:
            yield wording.rest(problem, carer, one, other)
    yield from _counted(problem, carer, mine)


def _not_his(problem: RotaProblem, carer: Carer, shift: Shift) -> Iterator[Conflict]:
    if carer.places and shift.place not in carer.places:
        yield wording.place(problem, carer, shift)
    for span in carer.away:
        if span.meets(shift.span):
            yield wording.away(problem, carer, shift)
            break
    if (shift.day.weekday(), shift.half) in carer.never:
        yield wording.never(problem, carer, shift)


def _counted(problem: RotaProblem, carer: Carer, mine: list[Shift]) -> Iterator[Conflict]:
    """Limits by day, week and days in a row; what is wholly settled is not complained of."""
    limits = problem.limits
    by_day = Counter(shift.day for shift in mine)
    by_week = Counter(shift.week for shift in mine)
    open_days = {shift.day for shift in mine if not problem.is_frozen(shift)}
    open_weeks = {shift.week for shift in mine if not problem.is_frozen(shift)}
    for day, count in sorted(by_day.items()):
        if count > limits.most_per_day and day in open_days:
            yield wording.per_day(problem, carer, day, count)
    most = limits.most_per_week if carer.most_per_week is None else carer.most_per_week
    for week, count in sorted(by_week.items()):
        if count > most and week in open_weeks:
            yield wording.per_week(problem, carer, week, count, most)
    added_days = open_days - {shift.day for shift in mine if problem.is_frozen(shift)}
    for run in _runs(sorted(by_day)):
        if len(run) > limits.most_days_in_a_row and not added_days.isdisjoint(run):
            yield wording.consecutive(problem, carer, run[0], run[-1])


def _runs(days: list[date]) -> Iterable[list[date]]:
    run = days[:1]
    for before, day in pairwise(days):
        if day - before != timedelta(days=1):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def _of_shift(problem: RotaProblem, shift: Shift, turns: Turns) -> Iterator[Conflict]:
    carers = turns.get(shift.id, frozenset())
    if problem.is_frozen(shift):
        if carers != problem.held_in_force(shift.id):
            yield wording.frozen(problem, shift)
        return
    if len(carers) > shift.most:
        yield wording.too_many(problem, shift, len(carers))
    if len(carers) < shift.least and not problem.gaps:
        yield wording.too_few(problem, shift, len(carers))


def _rooms(problem: RotaProblem, turns: Turns) -> Iterator[Conflict]:
    """At each beginning, who is at the place at once."""
    for place in problem.places:
        if place.rooms is None:
            continue
        here = [shift for shift in problem.shifts if shift.place == place.id]
        for at in sorted({shift.start for shift in here}):
            running = [shift for shift in here if shift.start <= at < shift.end]
            if not any(turns.get(shift.id) for shift in running if not problem.is_frozen(shift)):
                continue
            count = sum(len(turns.get(shift.id, frozenset())) for shift in running)
            if count > place.rooms:
                yield wording.rooms(place, at, count)
