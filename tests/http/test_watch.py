"""What must always hold is looked at: all is well after real work, and each break is seen and counted."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from api.jobs import work
from api.watch import service as watch
from api.watch.facts import Invariant
from api.watch.invariants import CODES
from tests.support.http import World, a_patient, book, expect, publish, seeking_request

TWICE = """
INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table},
  (SELECT to_jsonb({table}) || jsonb_build_object('id', gen_random_uuid()) || {more} FROM {table} LIMIT 1))
"""
BREAKS = {
    "double_booking": (
        "DROP INDEX uq_appointment__live_slot",
        TWICE.format(
            table="appointment",
            more="jsonb_build_object('code_hash', '\\x00', 'request_id', gen_random_uuid())",
        ),
    ),
    "overlapping_slots": (
        "ALTER TABLE slot DROP CONSTRAINT ex_slot__no_overlap",
        TWICE.format(table="slot", more="'{}'"),
    ),
    "hold_on_a_taken_slot": (TWICE.format(table="hold", more='\'{"ended_at": null, "ended_as": null}\''),),
    "hold_that_lingers": (
        """UPDATE hold SET ended_at = NULL, ended_as = NULL, created_at = created_at - interval '2 hours',
        expires_at = created_at - interval '1 hour',
        slot_id = (SELECT id FROM slot WHERE id NOT IN (SELECT slot_id FROM appointment WHERE live) LIMIT 1)
        WHERE id = (SELECT id FROM hold LIMIT 1)""",
    ),
    "booked_without_appointment": ("UPDATE appointment SET live = false",),
    "appointment_off_its_slot": ("UPDATE slot SET state = 'withdrawn'",),
    "appointment_out_of_step": ("UPDATE appointment SET status = 'honoured'",),
    "request_out_of_step": ("UPDATE request SET state = 'closed' WHERE state = 'booked'",),
    "promise_past_its_time": (
        """INSERT INTO promise (id, request_id, territory_id, made_at, made_by, seen_before, notice_minutes,
        certificate) SELECT gen_random_uuid(), id, territory_id, created_at, 'x',
        created_at - interval '1 day', 60, '{}' FROM request LIMIT 1""",
    ),
    "identity_read_untold": (
        "ALTER TABLE audit_entry DISABLE TRIGGER USER",
        "DELETE FROM audit_entry WHERE patient_id IS NOT NULL",
    ),
}


@pytest.fixture
def worked(world: World) -> World:
    """A day with a booking, a cancellation and a free slot."""
    for hour in (11, 14, 16):
        publish(world, f"2026-11-25T{hour}:00:00+01:00")
    book(world, seeking_request(world)["id"])
    other = book(
        world, seeking_request(world, patient=a_patient(given_name="Jade", phone="0612345679"))["id"]
    )
    expect(world.osnp.post(f"/api/v1/appointments/{other['id']}/cancel", json={"reason": "guéri"}), 200)
    return world


def broken(world: World) -> dict[str, int | None]:
    """What the job of the watch left to be read: the invariants that do not hold."""
    work.watch_invariants(world.service.wiring)
    with world.service.session() as session:
        return {one.code: one.count for one in watch.last_looks(session) if one.count != 0}


def test_after_real_work_everything_holds(worked: World) -> None:
    assert broken(worked) == {}
    with worked.service.session() as session:
        assert {one.code for one in watch.last_looks(session)} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_each_break_is_seen(worked: World, code: str) -> None:
    with worked.service.session() as session:
        for statement in BREAKS[code]:
            session.connection().exec_driver_sql(statement)

    found = broken(worked)

    assert found[code], found
    with worked.service.session() as session:
        seen = next(one for one in watch.last_looks(session) if one.code == code)
    assert len(seen.sample) == seen.count


def test_a_look_that_fails_is_told_apart_and_stops_no_other(worked: World) -> None:
    bad = Invariant("bad", "…", "SELECT id FROM no_such_table")
    good = Invariant("good", "…", "SELECT id FROM slot")

    seen = watch.look_at_all(
        worked.service.wiring.sessions, now=worked.service.clock.now(), invariants=(bad, good)
    )

    assert [(one.code, one.count) for one in seen] == [("bad", None), ("good", 3)]


def test_a_look_writes_nothing(worked: World) -> None:
    writer = Invariant("writer", "…", "SELECT id FROM slot WHERE nextval('outbox_message_position_seq') > 0")

    seen = watch.look_at_all(
        worked.service.wiring.sessions, now=worked.service.clock.now(), invariants=(writer,)
    )

    assert seen[0].count is None
    with worked.service.session() as session:
        assert session.connection().scalar(sa.text("SELECT count(*) FROM slot")) == 3
