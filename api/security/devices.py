"""The open sessions of one's own account: list them, end one, end all others. Never commits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.security import repository, tokens
from api.security.facts import DeviceView
from snp.errors import NotFound
from snp.platform.events import Event
from snp.platform.logs import log


def list_devices(session: Session, account_id: UUID, *, token: str, now: datetime) -> list[DeviceView]:
    """Return where an account is signed in, the last seen first; `token` tells which one is this one."""
    here = tokens.digest(token)
    return [
        DeviceView(
            id=one.id,
            browser=one.browser,
            created_at=one.created_at,
            last_seen_at=one.last_seen_at,
            expires_at=one.expires_at,
            by_provider=one.sso_issuer,
            is_this_one=one.token_hash == here,
        )
        for one in repository.running_sessions(session, account_id, now)
    ]


def end_device(session: Session, account_id: UUID, session_id: UUID, *, now: datetime) -> None:
    """End one of one's own sessions. Raises `NotFound` for anybody else's, or one that is over."""
    if not repository.end_one_session(session, session_id, account_id=account_id, now=now):
        raise NotFound("appareil", session_id)
    log(Event.SESSIONS_ENDED, account_id=account_id, count=1)


def end_other_devices(session: Session, account_id: UUID, *, token: str, now: datetime) -> int:
    """End all of one's own sessions but this one; return how many."""
    ended = repository.end_other_sessions(session, account_id=account_id, kept=tokens.digest(token), now=now)
    log(Event.SESSIONS_ENDED, account_id=account_id, count=ended)
    return ended
