"""Every statement on the definitions of a territory and their history."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from regulation.indicators.refusals import IndicatorCodeTaken
from regulation.indicators.tables import Indicator, IndicatorRevision
from snp.errors import VersionMismatch
from snp.platform.columns import new_id
from snp.platform.db import refusing

I: sa.Table = Indicator.__table__  # type: ignore[attr-defined]  # noqa: E741 - SQLModel adds it
R: sa.Table = IndicatorRevision.__table__  # type: ignore[attr-defined]


def of_territory(session: Session, territory_id: UUID) -> list[sa.Row[Any]]:
    """The indicators that a territory made its own, by code."""
    return list(session.execute(sa.select(I).where(I.c.territory_id == territory_id).order_by(I.c.code)))


def by_code(session: Session, territory_id: UUID, code: str) -> sa.Row[Any] | None:
    """One of them."""
    statement = sa.select(I).where(I.c.territory_id == territory_id, I.c.code == code)
    return session.execute(statement).one_or_none()


def insert(
    session: Session,
    territory_id: UUID,
    code: str,
    content: dict[str, Any],
    *,
    retired: bool,
    author: str,
    now: datetime,
) -> None:
    """Keep an indicator and its first revision. Raises `IndicatorCodeTaken`."""
    ident = new_id()
    with refusing({"uq_indicator__territory_code": lambda: IndicatorCodeTaken(code)}):
        session.execute(
            sa.insert(I).values(
                id=ident,
                territory_id=territory_id,
                code=code,
                content=content,
                retired=retired,
                version=1,
                created_at=now,
            )
        )
    _keep(session, ident, 1, content, retired=retired, author=author, now=now)


def update(
    session: Session,
    row: sa.Row[Any],
    content: dict[str, Any],
    *,
    retired: bool,
    version: int,
    author: str,
    now: datetime,
) -> None:
    """Write an edit made from `version`, and its revision. Raises `VersionMismatch`."""
    written = session.execute(
        sa.update(I)
        .where(I.c.id == row.id, I.c.version == version)
        .values(content=content, retired=retired, version=version + 1)
        .returning(I.c.id)
    ).one_or_none()
    if written is None:
        raise VersionMismatch(f"indicator {row.code} is not at version {version}")
    _keep(session, row.id, version + 1, content, retired=retired, author=author, now=now)


def revisions(session: Session, territory_id: UUID, code: str) -> list[sa.Row[Any]]:
    """How an indicator stood after each edit, newest first."""
    statement = (
        sa.select(R)
        .join(I, I.c.id == R.c.indicator_id)
        .where(I.c.territory_id == territory_id, I.c.code == code)
        .order_by(R.c.version.desc())
    )
    return list(session.execute(statement))


def _keep(
    session: Session,
    ident: UUID,
    version: int,
    content: dict[str, Any],
    *,
    retired: bool,
    author: str,
    now: datetime,
) -> None:
    values = {"indicator_id": ident, "version": version, "at": now, "author": author}
    session.execute(sa.insert(R).values(values | {"content": content, "retired": retired}))
