"""Whatever is free: a proposal suits, the best comes first, every slot is accounted for."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from regulation.intake.facts import MtAnswers, MtStatus
from regulation.medecin_traitant.facts import MtVerdictKind
from regulation.medecin_traitant.rules import verdict
from regulation.orientation import explaining, matching
from snp.assignment.facts import Weights
from snp.assignment.rules import breaks_household, breaks_sessions, broken_rule, burden
from tests.support.assignment import random_instance

seeds = st.integers(0, 10_000)


@given(seeds, st.integers(1, 5))
def test_every_way_suits_and_the_first_is_the_least_burden(seed: int, k: int):
    instance = random_instance(seed, coupled=0.4)
    weights = Weights()
    for request in instance.requests:
        if request.household is not None:
            continue
        others = [other for other in instance.requests if other.id != request.id]
        found = matching.rank(
            [request], instance.slots, now=instance.now, weights=weights, k=k, others=others
        )
        assert len(found.ways) <= k
        for way in found.ways:
            assert broken_rule(request, way.slots[0], instance.now) is None
            assert breaks_sessions(request, way.slots) is None
        burdens = [way.burden for way in found.ways]
        assert burdens == sorted(burdens)
        suiting = [s for s in instance.slots if broken_rule(request, s, instance.now) is None]
        assert found.suitable == len(suiting)
        if request.sessions == 1:
            costs = sorted(burden(request, slot, weights) for slot in suiting)
            assert len(burdens) == len(costs[:k])
            assert burdens[:2] == costs[:k][:2]
            assert sum(found.excluded.values()) + len(suiting) == len(instance.slots)
        assert all(r.sentence for way in found.ways for r in explaining.why(way, found, instance.now))
        assert all(r.sentence for r in explaining.why_not(found, request, free=len(instance.slots), others=0))


@given(seeds)
def test_a_household_gets_one_run_in_which_each_slot_suits_its_member(seed: int):
    instance = random_instance(seed, coupled=1.0)
    households: dict[str, list] = {}
    for request in instance.requests:
        if request.household is not None:
            households.setdefault(request.household, []).append(request)
    for members in households.values():
        if len(members) < 2:
            continue
        found = matching.rank(members, instance.slots, now=instance.now, weights=Weights(), k=5)
        for way in found.ways:
            assert breaks_household(way.slots) is None
            assert {request.id for request in way.requests} == {member.id for member in members}
            for request, slot in zip(way.requests, way.slots, strict=True):
                assert broken_rule(request, slot, instance.now) is None


instants = st.none() | st.integers(-100, 400).map(lambda h: BASE + timedelta(hours=h))
answers = st.builds(
    MtAnswers,
    has_mt=st.none() | st.booleans(),
    called=st.none() | st.booleans(),
    available=st.none() | st.booleans(),
    offered_at=instants,
    absent=st.booleans(),
    holds_appointment_at=instants,
    other_need=st.booleans(),
)
BASE = random_instance(0).now


@given(answers, st.integers(1, 336), instants)
def test_the_mt_question_always_has_one_explained_verdict(given_answers: MtAnswers, delay_h: int, found):
    needed_by = BASE + timedelta(hours=delay_h)
    told = verdict(given_answers, needed_by=needed_by, now=BASE, found_appointment=found)
    assert told.reasons
    assert all(reason.code and reason.sentence and reason.source for reason in told.reasons)
    if told.kind is MtVerdictKind.KEEP_APPOINTMENT:
        assert told.seen_at is not None
        assert BASE <= told.seen_at <= needed_by
    if told.kind is MtVerdictKind.CALL_MT_FIRST:
        assert given_answers.has_mt
        assert not given_answers.called
    if given_answers.has_mt is False:
        assert told.status in {MtStatus.NONE, MtStatus.ALREADY_BOOKED}
