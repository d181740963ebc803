"""Sessions that came through the national platform: open one, resume it, accept the terms. Never commits.

They are good for the platform's pages only, and ordinary sessions are not: the right to book as a regulator
of the platform exists in these alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from api.security import regulator_rows as rows
from api.security import repository, tokens
from api.security.accounts import view_of
from api.security.errors import NoRegulatorAccount
from api.security.facts import PlatformIdentifier, PlatformVisit, SignedIn
from api.security.tables import Account, PageSession
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log


def open_platform_session(
    session: Session,
    identifier: PlatformIdentifier,
    *,
    subject: str,
    now: datetime,
    lifetime: timedelta,
) -> SignedIn:
    """Open a session for who the platform's sign-in named; a fresh one each time.

    Raises `NoRegulatorAccount` when no active account holds the identifier.
    """
    found = rows.holders(session, [identifier]).get(identifier)
    if found is None or not found[1].active:
        raise NoRegulatorAccount
    regulator, account = found
    regulator.sso_subject = subject
    held = next(
        one
        for one in rows.held_by(session, account.id)
        if PlatformIdentifier(one.system, one.value) == identifier
    )
    token = tokens.new_token()
    page_session = PageSession(
        token_hash=tokens.digest(token),
        account_id=account.id,
        came_from_platform=True,
        regulator_identifier_id=held.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + lifetime,
    )
    repository.add_session(session, page_session)
    log(Event.SIGN_IN_ACCEPTED, account_id=account.id, kind="sas")
    return _signed_in(token, account, page_session)


def resume_platform_session(session: Session, token: str, *, now: datetime) -> PlatformVisit | None:
    """Return the visit of a token; None when it is over, or its account or identifier no longer stands."""
    found = rows.running_visit(session, tokens.digest(token), now)
    if found is None:
        return None
    page_session, account, regulator, held = found
    repository.touch_session(session, page_session.id, now)
    return PlatformVisit(
        signed_in=_signed_in(token, account, page_session),
        identifier=PlatformIdentifier(held.system, held.value),
        terms_version=regulator.terms_version,
    )


def visitor_of_platform(session: Session, token: str) -> Actor | None:
    """Return who a session belonged to whose time is over, to keep what he typed; it gives no right."""
    account = rows.visitor_of(session, tokens.digest(token))
    return None if account is None else _actor(account)


def accept_terms(session: Session, account_id: UUID, version: str, *, now: datetime) -> None:
    """Record that a regulator accepted a version of the terms of use; his first acceptance of it stands."""
    found = rows.regulator_by_id(session, account_id)
    if found is None:
        raise NoRegulatorAccount
    regulator, _ = found
    if regulator.terms_version != version:
        regulator.terms_version, regulator.terms_accepted_at = version, now


def _signed_in(token: str, account: Account, page_session: PageSession) -> SignedIn:
    """Return who acts: a regulator of no territory of his own; a page names the one of the slot he books."""
    return SignedIn(
        token=token,
        actor=_actor(account),
        account=view_of(account),
        expires_at=page_session.expires_at,
    )


def _actor(account: Account) -> Actor:
    return Actor(ident=f"account:{account.id}", role=account.role, from_platform=True)
