"""Who visits the pages of an agenda: its practitioner, or the delegate who chose it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request

from api.deps import PageVisit, VisitDep
from api.security.rights import Action, reach_of
from snp.errors import Forbidden
from snp.platform.actors import Actor, Role

AGENDA_ROLES: Final = frozenset({Role.PRACTITIONER, Role.DELEGATE})


@dataclass(frozen=True, slots=True)
class AgendaVisit:
    """A visit of the agenda of `practitioner`."""

    page: PageVisit
    practitioner: UUID

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.page.actor

    @property
    def is_his(self) -> bool:
        """True for the practitioner himself, false for who acts for him."""
        return self.page.actor.role is Role.PRACTITIONER


def agenda_visit(visit: VisitDep, request: Request) -> AgendaVisit:
    """Return the visit of who may write in an agenda that he has. Raises `Forbidden`."""
    actor = visit.actor
    reach_of(actor, Action.AGENDA_WRITE)
    if actor.role not in AGENDA_ROLES or actor.practitioner is None:
        raise Forbidden(f"a {actor.role.value} has no agenda of his own")
    request.state.actor = actor
    return AgendaVisit(visit, actor.practitioner)


AgendaVisitDep = Annotated[AgendaVisit, Depends(agenda_visit)]


def owner_visit(visit: AgendaVisitDep) -> AgendaVisit:
    """Return the visit of the practitioner himself: his figures and his delegates are his alone."""
    if not visit.is_his:
        raise Forbidden("only the practitioner himself")
    return visit


OwnerVisitDep = Annotated[AgendaVisit, Depends(owner_visit)]
