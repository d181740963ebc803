from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from slots.agenda import service as agenda
from slots.agenda.facts import Occupancy, SlotChange, SlotEventKind, SlotFilter, SlotState, Wish
from slots.agenda.refusals import (
    DuringAbsence,
    NotAMember,
    OutsideSnpHours,
    OverlappingSlot,
    PractitionerCannotPublish,
    ReasonRequired,
    SlotInThePast,
    SlotNotFound,
    SlotNotOpen,
)
from slots.appointments import service as appointments
from snp.assignment.facts import Audience
from snp.directory import service as directory
from snp.errors import InvalidValue, NotFound, VersionMismatch
from tests.support.agenda import BY_OWNER, CODES, NOW, OSNP, a_claim, a_doctor, local
from tests.support.directory import ADMINISTRATOR, a_site, a_territory

START = local("2026-11-25 18:00")


def taken(session, doctor, slot):
    return appointments.book(session, [a_claim(slot.id)], codes=CODES, **doctor.asked).appointments[0]


def test_a_single_slot_is_published_with_its_story(session, doctor):
    slot = doctor.slot(session, "2026-11-25 18:00", buffer_minutes=5, release_minutes=120)
    assert (slot.start, slot.end) == (START, START + timedelta(minutes=15))
    assert slot.busy_until == START + timedelta(minutes=20)
    assert slot.release_at == START - timedelta(hours=2)
    assert (slot.state, slot.occupancy) == (SlotState.OPEN, Occupancy.FREE)
    (line,) = agenda.slot_story(session, slot.id)
    assert (line.event, line.author, line.at) == (SlotEventKind.PUBLISHED, "account:owner", NOW)


def test_a_slot_lasts_as_long_as_the_profession_says_unless_told(session, doctor):
    usual = doctor.slot(session, "2026-11-25 18:00", slot_minutes=None)
    profession = directory.get_profession(session, "medecin_generaliste")
    assert usual.end - usual.start == timedelta(minutes=profession.slot_minutes)
    physio = a_doctor(session, profession="masseur_kinesitherapeute")
    longer = physio.slot(session, "2026-11-25 18:00", slot_minutes=None)
    assert longer.end - longer.start == timedelta(
        minutes=directory.get_profession(session, "masseur_kinesitherapeute").slot_minutes
    )


def test_a_range_is_published_whole_or_not_at_all(session, doctor):
    doctor.slot(session, "2026-11-25 18:30")
    offer = doctor.offer(slot_minutes=None)
    with pytest.raises(OverlappingSlot), session.begin_nested():
        agenda.publish_range(
            session, doctor.id, START, START + timedelta(hours=1), offer, patients=4, **BY_OWNER
        )
    listed = agenda.list_slots(session, SlotFilter(practitioner_ids=frozenset({doctor.id})), now=NOW)
    assert len(listed.items) == 1
    made = agenda.publish_range(
        session, doctor.id, START, START + timedelta(minutes=30), offer, patients=2, **BY_OWNER
    )
    assert [slot.start for slot in made.slots] == [START, START + timedelta(minutes=15)]


def test_the_buffer_of_a_slot_keeps_others_away(session, doctor):
    doctor.slot(session, "2026-11-25 18:00", buffer_minutes=10)
    with pytest.raises(OverlappingSlot):
        doctor.slot(session, "2026-11-25 18:20")
    doctor.slot(session, "2026-11-25 18:25")


def test_two_practitioners_may_be_open_at_once(session, doctor):
    doctor.slot(session)
    a_doctor(session).slot(session)


def test_what_the_rules_refuse_is_not_written(session, doctor):
    for start, refusal in (
        ("2026-11-25 20:00", OutsideSnpHours),
        ("2026-12-25 10:00", OutsideSnpHours),
        ("2026-11-24 10:00", SlotInThePast),
    ):
        with pytest.raises(refusal):
            doctor.slot(session, start)
    agenda.add_absence(session, doctor.id, START, START + timedelta(hours=1), **BY_OWNER)
    with pytest.raises(DuringAbsence):
        doctor.slot(session, "2026-11-25 18:45")
    with pytest.raises(InvalidValue):
        doctor.slot(session, audiences=frozenset())
    assert not agenda.list_slots(session, SlotFilter(practitioner_ids=frozenset({doctor.id})), now=NOW).items


