"""Whatever is tried on a request: final states stay final, and urgency always stops it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.intake.facts import CallPriority, Move, RequestState, ResponseLevel, Urgency
from regulation.intake.rules import FINAL_STATES, IllegalMove, hard_stop, legal_moves, next_state

moves = st.lists(st.sampled_from(Move), max_size=30)
urgencies = st.builds(
    Urgency, st.none() | st.sampled_from(CallPriority), st.none() | st.sampled_from(ResponseLevel)
)


@given(moves)
def test_every_path_stays_within_the_legal_moves(tried: list[Move]):
    state = next_state(None, Move.OPEN)
    for move in tried:
        allowed = legal_moves(state)
        if move in allowed:
            state = next_state(state, move)
            assert isinstance(state, RequestState)
        else:
            with pytest.raises(IllegalMove, match=move.value):
                next_state(state, move)


@given(st.sampled_from(sorted(FINAL_STATES)), moves)
def test_a_final_state_is_never_left(state: RequestState, tried: list[Move]):
    for move in tried:
        try:
            next_state(state, move)
        except IllegalMove:
            continue
        raise AssertionError(f"{move} left {state}")


@given(moves, urgencies)
def test_what_is_urgent_can_be_stopped_wherever_the_request_stands(tried: list[Move], urgency: Urgency):
    state = next_state(None, Move.OPEN)
    for move in tried:
        if move in legal_moves(state) and next_state(state, move) not in FINAL_STATES:
            state = next_state(state, move)
    urgent = urgency.priority is CallPriority.P0 or urgency.response_level in {
        ResponseLevel.R1,
        ResponseLevel.R2,
    }
    assert bool(hard_stop(urgency)) is urgent
    assert next_state(state, Move.STOP) is RequestState.ORIENTED


@given(st.sampled_from(RequestState), st.sampled_from(Move))
def test_a_state_and_a_move_always_lead_to_one_answer(state: RequestState, move: Move):
    answers = []
    for _ in range(2):
        try:
            answers.append(next_state(state, move))
        except IllegalMove as refused:
            answers.append(refused.fields["state_label"])
    assert answers[0] == answers[1]
