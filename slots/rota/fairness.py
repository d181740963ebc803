"""What is due to each carer, and how far from it he is: the one definition that the format states. Pure.

Tenths of a shift: integers, so that solver and checker compare exactly.
"""

from __future__ import annotations

from slots.rota.facts import Carer, Kind, RotaProblem


def due_tenths(problem: RotaProblem, kind: Kind) -> dict[str, int]:
    """What is due to each carer among a kind, in tenths of a shift, rounded half up.

    His share of all shares, of what is to be held (`least` of each shift) and was held before. Zero for all
    when nobody has a share.
    """
    shares = sum(carer.share for carer in problem.carers)
    total = sum(shift.least for shift in problem.shifts if shift.counts_in(kind))
    total += sum(carer.before.get(kind, 0) for carer in problem.carers)
    if shares == 0:
        return {carer.id: 0 for carer in problem.carers}
    return {carer.id: (20 * carer.share * total + shares) // (2 * shares) for carer in problem.carers}


def unfairness(held: int, due: int) -> int:
    """How unfair it is to hold so many shifts (those before included) when `due` tenths are due."""
    return (10 * held - due) ** 2


def kinds_of(problem: RotaProblem) -> list[Kind]:
    """The kinds that this rota shares, in order: `all`, and those of its shifts."""
    present = {kind for shift in problem.shifts for kind in shift.kinds}
    return [kind for kind in Kind if kind is Kind.ALL or kind in present]


def held_before(carer: Carer, kind: Kind) -> int:
    """What a carer held before, among a kind."""
    return carer.before.get(kind, 0)
