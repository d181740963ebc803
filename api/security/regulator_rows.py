"""Every statement on the regulators of the national platform. Decides nothing, commits nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from api.security.errors import IdentifierHeld
from api.security.facts import IdentifierCriterion, PlatformIdentifier
from api.security.tables import Account, PageSession, Regulator, RegulatorIdentifier
from snp.platform.db import refusing

_WRITERS: Final = 0x5A5_0002
"""The advisory lock of whoever writes these accounts: a dozen writes a day may well wait for each other."""

Row = tuple[Regulator, Account]


def lock_writes(session: Session) -> None:
    """Let one transaction at a time change who holds which identifier."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITERS)))


def add_regulator(session: Session, account: Account, regulator: Regulator) -> None:
    """Insert a regulator and his account."""
    session.add(account)
    session.flush()
    session.add(regulator)
    session.flush()


def regulator_by_id(session: Session, account_id: UUID) -> Row | None:
    """Return a regulator with his account."""
    statement = _regulators().where(col(Regulator.account_id) == account_id)
    return session.exec(statement).one_or_none()


def holders(session: Session, identifiers: Iterable[PlatformIdentifier]) -> dict[PlatformIdentifier, Row]:
    """Return who holds each of these identifiers now; free ones are left out."""
    wanted = {(one.system, one.value) for one in identifiers}
    statement = (
        select(RegulatorIdentifier, Regulator, Account)
        .join(Regulator, col(Regulator.account_id) == col(RegulatorIdentifier.account_id))
        .join(Account, col(Account.id) == col(Regulator.account_id))
        .where(
            col(RegulatorIdentifier.released_at).is_(None),
            sa.tuple_(col(RegulatorIdentifier.system), col(RegulatorIdentifier.value)).in_(wanted),
        )
    )
    return {
        PlatformIdentifier(held.system, held.value): (regulator, account)
        for held, regulator, account in session.exec(statement)
    }


def matching(session: Session, criterion: IdentifierCriterion) -> Sequence[Row]:
    """Return the regulators who hold what a criterion names, the active ones first."""
    held = select(RegulatorIdentifier.account_id).where(
        col(RegulatorIdentifier.released_at).is_(None), col(RegulatorIdentifier.value) == criterion.value
    )
    if criterion.system is not None:
        held = held.where(col(RegulatorIdentifier.system) == criterion.system)
    statement = _regulators().where(col(Regulator.account_id).in_(held))
    return session.exec(statement.order_by(col(Account.active).desc(), col(Account.id))).all()


def held_by(session: Session, account_id: UUID) -> Sequence[RegulatorIdentifier]:
    """Return the identifiers that a regulator holds now, in the order in which he got them."""
    statement = select(RegulatorIdentifier).where(
        col(RegulatorIdentifier.account_id) == account_id, col(RegulatorIdentifier.released_at).is_(None)
    )
    return session.exec(statement.order_by(col(RegulatorIdentifier.id))).all()


def release(
    session: Session, account_id: UUID, identifiers: Collection[PlatformIdentifier], now: datetime
) -> None:
    """Take identifiers away from a regulator; their rows stay as history."""
    wanted = {(one.system, one.value) for one in identifiers}
    session.execute(
        sa.update(RegulatorIdentifier)
        .where(
            col(RegulatorIdentifier.account_id) == account_id,
            col(RegulatorIdentifier.released_at).is_(None),
            sa.tuple_(col(RegulatorIdentifier.system), col(RegulatorIdentifier.value)).in_(wanted),
        )
        .values(released_at=sa.func.greatest(col(RegulatorIdentifier.held_from), now))
    )


def give(
    session: Session, account_id: UUID, identifiers: Iterable[PlatformIdentifier], now: datetime
) -> None:
    """Give identifiers to a regulator, in their order. Raises `IdentifierHeld` when one is not free."""
    with refusing({"uq_regulator_identifier__held": IdentifierHeld}):
        for one in identifiers:
            session.add(
                RegulatorIdentifier(account_id=account_id, system=one.system, value=one.value, held_from=now)
            )
            session.flush()


def is_regulator(session: Session, account_id: UUID) -> bool:
    """Tell whether the national platform manages this account."""
    return session.get(Regulator, account_id) is not None


def running_visit(
    session: Session, token_hash: bytes, now: datetime
) -> tuple[PageSession, Account, Regulator, RegulatorIdentifier] | None:
    """Return a running session that came through the platform; none once its identifier was taken away."""
    statement = (
        select(PageSession, Account, Regulator, RegulatorIdentifier)
        .join(Account, col(PageSession.account_id) == col(Account.id))
        .join(Regulator, col(Regulator.account_id) == col(Account.id))
        .join(RegulatorIdentifier, col(RegulatorIdentifier.id) == col(PageSession.regulator_identifier_id))
        .where(
            col(PageSession.token_hash) == token_hash,
            col(PageSession.came_from_platform),
            col(PageSession.ended_at).is_(None),
            col(PageSession.expires_at) > now,
            col(Account.active),
            col(RegulatorIdentifier.released_at).is_(None),
            col(RegulatorIdentifier.account_id) == col(Account.id),
        )
    )
    return session.exec(statement).one_or_none()


def visitor_of(session: Session, token_hash: bytes) -> Account | None:
    """Return whose session of the platform a token was, running or over; none for a closed account."""
    statement = (
        select(Account)
        .join(PageSession, col(PageSession.account_id) == col(Account.id))
        .where(
            col(PageSession.token_hash) == token_hash,
            col(PageSession.came_from_platform),
            col(PageSession.ended_at).is_(None),
            col(Account.active),
        )
    )
    return session.exec(statement).one_or_none()


def _regulators() -> Select[Regulator, Account]:
    return select(Regulator, Account).join(Account, col(Account.id) == col(Regulator.account_id))
