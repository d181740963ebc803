"""The judge of an answer, written without any solver: is it allowed, and is what it says of itself true.

Recomputes everything from the instance by the scalar rules. It does not prove that an answer is the best one;
it only refuses bounds that the answer itself contradicts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from snp.assignment.facts import (
    Assigned,
    Assignment,
    Instance,
    Priority,
    Request,
    Slot,
    Status,
    UnservedReason,
)
from snp.assignment.rules import breaks_household, breaks_sessions, broken_rule, burden
from snp.assignment.suitable import SlotFinder

LEVELS = (*Priority, "burden", "spread")


def violations(instance: Instance, assignment: Assignment) -> list[str]:
    """What is wrong with the answer, one line each; empty when the answer is valid."""
    read = _Read.of(instance, assignment)
    return [
        *_wrong_names(read),
        *_wrong_places(read),
        *_wrong_households(read),
        *_wrong_totals(read),
        *_wrong_bounds(assignment),
        *_wrong_unserved(read),
    ]


@dataclass(frozen=True, slots=True)
class _Read:
    """The answer beside what it speaks of; `known` leaves out strangers to the instance."""

    instance: Instance
    assignment: Assignment
    slots: dict[str, Slot]
    requests: dict[str, Request]
    known: tuple[Assigned, ...]

    @classmethod
    def of(cls, instance: Instance, assignment: Assignment) -> _Read:
        slots = {slot.id: slot for slot in instance.slots}
        requests = {request.id: request for request in instance.requests}
        known = tuple(
            item
            for item in assignment.assignments
            if item.request in requests and item.slots and all(slot in slots for slot in item.slots)
        )
        return cls(instance, assignment, slots, requests, known)

    def slots_of(self, item: Assigned) -> list[Slot]:
        """The slots given to a known request, in time order."""
        return sorted((self.slots[ident] for ident in item.slots), key=lambda slot: slot.start)


def _wrong_names(read: _Read) -> Iterator[str]:
    """Every request answered once, every slot given once, no stranger."""
    answered = Counter(item.request for item in read.assignment.assignments)
    refused = Counter(item.request for item in read.assignment.unserved)
    for ident in sorted({*answered, *refused} - read.requests.keys()):
        yield f"request {ident}: not in the instance"
    for ident in read.requests:
        times = answered[ident] + refused[ident]
        if times != 1:
            where = f"{answered[ident]} times served and {refused[ident]} times unserved"
            yield f"request {ident}: must be answered once, is {where}"
    taken = Counter(slot for item in read.assignment.assignments for slot in item.slots)
    for ident, times in taken.items():
        if ident not in read.slots:
            yield f"slot {ident}: not in the instance"
        elif times > 1:
            yield f"slot {ident}: given {times} times"
    for item in read.assignment.assignments:
        if not item.slots:
            yield f"request {item.request}: served without a slot"


def _wrong_places(read: _Read) -> Iterator[str]:
    """Every slot given suits its request, sessions hold together, and each burden is right."""
    for item in read.known:
        request = read.requests[item.request]
        slots = read.slots_of(item)
        for i, slot in enumerate(slots):
            rule = broken_rule(request, slot, read.instance.now, later_session=i > 0)
            if rule is not None:
                yield f"request {request.id}: slot {slot.id} does not suit it ({rule})"
        problem = breaks_sessions(request, slots)
        if problem is not None:
            yield f"request {request.id}: {problem}"
        expected = burden(request, slots[0], read.instance.weights)
        if item.burden != expected:
            yield f"request {request.id}: burden is {expected}, not {item.burden}"


def _wrong_households(read: _Read) -> Iterator[str]:
    """Every household is served whole, in one unbroken run, or not at all."""
    homes: dict[str, list[str]] = defaultdict(list)
    for request in read.instance.requests:
        if request.household is not None:
            homes[request.household].append(request.id)
    slots_of = {item.request: read.slots_of(item) for item in read.known}
    for household, members in homes.items():
        served = [ident for ident in members if ident in slots_of]
        if not served:
            continue
        if len(served) < len(members):
            left = ", ".join(ident for ident in members if ident not in slots_of)
            yield f"household {household}: served in part, without {left}"
        problem = breaks_household([slot for ident in served for slot in slots_of[ident]])
        if problem is not None:
            yield f"household {household}: {problem}"


def _wrong_totals(read: _Read) -> Iterator[str]:
    """The totals are the sums of what was given."""
    answer = read.assignment
    served = Counter(read.requests[item.request].priority for item in read.known)
    for priority in Priority:
        if answer.served.get(priority, 0) != served[priority]:
            yield f"served {priority}: is {served[priority]}, not {answer.served.get(priority, 0)}"
    total = sum(
        burden(read.requests[item.request], read.slots_of(item)[0], read.instance.weights)
        for item in read.known
    )
    if answer.burden != total:
        yield f"burden: is {total}, not {answer.burden}"
    load = Counter(read.slots[slot].practitioner for item in read.known for slot in item.slots)
    spread = sum(taken * taken for taken in load.values())
    if answer.spread != spread:
        yield f"spread: is {spread}, not {answer.spread}"


def _wrong_bounds(answer: Assignment) -> Iterator[str]:
    """A feasible answer bounds every level, and is not beyond its own bounds."""
    if answer.status is Status.OPTIMAL:
        return
    bound = answer.bound or {}
    for level in LEVELS:
        if level not in bound:
            yield f"bound {level}: missing, though the status is feasible"
    for priority in Priority:
        reached = answer.served.get(priority, 0)
        higher = [p for p in Priority if p < priority]
        on_bound = all(answer.served.get(p, 0) == bound.get(p) for p in higher)
        if on_bound and reached > bound.get(priority, reached):
            yield f"bound {priority}: {bound[priority]} is less than the {reached} served"
    if all(answer.served.get(p, 0) == bound.get(p) for p in Priority):
        if answer.burden < bound.get("burden", answer.burden):
            yield f"bound burden: {bound['burden']} is more than the burden reached, {answer.burden}"
        if answer.burden == bound.get("burden") and answer.spread < bound.get("spread", answer.spread):
            yield f"bound spread: {bound['spread']} is more than the spread reached, {answer.spread}"


def _wrong_unserved(read: _Read) -> Iterator[str]:
    """`no_suitable_slot` exactly when nothing suits.

    A request of a household or of several sessions that single slots suit may carry either code: that they
    make no run is a matter of the slots offered, or of who holds the missing ones.
    """
    unserved = [item for item in read.assignment.unserved if item.request in read.requests]
    if not unserved:
        return
    finder = SlotFinder(read.instance)
    for item in unserved:
        request = read.requests[item.request]
        suits = finder.any_suits(request)
        coupled = request.sessions > 1 or request.household is not None
        if item.reason is UnservedReason.NO_SUITABLE_SLOT and suits and not coupled:
            yield f"request {item.request}: no_suitable_slot, though {suits.id} suits it"
        if item.reason is UnservedReason.OUTCOMPETED and not suits and not coupled:
            yield f"request {item.request}: outcompeted, though no slot suits it"
