"""Keeps what a desk is typing, sealed, between one page and the next. Decides nothing about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from api.web.tables import DeskDraft
from regulation.facts import Reason
from regulation.triage.facts import DeskAnswers
from snp.errors import NotFound
from snp.platform.actors import Actor
from snp.platform.keys import Keys

LIFETIME: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the desk was told, and the trace that says so; an eligible case is traced with its request."""

    outcome: str
    reasons: tuple[Reason, ...]
    trace_id: UUID | None
    at: datetime

    @property
    def eligible(self) -> bool:
        """True when the desk may go on to a slot."""
        return self.outcome == "eligible"


@dataclass(frozen=True, slots=True)
class Draft:
    """A request being typed: raw fields as typed, then what they were understood to mean."""

    id: UUID
    typed: Mapping[str, str] = field(default_factory=dict)
    answers: DeskAnswers | None = None
    birth_date: date | None = None
    verdict: Verdict | None = None
    request_id: UUID | None = None

    def typing(self, fields: Mapping[str, str]) -> Draft:
        """Return the draft with newly typed fields over the old ones."""
        return replace(self, typed={**self.typed, **fields})


def find_draft(session: Session, draft_id: UUID, *, keys: Keys, by: Actor, now: datetime) -> Draft | None:
    """Return the actor's own running draft, locked until the transaction ends; None when there is none."""
    query = (
        sa.select(DeskDraft.content, DeskDraft.request_id)  # type: ignore[call-overload]
        .where(
            col(DeskDraft.id) == draft_id, col(DeskDraft.actor) == by.ident, col(DeskDraft.expires_at) > now
        )
        .with_for_update()
    )
    row = session.execute(query).one_or_none()
    return None if row is None else _opened(draft_id, row.content, row.request_id, keys)


def get_draft(session: Session, draft_id: UUID, *, keys: Keys, by: Actor, now: datetime) -> Draft:
    """Return the actor's own running draft, locked. Raises `NotFound`."""
    draft = find_draft(session, draft_id, keys=keys, by=by, now=now)
    if draft is None:
        raise NotFound("demande en cours de saisie", draft_id)
    return draft


def start_draft(session: Session, draft_id: UUID, *, keys: Keys, by: Actor, now: datetime) -> Draft:
    """Return the draft of that id, made when it is new; a form sent twice waits here for its first sending.

    Raises `NotFound` when the id is somebody else's.
    """
    forget_expired(session, now=now)
    fresh = Draft(id=draft_id)
    statement = insert(DeskDraft).values(
        id=draft_id,
        actor=by.ident,
        content=_sealed(fresh, keys),
        created_at=now,
        expires_at=now + LIFETIME,
    )
    session.execute(statement.on_conflict_do_nothing())
    return get_draft(session, draft_id, keys=keys, by=by, now=now)


def save_draft(session: Session, draft: Draft, *, keys: Keys) -> None:
    """Write a draft back; once it became a request only that request's number is kept."""
    content = Draft(id=draft.id, request_id=draft.request_id) if draft.request_id else draft
    session.execute(
        sa.update(DeskDraft)
        .where(col(DeskDraft.id) == draft.id)
        .values(content=_sealed(content, keys), request_id=draft.request_id)
    )


def drop_draft(session: Session, draft_id: UUID) -> None:
    """Delete a draft that has served, if there is one."""
    session.execute(sa.delete(DeskDraft).where(col(DeskDraft.id) == draft_id))


def forget_expired(session: Session, *, now: datetime) -> None:
    """Delete the drafts that ran out."""
    session.execute(sa.delete(DeskDraft).where(col(DeskDraft.expires_at) <= now))


def _context(draft_id: UUID) -> str:
    return f"desk_draft.content:{draft_id}"


def _sealed(draft: Draft, keys: Keys) -> bytes:
    stored: dict[str, Any] = {"typed": dict(draft.typed), "birth_date": draft.birth_date}
    if draft.answers is not None:
        stored["answers"] = {"reason": draft.answers.reason, **draft.answers.to_json()}
    if draft.verdict is not None:
        stored["verdict"] = asdict(draft.verdict)
    return keys.cipher().seal(orjson.dumps(stored), context=_context(draft.id))


def _opened(draft_id: UUID, content: bytes, request_id: UUID | None, keys: Keys) -> Draft:
    stored = orjson.loads(keys.cipher().open(content, context=_context(draft_id)))
    born = stored["birth_date"]
    return Draft(
        id=draft_id,
        typed=stored["typed"],
        answers=_answers(stored),
        birth_date=date.fromisoformat(born) if born else None,
        verdict=_verdict(stored.get("verdict")),
        request_id=request_id,
    )


def _answers(stored: dict[str, Any]) -> DeskAnswers | None:
    kept = stored.get("answers")
    return DeskAnswers.from_json(kept["reason"], kept) if kept else None


def _verdict(stored: dict[str, Any] | None) -> Verdict | None:
    if stored is None:
        return None
    return Verdict(
        outcome=stored["outcome"],
        reasons=tuple(Reason.from_json(reason) for reason in stored["reasons"]),
        trace_id=UUID(stored["trace_id"]) if stored["trace_id"] else None,
        at=datetime.fromisoformat(stored["at"]),
    )
