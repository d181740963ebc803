"""What a request is worth against the prices of the slots that suit it, and what is said to it. Pure.

The rules of acceptance are the live policy's own (`snp.assignment.policy.acceptance`). Above them stand the
humane rules: P1 and P2 are offered a slot whenever one suits, and only a share of P3 may be kept waiting.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import fmean
from typing import Final
from uuid import UUID

from regulation.live.facts import Basis, Fallback, Outcome, PriceSheet, WeighedSlot, Weighing
from regulation.orientation.matching import Way, slot_id_of
from snp.assignment.facts import Priority
from snp.assignment.policy.acceptance import SHARE_REACHED, rule_for_giving, share_left
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.stream import VALUE
from snp.assignment.surety import BURDEN_POINTS
from snp.directory.territory_settings import EnginePolicy

FRESH_FOR: Final = timedelta(minutes=45)
"""How long prices serve: several refreshes may fail before the engine falls back."""
SHARE_WINDOW: Final = timedelta(hours=24)
"""Over what the share of P3 kept waiting is counted."""
SETTINGS: Final = LiveSettings()
REPORTED: Final = timedelta(days=7)
"""How far back promises are listed for the coordinator."""
DEAREST: Final = float(max(VALUE.values()))
"""Above the worth of a P1 a price says no more: the slot is needed."""
ALTERNATIVES_KEPT: Final = 8
KEPT_WAITING: Final = "kept_waiting"
NOTHING_SUITS: Final = "nothing_suits"
FOR_PROMISES: Final = "kept_for_promises"
ANYWAY: Final = "regulator_decides"
P2_IS_OFFERED: Final = "p2_is_never_kept"


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the P3 answered lately, how many there were and how many are kept waiting though a slot was free."""

    weighed: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Lately:
    """The last that was said of a request answered lately."""

    request_id: UUID
    priority: Priority
    outcome: Outcome
    rule: str


def sheet_for(
    sheets: Iterable[PriceSheet], professions: frozenset[str], policy: EnginePolicy, now: datetime
) -> PriceSheet | Fallback:
    """Return the prices that serve a request now, or why none do."""
    if policy is EnginePolicy.EXACT:
        return Fallback.EXACT
    own = [sheet for sheet in sheets if sheet.professions & professions]
    if not own:
        return Fallback.ABSENT
    newest = max(own, key=lambda sheet: sheet.computed_at)
    return newest if timedelta(0) <= now - newest.computed_at <= FRESH_FOR else Fallback.STALE


def prices_of(sheet: PriceSheet, slot_ids: Sequence[str], asked_by: str | None = None) -> tuple[float, ...]:
    """Return what these slots cost the others together, one number per sampled future.

    `asked_by`: the request, whose own need does not count. A slot published since the prices were computed
    costs what those of its family do on average.
    """
    own = sheet.own.get(asked_by or "", {})
    unknown = _mean_row(sheet.prices.values(), sheet.scenarios)
    rows = [own.get(slot_id) or sheet.prices.get(slot_id) or unknown for slot_id in slot_ids]
    return tuple(float(sum(column)) for column in zip(*rows, strict=True))


def weigh(
    ways: Sequence[Way], sheet: PriceSheet, *, counts: Counts, share: float, anyway: bool = False
) -> tuple[tuple[Way, ...], dict[Way, float], Weighing]:
    """Return the ways worth reading out, least cost to the others first, their merit, and what was weighed.

    No way comes back when the request is better kept waiting. `share`: of P3 that may be.
    """
    request = ways[0].requests[0]
    rows = {way: prices_of(sheet, [slot.id for slot in way.slots], request.id) for way in ways}
    priority = min(member.priority for member in ways[0].requests)
    value = _value(ways[0])
    mean = {way: fmean(row) for way, row in rows.items()}
    merit = {way: _merit(way, mean[way], priority, sheet) for way in ways}
    ordered = sorted(ways, key=lambda way: (merit[way], way.burden, way.slots[0].start, way.slots[0].id))
    cheapest = fmean(min(*column, float(value)) for column in zip(*rows.values(), strict=True))
    net, waiting = value - min(mean.values()), value - cheapest
    rule = _rule(priority, net, waiting, counts, share, is_single=len(ways[0].slots) == 1)
    weighing = Weighing(
        outcome=Outcome.WAITING if rule is None else Outcome.OFFERED,
        rule=rule or KEPT_WAITING,
        basis=Basis.PRICES,
        fallback=None,
        value=value,
        value_now=round(value - mean[ordered[0]], 4),
        value_waiting=round(waiting, 4),
        prices_at=sheet.computed_at,
        scenarios=sheet.scenarios,
        alternatives=alternatives(ordered, mean),
    )
    if rule is None and not anyway:
        return (), merit, weighing
    if rule is None:
        return tuple(ordered), merit, replace(weighing, outcome=Outcome.OFFERED, rule=ANYWAY)
    worth = ordered if anyway or priority is not Priority.P3 else _worth_it(ordered, mean, value)
    return tuple(worth), merit, weighing


