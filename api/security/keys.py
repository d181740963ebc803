"""API keys: make, list, rotate, revoke, and tell for whom one speaks. Never commits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from api.security import networks, repository, rights, rules, tokens
from api.security.actors import actor_of_api_key, check_may_administer
from api.security.errors import KeyNotRunning
from api.security.facts import IssuedKey, KeyView, NewKey
from api.security.tables import ApiKey
from snp.errors import InvalidValue, NotFound
from snp.platform.actors import Actor

LONGEST_OVERLAP: Final = timedelta(days=7)
"""How long an earlier secret may go on beside the new one."""


def create_key(session: Session, new: NewKey, *, by: Actor, now: datetime) -> IssuedKey:
    """Make an API key; its text is shown once and never kept. Raises `InvalidValue`, `OutOfReach`."""
    rules.check_standing(
        new.role,
        territory_ids=new.territory_ids,
        organisation_id=new.organisation_id,
        practitioner_id=new.practitioner_id,
        is_key=True,
    )
    check_may_administer(by, new.role, new.territory_ids)
    _check_terms(new, now)
    text = tokens.new_key_text()
    key = ApiKey(
        prefix=text.prefix,
        secret_hash=tokens.digest(text.secret),
        name=new.name.strip(),
        role=new.role,
        scopes=sorted(set(new.scopes)),
        organisation_id=new.organisation_id,
        practitioner_id=new.practitioner_id,
        territory_ids=sorted(set(new.territory_ids)),
        created_at=now,
        created_by=by.ident,
        expires_at=new.expires_at,
        allowed_networks=networks.normalised(new.allowed_networks),
    )
    repository.add_key(session, key)
    return IssuedKey(text=text.format(), view=_view(key))


def rotate_key(session: Session, key_id: UUID, *, overlap: timedelta, by: Actor, now: datetime) -> IssuedKey:
    """Give a key a new secret; the present one goes on for `overlap`, one before it stops at once.

    The prefix stays. Raises `NotFound`, `KeyNotRunning`, `InvalidValue`.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise InvalidValue("overlap_hours", f"0 à {LONGEST_OVERLAP.days * 24} heures")
    key = _administered(session, key_id, by=by)
    if not is_running(key, now):
        raise KeyNotRunning
    text = tokens.KeyText(key.prefix, tokens.new_key_text().secret)
    key.previous_secret_hash = key.secret_hash if overlap else None
    key.previous_until = now + overlap if overlap else None
    key.secret_hash, key.rotated_at = tokens.digest(text.secret), now
    session.flush()
    return IssuedKey(text=text.format(), view=_view(key))


def set_networks(session: Session, key_id: UUID, wanted: Iterable[str], *, by: Actor) -> KeyView:
    """Say from where a key may be presented; nothing means anywhere. Raises `NotFound`, `InvalidValue`."""
    key = _administered(session, key_id, by=by)
    key.allowed_networks = networks.normalised(wanted)
    session.flush()
    return _view(key)


def list_keys(session: Session, *, by: Actor) -> list[KeyView]:
    """Return the keys that the actor may administer, newest first."""
    return [
        _view(key)
        for key in repository.keys(session)
        if not by.territories or by.territories & set(key.territory_ids)
    ]


def revoke_key(session: Session, key_id: UUID, *, by: Actor, now: datetime) -> KeyView:
    """Stop a key from now on; revoking twice changes nothing. Raises `NotFound`."""
    key = _administered(session, key_id, by=by)
    if key.revoked_at is None:
        key.revoked_at = now
        session.flush()
    return _view(key)


def actor_of_key(session: Session, text: str, *, now: datetime, address: str | None = None) -> Actor | None:
    """Return who a key speaks for; None when malformed, unknown, revoked or expired.

    Raises `AddressNotAllowed` when it is presented from elsewhere than it may.
    """
    parts = tokens.parse_key_text(text)
    key = proven_key(session, parts, now=now) if parts else None
    if key is None:
        return None
    networks.check_address(address, key.allowed_networks)
    if key.last_used_at is None or key.last_used_at < now - repository.SEEN_EVERY:
        repository.touch_key(session, key.id, now)
    return actor_of_api_key(session, key, now=now)


def proven_key(session: Session, parts: tokens.KeyText, *, now: datetime) -> sa.Row[Any] | None:
    """Return the row of the running key that a secret proves; for a while, its earlier secret does too."""
    key = repository.key_by_prefix(session, parts.prefix)
    if key is None or not is_running(key, now):
        return None
    if tokens.same(parts.secret, key.secret_hash):
        return key
    earlier, until = key.previous_secret_hash, key.previous_until
    is_earlier = earlier is not None and until is not None and now < until
    return key if is_earlier and earlier and tokens.same(parts.secret, earlier) else None


def is_running(key: ApiKey | sa.Row[Any], now: datetime) -> bool:
    """Tell whether a key is neither revoked nor expired."""
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)


def _administered(session: Session, key_id: UUID, *, by: Actor) -> ApiKey:
    """Return a key that the actor may administer, locked. Raises `NotFound`."""
    key = repository.key_by_id(session, key_id)
    if by.territories and not by.territories & set(key.territory_ids):
        raise NotFound("clé", key_id)
    return key


def _check_terms(new: NewKey, now: datetime) -> None:
    if not new.name.strip():
        raise InvalidValue("name", "obligatoire")
    if not new.scopes:
        raise InvalidValue("scopes", "au moins une portée, ou *")
    if unknown := rights.unknown_scopes(new.scopes):
        raise InvalidValue("scopes", f"portées inconnues : {', '.join(unknown)}")
    if new.expires_at is not None and new.expires_at <= now:
        raise InvalidValue("expires_at", "déjà passée")


def _view(key: ApiKey) -> KeyView:
    return KeyView(
        id=key.id,
        prefix=key.prefix,
        name=key.name,
        role=key.role,
        scopes=tuple(key.scopes),
        territory_ids=tuple(key.territory_ids),
        organisation_id=key.organisation_id,
        practitioner_id=key.practitioner_id,
        created_at=key.created_at,
        created_by=key.created_by,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
        allowed_networks=tuple(key.allowed_networks),
        rotated_at=key.rotated_at,
        previous_until=key.previous_until,
    )
