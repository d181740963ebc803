"""The desk's eligibility question: judged by the lists, and always traced."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.triage.facts import DeskAnswers, DeskList, Eligibility, TraceView
from snp.directory.facts import Page
from snp.platform.actors import Actor


def lists_for(by: Actor, now: datetime) -> tuple[DeskList, ...]:
    """The lists that the actor's desk may work with, cut to its own reasons; empty when it has none."""
    raise NotImplementedError


def assess(
    session: Session, territory_id: UUID, answers: DeskAnswers, *, by: Actor, now: datetime
) -> tuple[Eligibility, UUID]:
    """Judge a case at the desk and keep its trace; the outcome and the trace's id.

    Raises `DeskNotAllowed` when the list is not open to the actor (a pharmacy asking for a physio), and
    `SignsNotReviewed` when no sign is ticked and the professional did not say that he looked for them.
    """
    raise NotImplementedError


def list_traces(
    session: Session,
    territory_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = 50,
    by: Actor,
    now: datetime,
) -> Page[TraceView]:
    """The traces that the actor may see (a desk its own), newest first."""
    raise NotImplementedError
