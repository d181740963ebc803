"""The state machine of a request and its hard stop, without a database."""

from __future__ import annotations

import pytest

from regulation.intake.facts import (
    CallPriority,
    Decision,
    Disposition,
    Move,
    RequestState,
    ResponseLevel,
    Urgency,
)
from regulation.intake.rules import (
    FINAL_STATES,
    LIVE_STATES,
    IllegalMove,
    checked_decision,
    decision_move,
    hard_stop,
    legal_moves,
    next_state,
    seeking_window,
)
from snp.assignment.facts import Mode
from snp.errors import InvalidValue
from tests.support.regulation import NOW, a_snp_decision, at

S, M = RequestState, Move


def walk(*moves: Move) -> RequestState:
    state: RequestState | None = None
    for move in moves:
        state = next_state(state, move)
    assert state is not None
    return state


def test_a_call_goes_from_first_word_to_a_seen_patient():
    assert walk(M.OPEN, M.CHECK_MT, M.ESTIMATE, M.DECIDE, M.HOLD, M.BOOK, M.HONOUR) is S.CLOSED


def test_a_request_that_waits_for_the_mt_resumes_where_the_question_is_asked():
    assert walk(M.OPEN, M.WAIT_MT, M.RESUME) is S.RECEIVED
    assert walk(M.OPEN, M.WAIT_MT, M.RESUME, M.CHECK_MT, M.ADVISE) is S.CLOSED


def test_a_hold_that_ends_sends_the_request_back_to_seek():
    assert walk(M.OPEN, M.CHECK_MT, M.DECIDE, M.HOLD, M.HOLD_ENDED) is S.SEEKING


def test_a_booked_request_may_seek_again():
    assert walk(M.OPEN, M.CHECK_MT, M.DECIDE, M.BOOK, M.REOPEN) is S.SEEKING


def test_a_request_nobody_served_may_be_decided_anew():
    assert walk(M.OPEN, M.CHECK_MT, M.DECIDE, M.GIVE_UP, M.DECIDE) is S.SEEKING


def test_a_slot_is_not_sought_before_the_mt_question():
    with pytest.raises(IllegalMove) as refused:
        walk(M.OPEN, M.DECIDE)
    assert "reçu" in refused.value.sentence


def test_a_request_is_opened_once():
    with pytest.raises(IllegalMove):
        walk(M.OPEN, M.OPEN)


def test_nothing_happens_to_a_request_that_does_not_exist_but_its_opening():
    for move in set(Move) - {M.OPEN}:
        with pytest.raises(IllegalMove):
            next_state(None, move)


@pytest.mark.parametrize("state", sorted(FINAL_STATES))
def test_a_final_state_has_no_move(state: RequestState):
    assert legal_moves(state) == frozenset()


@pytest.mark.parametrize("state", sorted(LIVE_STATES))
def test_every_live_state_can_be_stopped_cancelled_and_corrected(state: RequestState):
    assert next_state(state, M.STOP) is S.ORIENTED
    assert next_state(state, M.CANCEL) is S.CANCELLED
    assert next_state(state, M.CORRECT) is state


@pytest.mark.parametrize(
    ("urgency", "codes"),
    [
        (Urgency(CallPriority.P0), ["stop_p0"]),
        (Urgency(None, ResponseLevel.R1), ["stop_r1"]),
        (Urgency(CallPriority.P3, ResponseLevel.R2), ["stop_r2"]),
        (Urgency(CallPriority.P0, ResponseLevel.R1), ["stop_p0", "stop_r1"]),
        (Urgency(CallPriority.P1, ResponseLevel.R3), []),
        (Urgency(CallPriority.P2, ResponseLevel.R4), []),
        (Urgency(), []),
        (None, []),
    ],
)
def test_p0_r1_and_r2_stop_and_nothing_else_does(urgency: Urgency | None, codes: list[str]):
    assert [reason.code for reason in hard_stop(urgency)] == codes


def test_every_disposition_has_its_move():
    seeking = {d for d in Disposition if decision_move(d) is M.DECIDE}
    assert seeking == {Disposition.SNP_CONSULTATION, Disposition.TELECONSULTATION}
    assert decision_move(Disposition.ADVICE) is M.ADVISE
    assert decision_move(Disposition.SMUR) is M.STOP
    assert decision_move(Disposition.PDSA) is M.ORIENT


def test_a_decision_takes_the_defaults_of_its_territory():
    bare = Decision(Disposition.SNP_CONSULTATION)
    checked = checked_decision(bare, default_delay_h=48, default_max_km=25)
    assert (checked.delay_h, checked.max_km) == (48, 25)
    assert checked.professions == {"medecin_generaliste"}
    assert checked.modes == {Mode.AMB}
    assert checked.urgency == Urgency(CallPriority.P2, ResponseLevel.R3)


def test_a_teleconsultation_is_sought_at_a_distance():
    decision = a_snp_decision(disposition=Disposition.TELECONSULTATION, modes=frozenset({Mode.AMB}))
    assert checked_decision(decision, default_delay_h=48, default_max_km=30).modes == {Mode.VR}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"urgency": Urgency(None, ResponseLevel.R4)}, "response_level"),
        ({"delay_h": 0}, "delay_h"),
        ({"delay_h": 337}, "delay_h"),
        ({"sessions": 4}, "sessions"),
        ({"min_gap_days": 5, "max_gap_days": 2}, "min_gap_days"),
        ({"max_km": -1.0}, "max_km"),
        ({"max_km": 501.0}, "max_km"),
    ],
)
def test_a_decision_that_the_engine_could_not_follow_is_refused(changes: dict[str, object], field: str):
    with pytest.raises(InvalidValue) as refused:
        checked_decision(a_snp_decision(**changes), default_delay_h=48, default_max_km=30)
    assert refused.value.fields["field"] == field


def test_the_delay_runs_from_the_decision():
    assert seeking_window(NOW, 48, None) == (NOW, at("10:00", day=2))
    assert seeking_window(NOW, 48, at("14:00", day=1)) == (at("14:00", day=1), at("10:00", day=2))


def test_not_before_after_the_deadline_is_refused():
    with pytest.raises(InvalidValue):
        seeking_window(NOW, 6, at("18:00"))
