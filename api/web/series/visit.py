"""Who visits the pages of series: a carer or who acts for him.

And acts that tell the next page what came of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from api.deps import PageVisit
from api.security.rights import Action, reach_of
from api.web.agenda import told
from api.web.agenda.visit import AgendaVisit, AgendaVisitDep
from api.web.rendering import see
from regulation.series.facts import PHYSIO
from snp.errors import Forbidden, InvalidValue, NotFound, SnpError
from snp.platform.keys import Keys


def carer_visit(visit: AgendaVisitDep, request: Request) -> AgendaVisit:
    """Return the visit of a carer, or of who acts for him. Raises `Forbidden` for anybody else."""
    reach_of(visit.actor, Action.SERIES_READ)
    request.state.actor = visit.actor
    return visit


CarerDep = Annotated[AgendaVisit, Depends(carer_visit)]


def sheet_visit(visit: CarerDep) -> AgendaVisit:
    """Return the visit of a carer himself: nobody reads or writes a sheet for him. Raises `Forbidden`."""
    reach_of(visit.actor, Action.SHEET_READ)
    return visit


SheetDep = Annotated[AgendaVisit, Depends(sheet_visit)]


def is_physio(visit: PageVisit) -> bool:
    """Whether a page is visited for a physiotherapist."""
    return visit.actor.profession == PHYSIO


def physio_visit(visit: CarerDep) -> AgendaVisit:
    """Return the visit of a physiotherapist, or of who acts for him. Raises `Forbidden`."""
    if visit.actor.profession != PHYSIO:
        raise Forbidden("only physiotherapists")
    return visit


PhysioDep = Annotated[AgendaVisit, Depends(physio_visit)]


def done(
    session: Session,
    visit: AgendaVisit,
    address: str,
    act: Callable[[], Any],
    said: str,
    *,
    keys: Keys,
    now: datetime,
) -> RedirectResponse:
    """Do one act whole or not at all; the page at `address` tells what came of it. Raises `NotFound`."""
    tone, sentence = "good", said
    try:
        with session.begin_nested():
            act()
    except NotFound:
        raise
    except InvalidValue as fault:
        reason = str(fault.fields["reason"]).rstrip(".")
        tone, sentence = "care", f"{reason[:1].upper()}{reason[1:]}."
    except SnpError as refusal:
        tone, sentence = "care", refusal.sentence
    kept = told.keep(session, [sentence], tone=tone, keys=keys, by=visit.actor, now=now)
    return see(f"{address}?dit={kept}")
