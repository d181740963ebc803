"""Who visits a page and what he typed, as dependencies of the page routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

from fastapi import Depends, Request

from api.deps import CSRF_FIELD, SAFE_METHODS, PageVisit, VisitDep
from api.security.rights import Action, reach_of
from api.web.forms import ENVELOPE, STEP, typed_texts
from snp.platform.actors import DESK_ROLES

UNKEPT: Final = frozenset(
    {CSRF_FIELD, "mot_de_passe", "nouveau_mot_de_passe", "mot_de_passe_encore", "code_unique", STEP, ENVELOPE}
)
"""Fields that are never carried over to another page."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A form as it was sent: text fields trimmed and bounded, and the boxes that were ticked."""

    texts: Mapping[str, str] = field(default_factory=dict)
    ticked: frozenset[str] = frozenset()

    @property
    def kept(self) -> dict[str, str]:
        """The fields that may be carried over, ticked boxes included as one field."""
        texts = {name: value for name, value in self.texts.items() if name not in UNKEPT}
        return texts | ({"signes_coches": " ".join(sorted(self.ticked))} if self.ticked else {})


async def submitted(request: Request) -> Submitted:
    """Return the form of a request, and leave it in `state` for the page of a refusal."""
    if request.method in SAFE_METHODS:
        return Submitted()
    form = await request.form()
    ticked = frozenset(
        value for value in form.getlist("signe") if isinstance(value, str) and len(value) <= 60
    )
    found = Submitted(typed_texts(form), ticked)
    request.state.submitted = found
    return found


SubmittedDep = Annotated[Submitted, Depends(submitted)]


def desk_visit(visit: VisitDep, request: Request) -> PageVisit:
    """Return the visit of who may fill a desk's form: a desk, or a professional for physiotherapy."""
    is_desk = visit.actor.role in DESK_ROLES
    reach_of(visit.actor, Action.DESK_REQUEST if is_desk else Action.PROFESSIONALS_REQUEST)
    request.state.actor = visit.actor
    return visit


DeskVisitDep = Annotated[PageVisit, Depends(desk_visit)]
