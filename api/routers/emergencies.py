"""Break-glass: a dossier of another territory opened for a short time; the delegate's list of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from api.deps import Allow, KeysDep, NowDep, SessionDep, WiringDep
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, Limit
from api.schemas.emergencies import EmergencyIn, EmergencyOut, EmergencyRecordOut
from api.schemas.forms import Listing, listing
from api.security.rights import Action, narrowed
from regulation.emergency import service as emergency
from snp.platform.actors import Actor

router = APIRouter(tags=["protection"])
Opener = Annotated[Actor, Depends(Allow(Action.EMERGENCY_OPEN))]


@router.post(
    "/emergency-accesses", status_code=201, response_model=EmergencyOut, responses=problem_responses(409)
)
def open_emergency_access(
    *, session: SessionDep, now: NowDep, wiring: WiringDep, by: Opener, once: OnceDep, body: EmergencyIn
) -> Response:
    """Open a dossier of another territory in an emergency; its coordinators and delegate are told at once.

    Sent again while it lasts, the same access is returned and nobody is told twice.
    """
    lasts = timedelta(minutes=wiring.settings.emergency_minutes)

    def open_it() -> Answer:
        made = emergency.open_dossier(session, body.number, reason=body.reason, lasts=lasts, by=by, now=now)
        return Answer(EmergencyOut.of(made), f"/api/v1/emergency-accesses/{made.id}")

    return once(open_it)


@router.get("/emergency-accesses")
def list_emergency_accesses(
    *,
    session: SessionDep,
    by: Annotated[Actor, Depends(Allow(Action.EMERGENCY_READ))],
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[EmergencyOut]:
    """List the emergency accesses to dossiers of the delegate's territories, newest first."""
    territories, _ = narrowed(by, Action.EMERGENCY_READ)
    page = emergency.list_accesses(session, territories, cursor=cursor, limit=limit)
    return listing(page, EmergencyOut)


@router.get("/emergency-accesses/{access_id}", responses=problem_responses(409))
def read_emergency_access(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: Opener, access_id: UUID
) -> EmergencyRecordOut:
    """Return identity and story of a dossier that the caller opened, while the access lasts; audited."""
    return EmergencyRecordOut.told(emergency.read(session, access_id, keys=keys, by=by, now=now))
