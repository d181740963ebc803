"""Accounts, sign-in, page sessions, API keys and delegations: one public function per use case.

Never commits. A refused sign-in is a value: the count of failures must survive the answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from api.security.facts import (
    AccountView,
    DelegationView,
    IssuedKey,
    KeyView,
    NewAccount,
    NewKey,
    SignedIn,
    SignInRefused,
)
from snp.platform.actors import Actor


def create_account(session: Session, new: NewAccount, *, by: Actor, now: datetime) -> AccountView:
    """Create an account. Raises `LoginTaken`, `InvalidValue`."""
    raise NotImplementedError


def find_account(session: Session, login: str) -> AccountView | None:
    """Return the account of a login, if there is one."""
    raise NotImplementedError


def get_account(session: Session, account_id: UUID) -> AccountView:
    """Return an account. Raises `NotFound`."""
    raise NotImplementedError


def list_accounts(session: Session, *, by: Actor) -> list[AccountView]:
    """Return the accounts that the actor may administer, by login."""
    raise NotImplementedError


def set_password(session: Session, account_id: UUID, password: str, *, by: Actor, now: datetime) -> None:
    """Give an account a new password, lift its lock and end its sessions."""
    raise NotImplementedError


def set_active(session: Session, account_id: UUID, active: bool, *, by: Actor, now: datetime) -> None:
    """Open or close an account; closing ends its sessions."""
    raise NotImplementedError


def sign_in(
    session: Session, login: str, password: str, *, now: datetime, lifetime: timedelta
) -> SignedIn | SignInRefused:
    """Verify a password and open a page session. A refusal is a value: commit either way."""
    raise NotImplementedError


def resume(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Return the open session of a cookie's token; None when unknown, ended, expired or its account closed."""
    raise NotImplementedError


def rotate(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Give an open session a fresh token; the old one stops at once."""
    raise NotImplementedError


def act_for(session: Session, token: str, practitioner_id: UUID, *, now: datetime) -> SignedIn:
    """Let a delegate choose whose agenda he acts on. Raises `NotFound` without a running delegation."""
    raise NotImplementedError


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End a page session; an unknown token is no fault."""
    raise NotImplementedError


def create_key(session: Session, new: NewKey, *, by: Actor, now: datetime) -> IssuedKey:
    """Make an API key; its text is shown once and never kept. Raises `InvalidValue`."""
    raise NotImplementedError


def list_keys(session: Session, *, by: Actor) -> list[KeyView]:
    """Return the keys that the actor may administer, newest first."""
    raise NotImplementedError


def revoke_key(session: Session, key_id: UUID, *, by: Actor, now: datetime) -> KeyView:
    """Stop a key from now on; revoking twice changes nothing. Raises `NotFound`."""
    raise NotImplementedError


def actor_of_key(session: Session, text: str, *, now: datetime) -> Actor | None:
    """Return who a key speaks for; None when malformed, unknown, revoked or expired."""
    raise NotImplementedError


def grant_delegation(
    session: Session, *, account_id: UUID, practitioner_id: UUID, by: Actor, now: datetime
) -> DelegationView:
    """Let a delegate's account act on a practitioner's agenda."""
    raise NotImplementedError


def list_delegations(
    session: Session, *, practitioner_id: UUID | None = None, account_id: UUID | None = None
) -> list[DelegationView]:
    """Return the running delegations of a practitioner or of an account."""
    raise NotImplementedError


def revoke_delegation(session: Session, delegation_id: UUID, *, by: Actor, now: datetime) -> DelegationView:
    """Take a delegation back. Raises `NotFound`."""
    raise NotImplementedError
