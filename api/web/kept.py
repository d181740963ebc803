"""Keeps what was typed when a session ended, sealed, until the page that it belongs to is shown again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlmodel import Session

from api.web import drafts
from snp.platform.actors import Actor
from snp.platform.keys import Keys


def keep(
    session: Session,
    about: UUID,
    fields: Mapping[str, str],
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> None:
    """Keep what the actor was sending for a dossier, or to a page named by `page_id`."""
    draft = drafts.start_draft(session, _ident(about, by), keys=keys, by=by, now=now)
    drafts.save_draft(session, draft.typing(fields), keys=keys)


def find(session: Session, about: UUID, *, keys: Keys, by: Actor, now: datetime) -> dict[str, str]:
    """Return what was kept for the actor; nothing most of the time."""
    draft = drafts.find_draft(session, _ident(about, by), keys=keys, by=by, now=now)
    return dict(draft.typed) if draft else {}


def forget(session: Session, about: UUID, *, by: Actor) -> None:
    """Forget what was kept: it was sent."""
    drafts.drop_draft(session, _ident(about, by))


def page_id(path: str) -> UUID:
    """Return what stands for a page whose form is about nothing that has an identifier."""
    return uuid5(NAMESPACE_URL, path)


def _ident(about: UUID, by: Actor) -> UUID:
    return uuid5(about, by.ident)
