"""Territories (CPTS): perimeter, settings, history."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.deps import Allow, NowDep, SessionDep
from api.etags import RequiredVersion, show_version
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, DirectoryReader, Limit
from api.schemas.directory import CommuneOut, TerritoryIn, TerritoryOut, TerritoryRevisionOut
from api.schemas.forms import Listing, listing
from api.security.rights import Action, Subject, check_existing, check_new
from snp.directory import service as directory
from snp.platform.actors import Actor

router = APIRouter(prefix="/territories", tags=["directory"])
Writer = Annotated[Actor, Depends(Allow(Action.TERRITORY_WRITE))]


@router.get("")
def list_territories(
    session: SessionDep, by: DirectoryReader, limit: Limit = DEFAULT, cursor: After = None
) -> Listing[TerritoryOut]:
    """List territories by slug."""
    del by
    return listing(directory.list_territories(session, cursor=cursor, limit=limit), TerritoryOut)


@router.post("", status_code=201, response_model=TerritoryOut, responses=problem_responses(409))
def create_territory(
    session: SessionDep, now: NowDep, by: Writer, once: OnceDep, body: TerritoryIn
) -> Response:
    """Create a territory; what is left out takes the defaults of its department."""
    check_new(by, Action.TERRITORY_WRITE, Subject("territoire"))

    def create() -> Answer:
        made = directory.create_territory(session, body.to_facts(), by=by, now=now)
        return Answer(TerritoryOut.of(made), f"/api/v1/territories/{made.id}", made.version)

    return once(create)


@router.get("/{territory_id}")
def get_territory(
    session: SessionDep, by: DirectoryReader, response: Response, territory_id: UUID
) -> TerritoryOut:
    """Return a territory."""
    del by
    found = directory.get_territory(session, territory_id)
    show_version(response, found.version)
    return TerritoryOut.of(found)


@router.put("/{territory_id}", responses=problem_responses(409, 412, 428))
def update_territory(
    *,
    session: SessionDep,
    now: NowDep,
    by: Writer,
    version: RequiredVersion,
    response: Response,
    territory_id: UUID,
    body: TerritoryIn,
) -> TerritoryOut:
    """Replace a territory's description and perimeter; settings left out stay."""
    _check(by, territory_id)
    current = directory.get_territory(session, territory_id)
    changed = directory.update_territory(
        session,
        territory_id,
        body.to_facts(current=current.settings),
        version=version or current.version,
        by=by,
        now=now,
    )
    show_version(response, changed.version)
    return TerritoryOut.of(changed)


@router.get("/{territory_id}/history")
def show_history(session: SessionDep, by: Writer, territory_id: UUID) -> list[TerritoryRevisionOut]:
    """Return how a territory stood after each edit, newest first."""
    _check(by, territory_id)
    return [TerritoryRevisionOut.of(line) for line in directory.territory_history(session, territory_id)]


@router.get("/{territory_id}/communes")
def list_perimeter(session: SessionDep, by: DirectoryReader, territory_id: UUID) -> list[CommuneOut]:
    """Return the communes of a territory's perimeter, by name."""
    del by
    directory.get_territory(session, territory_id)
    return [CommuneOut.of(commune) for commune in directory.communes_of(session, territory_id)]


def _check(by: Actor, territory_id: UUID) -> None:
    subject = Subject("territoire", territory_id, territories=frozenset({territory_id}))
    check_existing(by, Action.TERRITORY_WRITE, subject)
