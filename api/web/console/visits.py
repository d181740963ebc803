"""Who visits the console, and what his role may do there, by the table of rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.deps import PageVisit, VisitDep
from api.security.rights import RIGHTS, Action, reach_of
from snp.errors import Forbidden
from snp.platform.actors import REGULATION_ROLES, Actor, Role


@dataclass(frozen=True, slots=True)
class Powers:
    """What the pages may offer to a role; each act asks the table of rights again when it is sent."""

    estimate: bool
    decide: bool
    book: bool


def powers_of(actor: Actor) -> Powers:
    """Return what the role of an actor may do on a dossier."""
    return Powers(
        estimate=_may(actor.role, Action.REQUEST_ESTIMATE),
        decide=_may(actor.role, Action.REQUEST_DECIDE),
        book=_may(actor.role, Action.REQUEST_PROPOSE),
    )


def console_visit(visit: VisitDep, request: Request) -> PageVisit:
    """Return the visit of somebody of the regulation. Raises `Forbidden` for any other role."""
    if visit.actor.role not in REGULATION_ROLES:
        raise Forbidden(f"{visit.actor.role} has no console", action=Action.REQUEST_OPEN.value)
    reach_of(visit.actor, Action.REQUEST_READ)
    request.state.actor = visit.actor
    return visit


ConsoleDep = Annotated[PageVisit, Depends(console_visit)]


def _may(role: Role, action: Action) -> bool:
    return role in RIGHTS[action]
