"""The CP-SAT model of a rota: who holds which shift, the hard rules, the weighted objective.

A variable for each shift and carer whom no rule about the two alone excludes. Shifts that one carer cannot
both hold overlap once lengthened by the rest, so that the rule is a few cliques of an interval graph, not
many pairs; unfairness is convex in what is held, so that its tangents at whole numbers suffice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from ortools.sat.python import cp_model

from slots.rota.facts import Carer, Kind, RotaProblem, Rule, Shift
from slots.rota.fairness import due_tenths, held_before, kinds_of, unfairness

Var = cp_model.IntVar


@dataclass
class Model:
    """A model and its variables: `turn` by shift and carer; frozen turns are in `settled` instead."""

    problem: RotaProblem
    cp: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    turn: dict[tuple[str, str], Var] = field(default_factory=dict)
    settled: set[tuple[str, str]] = field(default_factory=set)

    def of_carer(self, carer: Carer) -> list[tuple[Shift, Var]]:
        """The shifts that a carer may hold, with their variables."""
        pairs = ((shift, self.turn.get((shift.id, carer.id))) for shift in self.problem.shifts)
        return [(shift, var) for shift, var in pairs if var is not None]

    def settled_of(self, carer: Carer) -> list[Shift]:
        """The frozen shifts that a carer holds."""
        return [shift for shift in self.problem.shifts if (shift.id, carer.id) in self.settled]

    def of_shift(self, shift: Shift) -> list[Var]:
        """The variables of a shift."""
        pairs = ((shift.id, carer.id) for carer in self.problem.carers)
        return [self.turn[pair] for pair in pairs if pair in self.turn]


def may_hold(carer: Carer, shift: Shift) -> bool:
    """Whether no rule about these two alone keeps a carer from a shift."""
    return (
        (not carer.places or shift.place in carer.places)
        and (shift.day.weekday(), shift.half) not in carer.never
        and not any(span.meets(shift.span) for span in carer.away)
    )


def build(problem: RotaProblem, *, width: int) -> Model:
    """The whole model; unfairness is exact for those within `width` shifts of their due, less beyond."""
    model = Model(problem)
    for shift in problem.shifts:
        for carer in problem.carers:
            pair = (shift.id, carer.id)
            if problem.is_frozen(shift):
                if carer.id in problem.held_in_force(shift.id):
                    model.settled.add(pair)
            elif may_hold(carer, shift):
                model.turn[pair] = model.cp.new_bool_var(f"{shift.id}|{carer.id}")
    _fix(model)
    gaps = _cover(model)
    _rooms(model)
    for carer in problem.carers:
        for _, group, most in limits_of(problem, carer):
            _at_most(model, carer, group, most)
        _in_a_row(model, carer)
    _minimise(model, gaps, width)
    return model


def limits_of(problem: RotaProblem, carer: Carer) -> list[tuple[Rule, list[Shift], int]]:
    """Sets of shifts of which a carer may hold only so many: by day, by week, and around each rest."""
    shifts = sorted(problem.shifts, key=lambda shift: (shift.start, shift.id))
    limits = problem.limits
    week = limits.most_per_week if carer.most_per_week is None else carer.most_per_week
    groups = [(Rule.PER_DAY, group, limits.most_per_day) for group in _by(shifts, "day")]
    groups += [(Rule.PER_WEEK, group, week) for group in _by(shifts, "week")]
    if limits.most_per_day <= 1:
        return groups + [(Rule.REST, group, 1) for group in _cliques(shifts, limits.rest)]
    groups += [(Rule.TOGETHER, group, 1) for group in _cliques(shifts, timedelta())]
    near = timedelta(days=2) + limits.rest
    for number, one in enumerate(shifts):
        for other in shifts[number + 1 :]:
            if other.start - one.start > near:
                break
            if one.day != other.day and other.start - one.end < limits.rest:
                groups.append((Rule.REST, [one, other], 1))
    return groups


def _by(shifts: list[Shift], key: str) -> Iterable[list[Shift]]:
    groups: dict[Hashable, list[Shift]] = defaultdict(list)
    for shift in shifts:
        groups[getattr(shift, key)].append(shift)
    return groups.values()


def _cliques(shifts: list[Shift], rest: timedelta) -> list[list[Shift]]:
    """The greatest sets of shifts that, each lengthened by the rest, all run at one instant."""
    found: list[list[Shift]] = []
    for at in sorted({shift.start for shift in shifts}):
        running = [shift for shift in shifts if shift.start <= at < shift.end + rest]
        if found and {shift.id for shift in found[-1]} <= {shift.id for shift in running}:
            found[-1] = running
        else:
            found.append(running)
    return [group for group in found if len(group) > 1]


def _fix(model: Model) -> None:
    """What is always his is his; a fixed shift that he may not hold makes the model infeasible."""
    for carer in model.problem.carers:
        for shift_id in sorted(carer.fixed & model.problem.shift_by_id.keys()):
            if model.problem.is_frozen(model.problem.shift_by_id[shift_id]):
                continue
            var = model.turn.get((shift_id, carer.id))
            if var is None:
                model.cp.add(cp_model.LinearExpr.sum([]) >= 1)
            else:
                model.cp.add(var == 1)


def _cover(model: Model) -> list[Var]:
    """Each open shift has its carers; returns the missing ones where gaps are allowed."""
    gaps = []
    for shift in model.problem.shifts:
        if model.problem.is_frozen(shift):
            continue
        who = cp_model.LinearExpr.sum(model.of_shift(shift))
        if model.problem.gaps and shift.least:
            gap = model.cp.new_int_var(0, shift.least, f"gap|{shift.id}")
            model.cp.add(who + gap >= shift.least)
            gaps.append(gap)
        else:
            model.cp.add(who >= shift.least)
        model.cp.add(who <= shift.most)
    return gaps


def _rooms(model: Model) -> None:
    for place in model.problem.places:
        if place.rooms is None:
            continue
        here = [shift for shift in model.problem.shifts if shift.place == place.id]
        for running in _cliques(here, timedelta()) + [[shift] for shift in here]:
            inside = sum(1 for shift, _ in model.settled if shift in {one.id for one in running})
            who = [var for shift in running for var in model.of_shift(shift)]
            if len(who) > place.rooms - inside:
                model.cp.add(cp_model.LinearExpr.sum(who) <= max(0, place.rooms - inside))


def _at_most(model: Model, carer: Carer, group: list[Shift], most: int) -> None:
    """At most so many of a set of shifts, less those settled."""
    pairs = [(shift.id, carer.id) for shift in group]
    left = max(0, most - sum(1 for pair in pairs if pair in model.settled))
    who = [model.turn[pair] for pair in pairs if pair in model.turn]
    if len(who) <= left:
        return
    if left == 1:
        model.cp.add_at_most_one(who)
    else:
        model.cp.add(cp_model.LinearExpr.sum(who) <= left)


def _in_a_row(model: Model, carer: Carer) -> None:
    """At most so many days in a row, by windows one day longer."""
    most = model.problem.limits.most_days_in_a_row
    settled = {shift.day for shift in model.settled_of(carer)}
    worked: dict[date, cp_model.LinearExprT] = {}
    by_day: dict[date, list[Var]] = defaultdict(list)
    for shift, var in model.of_carer(carer):
        by_day[shift.day].append(var)
    for day, who in by_day.items():
        if day not in settled:
            worked[day] = _any(model, who)
    for first in sorted({*worked, *settled}):
        window = [first + timedelta(days=number) for number in range(most + 1)]
        if not all(day in worked or day in settled for day in window):
            continue
        open_days = [worked[day] for day in window if day in worked]
        if open_days:
            left = max(0, most - (len(window) - len(open_days)))
            model.cp.add(cp_model.LinearExpr.sum(open_days) <= left)


def _any(model: Model, who: list[Var]) -> cp_model.LinearExprT:
    if model.problem.limits.most_per_day <= 1:
        return cp_model.LinearExpr.sum(who)
    worked = model.cp.new_bool_var("")
    for var in who:
        model.cp.add_implication(var, worked)
    return worked


def _minimise(model: Model, gaps: list[Var], width: int) -> None:
    problem, weights = model.problem, model.problem.weights
    terms = [weights.gap * gap for gap in gaps]
    constant = sum(
        weights.gap * max(0, shift.least - len(problem.held_in_force(shift.id)))
        for shift in problem.shifts
        if problem.is_frozen(shift)
    )
    for kind in kinds_of(problem):
        terms += [weights.of(kind) * cost for cost in _unfairness(model, kind, width)]
    by_carer = {carer.id: carer for carer in problem.carers}
    for (shift_id, carer_id), var in model.turn.items():
        shift = problem.shift_by_id[shift_id]
        points = 0
        for wish in by_carer[carer_id].wishes:
            if wish.concerns(shift):
                points -= wish.points
        if problem.in_force is not None and shift_id in problem.in_force:
            held = carer_id in problem.in_force[shift_id]
            points_of_change = -weights.change if held else weights.change
        else:
            points_of_change = 0
        coefficient = weights.wish * points + points_of_change
        if coefficient:
            terms.append(coefficient * var)
    constant += _constant(model)
    model.cp.minimize(cp_model.LinearExpr.sum([*terms, constant]))


def _constant(model: Model) -> int:
    """What is paid while every variable is zero: wishes not granted, turns in force that go."""
    problem, weights = model.problem, model.problem.weights
    ungranted = sum(
        wish.points
        for carer in problem.carers
        for wish in carer.wishes
        if wish.points > 0
        for shift in problem.shifts
        if wish.concerns(shift) and not problem.is_frozen(shift)
    )
    gone = 0
    if problem.in_force is not None:
        open_shifts = (shift for shift in problem.shifts if not problem.is_frozen(shift))
        gone = sum(len(problem.held_in_force(shift.id)) for shift in open_shifts)
    return weights.wish * ungranted + weights.change * gone


def _unfairness(model: Model, kind: Kind, width: int) -> list[Var]:
    """For each carer a variable above the tangents of his unfairness among a kind."""
    due = due_tenths(model.problem, kind)
    costs = []
    for carer in model.problem.carers:
        who = [var for shift, var in model.of_carer(carer) if shift.counts_in(kind)]
        least = held_before(carer, kind)
        least += sum(1 for shift in model.settled_of(carer) if shift.counts_in(kind))
        most = least + len(who)
        middle = min(max(due[carer.id] // 10, least), most)
        low, high = max(least, middle - width), min(most, middle + width)
        ceiling = max(unfairness(least, due[carer.id]), unfairness(most, due[carer.id]))
        cost = model.cp.new_int_var(0, ceiling, f"unfair|{kind}|{carer.id}")
        held = cp_model.LinearExpr.sum(who) + least
        if low == high:
            model.cp.add(cost >= unfairness(low, due[carer.id]))
        for count in range(low, high):
            value = unfairness(count, due[carer.id])
            slope = unfairness(count + 1, due[carer.id]) - value
            model.cp.add(cost >= slope * held + (value - slope * count))
        costs.append(cost)
    return costs
