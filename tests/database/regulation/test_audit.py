"""The audit: explained, complete, append-only."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from snp.platform import audit
from snp.platform.actors import system
from tests.support.regulation import NOW

pytestmark = pytest.mark.database
JOB = system("test")


def test_a_line_says_who_what_when_and_why(session: Session):
    resource, patient = uuid4(), uuid4()
    audit.record(
        session,
        at=NOW,
        actor=JOB,
        action=audit.AuditAction.READ,
        resource="patient",
        resource_id=resource,
        patient_id=patient,
        why=" rappel ",
        detail={"count": 1},
    )
    line = session.execute(sa.text("SELECT * FROM audit_entry")).one()
    assert (line.at, line.actor, line.role, line.action) == (NOW, "system:test", "system", "read")
    assert (line.resource_id, line.patient_id, line.why, line.detail) == (
        resource,
        patient,
        "rappel",
        {"count": 1},
    )


def test_an_unexplained_access_is_a_fault(session: Session):
    with pytest.raises(ValueError, match="why"):
        audit.record(session, at=NOW, actor=JOB, action=audit.AuditAction.READ, resource="patient", why="  ")


def test_a_naive_instant_is_a_fault(session: Session):
    with pytest.raises(ValueError, match="aware"):
        audit.record(
            session,
            at=datetime(2026, 11, 24, 10, 0),  # noqa: DTZ001 - the fault under test
            actor=JOB,
            action=audit.AuditAction.READ,
            resource="patient",
            why="x",
        )


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET why = 'x'", "DELETE FROM audit_entry"])
def test_a_line_is_never_changed_nor_removed(session: Session, statement: str):
    audit.record(session, at=NOW, actor=JOB, action=audit.AuditAction.READ, resource="patient", why="x")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        session.execute(sa.text(statement))