def test_a_practitioner_publishes_where_he_practises_and_belongs(session, doctor):
    elsewhere, other = a_site(session), a_territory(session, slug="ailleurs")
    with pytest.raises(PractitionerCannotPublish):
        doctor.slot(session, site_id=elsewhere.id)
    with pytest.raises(NotAMember) as refusal:
        doctor.slot(session, territory_ids=frozenset({doctor.territory_id, other.id}))
    assert other.name in refusal.value.sentence
    with pytest.raises(NotFound):
        doctor.slot(session, territory_ids=frozenset({uuid4()}))
    with pytest.raises(NotFound):
        agenda.publish_slot(session, uuid4(), START, doctor.offer(), **BY_OWNER)


def test_a_membership_that_ends_ends_the_offer_that_day(session, doctor):
    directory.end_membership(
        session, doctor.id, doctor.territory_id, until=date(2026, 11, 27), by=ADMINISTRATOR, now=NOW
    )
    doctor.slot(session, "2026-11-26 09:00")
    with pytest.raises(NotAMember):
        doctor.slot(session, "2026-11-27 09:00")


def test_a_free_slot_is_withdrawn_without_a_reason_and_its_time_is_free_again(session, doctor):
    slot = doctor.slot(session)
    outcome = agenda.withdraw_slot(session, slot.id, **BY_OWNER)
    assert outcome.slot.state is SlotState.WITHDRAWN
    assert outcome.freed_request_ids == ()
    doctor.slot(session)
    with pytest.raises(SlotNotOpen):
        agenda.withdraw_slot(session, slot.id, **BY_OWNER)


def test_a_taken_slot_is_withdrawn_only_with_a_reason_and_frees_its_request(session, doctor):
    slot = doctor.slot(session)
    appointment = taken(session, doctor, slot)
    for reason in (None, "  "):
        with pytest.raises(ReasonRequired):
            agenda.withdraw_slot(session, slot.id, reason=reason, **BY_OWNER)
    outcome = agenda.withdraw_slot(session, slot.id, reason="urgence à domicile", **BY_OWNER)
    assert outcome.freed_request_ids == (appointment.request_id,)
    last = appointments.story(session, appointment.id)[-1]
    assert (last.status, last.cancelled_by, last.reason) == (
        "cancelled",
        "practitioner",
        "urgence à domicile",
    )
    assert not appointments.get_appointment(session, appointment.id).live


def test_a_held_slot_is_withdrawn_as_a_taken_one_is(session, doctor):
    slot = doctor.slot(session)
    claim = a_claim(slot.id)
    appointments.hold(session, [claim], minutes=5, **doctor.asked)
    with pytest.raises(ReasonRequired):
        agenda.withdraw_slot(session, slot.id, **BY_OWNER)
    outcome = agenda.withdraw_slot(session, slot.id, reason="panne", **BY_OWNER)
    assert outcome.freed_request_ids == (claim.request_id,)


def test_an_edit_needs_the_version_that_was_read(session, doctor):
    slot = doctor.slot(session)
    change = SlotChange(audiences=frozenset({Audience.PROFESSIONALS}), reasons=frozenset({"fievre"}))
    changed = agenda.change_slot(session, slot.id, change, version=slot.version, **BY_OWNER)
    assert changed.audiences == {Audience.PROFESSIONALS}
    assert changed.reasons == {"fievre"}
    assert changed.territory_ids == slot.territory_ids
    assert changed.version == slot.version + 1
    with pytest.raises(VersionMismatch):
        agenda.change_slot(session, slot.id, change, version=slot.version, **BY_OWNER)
    with pytest.raises(VersionMismatch):
        agenda.withdraw_slot(session, slot.id, version=slot.version, **BY_OWNER)


