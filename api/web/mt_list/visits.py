"""Who works on the list from its pages: the regulation at the console, a desk at its counter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from api.deps import PageVisit, VisitDep
from api.security.rights import Action, reach_of
from snp.errors import Forbidden
from snp.platform.actors import DESK_ROLES, REGULATION_ROLES, Actor

CONSOLE: Final = "/regulation/medecin-traitant"
DESK: Final = "/comptoir/medecin-traitant"


@dataclass(frozen=True, slots=True)
class Post:
    """A visit of the list: `here` is the address of its pages, `layout` the page around them."""

    visit: PageVisit
    here: str
    layout: str

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.visit.actor

    @property
    def at_console(self) -> bool:
        """True for the regulation."""
        return self.here == CONSOLE


def post(visit: VisitDep, request: Request) -> Post:
    """Return the visit of who works on the list, at the address of his role. Raises `Forbidden`."""
    at_console = request.scope["path"].startswith("/regulation")
    if visit.actor.role not in (REGULATION_ROLES if at_console else DESK_ROLES):
        raise Forbidden(f"{visit.actor.role} has no list here", action=Action.MT_READ.value)
    reach_of(visit.actor, Action.MT_READ)
    request.state.actor = visit.actor
    if at_console:
        return Post(visit, CONSOLE, "regulation/layout.html")
    return Post(visit, DESK, "mt_list/desk_layout.html")


PostDep = Annotated[Post, Depends(post)]
