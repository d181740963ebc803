"""Who visits the coordination, and which of his territories he looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Query, Request
from sqlmodel import Session

from api.deps import PageVisit, SessionDep, VisitDep
from api.security.rights import Action, reach_of
from snp.directory import service as directory
from snp.directory.facts import TerritoryView
from snp.errors import NotFound
from snp.platform.actors import Actor

MOST_TERRITORIES: Final = 100


@dataclass(frozen=True, slots=True)
class Post:
    """A visit of the coordination, the territory that is looked at, and the others within reach."""

    visit: PageVisit
    territory: TerritoryView
    territories: tuple[TerritoryView, ...]

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.visit.actor

    def address(self, path: str) -> str:
        """The address of a page of the coordination for this territory."""
        return f"/coordination{path}?territoire={self.territory.id}"


def coordination_visit(visit: VisitDep, request: Request) -> PageVisit:
    """Return the visit of a coordinator or administrator. Raises `Forbidden` for any other role."""
    reach_of(visit.actor, Action.TERRITORY_WRITE)
    request.state.actor = visit.actor
    return visit


CoordinationDep = Annotated[PageVisit, Depends(coordination_visit)]


def within_reach(session: Session, actor: Actor) -> tuple[TerritoryView, ...]:
    """Return the territories that the actor coordinates, by short name."""
    ids = actor.territories or None
    return directory.list_territories(session, ids=ids, limit=MOST_TERRITORIES).items


def post(
    visit: CoordinationDep,
    session: SessionDep,
    territoire: Annotated[str, Query(max_length=36)] = "",
) -> Post:
    """Return the post of a visit. Raises `NotFound` for a territory out of reach, or when there is none."""
    territories = within_reach(session, visit.actor)
    chosen = [one for one in territories if territoire in {"", str(one.id)}]
    if not chosen:
        raise NotFound("territoire", territoire)
    return Post(visit, chosen[0], territories)


PostDep = Annotated[Post, Depends(post)]
