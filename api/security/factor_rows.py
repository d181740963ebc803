"""Every statement on second factors, recovery codes, delegated identities and orders to sign out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, SQLModel, col, select

from api.security.tables import (
    Account,
    DetachedProvider,
    FederatedIdentity,
    LogoutToken,
    PageSession,
    RecoveryCode,
    TotpSecret,
)
from snp.platform.actors import Role
from snp.platform.columns import new_id


def add(session: Session, row: SQLModel) -> None:
    """Insert a row."""
    session.add(row)
    session.flush()


def totp_of(session: Session, account_id: UUID, *, lock: bool = False) -> TotpSecret | None:
    """Return the second factor of an account, locked to be used up where asked."""
    return session.get(TotpSecret, account_id, with_for_update=True if lock else None, populate_existing=lock)


def totp_secrets(session: Session, *, after: UUID | None, limit: int) -> list[TotpSecret]:
    """Return second factors by account, locked, for another key to seal."""
    statement = select(TotpSecret).order_by(col(TotpSecret.account_id)).limit(limit).with_for_update()
    if after is not None:
        statement = statement.where(col(TotpSecret.account_id) > after)
    return list(session.exec(statement).all())


def forget_factor(session: Session, account_id: UUID) -> bool:
    """Forget a second factor and its recovery codes; tell whether there was one."""
    forget_codes(session, account_id)
    found = totp_of(session, account_id, lock=True)
    if found is None:
        return False
    session.delete(found)
    session.flush()
    return True


def forget_codes(session: Session, account_id: UUID) -> None:
    """Forget the recovery codes of an account."""
    session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))


def codes_left(session: Session, account_id: UUID) -> int:
    """Count the recovery codes that were not used."""
    statement = sa.select(sa.func.count()).where(
        col(RecoveryCode.account_id) == account_id, col(RecoveryCode.used_at).is_(None)
    )
    return int(session.execute(statement).scalar_one())


def use_code(session: Session, account_id: UUID, code_hash: bytes, now: datetime) -> bool:
    """Use up a recovery code; tell whether there was one to use."""
    statement = (
        sa.update(RecoveryCode)
        .where(
            col(RecoveryCode.account_id) == account_id,
            col(RecoveryCode.code_hash) == code_hash,
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=now)
        .returning(col(RecoveryCode.id))
    )
    return session.execute(statement).scalar_one_or_none() is not None


def identity_of(session: Session, issuer: str, subject: str) -> FederatedIdentity | None:
    """Return whose account a provider's subject is."""
    statement = select(FederatedIdentity).where(
        col(FederatedIdentity.issuer) == issuer, col(FederatedIdentity.subject) == subject
    )
    return session.exec(statement).one_or_none()


def identity_at(session: Session, account_id: UUID, issuer: str) -> FederatedIdentity | None:
    """Return who an account is at a provider."""
    statement = select(FederatedIdentity).where(
        col(FederatedIdentity.account_id) == account_id, col(FederatedIdentity.issuer) == issuer
    )
    return session.exec(statement).one_or_none()


def identities_of(session: Session, account_id: UUID) -> list[FederatedIdentity]:
    """Return the providers' identities of an account, the oldest first."""
    statement = (
        select(FederatedIdentity)
        .where(col(FederatedIdentity.account_id) == account_id)
        .order_by(col(FederatedIdentity.linked_at), col(FederatedIdentity.id))
    )
    return list(session.exec(statement).all())


def insert_identity(session: Session, account_id: UUID, issuer: str, subject: str, now: datetime) -> bool:
    """Bind an identity to an account; False when somebody else was faster."""
    statement = (
        insert(FederatedIdentity)
        .values(id=new_id(), account_id=account_id, issuer=issuer, subject=subject, linked_at=now)
        .on_conflict_do_nothing()
        .returning(col(FederatedIdentity.id))
    )
    return session.execute(statement).scalar_one_or_none() is not None


def delete(session: Session, row: SQLModel) -> None:
    """Delete a row."""
    session.delete(row)
    session.flush()


def is_detached(session: Session, account_id: UUID, issuer: str) -> bool:
    """Tell whether the owner of an account detached a provider."""
    return session.get(DetachedProvider, (account_id, issuer)) is not None


def forget_detached(session: Session, account_id: UUID, issuer: str) -> None:
    """Forget that a provider was detached: it is attached again."""
    session.execute(
        sa.delete(DetachedProvider).where(
            col(DetachedProvider.account_id) == account_id, col(DetachedProvider.issuer) == issuer
        )
    )


def practitioners_account(session: Session, practitioner_id: UUID) -> Account | None:
    """Return the account of a practitioner himself, the open one first; None while he has none."""
    statement = (
        select(Account)
        .where(col(Account.practitioner_id) == practitioner_id, col(Account.role) == Role.PRACTITIONER)
        .order_by(col(Account.active).desc(), col(Account.id))
        .limit(1)
    )
    return session.exec(statement).one_or_none()


def remember_logout(session: Session, token_hash: bytes, expires_at: datetime) -> bool:
    """Remember an order to sign out; tell whether it is the first time that it comes."""
    statement = (
        insert(LogoutToken)
        .values(token_hash=token_hash, expires_at=expires_at)
        .on_conflict_do_nothing()
        .returning(col(LogoutToken.token_hash))
    )
    return session.execute(statement).scalar_one_or_none() is not None


def end_delegated_sessions(
    session: Session, *, issuer: str, subject: str | None, sid: str | None, now: datetime
) -> int:
    """End the sessions that a provider's word opened: one of its own sessions, or all of a subject."""
    named = [col(PageSession.sso_subject) == subject] if subject is not None else []
    if sid is not None:
        named.append(col(PageSession.sso_sid) == sid)
    assert named
    statement = (
        sa.update(PageSession)
        .where(col(PageSession.sso_issuer) == issuer, *named, col(PageSession.ended_at).is_(None))
        .values(ended_at=now)
        .returning(col(PageSession.id))
    )
    return len(session.execute(statement).all())


def end_sessions_by(session: Session, account_id: UUID, *, issuer: str, kept: bytes, now: datetime) -> None:
    """End the sessions of an account that a provider's word opened, but that of a token's hash."""
    statement = sa.update(PageSession).where(
        col(PageSession.account_id) == account_id,
        col(PageSession.sso_issuer) == issuer,
        col(PageSession.token_hash) != kept,
        col(PageSession.ended_at).is_(None),
    )
    session.execute(statement.values(ended_at=now))


def forget_old_logouts(session: Session, before: datetime) -> int:
    """Forget the orders that are too old to be sent again."""
    statement = sa.delete(LogoutToken).where(col(LogoutToken.expires_at) < before)
    return len(session.execute(statement.returning(col(LogoutToken.token_hash))).all())
