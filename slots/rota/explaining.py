"""« Pourquoi moi ? »: who else could have held a shift, what keeps each from it, what it would cost.

Computed by the judge, not by the solver: every other carer is put in the holder's place and the rota is
judged again. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from slots.rota.checks import cost_of, held, violations
from slots.rota.facts import Conflict, Kind, RotaProblem, Turns
from slots.rota.fairness import due_tenths, held_before, kinds_of


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another carer in the holder's place: the rules that it would break, or what it would cost more."""

    carer: str
    name: str
    broken: tuple[Conflict, ...]
    dearer: int
    fairness: int
    wishes: int
    """The parts of what it would cost more, weighted; changes against a rota in force are the rest."""


@dataclass(frozen=True, slots=True)
class Share:
    """How much a carer holds of a kind, and how much is due to him in tenths; shifts held before included."""

    carer: str
    kind: Kind
    held: int
    due_tenths: int


def why(problem: RotaProblem, turns: Turns, shift_id: str, carer_id: str) -> tuple[Alternative, ...]:
    """What putting each other carer on a shift instead would mean, those who could first, cheapest first."""
    mine = turns.get(shift_id, frozenset())
    now, broken_now = cost_of(problem, turns), set(violations(problem, turns))
    found = []
    for other in problem.carers:
        if other.id in mine:
            continue
        swapped = {**turns, shift_id: mine - {carer_id} | {other.id}}
        broken = tuple(each for each in violations(problem, swapped) if each not in broken_now)
        cost = cost_of(problem, swapped)
        fairness = sum(
            problem.weights.of(kind) * (points - now.unfairness[kind])
            for kind, points in cost.unfairness.items()
        )
        wishes = problem.weights.wish * (cost.wishes - now.wishes)
        found.append(Alternative(other.id, other.name, broken, cost.total - now.total, fairness, wishes))
    return tuple(sorted(found, key=lambda each: (bool(each.broken), each.dearer, each.name)))


def shares(problem: RotaProblem, turns: Turns) -> tuple[Share, ...]:
    """What everybody holds and is due, by kind then carer."""
    found = []
    for kind in kinds_of(problem):
        due = due_tenths(problem, kind)
        for carer in problem.carers:
            count = sum(1 for shift in held(problem, carer.id, turns) if shift.counts_in(kind))
            found.append(Share(carer.id, kind, held_before(carer, kind) + count, due[carer.id]))
    return tuple(found)
