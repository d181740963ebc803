"""The médecin traitant question, asked in its order."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest

from regulation.intake.facts import MtAnswers, MtStatus
from regulation.medecin_traitant.facts import MtVerdict, MtVerdictKind
from regulation.medecin_traitant.rules import verdict
from tests.support.regulation import NOW, at

K = MtVerdictKind
NEEDED_BY = at("10:00", day=2)


def judge(found: datetime | None = None, **answers: object) -> MtVerdict:
    return verdict(MtAnswers(**answers), needed_by=NEEDED_BY, now=NOW, found_appointment=found)


@pytest.mark.parametrize(
    ("answers", "kind", "status", "code"),
    [
        ({}, K.GO_ON, MtStatus.UNKNOWN, "mt_unknown"),
        ({"has_mt": False}, K.GO_ON, MtStatus.NONE, "no_mt"),
        ({"has_mt": True}, K.CALL_MT_FIRST, MtStatus.NOT_CALLED, "call_mt_first"),
        ({"has_mt": True, "called": False}, K.CALL_MT_FIRST, MtStatus.NOT_CALLED, "call_mt_first"),
        ({"has_mt": True, "called": True}, K.GO_ON, MtStatus.UNAVAILABLE, "mt_unavailable"),
        (
            {"has_mt": True, "called": True, "available": False},
            K.GO_ON,
            MtStatus.UNAVAILABLE,
            "mt_unavailable",
        ),
        (
            {"has_mt": True, "called": True, "available": True},
            K.BACK_TO_MT,
            MtStatus.AVAILABLE,
            "mt_available",
        ),
        (
            {"has_mt": True, "called": True, "offered_at": at("15:00", day=1)},
            K.BACK_TO_MT,
            MtStatus.AVAILABLE,
            "mt_available",
        ),
        (
            {"has_mt": True, "called": True, "offered_at": at("15:00", day=5)},
            K.GO_ON,
            MtStatus.TOO_LATE,
            "mt_too_late",
        ),
        (
            {"has_mt": True, "called": True, "available": True, "offered_at": at("15:00", day=5)},
            K.GO_ON,
            MtStatus.TOO_LATE,
            "mt_too_late",
        ),
        ({"has_mt": True, "absent": True}, K.GO_ON, MtStatus.UNAVAILABLE, "mt_absent"),
    ],
)
def test_each_answer_has_its_verdict(
    answers: dict[str, object], kind: MtVerdictKind, status: MtStatus, code: str
):
    found = judge(**answers)
    assert (found.kind, found.status, [r.code for r in found.reasons]) == (kind, status, [code])
    assert all(reason.sentence and reason.source for reason in found.reasons)


def test_an_appointment_held_in_time_is_kept_whatever_else_is_said():
    found = judge(has_mt=True, called=False, holds_appointment_at=at("9:00", day=1))
    assert found.kind is K.KEEP_APPOINTMENT
    assert found.seen_at == at("9:00", day=1)


def test_an_appointment_that_the_service_found_is_kept():
    assert judge(at("9:00", day=1), has_mt=False).kind is K.KEEP_APPOINTMENT


def test_a_found_appointment_for_another_need_blocks_nothing():
    assert judge(at("9:00", day=1), has_mt=False, other_need=True).kind is K.GO_ON


def test_the_earliest_of_two_appointments_counts():
    found = judge(at("9:00", day=1), has_mt=False, holds_appointment_at=at("9:00", day=9))
    assert found.seen_at == at("9:00", day=1)


def test_an_appointment_held_too_late_is_told_and_does_not_stop():
    found = judge(has_mt=False, holds_appointment_at=at("9:00", day=9))
    assert found.kind is K.GO_ON
    assert [reason.code for reason in found.reasons] == ["held_appointment_too_late", "no_mt"]


def test_an_appointment_in_the_past_counts_for_nothing():
    assert judge(at("9:00"), has_mt=False).kind is K.GO_ON


def test_the_slots_of_an_absent_mt_are_left_out():
    mt = uuid4()
    assert judge(has_mt=True, absent=True, mt_practitioner_id=mt).excluded == {mt}
    assert judge(has_mt=True, called=True, mt_practitioner_id=mt).excluded == frozenset()
