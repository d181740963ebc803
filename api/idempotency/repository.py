"""Every statement on remembered answers. Commits nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from api.idempotency.tables import IdempotencyRecord
from snp.platform.fixed import Fixed, a_document, a_text, an_instant, as_document
from snp.platform.leadership import advisory_key

_T: sa.Table = IdempotencyRecord.__table__  # type: ignore[attr-defined]  # SQLModel adds it


def _turn() -> sa.Select[Any]:
    """The turn, and beside it the answer, where there is one."""
    number = sa.bindparam("number", type_=sa.BigInteger())
    turn = sa.select(sa.func.pg_try_advisory_xact_lock(number).label("turn")).subquery("taken")
    same = sa.and_(
        _T.c.actor == a_text("actor"), _T.c.key == a_text("key"), _T.c.created_at >= an_instant("since")
    )
    return sa.select(turn.c.turn, _T.c.fingerprint, _T.c.status, _T.c.headers, _T.c.body).select_from(
        turn.outerjoin(_T, same)
    )


def _remember() -> Any:
    written = insert(_T).values(
        actor=a_text("actor"),
        key=a_text("key"),
        fingerprint=sa.bindparam("fingerprint", type_=sa.LargeBinary()),
        status=sa.bindparam("status", type_=sa.Integer()),
        headers=a_document("headers"),
        body=sa.bindparam("body", type_=sa.LargeBinary()),
        created_at=an_instant("created_at"),
    )
    fields = ("fingerprint", "status", "headers", "body", "created_at")
    return written.on_conflict_do_update(
        index_elements=["actor", "key"],
        set_={name: written.excluded[name] for name in fields},
        where=_T.c.created_at < an_instant("since"),
    ).returning(_T.c.key)


_TURN: Final = Fixed(_turn())
_REMEMBER: Final = Fixed(_remember())


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer as it was stored."""

    fingerprint: bytes
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to answer a request until the transaction ends, and the answer that it got before."""

    known: Remembered | None


def take_turn(session: Session, actor: str, key: str, *, since: datetime) -> Turn | None:
    """Reserve a key until the transaction ends; None when the same request is being answered right now.

    The statement sees what was there before it had the turn: an answer given in between is met by `remember`.
    """
    number = advisory_key(f"idempotency:{actor}:{key}")
    row = _TURN.run(session, number=number, actor=actor, key=key, since=since).one()
    if not row.turn:
        return None
    known = None if row.status is None else Remembered(row.fingerprint, row.status, row.headers, row.body)
    return Turn(known)


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


def remember(
    session: Session, actor: str, key: str, answer: Remembered, *, since: datetime, now: datetime
) -> bool:
    """Store an answer, over one older than `since`; False when the key has got its answer meanwhile."""
    written = _REMEMBER.run(
        session,
        actor=actor,
        key=key,
        fingerprint=answer.fingerprint,
        status=int(answer.status),
        headers=as_document(answer.headers),
        body=answer.body,
        created_at=now,
        since=since,
    )
    return written.one_or_none() is not None


def forget(session: Session, *, before: datetime) -> int:
    """Delete the answers given before an instant; return how many."""
    statement = sa.delete(IdempotencyRecord).where(col(IdempotencyRecord.created_at) < before)
    return len(session.execute(statement.returning(col(IdempotencyRecord.key))).all())
