"""Seals over the audit: blocks of lines chained by keyed hashes, so that a changed or missing line shows.

The trigger keeps the service from changing a line; who owns the database can lift it. He cannot make a seal:
its key is not in the database. Whoever notes the last seal elsewhere (a letter, another machine) can prove
later that the lines before it were not made anew either.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlmodel import Session

from snp.platform.hashing import KeyedHash
from snp.platform.tables import AuditEntry, AuditSeal

BLOCK: Final = 5_000
DOMAIN: Final = "audit.seal"
_PATIENCE_MS: Final = 500
GENESIS: Final = b"\0" * 32

E: sa.Table = AuditEntry.__table__  # type: ignore[attr-defined]  # SQLModel adds it
S: sa.Table = AuditSeal.__table__  # type: ignore[attr-defined]


class Fault(StrEnum):
    """What is wrong with a block: its seal does not fit its lines, or not the seal before it."""

    LINES_DIFFER = "lines_differ"
    CHAIN_BROKEN = "chain_broken"


@dataclass(frozen=True, slots=True)
class Block:
    """A sealed block as it was verified; `fault` None: it holds. A pruned block has no lines any more."""

    number: int
    first_id: int
    last_id: int
    lines: int
    sealed_at: datetime
    digest: bytes
    pruned: bool
    fault: Fault | None


def settled_until(session: Session) -> int:
    """The last line that no unfinished transaction can precede; waits for those that are writing one.

    Ids are given in order but commit in any: under this lock nobody holds one that is not committed. The
    transaction must end at once, since who wants to write a line waits for it; after half a second in vain it
    gives up (`DBAPIError`), and the next minute tries again.
    """
    session.execute(sa.text(f"SET LOCAL lock_timeout = {_PATIENCE_MS}"))
    session.execute(sa.text("LOCK TABLE audit_entry IN SHARE MODE"))
    return int(session.execute(sa.select(sa.func.coalesce(sa.func.max(E.c.id), 0))).scalar_one())


def seal_block(session: Session, until: int, *, hasher: KeyedHash, now: datetime) -> int:
    """Seal the next block of at most `BLOCK` lines up to line `until`; how many lines it holds, 0 for none.

    Source: ANSSI, « Recommandations de sécurité pour l’architecture d’un système de journalisation » (2022),
    integrity of what is kept.
    """
    session.execute(sa.text("LOCK TABLE audit_seal IN EXCLUSIVE MODE"))
    last = session.execute(sa.select(S).order_by(S.c.number.desc()).limit(1)).one_or_none()
    after = last.last_id if last else 0
    rows = session.execute(
        sa.select(E).where(E.c.id > after, E.c.id <= until).order_by(E.c.id).limit(BLOCK)
    ).all()
    if not rows:
        return 0
    number, previous = (last.number + 1, last.digest) if last else (1, GENESIS)
    first_id, last_id = after + 1, int(rows[-1].id)
    values = {
        "number": number,
        "first_id": first_id,
        "last_id": last_id,
        "lines": len(rows),
        "previous": previous,
        "digest": hasher.digest(DOMAIN, _told(number, previous, first_id, last_id, rows)),
        "sealed_at": now,
    }
    session.execute(sa.insert(S).values(values))
    return len(rows)


def verify(session: Session, *, hasher: KeyedHash) -> Iterator[Block]:
    """Check every block from the first to the last, in memory of one block."""
    previous, next_id = GENESIS, 1
    for row in session.execute(sa.select(S).order_by(S.c.number)).all():
        fault = None
        if row.previous != previous or row.first_id != next_id:
            fault = Fault.CHAIN_BROKEN
        elif not _fits(row, _lines(session, row.number, row.first_id, row.last_id), hasher):
            fault = Fault.LINES_DIFFER
        previous, next_id = row.digest, row.last_id + 1
        yield Block(
            row.number,
            row.first_id,
            row.last_id,
            row.lines,
            row.sealed_at,
            row.digest,
            row.pruned_at is not None,
            fault,
        )


def count_unsealed(session: Session) -> int:
    """How many lines no seal covers yet."""
    last = sa.select(sa.func.coalesce(sa.func.max(S.c.last_id), 0)).scalar_subquery()
    counted = sa.select(sa.func.count()).select_from(E).where(E.c.id > last)
    return int(session.execute(counted).scalar_one())


def prune_block(session: Session, *, before: datetime, now: datetime) -> int:
    """Forget the oldest block when all its lines are older than `before`; how many lines it held.

    Its seal stays, so that the chain can still be followed. A trigger lets no other line go.
    """
    newest = sa.select(sa.func.max(E.c.at)).where(E.c.id.between(S.c.first_id, S.c.last_id)).scalar_subquery()
    row = session.execute(
        sa.select(S.c.number, S.c.first_id, S.c.last_id, S.c.lines)
        .where(S.c.pruned_at.is_(None), newest < before)
        .where(
            S.c.number == sa.select(sa.func.min(S.c.number)).where(S.c.pruned_at.is_(None)).scalar_subquery()
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        return 0
    session.execute(sa.update(S).where(S.c.number == row.number).values(pruned_at=now))
    session.execute(sa.delete(E).where(E.c.id.between(row.first_id, row.last_id)))
    return int(row.lines)


def _lines(session: Session, number: int, first_id: int, last_id: int) -> Sequence[Any]:
    """What a block holds; the first one also whatever was slipped in before it."""
    after = sa.true() if number == 1 else E.c.id >= first_id
    return session.execute(sa.select(E).where(after, E.c.id <= last_id).order_by(E.c.id)).all()


def _fits(row: Any, lines: Sequence[Any], hasher: KeyedHash) -> bool:
    """A seal fits the lines it was made over; a pruned block has none."""
    if row.pruned_at is not None:
        return not lines
    told = _told(row.number, row.previous, row.first_id, row.last_id, lines)
    return any(hmac.compare_digest(row.digest, one) for one in hasher.candidates(DOMAIN, told))


def _told(number: int, previous: bytes, first_id: int, last_id: int, lines: Sequence[Any]) -> str:
    """What a seal is made over: its place in the chain, and the digest of its lines in order."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(_canonical(line))
    return f"{number}:{first_id}:{last_id}:{len(lines)}:{previous.hex()}:{digest.hexdigest()}"


def _canonical(line: Any) -> bytes:
    """A line as bytes that do not depend on the session's zone nor on the order of keys."""
    at: datetime = line.at
    content = [
        line.id,
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        line.actor,
        line.role,
        line.action,
        line.resource,
        line.resource_id,
        line.patient_id,
        line.why,
        line.detail,
    ]
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
