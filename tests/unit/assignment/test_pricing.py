"""A territory's facts in, prices out: with weeks of history, two, or none."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from snp.assignment.facts import Audience, Mode, Priority, Request, Slot
from snp.assignment.pricing import Market, Seeker, price_slots
from snp.assignment.stream import RequestArrived, SlotPublished

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=PARIS)


def a_slot(ident: str, start: datetime) -> Slot:
    return Slot(
        id=ident,
        practitioner="p",
        profession="gp",
        mode=Mode.AMB,
        start=start,
        end=start + timedelta(minutes=15),
        lat=47.1,
        lon=-2.1,
        audiences=frozenset(Audience),
    )


def an_arrival(ident: str, at: datetime, priority: Priority, *, hours: int = 24) -> RequestArrived:
    request = Request(
        id=ident,
        priority=priority,
        professions=frozenset({"gp"}),
        modes=frozenset({Mode.AMB}),
        earliest=at,
        deadline=at + timedelta(hours=hours),
        lat=47.1,
        lon=-2.1,
        audience=Audience.REGULATION,
    )
    return RequestArrived(at, request, at, waiting_list=True)


def two_weeks(priority: Priority, *, a_day: int) -> list[RequestArrived]:
    return [
        an_arrival(f"{day}-{n}", NOW - timedelta(days=day) + timedelta(hours=1, minutes=n), priority)
        for day in range(14, 0, -1)
        for n in range(a_day)
    ]


def mean(row: tuple[int, ...]) -> float:
    return sum(row) / len(row)


def test_without_any_past_only_those_who_seek_compete():
    slots = [a_slot("soon", NOW + timedelta(hours=2))]
    alone = price_slots(Market(NOW, [], [], slots))
    assert set(alone.of_slot["soon"]) == {0}
    sought = price_slots(Market(NOW, [], [], slots, [Seeker(an_arrival("r", NOW, Priority.P2))]))
    assert set(sought.of_slot["soon"]) == {3}
    assert set(sought.own["r"]["soon"]) == {0}, "nobody is his own competitor"
    assert sought.facts.expected_24h == 0


def test_what_is_promised_is_dear_to_everybody_else():
    arrival = an_arrival("r", NOW, Priority.P3)
    promised = Seeker(RequestArrived(NOW, arrival.request, NOW, True, 60), promised=True)
    prices = price_slots(Market(NOW, [], [], [a_slot("only", NOW + timedelta(hours=3))], [promised]))
    assert min(prices.of_slot["only"]) > 9


def test_two_weeks_of_urgent_mornings_make_the_morning_dear_and_the_evening_less():
    past = two_weeks(Priority.P1, a_day=6)
    slots = [a_slot(f"{hour}", NOW.replace(hour=hour)) for hour in (11, 12)]
    scarce = price_slots(Market(NOW, [], past, slots))
    many = [
        a_slot(f"{hour}-{n}", NOW.replace(hour=hour, minute=n)) for hour in range(9, 20) for n in range(9)
    ]
    plenty = price_slots(Market(NOW, [], past, many))
    assert all(mean(row) > 5 for row in scarce.of_slot.values())
    assert max(map(mean, plenty.of_slot.values())) < 1
    assert 3 < scarce.facts.expected_24h < 12
    assert scarce.facts.days_seen > 13


def test_more_demand_never_makes_slots_cheaper_on_average():
    slots = [a_slot(f"{hour}", NOW.replace(hour=hour)) for hour in range(10, 18)]
    means = []
    for a_day in (0, 3, 8, 20):
        found = price_slots(Market(NOW, [], two_weeks(Priority.P2, a_day=a_day), slots))
        means.append(sum(map(mean, found.of_slot.values())))
    assert means == sorted(means)
    assert means[0] < means[-1]


def test_the_same_facts_give_the_same_prices():
    facts = Market(NOW, [], two_weeks(Priority.P2, a_day=4), [a_slot("s", NOW + timedelta(hours=3))])
    assert price_slots(facts) == price_slots(facts)


def test_the_share_taken_back_is_told():
    seen = [
        SlotPublished(NOW - timedelta(days=2), a_slot(f"{n}", NOW - timedelta(days=1, minutes=20 * n)))
        for n in range(10)
    ]
    prices = price_slots(Market(NOW, seen, [], [a_slot("s", NOW + timedelta(hours=1))], withdrawn=2))
    assert (prices.facts.slots_seen, prices.facts.withdrawn_share) == (10, 0.2)
