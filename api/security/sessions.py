"""Page sessions: sign in, resume, rotate, choose whose agenda, sign out. Never commits.

A refused sign-in is a value: the count of failures must survive the answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from api.security import passwords, repository, rules, tokens
from api.security.accounts import view_of
from api.security.actors import actor_of_account
from api.security.facts import SignedIn, SignInFault, SignInRefused
from api.security.tables import Account, PageSession
from snp.errors import NotFound

_WRONG = "Identifiant ou mot de passe incorrect."
_INACTIVE = "Ce compte est fermé. Adressez-vous au coordinateur de votre CPTS."
_LOCKED = "Trop d’essais : réessayez dans {minutes} min."


def sign_in(
    session: Session, login: str, password: str, *, now: datetime, lifetime: timedelta
) -> SignedIn | SignInRefused:
    """Verify a password and open a page session. A refusal is a value: commit either way.

    A closed account is told so only to who knows its password.
    """
    account = repository.account_by_login(session, login.strip().lower(), lock=True)
    if account is not None and account.locked_until is not None and account.locked_until > now:
        return _locked(account.locked_until, now)
    right, renewed = passwords.verify_password(password, account.password_hash if account else None)
    if account is None:
        return SignInRefused(SignInFault.WRONG, _WRONG)
    if not right:
        return _failed(account, now)
    if not account.active:
        return SignInRefused(SignInFault.INACTIVE, _INACTIVE)
    account.failed_sign_ins, account.locked_until = 0, None
    account.password_hash = renewed or account.password_hash
    return _open(session, account, expires_at=now + lifetime, now=now)


def resume(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Return the open session of a cookie's token; None when it is over or its account closed."""
    found = repository.running_session(session, tokens.digest(token), now)
    if found is None:
        return None
    page_session, account = found
    repository.touch_session(session, page_session.id, now)
    return _signed_in(session, token, page_session, account, now=now)


def rotate(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Give an open session a fresh token; the old one stops at once."""
    found = repository.running_session(session, tokens.digest(token), now)
    if found is None:
        return None
    page_session, account = found
    fresh = tokens.new_token()
    page_session.token_hash = tokens.digest(fresh)
    page_session.last_seen_at = now
    return _signed_in(session, fresh, page_session, account, now=now)


def act_for(session: Session, token: str, practitioner_id: UUID, *, now: datetime) -> SignedIn:
    """Let a delegate choose whose agenda he acts on. Raises `NotFound` without a running delegation."""
    found = repository.running_session(session, tokens.digest(token), now)
    if found is None:
        raise NotFound("session")
    page_session, account = found
    delegations = repository.running_delegations(session, account_id=account.id)
    if practitioner_id not in {delegation.practitioner_id for delegation in delegations}:
        raise NotFound("délégation", practitioner_id)
    page_session.practitioner_id = practitioner_id
    return _signed_in(session, token, page_session, account, now=now)


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End a page session; an unknown token is no fault."""
    repository.end_sessions(session, now=now, token_hash=tokens.digest(token))


def prune_sessions(session: Session, *, before: datetime) -> int:
    """Forget the page sessions that were over before an instant; return how many."""
    return repository.delete_dead_sessions(session, before)


def _failed(account: Account, now: datetime) -> SignInRefused:
    account.failed_sign_ins += 1
    account.locked_until = rules.lock_after(account.failed_sign_ins, now)
    if account.locked_until is not None:
        return _locked(account.locked_until, now)
    return SignInRefused(SignInFault.WRONG, _WRONG)


def _locked(until: datetime, now: datetime) -> SignInRefused:
    minutes = -(-int((until - now).total_seconds()) // 60)
    return SignInRefused(SignInFault.LOCKED, _LOCKED.format(minutes=max(minutes, 1)), until)


def _open(session: Session, account: Account, *, expires_at: datetime, now: datetime) -> SignedIn:
    token = tokens.new_token()
    page_session = PageSession(
        token_hash=tokens.digest(token),
        account_id=account.id,
        created_at=now,
        last_seen_at=now,
        expires_at=expires_at,
    )
    repository.add_session(session, page_session)
    return _signed_in(session, token, page_session, account, now=now)


def _signed_in(
    session: Session, token: str, page_session: PageSession, account: Account, *, now: datetime
) -> SignedIn:
    return SignedIn(
        token=token,
        actor=actor_of_account(session, account, page_session.practitioner_id, now=now),
        account=view_of(account),
        expires_at=page_session.expires_at,
    )
