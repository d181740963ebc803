"""Accounts: create, find, list, change what proves them, open and close. Never commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.security import passwords, regulator_rows, repository, rules, second_factor, tokens
from api.security.actors import check_may_administer
from api.security.errors import ManagedByPlatform
from api.security.facts import AccountView, NewAccount, PasswordFault
from api.security.tables import Account
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log


def create_account(session: Session, new: NewAccount, *, by: Actor, now: datetime) -> AccountView:
    """Create an account. Raises `LoginTaken`, `InvalidValue`, `OutOfReach`."""
    rules.check_standing(
        new.role,
        territory_ids=new.territory_ids,
        organisation_id=new.organisation_id,
        practitioner_id=new.practitioner_id,
        is_key=False,
    )
    check_may_administer(by, new.role, new.territory_ids)
    if new.password is not None:
        rules.check_password(new.password)
    account = Account(
        login=rules.normalise_login(new.login),
        password_hash=passwords.hash_password(new.password) if new.password is not None else None,
        display_name=new.display_name.strip(),
        role=new.role,
        organisation_id=new.organisation_id,
        practitioner_id=new.practitioner_id,
        territory_ids=sorted(set(new.territory_ids)),
        created_at=now,
    )
    repository.add_account(session, account)
    return view_of(account)


def find_account(session: Session, login: str) -> AccountView | None:
    """Return the account of a login, if there is one."""
    account = repository.account_by_login(session, login.strip().lower())
    return view_of(account) if account else None


def get_account(session: Session, account_id: UUID) -> AccountView:
    """Return an account. Raises `NotFound`."""
    return view_of(repository.account_by_id(session, account_id))


def accounts_named(session: Session, ids: Collection[UUID]) -> list[AccountView]:
    """Return the accounts of these ids: whom lines of the journal name."""
    return [view_of(account) for account in repository.accounts_by_id(session, ids)]


def list_accounts(session: Session, *, by: Actor) -> list[AccountView]:
    """Return the accounts that the actor may administer, by login."""
    return [
        view_of(account)
        for account in repository.accounts(session)
        if not by.territories or by.territories & set(account.territory_ids)
    ]


def set_password(session: Session, account_id: UUID, password: str, *, by: Actor, now: datetime) -> None:
    """Give an account a new password, lift its lock and end its sessions. Raises `ManagedByPlatform`."""
    rules.check_password(password)
    if regulator_rows.is_regulator(session, account_id):
        raise ManagedByPlatform
    account = repository.account_by_id(session, account_id, lock=True)
    if by.ident != f"account:{account.id}":
        check_may_administer(by, account.role, account.territory_ids)
    account.password_hash = passwords.hash_password(password)
    account.failed_sign_ins, account.locked_until = 0, None
    account.version += 1
    repository.end_sessions(session, now=now, account_id=account.id)


def has_password(session: Session, account_id: UUID) -> bool:
    """Tell whether an account may sign in by a password; one that a provider's word opened has none."""
    return repository.account_by_id(session, account_id).password_hash is not None


def change_own_password(
    session: Session, account_id: UUID, current: str, wanted: str, *, token: str, now: datetime
) -> PasswordFault | None:
    """Let somebody change his own password: his other sessions end. Return why not; commit either way.

    A wrong current password counts like one at the door. Raises `InvalidValue` for a new one too short.
    """
    account = repository.account_by_id(session, account_id, lock=True)
    if account.locked_until is not None and account.locked_until > now:
        return PasswordFault.LOCKED
    right, _ = passwords.verify_password(current, account.password_hash)
    if not right:
        locked = second_factor.count_failure(account, now)
        return PasswordFault.LOCKED if locked else PasswordFault.WRONG
    if wanted == current:
        return PasswordFault.SAME
    rules.check_password(wanted)
    account.password_hash = passwords.hash_password(wanted)
    account.failed_sign_ins, account.locked_until = 0, None
    account.version += 1
    repository.end_other_sessions(session, account_id=account.id, kept=tokens.digest(token), now=now)
    log(Event.PASSWORD_CHANGED, account_id=account.id)
    return None


def set_active(session: Session, account_id: UUID, active: bool, *, by: Actor, now: datetime) -> None:
    """Open or close an account; closing ends its sessions."""
    account = repository.account_by_id(session, account_id, lock=True)
    check_may_administer(by, account.role, account.territory_ids)
    account.active = active
    account.version += 1
    if not active:
        repository.end_sessions(session, now=now, account_id=account.id)


def view_of(account: Account) -> AccountView:
    """Return an account without what proves it."""
    return AccountView(
        id=account.id,
        login=account.login,
        display_name=account.display_name,
        role=account.role,
        territory_ids=tuple(account.territory_ids),
        organisation_id=account.organisation_id,
        practitioner_id=account.practitioner_id,
        active=account.active,
        locked_until=account.locked_until,
        version=account.version,
    )
