"""Appointments: list, read, cancel, move, honour, no-show."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Allow, KeysDep, NowDep, SessionDep
from api.etags import OptionalVersion, show_version
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, AppointmentReader, Limit, PatientReader, Why
from api.routers.subjects import reachable_appointment
from api.schemas.forms import Instant, Listing, listing, some
from api.schemas.orientation import (
    AppointmentCancelIn,
    AppointmentDetailOut,
    AppointmentMoveIn,
    AppointmentOut,
    GivenUpOut,
    ProposalsOut,
    StatusOut,
)
from api.schemas.requests import PatientOut, RequestOut
from api.security.rights import Action, narrowed
from regulation.orientation import service as orientation
from regulation.orientation.facts import Reopened
from slots.appointments import service as appointments
from slots.appointments.facts import (
    AppointmentFilter,
    AppointmentStatusKind,
    AppointmentView,
    CancelledBy,
)
from snp.errors import NotFound
from snp.platform.actors import DESK_ROLES, REGULATION_ROLES, Actor

router = APIRouter(prefix="/appointments", tags=["appointments"])


@router.get("")
def list_appointments(
    *,
    session: SessionDep,
    by: AppointmentReader,
    territory_id: Annotated[UUID | None, Query()] = None,
    practitioner_id: Annotated[UUID | None, Query()] = None,
    request_id: Annotated[UUID | None, Query()] = None,
    starts_from: Annotated[Instant | None, Query()] = None,
    starts_before: Annotated[Instant | None, Query()] = None,
    status: Annotated[list[AppointmentStatusKind] | None, Query()] = None,
    live: Annotated[bool | None, Query(description="Ceux qui occupent leur créneau.")] = None,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[AppointmentOut]:
    """List appointments by start: a desk its own, a practitioner his own, others their territories'."""
    if by.role in DESK_ROLES:
        territories, practitioners = None, frozenset({practitioner_id}) if practitioner_id else None
    else:
        territories, practitioners = narrowed(
            by, Action.APPOINTMENT_READ, territory=territory_id, practitioner=practitioner_id
        )
    wanted = AppointmentFilter(
        practitioner_ids=practitioners,
        organisation_id=by.organisation if by.role in DESK_ROLES else None,
        territory_ids=territories,
        request_ids=frozenset({request_id}) if request_id else None,
        starts_from=starts_from,
        starts_before=starts_before,
        statuses=some(status),
        live=live,
    )
    page = appointments.list_appointments(session, wanted, cursor=cursor, limit=limit)
    return listing(page, AppointmentOut)


@router.get("/{appointment_id}")
def get_appointment(
    session: SessionDep, now: NowDep, by: AppointmentReader, response: Response, appointment_id: UUID
) -> AppointmentDetailOut:
    """Return an appointment and its story."""
    found = reachable_appointment(session, by, Action.APPOINTMENT_READ, appointment_id, now=now)
    show_version(response, found.version)
    lines = [StatusOut.of(line) for line in appointments.story(session, appointment_id)]
    return AppointmentDetailOut(**AppointmentOut.of(found).model_dump(), story=lines)


@router.get("/{appointment_id}/patient")
def read_appointment_patient(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: PatientReader, appointment_id: UUID, why: Why
) -> PatientOut:
    """Open who comes to an appointment: for its practitioner, its desk, the regulation. Audited."""
    reachable_appointment(session, by, Action.PATIENT_READ, appointment_id, now=now)
    patients = orientation.read_patients_of_appointments(
        session, [appointment_id], keys=keys, why=why, by=by, now=now
    )
    if appointment_id not in patients:
        raise NotFound("rendez-vous", appointment_id)
    return PatientOut.of(patients[appointment_id])


@router.post("/{appointment_id}/cancel", responses=problem_responses(409, 412))
def cancel_appointment(
    *,
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.APPOINTMENT_CANCEL))],
    version: OptionalVersion,
    appointment_id: UUID,
    body: AppointmentCancelIn,
) -> GivenUpOut:
    """Cancel an appointment. By its practitioner: the request seeks again, with fresh proposals."""
    found = reachable_appointment(session, by, Action.APPOINTMENT_CANCEL, appointment_id, now=now)
    outcome = orientation.cancel_appointment(
        session,
        appointment_id,
        cancelled_by=_canceller(by, found),
        reason=body.reason,
        version=version,
        by=by,
        now=now,
    )
    proposals = ProposalsOut.of(outcome.proposals) if isinstance(outcome, Reopened) else None
    return GivenUpOut(request=RequestOut.of(outcome.request), proposals=proposals)


@router.post("/{appointment_id}/move", responses=problem_responses(409, 412))
def move_appointment(
    *,
    session: SessionDep,
    now: NowDep,
    keys: KeysDep,
    by: Annotated[Actor, Depends(Allow(Action.APPOINTMENT_MOVE))],
    version: OptionalVersion,
    response: Response,
    appointment_id: UUID,
    body: AppointmentMoveIn,
) -> AppointmentOut:
    """Move an appointment to another slot that suits its request; returns the new one."""
    reachable_appointment(session, by, Action.APPOINTMENT_MOVE, appointment_id, now=now)
    moved = orientation.move_appointment(
        session,
        appointment_id,
        body.slot_id,
        reason=body.reason,
        keys=keys,
        version=version,
        by=by,
        now=now,
    )
    response.headers["Location"] = f"/api/v1/appointments/{moved.id}"
    return _shown(response, moved)


Closer = Annotated[Actor, Depends(Allow(Action.APPOINTMENT_OUTCOME))]


@router.post("/{appointment_id}/honour", responses=problem_responses(409, 412))
def honour(
    *,
    session: SessionDep,
    now: NowDep,
    by: Closer,
    version: OptionalVersion,
    response: Response,
    appointment_id: UUID,
) -> AppointmentOut:
    """Record that the patient came; the request closes with its last appointment."""
    reachable_appointment(session, by, Action.APPOINTMENT_OUTCOME, appointment_id, now=now)
    closed = orientation.honour(session, appointment_id, version=version, by=by, now=now)
    return _shown(response, closed)


@router.post("/{appointment_id}/no-show", responses=problem_responses(409, 412))
def no_show(
    *,
    session: SessionDep,
    now: NowDep,
    by: Closer,
    version: OptionalVersion,
    response: Response,
    appointment_id: UUID,
) -> AppointmentOut:
    """Record that the patient did not come; the request closes with its last appointment."""
    reachable_appointment(session, by, Action.APPOINTMENT_OUTCOME, appointment_id, now=now)
    closed = orientation.no_show(session, appointment_id, version=version, by=by, now=now)
    return _shown(response, closed)


def _canceller(by: Actor, view: AppointmentView) -> CancelledBy:
    """A professional who sent his patient to a colleague gives up as a desk, not as the practitioner."""
    if by.role in REGULATION_ROLES:
        return CancelledBy.REGULATION
    return CancelledBy.PRACTITIONER if by.practitioner == view.practitioner_id else CancelledBy.DESK


def _shown(response: Response, view: AppointmentView) -> AppointmentOut:
    show_version(response, view.version)
    return AppointmentOut.of(view)
