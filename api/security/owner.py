"""Who is signed in proves again, now, that he is the owner of his account: before it opens by another way.

Never commits. A wrong password or code counts like one at the door: commit either way.
Source: OWASP ASVS 4.0.3 §3.7.1 (full sign-in again before a sensitive change of the account).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.security import passwords, repository, second_factor, tokens
from api.security.facts import OwnerFault
from api.security.second_factor import count_failure
from api.security.tables import Account
from snp.platform.keys import Keys

FRESH: Final = timedelta(minutes=10)
"""How long ago somebody with neither password nor code may have signed in by his provider."""


def prove_owner(
    session: Session,
    account_id: UUID,
    *,
    password: str,
    code: str,
    token: str,
    keys: Keys,
    at: datetime,
    now: datetime,
) -> OwnerFault | None:
    """Return why somebody signed in does not prove his account again; None when he does.

    What he has is asked for: his password, and the code of his second factor (`at` is the time that
    telephones tell). Who has neither must have signed in a moment ago (`FRESH`).
    """
    account = repository.account_by_id(session, account_id, lock=True)
    if account.locked_until is not None and account.locked_until > now:
        return OwnerFault.LOCKED
    held = account.password_hash
    if held is not None and not passwords.verify_password(password, held)[0]:
        return _counted(account, OwnerFault.PASSWORD, now)
    if second_factor.find_factor(session, account_id) is not None:
        if not second_factor.proves(session, account, code, keys=keys, at=at, now=now):
            return _counted(account, OwnerFault.CODE, now)
    elif held is None and not _has_just_come(session, token, now):
        return OwnerFault.NOT_FRESH
    account.failed_sign_ins, account.locked_until = 0, None
    return None


def _has_just_come(session: Session, token: str, now: datetime) -> bool:
    found = repository.running_session(session, tokens.digest(token), now)
    return found is not None and found[0].created_at >= now - FRESH


def _counted(account: Account, fault: OwnerFault, now: datetime) -> OwnerFault:
    return OwnerFault.LOCKED if count_failure(account, now) else fault
