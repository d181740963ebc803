"""Every offered slot is counted once, under what has become of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda import service as agenda
from slots.appointments import service as appointments
from slots.appointments.facts import Claim
from snp.assignment.facts import Audience
from snp.platform.keys import load_keys
from tests.support.agenda import a_claim, a_doctor, local
from tests.support.database import test_settings
from tests.support.directory import ADMINISTRATOR, NOW

pytestmark = pytest.mark.database

FIRST, LAST = local("2026-11-25 00:00"), local("2026-11-27 00:00")


def counts(session: Session, doctor, *, now=NOW):
    return agenda.count_slots(session, doctor.territory_id, FIRST, LAST, now=now)


def totals(found) -> dict[str, int]:
    names = ("published", "free", "held", "taken", "released", "lost")
    return {name: sum(getattr(one, name) for one in found) for name in names}


def claim(session: Session, doctor, slot, *, confirmed: bool) -> None:
    one: Claim = a_claim(slot.id)
    bundle = appointments.hold(
        session,
        [one],
        audience=Audience.REGULATION,
        territory_id=doctor.territory_id,
        minutes=5,
        by=ADMINISTRATOR,
        now=NOW,
    )
    if confirmed:
        appointments.confirm(
            session,
            bundle.bundle_id,
            organisation_id=None,
            codes=load_keys(test_settings()).hasher(),
            by=ADMINISTRATOR,
            now=NOW,
        )


def test_each_slot_is_counted_once_under_what_has_become_of_it(session: Session) -> None:
    doctor = a_doctor(session)
    slots = [doctor.slot(session, f"2026-11-25 {hour}:00") for hour in ("09", "10", "11", "14", "15")]
    claim(session, doctor, slots[0], confirmed=True)
    claim(session, doctor, slots[1], confirmed=False)
    agenda.withdraw_slot(session, slots[2].id, by=ADMINISTRATOR, now=NOW)
    session.execute(sa.text("UPDATE slot SET state = 'released' WHERE id = :id"), {"id": slots[3].id})

    morning, afternoon = counts(session, doctor)

    assert (morning.is_morning, afternoon.is_morning) == (True, False)
    assert (morning.published, morning.taken, morning.held, morning.free) == (2, 1, 1, 0)
    assert (afternoon.published, afternoon.released, afternoon.free) == (2, 1, 1)


def test_what_started_while_nobody_had_it_is_lost_and_a_hold_that_ran_out_is_free(session: Session) -> None:
    doctor = a_doctor(session)
    taken, held, free = (doctor.slot(session, f"2026-11-25 {hour}:00") for hour in ("09", "10", "11"))
    claim(session, doctor, taken, confirmed=True)
    claim(session, doctor, held, confirmed=False)

    later = totals(counts(session, doctor, now=NOW + timedelta(hours=1)))
    after = totals(counts(session, doctor, now=local("2026-11-25 12:00")))

    assert later == {"published": 3, "free": 2, "held": 0, "taken": 1, "released": 0, "lost": 0}
    assert after == {"published": 3, "free": 0, "held": 0, "taken": 1, "released": 0, "lost": 2}
    assert free.start < local("2026-11-25 12:00")


def test_a_slot_offered_elsewhere_is_not_counted_here(session: Session) -> None:
    doctor = a_doctor(session)
    doctor.slot(session, "2026-11-28 09:00")
    assert counts(session, doctor) == []
