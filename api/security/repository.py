"""Every statement on accounts, keys, page sessions and delegations. Decides nothing, commits nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from api.security.errors import LoginTaken
from api.security.tables import AccessToken, Account, ApiKey, Delegation, MagicLink, PageSession
from snp.errors import NotFound
from snp.platform.db import refusing
from snp.platform.fixed import Fixed, a_text

SEEN_EVERY: Final = timedelta(minutes=1)
"""How coarse the « last seen » instants are: one write a minute, not one a request."""


_K: Final[sa.Table] = ApiKey.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_KEY_BY_PREFIX: Final = Fixed(sa.select(_K).where(_K.c.prefix == a_text("prefix")))


def add_account(session: Session, account: Account) -> None:
    """Insert an account. Raises `LoginTaken`."""
    with refusing({"uq_account__login": lambda: LoginTaken(account.login)}), session.begin_nested():
        session.add(account)
        session.flush()


def account_by_login(session: Session, login: str, *, lock: bool = False) -> Account | None:
    """Return the account of a login, locked for a sign-in where asked."""
    statement = select(Account).where(col(Account.login) == login)
    return session.exec(statement.with_for_update() if lock else statement).one_or_none()


def account_by_id(session: Session, account_id: UUID, *, lock: bool = False) -> Account:
    """Return an account. Raises `NotFound`."""
    account = session.get(Account, account_id, with_for_update=True if lock else None)
    if account is None:
        raise NotFound("compte", account_id)
    return account


def accounts_by_id(session: Session, ids: Collection[UUID]) -> Sequence[Account]:
    """The accounts of these ids, those that exist."""
    return session.exec(select(Account).where(col(Account.id).in_(list(ids)))).all()


def accounts(session: Session) -> Sequence[Account]:
    """Return every account, by login."""
    return session.exec(select(Account).order_by(col(Account.login))).all()


def add_key(session: Session, key: ApiKey) -> None:
    """Insert a key."""
    session.add(key)
    session.flush()


def key_by_prefix(session: Session, prefix: str) -> sa.Row[Any] | None:
    """Return the row of a key by its prefix, revoked or not; asked by every call of a piece of software."""
    found: sa.Row[Any] | None = _KEY_BY_PREFIX.run(session, prefix=prefix).one_or_none()
    return found


def key_by_id(session: Session, key_id: UUID) -> ApiKey:
    """Return a key, locked. Raises `NotFound`."""
    key = session.get(ApiKey, key_id, with_for_update=True)
    if key is None:
        raise NotFound("clé", key_id)
    return key


def keys(session: Session) -> Sequence[ApiKey]:
    """Return every key, newest first."""
    return session.exec(select(ApiKey).order_by(col(ApiKey.id).desc())).all()


def touch_key(session: Session, key_id: UUID, now: datetime) -> None:
    """Note that a key was used, at most once a minute, and never wait for another request doing the same."""
    unseen = sa.or_(col(ApiKey.last_used_at).is_(None), col(ApiKey.last_used_at) < now - SEEN_EVERY)
    stale = sa.select(col(ApiKey.id)).where(col(ApiKey.id) == key_id, unseen)
    _update_unlocked(session, sa.update(ApiKey).values(last_used_at=now), col(ApiKey.id), stale)


def touch_session(session: Session, session_id: UUID, now: datetime) -> None:
    """Note that a page session was seen, under the same terms as a key."""
    stale = sa.select(col(PageSession.id)).where(
        col(PageSession.id) == session_id, col(PageSession.last_seen_at) < now - SEEN_EVERY
    )
    _update_unlocked(session, sa.update(PageSession).values(last_seen_at=now), col(PageSession.id), stale)


def _update_unlocked(session: Session, update: sa.Update, key: Mapped[UUID], rows: sa.Select[UUID]) -> None:
    free = rows.with_for_update(skip_locked=True)
    session.execute(update.where(key.in_(free)), execution_options={"synchronize_session": False})


def add_session(session: Session, page_session: PageSession) -> None:
    """Insert a page session."""
    session.add(page_session)
    session.flush()


def running_session(session: Session, token_hash: bytes, now: datetime) -> tuple[PageSession, Account] | None:
    """Return an ordinary session that is neither ended, expired nor idle, with its open account."""
    statement = (
        select(PageSession, Account)
        .join(Account, col(PageSession.account_id) == col(Account.id))
        .where(
            col(PageSession.token_hash) == token_hash,
            ~col(PageSession.came_from_platform),
            col(PageSession.ended_at).is_(None),
            col(PageSession.expires_at) > now,
            _is_in_use(now),
            col(Account.active),
        )
    )
    return session.exec(statement).one_or_none()


def running_sessions(session: Session, account_id: UUID, now: datetime) -> Sequence[PageSession]:
    """Return the open sessions of an account, the last seen first."""
    statement = (
        select(PageSession)
        .where(
            col(PageSession.account_id) == account_id,
            col(PageSession.ended_at).is_(None),
            col(PageSession.expires_at) > now,
            _is_in_use(now),
        )
        .order_by(col(PageSession.last_seen_at).desc(), col(PageSession.id))
    )
    return session.exec(statement).all()


def end_one_session(session: Session, session_id: UUID, *, account_id: UUID, now: datetime) -> bool:
    """End one open session of an account; tell whether there was one."""
    statement = (
        sa.update(PageSession)
        .where(
            col(PageSession.id) == session_id,
            col(PageSession.account_id) == account_id,
            col(PageSession.ended_at).is_(None),
        )
        .values(ended_at=now)
        .returning(col(PageSession.id))
    )
    return session.execute(statement).scalar_one_or_none() is not None


def end_other_sessions(session: Session, *, account_id: UUID, kept: bytes, now: datetime) -> int:
    """End all sessions of an account but that of a token's hash; return how many."""
    statement = (
        sa.update(PageSession)
        .where(
            col(PageSession.account_id) == account_id,
            col(PageSession.token_hash) != kept,
            col(PageSession.ended_at).is_(None),
        )
        .values(ended_at=now)
        .returning(col(PageSession.id))
    )
    return len(session.execute(statement).all())


