"""Short-lived tokens for software: a key proves itself once, and a token speaks for it for a while.

Opaque, so that a revoked key ends its tokens at once; narrowed to scopes that the key has. Never commits.
Source: RFC 6749 §4.4 (client credentials) and §3.3 (scope).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from api.security import networks, repository, tokens
from api.security.actors import actor_of_api_key
from api.security.errors import InvalidClient, InvalidScope
from api.security.keys import is_running, proven_key
from api.security.tables import AccessToken
from snp.platform.actors import Actor

PREFIX: Final = "snpt_"
_TOKEN: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token on the day it is made: the only time that its `text` is known."""

    text: str = field(repr=False)
    scopes: tuple[str, ...]
    expires_in: timedelta


def issue_token(
    session: Session,
    client_id: str,
    client_secret: str,
    *,
    scopes: tuple[str, ...] | None,
    address: str | None,
    lifetime: timedelta,
    now: datetime,
) -> IssuedToken:
    """Exchange a key for a token: the client is the key's prefix, its secret the key's text or secret.

    `scopes` None asks for all that the key has. Raises `InvalidClient`, `InvalidScope`, `AddressNotAllowed`.
    """
    text = client_secret if client_secret.startswith("snp_") else f"snp_{client_id}_{client_secret}"
    parts = tokens.parse_key_text(text)
    key = proven_key(session, parts, now=now) if parts and parts.prefix == client_id else None
    if key is None:
        raise InvalidClient
    networks.check_address(address, key.allowed_networks)
    granted = tuple(key.scopes) if scopes is None else scopes
    if "*" not in key.scopes and not set(granted) <= set(key.scopes):
        raise InvalidScope
    ends = now + lifetime if key.expires_at is None else min(now + lifetime, key.expires_at)
    token = PREFIX + tokens.new_token()
    row = AccessToken(
        token_hash=tokens.digest(token),
        key_id=key.id,
        scopes=sorted(set(granted)),
        created_at=now,
        expires_at=ends,
    )
    repository.add_access_token(session, row)
    repository.touch_key(session, key.id, now)
    return IssuedToken(token, tuple(row.scopes), ends - now)


def actor_of_token(session: Session, text: str, *, now: datetime, address: str | None) -> Actor | None:
    """Return who a token speaks for; None when malformed, unknown, expired, or its key was stopped."""
    if not _TOKEN.fullmatch(text):
        return None
    key = repository.key_of_token(session, tokens.digest(text), now)
    if key is None or not is_running(key, now):
        return None
    networks.check_address(address, key.allowed_networks)
    return replace(actor_of_api_key(session, key, now=now), scopes=frozenset(key.granted))


def prune_tokens(session: Session, *, before: datetime) -> int:
    """Forget the tokens that expired before an instant; return how many."""
    return repository.delete_dead_tokens(session, before)
