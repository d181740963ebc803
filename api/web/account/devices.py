"""« Mes appareils »: where one is signed in, and signing out elsewhere."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response

from api.cookies import SESSION
from api.deps import NowDep, SessionDep, VisitDep, WiringDep
from api.security import service as security
from api.security.rights import Action, reach_of
from api.web.account.views import device_rows
from api.web.rendering import render, see

router = APIRouter(prefix="/compte/appareils", include_in_schema=False)


@router.get("")
def show(
    *,
    visit: VisitDep,
    session: SessionDep,
    wiring: WiringDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """List the devices."""
    reach_of(visit.actor, Action.SELF)
    rows = device_rows(session, visit, wiring, now)
    return render("account/devices.html", visit=visit, info=info, rows=rows)


@router.post("/fermer-les-autres")
def end_others(*, visit: VisitDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Sign out everywhere else."""
    reach_of(visit.actor, Action.SELF)
    security.end_other_devices(session, visit.account.id, token=visit.token, now=now)
    return see("/compte/appareils", info="autres-fermes")


@router.post("/{device_id}/fermer")
def end_one(
    *, device_id: UUID, visit: VisitDep, session: SessionDep, wiring: WiringDep, now: NowDep
) -> RedirectResponse:
    """Sign one device out; this one too, where it is the one named."""
    reach_of(visit.actor, Action.SELF)
    listed = security.list_devices(session, visit.account.id, token=visit.token, now=now)
    is_this_one = any(one.id == device_id and one.is_this_one for one in listed)
    security.end_device(session, visit.account.id, device_id, now=now)
    if not is_this_one:
        return see("/compte/appareils", info="appareil-ferme")
    response = see("/connexion", info="deconnecte")
    SESSION.remove(response, wiring)
    return response
