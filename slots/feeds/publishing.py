"""The private feed of a practitioner: open it, change its address, close it, find it by its secret."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.feeds import repository
from slots.feeds.facts import FeedView
from snp.platform.actors import Actor
from snp.platform.columns import new_id
from snp.platform.hashing import KeyedHash
from snp.platform.secret_links import read_secret, secret_text, secret_texts, stored_hash

_DOMAIN: Final = "calendar-feed"


def open_feed(
    session: Session, practitioner_id: UUID, *, codes: KeyedHash, by: Actor, now: datetime
) -> FeedView:
    """Give a practitioner a fresh address; the one he had stops at once."""
    repository.revoke_feeds(session, practitioner_id, now)
    ident = new_id()
    secret = secret_text(_DOMAIN, ident, codes)
    repository.insert_feed(session, ident, practitioner_id, stored_hash(secret), author=by.ident, now=now)
    return FeedView(ident, practitioner_id, now, secret)


def close_feed(session: Session, practitioner_id: UUID, *, now: datetime) -> None:
    """Stop a practitioner's feed."""
    repository.revoke_feeds(session, practitioner_id, now)


def feed_of(session: Session, practitioner_id: UUID, *, codes: KeyedHash) -> FeedView | None:
    """Return a practitioner's feed with its secret, derived anew; None when he has none.

    A feed whose key is no longer at hand counts as none: its address cannot be shown, nor work.
    """
    row = repository.running_feed(session, practitioner_id=practitioner_id)
    if row is None:
        return None
    texts = secret_texts(_DOMAIN, row.id, codes)
    secret = next((text for text in texts if stored_hash(text) == row.secret_hash), None)
    return FeedView(row.id, practitioner_id, row.created_at, secret) if secret else None


def feed_by_secret(session: Session, secret: str, *, codes: KeyedHash) -> FeedView | None:
    """Return the running feed that a secret opens; None for anything else."""
    if read_secret(_DOMAIN, secret, codes) is None:
        return None
    row = repository.running_feed(session, secret_hash=stored_hash(secret))
    return FeedView(row.id, row.practitioner_id, row.created_at, secret) if row else None
