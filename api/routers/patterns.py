"""Patterns: recurring openings in local time, their edits and their end."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep, WiringDep
from api.etags import RequiredVersion, show_version
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, AgendaReader, AgendaWriter, Limit
from api.routers.subjects import check_publisher, of_pattern
from api.schemas.agenda import (
    OccurrenceIn,
    PatternEditIn,
    PatternIn,
    PatternOut,
    PublicationOut,
)
from api.schemas.forms import Day, Listing, listing
from api.security.rights import Action, check_existing, check_named, narrowed
from slots.agenda import service as agenda
from slots.agenda.facts import PatternFilter, PatternView
from snp.platform.actors import Actor

router = APIRouter(prefix="/patterns", tags=["agenda"])


@router.get("")
def list_patterns(
    *,
    session: SessionDep,
    by: AgendaReader,
    territory_id: Annotated[UUID | None, Query()] = None,
    practitioner_id: Annotated[UUID | None, Query()] = None,
    running: Annotated[bool | None, Query(description="En cours, ou terminées.")] = None,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[PatternOut]:
    """List patterns in order of creation."""
    territories, practitioners = narrowed(
        by, Action.AGENDA_READ, territory=territory_id, practitioner=practitioner_id
    )
    wanted = PatternFilter(practitioner_ids=practitioners, territory_ids=territories, running=running)
    return listing(agenda.list_patterns(session, wanted, cursor=cursor, limit=limit), PatternOut)


@router.post("", status_code=201, response_model=PublicationOut, responses=problem_responses(409))
def publish_pattern(
    *,
    session: SessionDep,
    now: NowDep,
    wiring: WiringDep,
    by: AgendaWriter,
    once: OnceDep,
    body: PatternIn,
) -> Response:
    """Publish a recurring opening and its slots up to the horizon; `notices` tell what could not be."""
    check_publisher(session, by, body.practitioner_id, body.offer.territory_ids, now=now)

    def publish() -> Answer:
        made = agenda.publish_pattern(
            session,
            body.practitioner_id,
            body.to_facts(),
            horizon_days=wiring.settings.horizon_days,
            by=by,
            now=now,
        )
        assert made.pattern is not None
        location = f"/api/v1/patterns/{made.pattern.id}"
        return Answer(PublicationOut.of(made), location, made.pattern.version)

    return once(publish)


@router.get("/{pattern_id}")
def get_pattern(session: SessionDep, by: AgendaReader, response: Response, pattern_id: UUID) -> PatternOut:
    """Return a pattern with its exceptions."""
    found = _existing(session, by, Action.AGENDA_READ, pattern_id)
    show_version(response, found.version)
    return PatternOut.of(found)


@router.put("/{pattern_id}", responses=problem_responses(409, 412, 428))
def edit_pattern(
    *,
    session: SessionDep,
    now: NowDep,
    wiring: WiringDep,
    by: AgendaWriter,
    version: RequiredVersion,
    response: Response,
    pattern_id: UUID,
    body: PatternEditIn,
) -> PublicationOut:
    """Edit one occurrence (`this`), from a day on (`following`), or the whole (`all`). Taken slots stay."""
    current = _existing(session, by, Action.AGENDA_WRITE, pattern_id)
    if not isinstance(body, OccurrenceIn):
        named = current.offer.territory_ids ^ body.pattern.offer.territory_ids
        check_named(by, Action.AGENDA_WRITE, named)
    edited = agenda.edit_pattern(
        session,
        pattern_id,
        body.scope,
        body.to_facts(),
        day=body.day,
        version=version,
        horizon_days=wiring.settings.horizon_days,
        by=by,
        now=now,
    )
    if edited.pattern is not None:
        show_version(response, edited.pattern.version)
    return PublicationOut.of(edited)


@router.delete("/{pattern_id}", responses=problem_responses(409, 412, 428))
def end_pattern(
    *,
    session: SessionDep,
    now: NowDep,
    by: AgendaWriter,
    version: RequiredVersion,
    pattern_id: UUID,
    last_day: Annotated[Day | None, Query(description="Dernier jour ; absent : aujourd’hui.")] = None,
) -> PublicationOut:
    """Stop a pattern. Free slots after its last day are withdrawn, taken ones stay."""
    _existing(session, by, Action.AGENDA_WRITE, pattern_id)
    ended = agenda.end_pattern(session, pattern_id, last_day=last_day, version=version, by=by, now=now)
    return PublicationOut.of(ended)


def _existing(session: Session, by: Actor, action: Action, pattern_id: UUID) -> PatternView:
    found = agenda.get_pattern(session, pattern_id)
    check_existing(by, action, of_pattern(found))
    return found