def _is_in_use(now: datetime) -> sa.ColumnElement[bool]:
    """A session lasts while it was seen within its idle minutes; one without any lasts anyhow."""
    idle = sa.func.make_interval(0, 0, 0, 0, 0, col(PageSession.idle_minutes))
    return sa.or_(
        col(PageSession.idle_minutes).is_(None), col(PageSession.last_seen_at) + idle > sa.literal(now)
    )


def add_access_token(session: Session, token: AccessToken) -> None:
    """Insert an access token."""
    session.add(token)
    session.flush()


def key_of_token(session: Session, token_hash: bytes, now: datetime) -> sa.Row[Any] | None:
    """Return the row of the key behind a token that has not expired; `granted`: its narrower scopes."""
    statement = (
        sa.select(_K, col(AccessToken.scopes).label("granted"))
        .join(AccessToken, col(AccessToken.key_id) == _K.c.id)
        .where(col(AccessToken.token_hash) == token_hash, col(AccessToken.expires_at) > now)
    )
    return session.execute(statement).one_or_none()


def delete_dead_tokens(session: Session, before: datetime) -> int:
    """Forget access tokens that expired before an instant."""
    dead = sa.delete(AccessToken).where(col(AccessToken.expires_at) < before)
    return session.execute(dead).rowcount  # type: ignore[attr-defined,no-any-return]


def end_sessions(
    session: Session, *, now: datetime, token_hash: bytes | None = None, account_id: UUID | None = None
) -> None:
    """End the session of a token, or all of an account."""
    assert (token_hash is None) != (account_id is None)
    which = (
        col(PageSession.token_hash) == token_hash
        if token_hash is not None
        else col(PageSession.account_id) == account_id
    )
    session.execute(
        sa.update(PageSession).where(which, col(PageSession.ended_at).is_(None)).values(ended_at=now)
    )


def delete_dead_sessions(session: Session, before: datetime) -> int:
    """Forget sessions that ended or expired before an instant."""
    dead = sa.or_(col(PageSession.ended_at) < before, col(PageSession.expires_at) < before)
    return session.execute(sa.delete(PageSession).where(dead)).rowcount  # type: ignore[attr-defined,no-any-return]


def add_link(session: Session, link: MagicLink) -> None:
    """Insert a magic link."""
    session.add(link)
    session.flush()


def link_by_hash(session: Session, secret_hash: bytes, *, lock: bool) -> MagicLink | None:
    """Return the magic link of a secret's hash, locked for its use where asked."""
    statement = select(MagicLink).where(col(MagicLink.secret_hash) == secret_hash)
    return session.exec(statement.with_for_update() if lock else statement).one_or_none()


def links_of(session: Session, practitioner_id: UUID, limit: int) -> Sequence[MagicLink]:
    """Return the magic links of a practitioner, newest first."""
    statement = select(MagicLink).where(col(MagicLink.practitioner_id) == practitioner_id)
    return session.exec(statement.order_by(col(MagicLink.id).desc()).limit(limit)).all()


def link_by_id(session: Session, link_id: UUID) -> MagicLink:
    """Return a magic link, locked. Raises `NotFound`."""
    link = session.get(MagicLink, link_id, with_for_update=True)
    if link is None:
        raise NotFound("lien", link_id)
    return link


def add_delegation(session: Session, delegation: Delegation) -> None:
    """Insert a delegation."""
    session.add(delegation)
    session.flush()


def delegation_by_id(session: Session, delegation_id: UUID) -> Delegation:
    """Return a delegation, locked. Raises `NotFound`."""
    delegation = session.get(Delegation, delegation_id, with_for_update=True)
    if delegation is None:
        raise NotFound("délégation", delegation_id)
    return delegation


def running_delegations(
    session: Session, *, practitioner_id: UUID | None = None, account_id: UUID | None = None
) -> Sequence[Delegation]:
    """Return the delegations not taken back, oldest first."""
    statement = select(Delegation).where(col(Delegation.revoked_at).is_(None)).order_by(col(Delegation.id))
    if practitioner_id is not None:
        statement = statement.where(col(Delegation.practitioner_id) == practitioner_id)
    if account_id is not None:
        statement = statement.where(col(Delegation.account_id) == account_id)
    return session.exec(statement).all()
