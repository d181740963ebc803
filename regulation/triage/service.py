"""The desk's eligibility question: judged by the lists, and always traced."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import rules as intake_rules
from regulation.triage import lists, repository, rules
from regulation.triage.facts import DeskAnswers, DeskKind, DeskList, Eligibility, TraceView
from snp.days import local_day
from snp.directory.facts import Page
from snp.errors import Forbidden, NotFound
from snp.platform.actors import REGULATION_ROLES, Actor, Role
from snp.platform.events import Event
from snp.platform.logs import log


def lists_for(by: Actor, now: datetime) -> tuple[DeskList, ...]:
    """The lists that the actor may work with, cut to the reasons of his desk; empty when he has none.

    The regulation books physiotherapists for those who ask it (télésecrétariat): it reads their whole list.
    """
    today = local_day(now)
    if by.role in REGULATION_ROLES:
        return (lists.physio_list(today),)
    desk = rules.desk_of(by)
    if desk is None:
        return ()
    known = lists.physio_list(today) if desk in PROFESSIONAL_DESKS else lists.counter_list(today)
    return (replace(known, reasons=lists.reasons_for(known, desk)),)


def judge(answers: DeskAnswers, *, by: Actor, now: datetime) -> Eligibility:
    """Judge a case by the list of the actor's desk, leaving no trace: see `assess`.

    A reason of the physio list asked for by a pharmacy or a nurse is refused, not declared ineligible.
    """
    today = local_day(now)
    desk = rules.desk_of(by)
    physio = lists.physio_list(today)
    if physio.reason(answers.reason) is not None:
        rules.check_may_use_physio_list(by)
        return rules.assess(physio, answers, desk or DeskKind.DOCTOR)
    if desk is None:
        raise Forbidden(f"a {by.role.value} has no desk")
    known = physio if desk in PROFESSIONAL_DESKS else lists.counter_list(today)
    return rules.assess(known, answers, desk)


def assess(
    session: Session,
    territory_id: UUID,
    answers: DeskAnswers,
    *,
    request_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> tuple[Eligibility, UUID]:
    """Judge a case at the desk and keep its trace; the outcome and the trace's id.

    Raises `DeskNotAllowed` when the list is not open to the actor (a pharmacy asking for a physio), and
    `SignsNotReviewed` when no sign is ticked and the professional did not say that he looked for them.
    """
    if territory_id not in by.territories:
        raise NotFound("territoire", territory_id)
    eligibility = judge(answers, by=by, now=now)
    trace_id = record_trace(
        session, territory_id, answers, eligibility, request_id=request_id, by=by, now=now
    )
    return eligibility, trace_id


def record_trace(
    session: Session,
    territory_id: UUID,
    answers: DeskAnswers,
    eligibility: Eligibility,
    *,
    request_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> UUID:
    """Keep the trace of a judged case, with the request it led to; the trace's id."""
    log(Event.DESK_ANSWERED, territory_id=territory_id, code=eligibility.outcome, role=by.role)
    return repository.insert_trace(
        session, territory_id, answers, eligibility, request_id=request_id, by=by, now=now
    )


def answers_of(session: Session, request_id: UUID) -> DeskAnswers | None:
    """What a desk answered for a request that the caller may see; None when no desk brought it."""
    trace = repository.last_trace_of(session, request_id)
    return None if trace is None else DeskAnswers.from_json(trace.reason, trace.answers)


def list_traces(
    session: Session,
    territory_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = 50,
    by: Actor,
    now: datetime,  # noqa: ARG001 - every use case has the same frame
) -> Page[TraceView]:
    """The traces that the actor may see (a desk its own), newest first. They hold no identity."""
    sight = intake_rules.sight_of(by)
    hidden = sight.territory_ids is not None and territory_id not in sight.territory_ids
    if sight.nothing or hidden:
        return Page(())
    author = by.ident if by.role in {Role.PRACTITIONER, Role.DELEGATE} else None
    return repository.traces(
        session,
        territory_id,
        organisation_id=sight.organisation_id,
        author=author,
        cursor=cursor,
        limit=limit,
    )


PROFESSIONAL_DESKS = frozenset({DeskKind.DOCTOR, DeskKind.PHYSIO})