def test_a_change_passes_the_checks_of_a_publication(session, doctor):
    slot = doctor.slot(session)
    other = a_territory(session, slug="autre")
    with pytest.raises(NotAMember):
        agenda.change_slot(session, slot.id, SlotChange(territory_ids=frozenset({other.id})), **BY_OWNER)
    with pytest.raises(InvalidValue):
        agenda.change_slot(session, slot.id, SlotChange(audiences=frozenset()), **BY_OWNER)
    with pytest.raises(SlotNotFound):
        agenda.change_slot(session, uuid4(), SlotChange(), **BY_OWNER)
    with pytest.raises(SlotInThePast):
        agenda.change_slot(session, slot.id, SlotChange(), by=OSNP, now=slot.start)


def test_slots_are_listed_by_start_page_by_page(session, doctor):
    made = agenda.publish_range(
        session, doctor.id, START, START + timedelta(minutes=75), doctor.offer(), **BY_OWNER
    ).slots
    query = SlotFilter(territory_ids=frozenset({doctor.territory_id}))
    seen, cursor = [], None
    while True:
        page = agenda.list_slots(session, query, now=NOW, cursor=cursor, limit=2)
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == list(made)
    with pytest.raises(InvalidValue):
        agenda.list_slots(session, query, now=NOW, cursor="perdu")


def test_slots_are_listed_by_who_has_them_and_by_state(session, doctor):
    free, held, booked, gone = (
        doctor.slot(session, f"2026-11-25 {hour}:00") for hour in ("09", "10", "11", "12")
    )
    appointments.hold(session, [a_claim(held.id)], minutes=5, **doctor.asked)
    taken(session, doctor, booked)
    agenda.withdraw_slot(session, gone.id, **BY_OWNER)
    mine = SlotFilter(practitioner_ids=frozenset({doctor.id}), states=frozenset({SlotState.OPEN}))

    def found(query, now=NOW):
        return [slot.id for slot in agenda.list_slots(session, query, now=now).items]

    for occupancy, slot in ((Occupancy.FREE, free), (Occupancy.HELD, held), (Occupancy.TAKEN, booked)):
        assert found(replace(mine, occupancy=occupancy)) == [slot.id]
    later = NOW + timedelta(minutes=5)
    assert found(replace(mine, occupancy=Occupancy.FREE), later) == [free.id, held.id]
    assert found(replace(mine, states=frozenset({SlotState.WITHDRAWN}))) == [gone.id]
    assert found(replace(mine, starts_from=held.start, starts_before=booked.start)) == [held.id]
    assert found(replace(mine, slot_ids=frozenset({free.id}))) == [free.id]
    assert found(replace(mine, profession="masseur_kinesitherapeute")) == []


def wishes(doctor, *starts):
    return [Wish(local(start), doctor.offer()) for start in starts]


def test_of_several_slots_those_that_may_be_are_published_and_the_others_say_why(session, doctor):
    doctor.slot(session, "2026-11-25 18:00")
    wanted = wishes(doctor, "2026-11-25 18:00", "2026-11-25 18:15", "2026-11-25 22:00")
    made = agenda.publish_each(session, doctor.id, wanted, **BY_OWNER)
    assert [one.slot_id is not None for one in made] == [False, True, False]
    assert "occupe déjà ce moment" in made[0].why_not
    assert "Créneau refusé" in made[2].why_not
    assert agenda.get_slot(session, made[1].slot_id, now=NOW).start == local("2026-11-25 18:15")


def test_a_rehearsal_says_what_would_happen_and_leaves_nothing(session, doctor):
    wanted = wishes(doctor, "2026-11-25 18:00", "2026-11-25 18:10", "2026-11-25 18:15")
    rehearsed = agenda.rehearse_each(session, doctor.id, wanted, now=NOW)
    query = SlotFilter(practitioner_ids=frozenset({doctor.id}))
    assert agenda.list_slots(session, query, now=NOW).items == ()
    made = agenda.publish_each(session, doctor.id, wanted, **BY_OWNER)
    assert [one.why_not for one in made] == [one.why_not for one in rehearsed]
    assert [bool(one.why_not) for one in made] == [False, True, False]
