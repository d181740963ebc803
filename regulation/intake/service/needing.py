"""What was needed, when and where, without anybody's identity: what a forecast learns from."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository
from regulation.intake.facts import NeedSeen


def needs_since(session: Session, territory_id: UUID, since: datetime) -> list[NeedSeen]:
    """Return every need of a territory that was decided to seek a slot since an instant, by decision."""
    return repository.needs_since(session, territory_id, since)
