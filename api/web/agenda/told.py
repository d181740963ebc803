"""What an act on an agenda has to tell, kept, sealed, for the page that the browser is sent to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import orjson
from sqlmodel import Session

from api.web import drafts
from snp.platform.actors import Actor
from snp.platform.columns import new_id
from snp.platform.keys import Keys

_SENTENCES = "sentences"


def keep(
    session: Session, sentences: Sequence[str], *, tone: str = "good", keys: Keys, by: Actor, now: datetime
) -> str:
    """Keep sentences for the next page; returns what its address must name (`?dit=`)."""
    content = orjson.dumps([tone, *sentences]).decode()
    return _keep(session, {_SENTENCES: content}, keys=keys, by=by, now=now)


def keep_typed(session: Session, typed: Mapping[str, str], *, keys: Keys, by: Actor, now: datetime) -> str:
    """Keep an interrupted form for the page it belongs to (`?reprendre=`)."""
    return _keep(session, typed, keys=keys, by=by, now=now)


def said(
    session: Session, ident: UUID | None, *, keys: Keys, by: Actor, now: datetime
) -> tuple[str, tuple[str, ...]]:
    """Return the tone and the sentences kept under an identifier; none when they are over."""
    kept = typed(session, ident, keys=keys, by=by, now=now).get(_SENTENCES)
    if kept is None:
        return "", ()
    tone, *sentences = orjson.loads(kept)
    return tone, tuple(sentences)


def typed(session: Session, ident: UUID | None, *, keys: Keys, by: Actor, now: datetime) -> dict[str, str]:
    """Return the fields kept under an identifier; none when they are over or somebody else's."""
    if ident is None:
        return {}
    draft = drafts.find_draft(session, ident, keys=keys, by=by, now=now)
    return dict(draft.typed) if draft else {}


def _keep(session: Session, fields: Mapping[str, str], *, keys: Keys, by: Actor, now: datetime) -> str:
    draft = drafts.start_draft(session, new_id(), keys=keys, by=by, now=now)
    drafts.save_draft(session, draft.typing(fields), keys=keys)
    return str(draft.id)
