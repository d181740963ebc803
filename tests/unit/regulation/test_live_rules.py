"""What a request is worth against prices: the policy's rule, and the humane rules above it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from regulation.live import rules, wording
from regulation.live.facts import Basis, Fallback, Outcome, PriceSheet
from regulation.live.market import families, family_name
from regulation.live.rules import Counts, Lately
from regulation.orientation.matching import Way
from snp.assignment.facts import Priority, Weights
from snp.assignment.rules import burden
from snp.directory.territory_settings import EnginePolicy
from tests.support.live import a_sheet
from tests.support.surety import NOW, a_pledge, a_surety

HERE = uuid4()
NOBODY = Counts(weighed=100, kept=0)
EVERYBODY = Counts(weighed=100, kept=100)


def a_way(hours: float, priority: Priority, ident: UUID | None = None) -> Way:
    request = replace(a_pledge("r", 48).request, priority=priority)
    slot = replace(a_surety(str(ident or uuid4()), hours).slot)
    return Way((slot,), (request,), burden(request, slot, Weights()))


def weigh(
    prices: list[tuple[int, ...]], priority: Priority, *, counts: Counts = NOBODY, anyway: bool = False
) -> tuple[list[int], Outcome, str]:
    """The ways read out (by their place among those given, two hours apart), the outcome and the rule."""
    ways = [a_way(2.0 * (n + 1), priority) for n in range(len(prices))]
    sheet = a_sheet(HERE, {way.slots[0].id: row for way, row in zip(ways, prices, strict=True)})
    worth, _, weighing = rules.weigh(ways, sheet, counts=counts, share=0.3, anyway=anyway)
    return [ways.index(way) for way in worth], weighing.outcome, weighing.rule


def test_a_p3_gets_what_costs_nobody_anything():
    assert weigh([(0, 0), (0, 0)], Priority.P3) == ([0, 1], Outcome.OFFERED, "waiting_brings_little")


def test_a_p3_is_read_only_what_is_worth_less_to_others():
    assert weigh([(3, 3), (0, 0)], Priority.P3) == ([1], Outcome.OFFERED, "waiting_brings_little")


@pytest.mark.parametrize("prices", [[(3, 3)], [(1, 1)], [(0, 1), (1, 0)]])
def test_a_p3_waits_when_the_slots_are_worth_more_or_waiting_brings_more(prices: list[tuple[int, ...]]):
    assert weigh(prices, Priority.P3) == ([], Outcome.WAITING, "kept_waiting")


def test_a_p3_is_served_once_its_share_waits():
    told = weigh([(3, 3), (9, 9)], Priority.P3, counts=EVERYBODY)
    assert told == ([0], Outcome.OFFERED, "share_of_refusals_reached")


@pytest.mark.parametrize(
    ("priority", "rule"), [(Priority.P1, "p1_is_served"), (Priority.P2, "p2_is_never_kept")]
)
def test_the_urgent_are_never_kept_waiting_while_a_slot_suits(priority: Priority, rule: str):
    assert weigh([(20, 20)], priority, counts=NOBODY) == ([0], Outcome.OFFERED, rule)


def test_a_p1_comes_soonest_and_a_p2_where_it_costs_least():
    assert weigh([(3, 3), (0, 0)], Priority.P1)[0] == [0, 1]
    assert weigh([(3, 3), (0, 0)], Priority.P2)[0] == [1, 0]


def test_a_regulator_has_everything_read_out():
    assert weigh([(3, 3), (9, 9)], Priority.P3, anyway=True) == ([0, 1], Outcome.OFFERED, "regulator_decides")


def test_a_slot_published_since_costs_what_its_family_does():
    sheet = a_sheet(HERE, {"a": (0, 2), "b": (2, 4)})
    assert rules.prices_of(sheet, ["new"]) == (1.0, 3.0)
    assert rules.prices_of(sheet, ["a", "b"]) == (2.0, 6.0)
    assert rules.prices_of(replace(sheet, own={"r": {"a": (0, 0)}}), ["a"], "r") == (0.0, 0.0)


@pytest.mark.parametrize(
    ("age_minutes", "policy", "found"),
    [
        (0, EnginePolicy.LIVE, None),
        (45, EnginePolicy.LIVE, None),
        (46, EnginePolicy.LIVE, Fallback.STALE),
        (-1, EnginePolicy.LIVE, Fallback.STALE),
        (0, EnginePolicy.EXACT, Fallback.EXACT),
    ],
)
def test_prices_serve_while_they_are_fresh(age_minutes: int, policy: EnginePolicy, found: Fallback | None):
    sheet: PriceSheet = a_sheet(HERE, {"a": (0,)}, computed_at=NOW - timedelta(minutes=age_minutes))
    gp = frozenset({"medecin_generaliste"})
    assert rules.sheet_for([sheet], gp, policy, NOW) == (found or sheet)
    absent = rules.sheet_for([sheet], frozenset({"sage_femme"}), EnginePolicy.LIVE, NOW)
    assert absent is Fallback.ABSENT


def test_who_asks_again_is_not_counted_against_himself():
    me, other = uuid4(), uuid4()
    told = [
        Lately(me, Priority.P3, Outcome.WAITING, "kept_waiting"),
        Lately(other, Priority.P3, Outcome.WAITING, "nothing_suits"),
        Lately(uuid4(), Priority.P2, Outcome.OFFERED, "worth_its_price"),
    ]
    assert rules.counts_of(told) == Counts(weighed=2, kept=1)
    assert rules.counts_of(told, asked_by=[me]) == Counts(weighed=1, kept=0)


def test_professions_that_one_request_accepts_are_priced_together():
    found = families([frozenset({"a"}), frozenset({"b"}), frozenset({"b", "c"}), frozenset({"a"})])
    assert [family_name(family) for family in found] == ["a", "b+c"]


def test_a_fall_back_is_said_aloud():
    ways = [a_way(2, Priority.P2)]
    weighing = rules.steered(ways, Fallback.STALE, value=3, others=2)
    assert weighing.basis is Basis.CONTENTION
    told = wording.decision_sentences(weighing, NOW, "r")
    assert told[0] == "Un créneau est proposé."
    assert "trop anciens" in told[1]
