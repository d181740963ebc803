"""Whatever the day: answers are allowed, the future is not read, promises are kept."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snp.assignment.facts import Priority
from snp.assignment.live_clairvoyant import clairvoyant
from snp.assignment.live_policies import PolicyName, make_policy
from snp.assignment.live_replay import Policy, replay
from snp.assignment.policy.live import LivePolicy
from snp.assignment.policy.settings import LiveSettings
from snp.assignment.stream import Answer, RequestArrived, SlotPublished, SlotWithdrawn, Stream
from snp.assignment.stream_checks import stream_violations
from snp.assignment.stream_summary import summarize
from snp.simulation.region import region_week
from tests.support.streams import tiny

QUICK = LiveSettings(scenarios=2, horizon_h=12, refresh_min=240)
FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])

players = st.sampled_from(
    [(PolicyName.FCFS, False), (PolicyName.NEAREST, False), (PolicyName.SAS, False)]
    + [(PolicyName.LIVE, False), (PolicyName.LIVE, True)] * 2
)
days = st.builds(
    lambda seed, load, history, waits: region_week(
        seed, tiny(load=load, history_days=history, waiting_list_share=waits)
    ),
    st.integers(0, 10_000),
    st.sampled_from([0.5, 1.2, 2.0]),
    st.sampled_from([0, 3]),
    st.sampled_from([0.0, 0.7, 1.0]),
)


def player(choice: tuple[PolicyName, bool]) -> Policy:
    return make_policy(choice[0], promise=choice[1], settings=QUICK)


def said(answers: list[Answer]) -> list[Answer]:
    return [replace(answer, decision_ms=0.0) for answer in answers]


@given(days, players)
@FEW
def test_every_answer_is_allowed_and_no_value_exceeds_the_clairvoyant(
    day: Stream, choice: tuple[PolicyName, bool]
) -> None:
    answers = list(replay(day, player(choice)))
    assert stream_violations(day, answers) == []
    bound = clairvoyant(day)
    assert summarize(day, choice[0], answers, bound).value <= bound.value


@given(days, players, st.floats(0.05, 0.95))
@FEW
def test_a_stream_cut_at_any_point_gives_the_same_prefix_of_answers(
    day: Stream, choice: tuple[PolicyName, bool], share: float
) -> None:
    cut = int(len(day.events) * share)
    upto = day.events[cut].at
    start = replace(day, events=tuple(event for event in day.events if event.at < upto))
    whole = said([a for a in replay(day, player(choice)) if a.at < upto])
    part = said([a for a in replay(start, player(choice)) if a.at < upto])
    assert part == whole


@given(days, st.booleans())
@FEW
def test_the_same_day_gives_the_same_answers(day: Stream, promise: bool) -> None:
    first, again = (said(list(replay(day, player((PolicyName.LIVE, promise))))) for _ in range(2))
    assert first == again


@given(days, st.booleans())
@FEW
def test_prices_computed_late_give_the_same_answers(day: Stream, promise: bool) -> None:
    early, late = (
        said(list(replay(day, LivePolicy(replace(QUICK, promise=promise, eager=eager)))))
        for eager in (True, False)
    )
    assert early == late


@given(days)
@FEW
def test_no_promise_is_broken_when_nothing_is_withdrawn(day: Stream) -> None:
    calm = replace(day, events=tuple(e for e in day.events if not isinstance(e, SlotWithdrawn)))
    answers = list(replay(calm, player((PolicyName.LIVE, True))))
    assert not any(answer.broken for answer in answers)
    named = {answer.request for answer in answers if answer.slots}
    given_up = {event.request_id for event in calm.events if hasattr(event, "request_id")}
    assert {answer.request for answer in answers if answer.promise} <= named | given_up


@given(days)
@FEW
def test_no_p1_is_refused_while_a_suitable_slot_is_free(day: Stream) -> None:
    answers = list(replay(day, player((PolicyName.LIVE, False))))
    first = {answer.request: answer for answer in reversed(answers)}
    urgent = [e for e in day.events if isinstance(e, RequestArrived) and e.request.priority is Priority.P1]
    reasons = {first[e.request.id].reason for e in urgent if e.request.id in first}
    assert reasons <= {"served", "no_suitable_slot"}
    assert any(isinstance(event, SlotPublished) for event in day.events)
