"""API keys: make, list, revoke, and tell for whom one speaks. Never commits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.security import repository, rights, rules, tokens
from api.security.actors import actor_of_api_key, check_may_administer
from api.security.facts import IssuedKey, KeyView, NewKey
from api.security.tables import ApiKey
from snp.errors import InvalidValue, NotFound
from snp.platform.actors import Actor


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
    )
    repository.add_key(session, key)
    return IssuedKey(text=text.format(), view=_view(key))


def list_keys(session: Session, *, by: Actor) -> list[KeyView]:
    """Return the keys that the actor may administer, newest first."""
    return [
        _view(key)
        for key in repository.keys(session)
        if not by.territories or by.territories & set(key.territory_ids)
    ]


def revoke_key(session: Session, key_id: UUID, *, by: Actor, now: datetime) -> KeyView:
    """Stop a key from now on; revoking twice changes nothing. Raises `NotFound`."""
    key = repository.key_by_id(session, key_id)
    if by.territories and not by.territories & set(key.territory_ids):
        raise NotFound("clé", key_id)
    if key.revoked_at is None:
        key.revoked_at = now
        session.flush()
    return _view(key)


def actor_of_key(session: Session, text: str, *, now: datetime) -> Actor | None:
    """Return who a key speaks for; None when malformed, unknown, revoked or expired."""
    parts = tokens.parse_key_text(text)
    key = repository.key_by_prefix(session, parts.prefix) if parts else None
    if parts is None or key is None or not tokens.same(parts.secret, key.secret_hash):
        return None
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return None
    if key.last_used_at is None or key.last_used_at < now - repository.SEEN_EVERY:
        repository.touch_key(session, key.id, now)
    return actor_of_api_key(session, key, now=now)


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
    )
