from datetime import timedelta

import sqlalchemy as sa

from snp.notifications.service import enqueue
from tests.support.agenda import NOW


def test_a_message_waits_in_the_outbox_under_the_caller_s_transaction(session):
    savepoint = session.begin_nested()
    enqueue(session, "appointment.booked", "request:1", {"appointment_id": "a"}, NOW)
    savepoint.rollback()
    later = NOW + timedelta(hours=1)
    ident = enqueue(session, "reminder", "request:1", {"appointment_id": "b"}, NOW, due_at=later)
    row = session.execute(sa.text("SELECT * FROM outbox_message")).one()
    assert (row.id, row.topic, row.subject) == (ident, "reminder", "request:1")
    assert (row.payload, row.created_at, row.due_at) == ({"appointment_id": "b"}, NOW, later)
    assert (row.attempts, row.delivered_at, row.failed_at) == (0, None, None)


def test_messages_of_one_subject_are_numbered_in_the_order_they_were_queued(session):
    made = [enqueue(session, "t", "request:1", {"n": n}, NOW) for n in range(200)]
    rows = session.execute(sa.text("SELECT id FROM outbox_message ORDER BY id")).scalars()
    assert list(rows) == made