def steered(ways: Sequence[Way], fallback: Fallback, *, value: int, others: int) -> Weighing:
    """Return what is said of ways that no price orders: by what else seeks now, else by their own burden."""
    basis = Basis.CONTENTION if others else Basis.FIRST_COME
    return Weighing(
        outcome=Outcome.OFFERED,
        rule="steered_by_contention" if others else "first_come",
        basis=basis,
        fallback=fallback,
        value=value,
        alternatives=alternatives(ways, {}),
    )


def nothing(rule: str, basis: Basis, fallback: Fallback | None, value: int) -> Weighing:
    """Return what is said when no free slot may go to a request."""
    return Weighing(Outcome.WAITING, rule, basis, fallback, value)


def promising_pays(
    sheet: PriceSheet | Fallback, slot_ids: Sequence[str], request_id: str, value: int
) -> bool:
    """Whether keeping one of these slots for a promise is expected to cost the others less than it brings."""
    if isinstance(sheet, Fallback) or not slot_ids:
        return bool(slot_ids)
    rows = [prices_of(sheet, [slot_id], request_id) for slot_id in slot_ids]
    return fmean(min(column) for column in zip(*rows, strict=True)) < value


def counts_of(lately: Iterable[Lately], *, asked_by: Collection[UUID] = ()) -> Counts:
    """Count the P3 among requests answered lately, but for those who ask now (`asked_by`)."""
    p3 = [told for told in lately if told.priority is Priority.P3 and told.request_id not in asked_by]
    kept = sum(told.outcome is Outcome.WAITING and told.rule == KEPT_WAITING for told in p3)
    return Counts(len(p3), kept)


def alternatives(ways: Sequence[Way], mean: Mapping[Way, float]) -> tuple[WeighedSlot, ...]:
    """Return the first slots of ways as they are kept with a decision."""
    return tuple(
        WeighedSlot(
            slot_id_of(way.slots[0]),
            way.slots[0].start,
            round(mean[way], 4) if way in mean else None,
            round(way.km, 2),
        )
        for way in ways[:ALTERNATIVES_KEPT]
    )


def _rule(
    priority: Priority, net: float, waiting: float, counts: Counts, share: float, *, is_single: bool
) -> str | None:
    match priority:
        case Priority.P1:
            return rule_for_giving(priority, net=net, waiting=None, patience=SETTINGS.patience)
        case Priority.P2:
            return rule_for_giving(priority, net=net, waiting=None, patience=0.0) or P2_IS_OFFERED
        case Priority.P3:
            may_wait = share_left(counts.kept, counts.weighed, share)
            expected = waiting if may_wait and is_single else None
            rule = rule_for_giving(priority, net=net, waiting=expected, patience=SETTINGS.patience)
            return rule if may_wait else rule or SHARE_REACHED


def _merit(way: Way, price: float, priority: Priority, sheet: PriceSheet) -> float:
    """Cost in points of value; a P1 is not made to come later, nor farther, for the sake of a price."""
    wanted = SETTINGS.contention * sheet.wanted.get(way.slots[0].id, 0.0)
    if priority is Priority.P1:
        return way.burden + BURDEN_POINTS * (price + wanted)
    return price + BURDEN_POINTS * way.burden + wanted


def _worth_it(ordered: Sequence[Way], mean: Mapping[Way, float], value: int) -> Sequence[Way]:
    """The ways that cost the others less than the request brings; the best one whatever it costs."""
    return [way for way in ordered if mean[way] < value] or ordered[:1]


def _value(way: Way) -> int:
    members = {request.id: request for request in way.requests}
    return sum(VALUE[request.priority] for request in members.values())


def _mean_row(rows: Iterable[Sequence[int]], scenarios: int) -> tuple[float, ...]:
    known = list(rows)
    if not known:
        return (0.0,) * scenarios
    return tuple(fmean(column) for column in zip(*known, strict=True))
