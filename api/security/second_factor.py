"""The second factor of an account: enrol, verify, renew its recovery codes, take away. Never commits.

The secret is sealed at rest; a code is accepted once; a recovery code too. Wrong codes count with wrong
passwords, and close the same door.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pyotp
from sqlmodel import Session

from api.security import factor_rows as rows
from api.security import repository, rules, tokens, totp_rules
from api.security.actors import check_may_administer
from api.security.tables import Account, RecoveryCode, TotpSecret
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.audit import AuditAction
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log


@dataclass(frozen=True, slots=True)
class FactorView:
    """What an account may be told of its second factor."""

    enrolled_at: datetime
    codes_left: int


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """Codes on the day they are made: the only time that they are handed out."""

    texts: tuple[str, ...] = field(repr=False)


def new_secret() -> str:
    """Return a fresh secret, base32, 160 bits (RFC 4226 §4, R6)."""
    return pyotp.random_base32(32)


def find_factor(session: Session, account_id: UUID) -> FactorView | None:
    """Return what is known of an account's second factor; None while it has none."""
    found = rows.totp_of(session, account_id)
    return None if found is None else FactorView(found.enrolled_at, rows.codes_left(session, account_id))


def enrol(
    session: Session, account_id: UUID, secret: str, typed: str, *, keys: Keys, at: datetime, now: datetime
) -> RecoveryCodes | None:
    """Keep a secret whose first code was typed, and hand out recovery codes; None when the code is wrong.

    `at` is the time that telephones tell. An earlier factor is replaced; other sessions are the caller's
    to end.
    """
    step = totp_rules.accepted_step(secret, typed, now=at, last_step=0)
    if step is None:
        return None
    rows.forget_factor(session, account_id)
    sealed = keys.cipher().seal(secret.encode(), context=_context(account_id))
    rows.add(session, TotpSecret(account_id=account_id, secret=sealed, last_step=step, enrolled_at=now))
    log(Event.SECOND_FACTOR_SET, account_id=account_id)
    return _new_codes(session, account_id, now=now)


def renew_codes(session: Session, account_id: UUID, *, now: datetime) -> RecoveryCodes:
    """Replace the recovery codes of an account; the old ones open nothing any more."""
    return _new_codes(session, account_id, now=now)


def proves(
    session: Session, account: Account, typed: str, *, keys: Keys, at: datetime, now: datetime
) -> bool:
    """Tell whether a code or a recovery code proves the account, and use it up. The account is locked."""
    found = rows.totp_of(session, account.id, lock=True)
    if found is None:
        return False
    if (code := totp_rules.recovery_code(typed)) is not None:
        return rows.use_code(session, account.id, tokens.digest(code), now)
    cipher, context = keys.cipher(), _context(account.id)
    secret = cipher.open(found.secret, context=context).decode()
    step = totp_rules.accepted_step(secret, typed, now=at, last_step=found.last_step)
    if step is None:
        return False
    found.last_step = step
    found.secret = cipher.reseal(found.secret, context=context)
    return True


def prove_again(
    session: Session, account_id: UUID, typed: str, *, keys: Keys, at: datetime, now: datetime
) -> bool | None:
    """Tell whether somebody signed in proves his factor again; None while his door is closed.

    A wrong code counts like one at the door: commit either way.
    """
    account = repository.account_by_id(session, account_id, lock=True)
    if account.locked_until is not None and account.locked_until > now:
        return None
    if proves(session, account, typed, keys=keys, at=at, now=now):
        account.failed_sign_ins, account.locked_until = 0, None
        return True
    return None if count_failure(account, now) else False


def remove_own(session: Session, account_id: UUID) -> None:
    """Let somebody go without a second factor, where his role may."""
    rows.forget_factor(session, account_id)
    log(Event.SECOND_FACTOR_RESET, account_id=account_id)


def reset(session: Session, account_id: UUID, *, by: Actor, now: datetime) -> bool:
    """Take away a lost second factor, end the account's sessions, and say so in the journal.

    Tell whether there was one. Raises `NotFound`, `OutOfReach`.
    """
    account = repository.account_by_id(session, account_id, lock=True)
    check_may_administer(by, account.role, account.territory_ids)
    had_one = rows.forget_factor(session, account_id)
    account.failed_sign_ins, account.locked_until = 0, None
    account.version += 1
    repository.end_sessions(session, now=now, account_id=account_id)
    audit.record(
        session,
        at=now,
        actor=by,
        action=AuditAction.CHANGE,
        resource="account",
        resource_id=account_id,
        why="second facteur remis à zéro",
    )
    log(Event.SECOND_FACTOR_RESET, account_id=account_id, actor=by.ident)
    return had_one


def reseal_factors(
    session: Session, *, after: UUID | None, limit: int, keys: Keys, by: Actor, now: datetime
) -> UUID | None:
    """Bring a batch of secrets under the current key; where the next batch begins, None at the end."""
    del by, now  # nobody reads a secret by this: the journal has nothing to tell
    cipher = keys.cipher()
    found = rows.totp_secrets(session, after=after, limit=limit)
    for one in found:
        one.secret = cipher.reseal(one.secret, context=_context(one.account_id))
    return found[-1].account_id if len(found) == limit else None


def count_failure(account: Account, now: datetime) -> datetime | None:
    """Count one wrong password or code; until when the door stays closed, if it does."""
    account.failed_sign_ins += 1
    account.locked_until = rules.lock_after(account.failed_sign_ins, now)
    return account.locked_until


def _new_codes(session: Session, account_id: UUID, *, now: datetime) -> RecoveryCodes:
    """Replace the codes: 80 random bits each, so that a plain hash is enough at rest."""
    rows.forget_codes(session, account_id)
    codes = [_random_code() for _ in range(totp_rules.RECOVERY_CODES)]
    for code in codes:
        rows.add(
            session,
            RecoveryCode(account_id=account_id, code_hash=tokens.digest(code), created_at=now),
        )
    return RecoveryCodes(tuple("-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes))


def _random_code() -> str:
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()


def _context(account_id: UUID) -> str:
    return f"account.totp:{account_id}"
