"""Who visits the pages of data protection."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from api.deps import PageVisit, VisitDep
from api.security.rights import Action, reach_of


def protection_visit(visit: VisitDep, request: Request) -> PageVisit:
    """Return the visit of a delegate. Raises `Forbidden` for any other role."""
    reach_of(visit.actor, Action.PERSON_READ)
    request.state.actor = visit.actor
    return visit


ProtectionDep = Annotated[PageVisit, Depends(protection_visit)]
