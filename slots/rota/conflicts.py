"""Why no rota holds the rules: a set of rules that cannot all hold, each in a French sentence.

Every rule becomes a condition that may be dropped; the solver names some that clash, then one after the other
is dropped to see whether the rest still clash. Two rules of one kind about one carer and day are one rule.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from ortools.sat.python import cp_model

from slots.rota import wording
from slots.rota.facts import Carer, Conflict, RotaProblem, Rule, Shift
from slots.rota.model import limits_of
from snp.days import say_day

Var = cp_model.IntVar


@dataclass
class _Rules:
    """A model in which each rule holds only under its condition; conditions by their position in `told`."""

    problem: RotaProblem
    cp: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    turn: dict[tuple[str, str], Var] = field(default_factory=dict)
    told: list[Conflict] = field(default_factory=list)
    conditions: list[Var] = field(default_factory=list)

    def condition(self, rule: Conflict) -> Var:
        """A new rule, and the condition under which it holds."""
        self.told.append(rule)
        self.conditions.append(self.cp.new_bool_var(f"rule {len(self.told)}"))
        return self.conditions[-1]

    def clash(self, rules: list[int], seconds: float) -> list[int] | None:
        """Some of these rules that clash; None when they hold together, or it is not known."""
        self.cp.clear_assumptions()
        self.cp.add_assumptions([self.conditions[number] for number in rules])
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = max(seconds, 0.05)
        if solver.solve(self.cp) != cp_model.INFEASIBLE:
            return None
        named = set(solver.sufficient_assumptions_for_infeasibility())
        found = [number for number in rules if self.conditions[number].index in named]
        return found or list(rules)


def conflicts_of(problem: RotaProblem, *, time_limit: float) -> tuple[tuple[Conflict, ...], bool]:
    """Rules that cannot all hold, and whether leaving out any one of them would do."""
    ends = time.monotonic() + time_limit
    rules = _rules(problem)
    core = rules.clash(list(range(len(rules.told))), time_limit)
    if core is None:
        return (), False
    is_minimal, kept = True, list(core)
    for number in core:
        if number not in kept:
            continue
        left = ends - time.monotonic()
        if left <= 0:
            is_minimal = False
            break
        smaller = rules.clash([other for other in kept if other != number], min(left, 5.0))
        if smaller is not None:
            kept = smaller
    return tuple(rules.told[number] for number in kept), is_minimal


def _rules(problem: RotaProblem) -> _Rules:
    rules = _Rules(problem)
    for shift in problem.shifts:
        for carer in problem.carers:
            rules.turn[shift.id, carer.id] = rules.cp.new_bool_var("")
    for shift in problem.shifts:
        if problem.is_frozen(shift):
            for carer in problem.carers:
                held = carer.id in problem.held_in_force(shift.id)
                rules.cp.add(rules.turn[shift.id, carer.id] == int(held))
        else:
            _cover(rules, shift)
    _rooms(rules)
    for carer in problem.carers:
        _pairs(rules, carer)
        _limits(rules, carer)
        _in_a_row(rules, carer)
    return rules


def _cover(rules: _Rules, shift: Shift) -> None:
    problem = rules.problem
    who = [rules.turn[shift.id, carer.id] for carer in problem.carers]
    rules.cp.add(cp_model.LinearExpr.sum(who) <= shift.most)
    if shift.least and not problem.gaps:
        sentence = f"Le {wording.say_shift(problem, shift)} demande {wording.doctors(shift.least)} au moins."
        least = rules.condition(Conflict(Rule.TOO_FEW, sentence, shift=shift.id))
        rules.cp.add(cp_model.LinearExpr.sum(who) >= shift.least).only_enforce_if(least)


def _rooms(rules: _Rules) -> None:
    problem = rules.problem
    for place in problem.places:
        if place.rooms is None:
            continue
        sentence = f"{place.name} a {place.rooms} salle{'s' if place.rooms > 1 else ''}."
        holds = rules.condition(Conflict(Rule.ROOMS, sentence))
        here = [shift for shift in problem.shifts if shift.place == place.id]
        for at in sorted({shift.start for shift in here}):
            running = [shift for shift in here if shift.start <= at < shift.end]
            who = [rules.turn[shift.id, carer.id] for shift in running for carer in problem.carers]
            if not all(problem.is_frozen(shift) for shift in running):
                rules.cp.add(cp_model.LinearExpr.sum(who) <= place.rooms).only_enforce_if(holds)


def _pairs(rules: _Rules, carer: Carer) -> None:
    """What keeps a carer from single shifts, one rule a cause and day; and what is always his."""
    problem = rules.problem
    causes: dict[tuple[Rule, object], tuple[Conflict, list[Shift]]] = {}
    for shift in problem.shifts:
        if problem.is_frozen(shift):
            continue
        for key, conflict in _causes(problem, carer, shift):
            causes.setdefault(key, (conflict, []))[1].append(shift)
        if shift.id in carer.fixed:
            is_his = rules.condition(wording.fixed(problem, carer, shift))
            rules.cp.add(rules.turn[shift.id, carer.id] == 1).only_enforce_if(is_his)
    for conflict, shifts in causes.values():
        holds = rules.condition(conflict)
        for shift in shifts:
            rules.cp.add(rules.turn[shift.id, carer.id] == 0).only_enforce_if(holds)


def _causes(problem: RotaProblem, carer: Carer, shift: Shift) -> list[tuple[tuple[Rule, object], Conflict]]:
    found: list[tuple[tuple[Rule, object], Conflict]] = []
    if carer.places and shift.place not in carer.places:
        found.append(((Rule.PLACE, shift.place), wording.place(problem, carer, shift)))
    for span in carer.away:
        if span.meets(shift.span):
            found.append(((Rule.AWAY, shift.day), wording.away(problem, carer, shift)))
            break
    if (shift.day.weekday(), shift.half) in carer.never:
        when = f"{wording.WEEKDAYS[shift.day.weekday()]} {wording.HALVES[shift.half]}"
        told = Conflict(Rule.NEVER, f"{carer.name} ne travaille jamais le {when}.", carer.id, shift.id)
        found.append(((Rule.NEVER, (shift.day.weekday(), shift.half)), told))
    return found


def _limits(rules: _Rules, carer: Carer) -> None:
    """Limits by day, week and rest, one rule a sort and carer."""
    problem = rules.problem
    limits = problem.limits
    week = limits.most_per_week if carer.most_per_week is None else carer.most_per_week
    words = {
        Rule.PER_DAY: f"{carer.name} tient au plus {wording.turns_words(limits.most_per_day)} par jour.",
        Rule.PER_WEEK: f"{carer.name} tient au plus {wording.turns_words(week)} par semaine.",
        Rule.TOGETHER: f"{carer.name} ne tient pas deux gardes à la fois.",
        Rule.REST: f"{carer.name} a {wording.say_rest(limits.rest)} de repos entre deux gardes.",
    }
    conditions: dict[Rule, Var] = {}
    for rule, group, most in limits_of(problem, carer):
        if len(group) <= most or all(problem.is_frozen(shift) for shift in group):
            continue
        if rule not in conditions:
            conditions[rule] = rules.condition(Conflict(rule, words[rule], carer.id))
        who = [rules.turn[shift.id, carer.id] for shift in group]
        rules.cp.add(cp_model.LinearExpr.sum(who) <= most).only_enforce_if(conditions[rule])


def _in_a_row(rules: _Rules, carer: Carer) -> None:
    problem = rules.problem
    most = problem.limits.most_days_in_a_row
    by_day: dict[date, list[Shift]] = defaultdict(list)
    for shift in problem.shifts:
        by_day[shift.day].append(shift)
    worked: dict[date, Var] = {}
    for day, shifts in by_day.items():
        worked[day] = rules.cp.new_bool_var(say_day(day))
        for shift in shifts:
            rules.cp.add_implication(rules.turn[shift.id, carer.id], worked[day])
    windows = [
        [first + timedelta(days=number) for number in range(most + 1)]
        for first in sorted(by_day)
        if all(first + timedelta(days=number) in by_day for number in range(most + 1))
    ]
    if not windows:
        return
    sentence = f"{carer.name} tient au plus {most} jour{'s' if most > 1 else ''} de suite."
    holds = rules.condition(Conflict(Rule.CONSECUTIVE, sentence, carer.id))
    for window in windows:
        if not all(problem.is_frozen(shift) for day in window for shift in by_day[day]):
            days = [worked[day] for day in window]
            rules.cp.add(cp_model.LinearExpr.sum(days) <= most).only_enforce_if(holds)
