from datetime import timedelta
from uuid import uuid4

import pytest

from slots.agenda.facts import SlotState
from slots.agenda.refusals import SlotInThePast, SlotNotOfferedHere, SlotNotOpen
from slots.appointments import codes, rules
from slots.appointments.facts import AppointmentStatusKind, Claim
from slots.appointments.refusals import AppointmentNotYetDue, AppointmentStarted, IllegalStatus
from snp.assignment.facts import Audience
from snp.errors import InvalidValue
from snp.platform.crypto import Keyring
from snp.platform.hashing import KeyedHash
from tests.support.agenda import CODES, NEIGHBOUR, NOW, TERRITORY, a_locked_slot

S = AppointmentStatusKind


@pytest.mark.parametrize("state", [SlotState.HIDDEN, SlotState.WITHDRAWN, SlotState.RELEASED])
def test_a_slot_that_is_not_live_cannot_be_claimed(state):
    with pytest.raises(SlotNotOpen):
        rules.check_slot_offered(a_locked_slot(state=state), NOW)


def test_a_closing_slot_is_live_for_who_has_it_and_for_nobody_else():
    slot = a_locked_slot(closing=True)
    rules.check_slot_live(slot)
    with pytest.raises(SlotNotOpen):
        rules.check_slot_offered(slot, NOW)


def test_a_slot_past_its_release_time_cannot_be_claimed_even_before_the_job_ran():
    rules.check_slot_offered(a_locked_slot(release_at=NOW + timedelta(seconds=1)), NOW)
    with pytest.raises(SlotNotOpen):
        rules.check_slot_offered(a_locked_slot(release_at=NOW), NOW)


def test_a_slot_that_starts_now_cannot_be_claimed():
    with pytest.raises(SlotInThePast):
        rules.check_slot_ahead(a_locked_slot("2026-11-24 10:00"), NOW)


def test_a_slot_goes_only_to_whom_it_is_offered_and_where():
    slot = a_locked_slot()
    rules.check_slot_offered_to(slot, Audience.REGULATION, TERRITORY)
    with pytest.raises(SlotNotOfferedHere):
        rules.check_slot_offered_to(slot, Audience.DESK, TERRITORY)
    with pytest.raises(SlotNotOfferedHere):
        rules.check_slot_offered_to(slot, Audience.REGULATION, NEIGHBOUR)


def test_claims_name_each_slot_once():
    claim = Claim(uuid4(), uuid4())
    rules.check_claims([claim])
    for wrong in ([], [claim, claim], [Claim(uuid4(), uuid4(), 0)], [Claim(uuid4(), uuid4())] * 21):
        with pytest.raises(InvalidValue):
            rules.check_claims(wrong)


@pytest.mark.parametrize("minutes", [0, 61])
def test_a_hold_lasts_from_a_minute_to_an_hour(minutes):
    with pytest.raises(InvalidValue):
        rules.check_hold_minutes(minutes)


@pytest.mark.parametrize("current", list(S))
@pytest.mark.parametrize("wanted", list(S))
def test_only_the_legal_moves_of_an_appointment_pass(current, wanted):
    legal = {(S.BOOKED, each) for each in S if each is not S.BOOKED}
    legal |= {(S.HONOURED, S.NO_SHOW), (S.NO_SHOW, S.HONOURED)}
    if (current, wanted) in legal:
        rules.check_status_follows(current, wanted)
    else:
        with pytest.raises(IllegalStatus):
            rules.check_status_follows(current, wanted)


def test_an_appointment_that_began_is_neither_cancelled_nor_moved():
    rules.check_not_started(NOW + timedelta(seconds=1), NOW)
    with pytest.raises(AppointmentStarted):
        rules.check_not_started(NOW, NOW)


def test_a_no_show_is_known_from_the_start_and_a_visit_a_little_before():
    start = NOW + timedelta(minutes=30)
    rules.check_outcome_due(start, S.HONOURED, NOW)
    rules.check_outcome_due(start, S.NO_SHOW, start)
    with pytest.raises(AppointmentNotYetDue):
        rules.check_outcome_due(start, S.NO_SHOW, NOW)
    with pytest.raises(AppointmentNotYetDue):
        rules.check_outcome_due(NOW + timedelta(minutes=61), S.HONOURED, NOW)


def test_a_code_is_ten_characters_that_are_not_misread():
    code = rules.code_of(b"\xff" * 32)
    assert code == "ZZZZZ-ZZZZZ"
    assert rules.code_of(b"\x00" * 32) == "00000-00000"
    assert not set("ILOU") & set(rules.code_of(b"\x12\x34\x56\x78\x9a\xbc\xde\xf0"))


def test_a_typed_code_is_read_whatever_its_case_spaces_and_misread_letters():
    assert rules.read_code(" ol1il-k7pq3 ") == "01111K7PQ3"
    for wrong in ("", "K7PQ3", "K7PQ3-XWD9MM", "K7PQ3-XWD9U", "é7PQ3-XWD9M"):
        assert rules.read_code(wrong) is None


def test_a_code_is_derived_again_and_found_by_its_hash_alone():
    ident = uuid4()
    stored = codes.code_hash(ident, CODES)
    code = codes.code_with_hash(ident, stored, CODES)
    assert stored in codes.hashes_of(code.lower().replace("-", " "), CODES)
    assert codes.hashes_of("nothing", CODES) == []


def test_a_code_given_before_the_keys_turned_still_reads_the_same():
    ident = uuid4()
    stored = codes.code_hash(ident, CODES)
    turned = KeyedHash(Keyring({"new": b"n" * 32, "k": b"k" * 32}))
    assert codes.code_with_hash(ident, stored, turned) == codes.code_with_hash(ident, stored, CODES)
    with pytest.raises(LookupError):
        codes.code_with_hash(ident, stored, KeyedHash(Keyring({"new": b"n" * 32})))
