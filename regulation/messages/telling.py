"""One message to a carer: by the way he prefers, after his quiet hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.messages import rules
from regulation.messages.facts import Kind
from regulation.messages.splitting import medium_for
from snp.directory import service as directory
from snp.notifications import service as outbox


def tell_carer(
    session: Session,
    kind: Kind,
    carer_id: UUID,
    *,
    subject: str,
    content: Mapping[str, object],
    territory_id: UUID | None,
    now: datetime,
) -> bool:
    """Queue one message to a carer; false when he has no way to be told. `content`: identifiers and codes."""
    carer = directory.get_practitioner(session, carer_id, now=now)
    medium = medium_for(carer)
    if medium is None:
        return False
    payload: dict[str, object] = {"kind": kind, "practitioner_id": str(carer_id), **content}
    due = rules.out_of_quiet(now, carer.preferences.quiet_from, carer.preferences.quiet_until)
    outbox.enqueue(session, medium, subject, payload, now, due_at=due, territory_id=territory_id)
    return True
