"""What a replay comes to: served, value, burden, waits, distances, promises, waiting list, fairness."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import mean, pstdev

from snp.assignment.facts import Priority, Request, Slot
from snp.assignment.live_clairvoyant import Clairvoyant
from snp.assignment.rules import burden, distance_km
from snp.assignment.stream import VALUE, Answer, AppointmentCancelled, RequestArrived, SlotPublished, Stream

CELL_DEGREES = 0.1
"""Requests within the same tenth of a degree, about ten kilometres, count as one place."""
FEW = 5
"""Places with fewer requests say nothing about fairness."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Totals of one replay. An appointment cancelled before it began served nobody.

    `kept_waiting`: share of the requests of a priority that were first put on the waiting list although a
    slot was free. `place_spread`, `practitioner_spread`: standard deviations, of the served share between
    places, and of the used share of the slots between practitioners. `refilled`: see `_refilled`. `value`
    counts each broken promise negatively.
    """

    policy: str
    requests: int
    served: dict[Priority, int]
    value: int
    burden: int
    p50_ms: float
    p99_ms: float
    promised: int
    broken: int
    kept_waiting: dict[Priority, float]
    mean_wait_h: float
    mean_km: float
    place_spread: float
    practitioner_spread: float
    refilled: float
    waits_h: tuple[float, ...]
    kms: tuple[float, ...]
    bound: Clairvoyant | None = None


def summarize(
    stream: Stream, policy: str, answers: Sequence[Answer], bound: Clairvoyant | None = None
) -> Summary:
    """Total the answers given to a stream; the last answer to each request is the one that counts."""
    until = stream.header.history_until
    arrivals = {e.request.id: e for e in stream.events if isinstance(e, RequestArrived) and e.at >= until}
    slots = {e.slot.id: e.slot for e in stream.events if isinstance(e, SlotPublished)}
    last = {answer.request: answer for answer in answers}
    cancelled = {e.request_id: e.at for e in stream.events if isinstance(e, AppointmentCancelled)}
    given = {ident: slots[answer.slots[0]] for ident, answer in last.items() if answer.slots}
    held = {i: slot for i, slot in given.items() if i not in cancelled or slot.start < cancelled[i]}
    served = dict.fromkeys(Priority, 0)
    for ident in held:
        served[arrivals[ident].request.priority] += 1
    broken = [answer.request for answer in answers if answer.broken]
    value = sum(VALUE[p] * n for p, n in served.items())
    value -= sum(VALUE[arrivals[ident].request.priority] for ident in broken)
    pairs = [(arrivals[ident].request, slot) for ident, slot in held.items()]
    waits = tuple((slot.start - request.earliest).total_seconds() / 3600 for request, slot in pairs)
    kms = tuple(distance_km(request, slot) for request, slot in pairs)
    times = sorted(answer.decision_ms for answer in answers)
    return Summary(
        policy=policy,
        requests=len(arrivals),
        served=served,
        value=value,
        burden=sum(burden(request, slot, stream.header.weights) for request, slot in pairs),
        p50_ms=_quantile(times, 0.5),
        p99_ms=_quantile(times, 0.99),
        promised=sum(answer.promise for answer in answers),
        broken=len(broken),
        kept_waiting=_kept_waiting(arrivals, answers),
        mean_wait_h=mean(waits) if waits else 0.0,
        mean_km=mean(kms) if kms else 0.0,
        place_spread=_place_spread(arrivals.values(), held),
        practitioner_spread=_practitioner_spread(stream, answers),
        refilled=_refilled(given, cancelled, answers),
        waits_h=waits,
        kms=kms,
        bound=bound,
    )


def _refilled(given: dict[str, Slot], cancelled: dict[str, datetime], answers: Sequence[Answer]) -> float:
    """Share of the slots freed by patients before they began that somebody else then got.

    1 when none was freed.
    """
    freed = {
        slot.id: cancelled[i] for i, slot in given.items() if i in cancelled and slot.start >= cancelled[i]
    }
    again = {
        slot
        for a in answers
        for slot in a.slots
        if slot in freed and a.at >= freed[slot] and a.request not in cancelled
    }
    return len(again) / len(freed) if freed else 1.0


def _quantile(rising: Sequence[float], share: float) -> float:
    return rising[min(len(rising) - 1, int(share * len(rising)))] if rising else 0.0


def _kept_waiting(arrivals: dict[str, RequestArrived], answers: Iterable[Answer]) -> dict[Priority, float]:
    met = dict.fromkeys(Priority, 0)
    for arrival in arrivals.values():
        met[arrival.request.priority] += 1
    kept = dict.fromkeys(Priority, 0)
    for ident in {answer.request for answer in answers if answer.reason == "kept_waiting"}:
        kept[arrivals[ident].request.priority] += 1
    return {p: kept[p] / met[p] if met[p] else 0.0 for p in Priority}


def _place_spread(arrivals: Iterable[RequestArrived], held: dict[str, Slot]) -> float:
    places: dict[tuple[int, int], list[bool]] = defaultdict(list)
    for arrival in arrivals:
        places[_cell(arrival.request)].append(arrival.request.id in held)
    shares = [mean(served) for served in places.values() if len(served) >= FEW]
    return pstdev(shares) if len(shares) > 1 else 0.0


def _cell(request: Request) -> tuple[int, int]:
    return round(request.lat / CELL_DEGREES), round(request.lon / CELL_DEGREES)


def _practitioner_spread(stream: Stream, answers: Iterable[Answer]) -> float:
    taken = {slot for answer in answers for slot in answer.slots}
    used: dict[str, list[bool]] = defaultdict(list)
    for event in stream.events:
        if isinstance(event, SlotPublished) and event.slot.start >= stream.header.history_until:
            used[event.slot.practitioner].append(event.slot.id in taken)
    shares = [mean(flags) for flags in used.values() if len(flags) >= FEW]
    return pstdev(shares) if len(shares) > 1 else 0.0
