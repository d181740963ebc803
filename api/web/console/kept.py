"""Keeps what was typed on a dossier when the session ended, sealed, until the dossier is shown again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid5

from sqlmodel import Session

from api.web import drafts
from snp.platform.actors import Actor
from snp.platform.keys import Keys


def keep(
    session: Session,
    request_id: UUID,
    fields: Mapping[str, str],
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> None:
    """Keep what the actor was sending for a dossier."""
    draft = drafts.start_draft(session, _ident(request_id, by), keys=keys, by=by, now=now)
    drafts.save_draft(session, draft.typing(fields), keys=keys)


def find(session: Session, request_id: UUID, *, keys: Keys, by: Actor, now: datetime) -> dict[str, str]:
    """Return what was kept for the actor on a dossier; nothing most of the time."""
    draft = drafts.find_draft(session, _ident(request_id, by), keys=keys, by=by, now=now)
    return dict(draft.typed) if draft else {}


def forget(session: Session, request_id: UUID, *, by: Actor) -> None:
    """Forget what was kept: it was sent."""
    drafts.drop_draft(session, _ident(request_id, by))


def _ident(request_id: UUID, by: Actor) -> UUID:
    return uuid5(request_id, by.ident)
