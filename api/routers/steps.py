"""The steps of a request: médecin traitant check, resumption, estimate, decision, stop, cancel, correction.

`If-Match` is optional on a step (the state machine refuses what no longer fits), required on a correction.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.deps import Allow, KeysDep, NowDep, SessionDep
from api.etags import OptionalVersion, RequiredVersion, show_version
from api.openapi import problem_responses
from api.schemas.orientation import ProposalsIn, ProposalsOut
from api.schemas.requests import (
    CorrectionIn,
    DecisionIn,
    EstimateIn,
    MtCheckIn,
    StepOut,
    StopIn,
    WhyIn,
)
from api.security.rights import Action
from regulation.intake import service as intake
from regulation.intake.facts import StepResult
from regulation.orientation import service as orientation
from slots.appointments.facts import CancelledBy
from snp.platform.actors import REGULATION_ROLES, Actor

router = APIRouter(prefix="/requests/{request_id}", tags=["requests"], responses=problem_responses(409, 412))


@router.post("/mt-check")
def check_mt(
    *,
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.REQUEST_CHECK_MT))],
    version: OptionalVersion,
    response: Response,
    request_id: UUID,
    body: MtCheckIn,
) -> StepOut:
    """Answer the médecin traitant question: call him first, keep an appointment, or go on."""
    urgency = body.urgency.to_facts() if body.urgency else None
    step = intake.check_mt(
        session, request_id, body.answers.to_facts(), urgency=urgency, version=version, by=by, now=now
    )
    return _shown(response, step)


@router.post("/resume")
def resume(
    *,
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.REQUEST_RESUME))],
    version: OptionalVersion,
    response: Response,
    request_id: UUID,
) -> StepOut:
    """Take up a request that waited for the médecin traitant; the question is asked again."""
    return _shown(response, intake.resume(session, request_id, version=version, by=by, now=now))


@router.post("/estimate")
def estimate(
    *,
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.REQUEST_ESTIMATE))],
    version: OptionalVersion,
    response: Response,
    request_id: UUID,
    body: EstimateIn,
) -> StepOut:
    """Record within how many hours the OSNP thinks that care must be given."""
    urgency = body.urgency.to_facts() if body.urgency else None
    step = intake.estimate_delay(
        session, request_id, body.delay_h, urgency=urgency, version=version, by=by, now=now
    )
    return _shown(response, step)


@router.post("/decision")
def decide(
    *,
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.REQUEST_DECIDE))],
    version: OptionalVersion,
    response: Response,
    request_id: UUID,
    body: DecisionIn,
) -> StepOut:
    """Record the régulateur's decision; only an SNP consultation or a teleconsultation seeks a slot."""
    step = intake.decide(session, request_id, body.to_facts(), version=version, by=by, now=now)
    return _shown(response, step)


@router.post("/stop")
def stop(
    *,
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.REQUEST_STOP))],
    version: OptionalVersion,
    response: Response,
    request_id: UUID,
    body: StopIn,
) -> StepOut:
    """Stop a request towards the 15 and free the slots that it holds or has taken."""
    step = orientation.stop(session, request_id, body.urgency.to_facts(), version=version, by=by, now=now)
    return _shown(response, step)


@router.post("/cancel")
def cancel(
    *,
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.REQUEST_CANCEL))],
    version: OptionalVersion,
    response: Response,
    request_id: UUID,
    body: WhyIn,
) -> StepOut:
    """Give a request up and free the slots that it holds or has taken."""
    cancelled_by = CancelledBy.REGULATION if by.role in REGULATION_ROLES else CancelledBy.DESK
    step = orientation.cancel_request(
        session, request_id, body.why, cancelled_by=cancelled_by, version=version, by=by, now=now
    )
    return _shown(response, step)


@router.patch("", responses=problem_responses(428))
def correct(
    *,
    session: SessionDep,
    now: NowDep,
    keys: KeysDep,
    by: Annotated[Actor, Depends(Allow(Action.REQUEST_CORRECT))],
    version: RequiredVersion,
    response: Response,
    request_id: UUID,
    body: CorrectionIn,
) -> StepOut:
    """Correct what was typed on a live request; audited with `why`."""
    step = intake.correct(
        session,
        request_id,
        body.to_facts(),
        keys=keys,
        why=body.why,
        version=version,
        by=by,
        now=now,
    )
    return _shown(response, step)


@router.post("/proposals", tags=["proposals"])
def propose(
    *,
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.REQUEST_PROPOSE))],
    request_id: UUID,
    body: ProposalsIn,
) -> ProposalsOut:
    """Propose the best ways to serve a seeking request now, and say why not others; holds nothing.

    `advice` says what to tell the caller: why these slots, a promise to make, or the waiting list.
    """
    found = orientation.propose(
        session, request_id, k=body.k, at_once=body.at_once, anyway=body.anyway, by=by, now=now
    )
    return ProposalsOut.of(found)


def _shown(response: Response, step: StepResult) -> StepOut:
    show_version(response, step.request.version)
    return StepOut.of(step)
