"""The one screen of the booking page, as it is drawn: empty, given back with what was typed, or revised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from fastapi.responses import Response
from sqlmodel import Session

from api.web import desk_views
from api.web.desk_views import Option
from api.web.forms import Errors
from api.web.rendering import render
from api.web.sas import views
from api.web.sas.visit import SasVisit, Target
from snp.directory import service as directory
from snp.directory.facts import CommuneView


@dataclass(frozen=True, slots=True)
class Screen:
    """What the page shows besides the agenda: what was typed, what must be revised, what is free instead.

    `communes`: those that the words may mean. `taken`: the slot went to somebody else meanwhile.
    `territory_id`: where the request would be, which says the hours when no slot is left to say them.
    """

    draft_id: UUID
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)
    communes: Sequence[CommuneView] = ()
    fresh: tuple[Option, ...] = ()
    taken: bool = False
    territory_id: UUID | None = None


def page_of(session: Session, visit: SasVisit, target: Target, screen: Screen, *, now: datetime) -> Response:
    """Return the page. Raises `NotFound` when no practitioner has the id of the link."""
    carer = directory.get_practitioner(session, target.ps, now=now)
    slots = views.free_slots(session, target, now)
    free = {str(slot.id) for slot in slots}
    asked = str(target.slot) if target.slot else ""
    clicked = asked if asked in free else ""
    typed = {"creneau": clicked, "priorite": "P2", **screen.typed}
    lists = views.lists(session, slots, visit, screen.territory_id, now)
    status = 422 if screen.errors else 409 if screen.taken else 200
    return render(
        "sas/agenda.html",
        visit=visit,
        status=status,
        here=target.address("agenda"),
        draft_id=screen.draft_id,
        carer=views.where(session, slots, carer),
        days=views.days_of(slots, typed["creneau"], now),
        fresh=screen.fresh,
        taken=screen.taken or bool(asked and not clicked and not screen.typed),
        sexes=views.SEXES,
        mt_options=views.MT_OPTIONS,
        call_options=views.CALL_OPTIONS,
        priorities=views.PRIORITIES,
        commune_choices=[Option(one.insee, desk_views.commune_label(one)) for one in screen.communes],
        typed={"delai": lists["default_delay"], **typed},
        errors=screen.errors,
        **lists,
    )
