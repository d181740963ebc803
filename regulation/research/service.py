"""Make a research table; that it was made is told in the audit, with its size and who asked."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.research import repository
from regulation.research.facts import ResearchTable
from regulation.research.rules import SMALLEST, research_table
from snp.platform import audit
from snp.platform.actors import Actor


def export(
    session: Session,
    territory_id: UUID,
    since: datetime,
    until: datetime,
    *,
    k: int = SMALLEST,
    why: str,
    by: Actor,
    now: datetime,
) -> ResearchTable:
    """Return the needs of `[since, until)` as a table that points at nobody. Raises `ValueError` for k < 2.

    The secret behind the pseudonyms is forgotten with this call: two tables cannot be joined by them.
    """
    found = repository.needs(session, territory_id, since, until)
    table = research_table(found, secret=secrets.token_bytes(32), k=k)
    audit.record(
        session,
        at=now,
        actor=by,
        action=audit.AuditAction.EXPORT,
        resource="research",
        resource_id=territory_id,
        why=why,
        detail={"rows": len(table.rows), "left_out": table.left_out, "k": k},
    )
    return table
