from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from slots.agenda import service as agenda
from slots.agenda.facts import FreeSlotQuery, Near, SlotState
from slots.appointments import service as appointments
from snp.assignment.facts import Audience, Mode
from snp.directory import service as directory
from tests.support.agenda import BY_OWNER, CODES, NOW, OWNER, a_claim, a_doctor, local

SOON = FreeSlotQuery(starts_until=local("2026-11-27 20:00"))


def found(session, doctor, now=NOW, **asked):
    query = replace(SOON, **({"territory_ids": frozenset({doctor.territory_id})} | asked))
    return [slot.id for slot in agenda.free_slots(session, query, now)]


def test_a_free_slot_carries_what_a_proposal_says(session, doctor):
    slot = doctor.slot(session, reasons=frozenset({"fievre"}))
    (free,) = agenda.free_slots(session, replace(SOON, practitioner_ids=frozenset({doctor.id})), NOW)
    practitioner = directory.get_practitioner(session, doctor.id, now=NOW)
    site = directory.get_site(session, doctor.site_id)
    assert (free.id, free.start, free.end, free.mode) == (slot.id, slot.start, slot.end, Mode.AMB)
    assert free.practitioner_name == f"{practitioner.given_name} {practitioner.family_name}"
    assert free.rpps == practitioner.rpps
    assert (free.site_name, free.site_insee, free.lat, free.lon) == (
        site.name,
        site.insee,
        site.lat,
        site.lon,
    )
    assert free.reasons == {"fievre"}


def test_only_what_may_be_claimed_now_is_free(session, doctor):
    free, held, booked, gone, hidden, due = (
        doctor.slot(session, f"2026-11-25 {hour}:00", release_minutes=60 if hour == "14" else None)
        for hour in ("09", "10", "11", "12", "13", "14")
    )
    appointments.hold(session, [a_claim(held.id)], minutes=5, **doctor.asked)
    appointments.book(session, [a_claim(booked.id)], codes=CODES, **doctor.asked)
    agenda.withdraw_slot(session, gone.id, **BY_OWNER)
    agenda.add_absence(session, doctor.id, hidden.start, hidden.end, **BY_OWNER)
    assert found(session, doctor) == [free.id, due.id]
    assert found(session, doctor, NOW + timedelta(minutes=5)) == [free.id, held.id, due.id]
    assert found(session, doctor, free.start) == [held.id, due.id]
    assert due.id not in found(session, doctor, local("2026-11-25 13:00"))


def test_a_closing_slot_is_never_free_again(session, doctor):
    slot = doctor.slot(session)
    appointments.hold(session, [a_claim(slot.id)], minutes=5, **doctor.asked)
    agenda.add_absence(session, doctor.id, slot.start, slot.end, **BY_OWNER)
    later = NOW + timedelta(minutes=6)
    assert found(session, doctor, later) == []
    appointments.expire_holds(session, now=later)
    assert agenda.get_slot(session, slot.id, now=later).state is SlotState.HIDDEN


def test_every_condition_narrows(session, doctor):
    plain = doctor.slot(session, "2026-11-25 09:00")
    special = doctor.slot(
        session,
        "2026-11-25 10:00",
        mode=Mode.VR,
        audiences=frozenset({Audience.PROFESSIONALS}),
        reasons=frozenset({"entorse"}),
    )
    both = [plain.id, special.id]
    rpps = directory.get_practitioner(session, doctor.id, now=NOW).rpps
    assert found(session, doctor) == both
    assert found(session, doctor, limit=1) == [plain.id]
    assert found(session, doctor, audience=Audience.DESK) == [plain.id]
    assert found(session, doctor, modes=frozenset({Mode.VR})) == [special.id]
    assert found(session, doctor, reason="entorse") == both
    assert found(session, doctor, reason="fievre") == [plain.id]
    assert found(session, doctor, professions=frozenset({"masseur_kinesitherapeute"})) == []
    assert found(session, doctor, rpps=frozenset({rpps})) == both
    assert found(session, doctor, slot_ids=frozenset({special.id})) == [special.id]
    assert found(session, doctor, excluded_practitioner_ids=frozenset({doctor.id})) == []
    assert found(session, doctor, territory_ids=frozenset({uuid4()})) == []
    assert found(session, doctor, starts_from=special.start) == [special.id]
    assert found(session, doctor, starts_until=plain.start) == [plain.id]


def test_distance_counts_for_who_must_travel(session, doctor):
    site = directory.get_site(session, doctor.site_id)
    near = doctor.slot(session, "2026-11-25 09:00")
    remote = doctor.slot(session, "2026-11-25 10:00", mode=Mode.VR)
    ten_km_north = site.lat + 10 / 111.195
    assert found(session, doctor, near=Near(ten_km_north, site.lon, 10.1)) == [near.id, remote.id]
    assert found(session, doctor, near=Near(ten_km_north, site.lon, 9.9)) == [remote.id]


def test_an_inactive_practitioner_offers_nothing(session, doctor):
    doctor.slot(session)
    session.execute(sa.text("UPDATE practitioner SET active = false WHERE id = :id"), {"id": doctor.id})
    assert found(session, doctor) == []


def test_free_slots_take_one_statement(session, engine, doctor):
    doctor.slot(session)
    other = a_doctor(session)
    other.slot(session)
    session.flush()
    statements = []
    sa.event.listen(engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
    try:
        assert len(agenda.free_slots(session, SOON, NOW)) >= 2
    finally:
        engine.dispatch._clear()
    assert len(statements) == 1


def test_slots_are_released_at_start_minus_x_unless_somebody_has_them(session, doctor):
    free, taken, held, kept = (
        doctor.slot(session, f"2026-11-25 {hour}:00", release_minutes=None if hour == "12" else 60)
        for hour in ("09", "10", "11", "12")
    )
    now = local("2026-11-25 10:00") - timedelta(minutes=61)
    asked = doctor.asked | {"now": now}
    appointments.book(session, [a_claim(taken.id)], codes=CODES, **asked)
    appointments.hold(
        session, [a_claim(held.id)], minutes=60, **(asked | {"now": now + timedelta(minutes=60)})
    )
    due = local("2026-11-25 10:00")
    assert agenda.release_due(session, by=OWNER, now=due) == (free.id,)
    assert agenda.release_due(session, by=OWNER, now=due) == ()
    after_hold = now + timedelta(minutes=120)
    assert agenda.release_due(session, by=OWNER, now=after_hold) == (held.id,)
    assert agenda.get_slot(session, kept.id, now=due).state is SlotState.OPEN
    messages = session.execute(
        sa.text("SELECT payload->>'slot_id' FROM outbox_message WHERE topic = 'slot.released'")
    ).scalars()
    assert set(messages) == {str(free.id), str(held.id)}


@pytest.mark.parametrize("now", [local("2026-11-25 08:00"), local("2026-11-25 08:30")])
def test_a_released_slot_frees_its_time(session, doctor, now):
    doctor.slot(session, "2026-11-25 09:00", release_minutes=60)
    agenda.release_due(session, by=OWNER, now=now)
    made = agenda.publish_slot(
        session, doctor.id, local("2026-11-25 09:00"), doctor.offer(), by=OWNER, now=now
    )
    assert made.slots[0].state is SlotState.OPEN
