"""Requests (dossiers): open, find, read. Their steps stand in `steps`."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Allow, KeysDep, NowDep, SessionDep
from api.etags import show_version
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, Limit, PatientReader, RequestReader, Why
from api.schemas.forms import Instant, Listing, listing, some
from api.schemas.requests import (
    CallerOut,
    ConfidentialOut,
    DuplicateOut,
    DuplicateSearchIn,
    DuplicatesOut,
    MoveOut,
    OpeningIn,
    PatientOut,
    RequestOut,
    StepOut,
    StoryOut,
)
from api.security.rights import Action, Reach, Subject, check_new, narrowed, reach_of
from regulation.intake import service as intake
from regulation.intake.facts import Disposition, Origin, RequestFilter, RequestOrder, RequestState
from snp.platform.actors import Actor, Role

router = APIRouter(prefix="/requests", tags=["requests"])
Opener = Annotated[Actor, Depends(Allow(Action.REQUEST_OPEN))]
_ORIGINS: Final = {Role.ARM: Origin.ARM, Role.OSNP: Origin.OSNP, Role.REGULATEUR: Origin.REGULATEUR}


@router.get("")
def list_requests(
    *,
    session: SessionDep,
    now: NowDep,
    by: RequestReader,
    territory_id: Annotated[UUID | None, Query()] = None,
    state: Annotated[list[RequestState] | None, Query()] = None,
    origin: Annotated[list[Origin] | None, Query()] = None,
    disposition: Annotated[list[Disposition] | None, Query()] = None,
    created_from: Annotated[Instant | None, Query()] = None,
    created_until: Annotated[Instant | None, Query()] = None,
    deadline_until: Annotated[Instant | None, Query()] = None,
    order: Annotated[RequestOrder, Query(description="File par échéance, ou plus récents d’abord.")] = (
        RequestOrder.DEADLINE
    ),
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[RequestOut]:
    """List the requests that the reader may see, without identity; by default the queue by deadline."""
    if reach_of(by, Action.REQUEST_READ) is not Reach.OWN:
        narrowed(by, Action.REQUEST_READ, territory=territory_id)
    wanted = RequestFilter(
        territory_id=territory_id,
        states=some(state) or frozenset(),
        origins=some(origin) or frozenset(),
        dispositions=some(disposition) or frozenset(),
        created_from=created_from,
        created_until=created_until,
        deadline_until=deadline_until,
        order=order,
    )
    page = intake.list_requests(session, wanted, cursor=cursor, limit=limit, by=by, now=now)
    return listing(page, RequestOut)


@router.post("", status_code=201, response_model=StepOut, responses=problem_responses(409))
def open_request(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: Opener, once: OnceDep, body: OpeningIn
) -> Response:
    """Open a request. R1, R2 or P0 stops it at once towards the 15; the same patient's others are told."""
    subject = Subject("territoire", body.territory_id, territories=frozenset({body.territory_id}))
    check_new(by, Action.REQUEST_OPEN, subject)

    def open_it() -> Answer:
        opening = body.to_facts(_ORIGINS.get(by.role, Origin.OSNP))
        step = intake.open_request(session, opening, keys=keys, by=by, now=now)
        location = f"/api/v1/requests/{step.request.id}"
        return Answer(StepOut.of(step), location, step.request.version)

    return once(open_it)


@router.post("/duplicates")
def find_duplicates(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: Opener, body: DuplicateSearchIn
) -> DuplicatesOut:
    """Find the open or recent requests of what looks like the same patient; audited."""
    found = intake.find_duplicates(
        session,
        body.territory_id,
        body.patient.to_facts(),
        reason=body.reason,
        keys=keys,
        by=by,
        now=now,
    )
    return DuplicatesOut(duplicates=[DuplicateOut.of(duplicate) for duplicate in found])


@router.get("/{request_id}")
def get_request(
    session: SessionDep, now: NowDep, by: RequestReader, response: Response, request_id: UUID
) -> RequestOut:
    """Return a request, without identity."""
    found = intake.get_request(session, request_id, by=by, now=now)
    show_version(response, found.version)
    return RequestOut.of(found)


@router.get("/{request_id}/story")
def show_story(session: SessionDep, now: NowDep, by: RequestReader, request_id: UUID) -> StoryOut:
    """Return every move of a request with its author, time and reasons, oldest first."""
    moves = intake.story(session, request_id, by=by, now=now)
    return StoryOut(moves=[MoveOut.of(move) for move in moves])


@router.get("/{request_id}/patient")
def read_patient(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: PatientReader, request_id: UUID, why: Why
) -> ConfidentialOut:
    """Open the identity, the caller and the note of a request; audited with `why`."""
    part = intake.read_confidential(session, request_id, keys=keys, why=why, by=by, now=now)
    return ConfidentialOut(
        patient=PatientOut.of(part.identity.traits),
        caller=CallerOut.of(part.caller) if part.caller else None,
        note=part.note,
    )
