"""Every statement on remembered answers. Commits nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from api.idempotency.tables import IdempotencyRecord
from snp.platform.leadership import advisory_key


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer as it was stored."""

    fingerprint: bytes
    status: int
    headers: dict[str, str]
    body: bytes


def take_turn(session: Session, actor: str, key: str) -> bool:
    """Reserve a key until the transaction ends; False when the same request is being answered right now."""
    number = advisory_key(f"idempotency:{actor}:{key}")
    return bool(session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(number))))


def find(session: Session, actor: str, key: str, *, since: datetime) -> Remembered | None:
    """Return the answer remembered for a key since an instant."""
    row = session.execute(
        sa.select(
            col(IdempotencyRecord.fingerprint),
            col(IdempotencyRecord.status),
            col(IdempotencyRecord.headers),
            col(IdempotencyRecord.body),
        ).where(
            col(IdempotencyRecord.actor) == actor,
            col(IdempotencyRecord.key) == key,
            col(IdempotencyRecord.created_at) >= since,
        )
    ).one_or_none()
    return Remembered(*row) if row is not None else None


def remember(session: Session, actor: str, key: str, answer: Remembered, *, now: datetime) -> None:
    """Store an answer, over an outdated one where there is one."""
    values: Mapping[str, Any] = {
        "fingerprint": answer.fingerprint,
        "status": answer.status,
        "headers": answer.headers,
        "body": answer.body,
        "created_at": now,
    }
    session.execute(
        insert(IdempotencyRecord)
        .values(actor=actor, key=key, **values)
        .on_conflict_do_update(index_elements=["actor", "key"], set_=values)
    )


def forget(session: Session, *, before: datetime) -> int:
    """Delete the answers given before an instant; return how many."""
    statement = sa.delete(IdempotencyRecord).where(col(IdempotencyRecord.created_at) < before)
    return len(session.execute(statement.returning(col(IdempotencyRecord.key))).all())
