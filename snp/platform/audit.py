"""The append-only audit of patient data: who read or wrote what, when, and why. No feature reads it.

A line names rows by their identifiers; it never holds an identity, a phone or what a caller said.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from snp.platform.actors import Actor
from snp.platform.columns import is_aware
from snp.platform.fixed import Fixed, a_document, a_text, a_uuid, an_instant, as_document
from snp.platform.tables import AuditEntry

_RECORD: Final = Fixed(
    # Inline: nothing is read back, since who adds a line may not see it (ADR 105).
    sa.insert(AuditEntry)
    .inline()
    .values(
        at=an_instant("at"),
        actor=a_text("actor"),
        role=a_text("role"),
        action=a_text("action"),
        resource=a_text("resource"),
        resource_id=a_uuid("resource_id"),
        patient_id=a_uuid("patient_id"),
        why=a_text("why"),
        detail=a_document("detail"),
    )
)


class AuditAction(StrEnum):
    """What was done to patient data."""

    READ = "read"
    SEARCH = "search"
    CREATE = "create"
    CHANGE = "change"
    RESEAL = "reseal"
    PRINT = "print"
    EXPORT = "export"
    FORGET = "forget"
    EMERGENCY = "emergency"


def record(
    session: Session,
    *,
    at: datetime,
    actor: Actor,
    action: AuditAction,
    resource: str,
    resource_id: UUID | None = None,
    patient_id: UUID | None = None,
    why: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one line to the audit, in the transaction of what it tells: neither exists without the other.

    `resource` is a table's noun (`patient`, `request`, `appointment`). `detail` holds identifiers, counts and
    codes only. Raises `ValueError` for a naive instant or an empty `why`: an unexplained access is a fault of
    ours, not a refusal to a user.
    """
    if not is_aware(at):
        raise ValueError("an audit line needs an aware instant")
    if not why.strip():
        raise ValueError("an audit line says why")
    _RECORD.run(
        session,
        at=at,
        actor=actor.ident,
        role=actor.role.value,
        action=action.value,
        resource=resource,
        resource_id=resource_id,
        patient_id=patient_id,
        why=why.strip(),
        detail=as_document(dict(detail or {})),
    )
