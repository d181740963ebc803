"""The sessions of a series: one more, another hour, cancelled alone or all, closed when they took place."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.web.agenda.visit import AgendaVisit
from api.web.agenda.week import frame
from api.web.rendering import render, see
from api.web.series import views
from api.web.series.lists import slots_of
from api.web.series.visit import CarerDep, PhysioDep, done
from api.web.submitted import SubmittedDep
from regulation.orientation import service as orientation
from regulation.series import service as series
from regulation.series.facts import SeriesCard
from slots.appointments.facts import CancelledBy
from snp.errors import NotFound

router = APIRouter(prefix="/series/{request_id}", include_in_schema=False)

WHY_MOVED: Final = "déplacé par le cabinet"
WHY_CANCELLED: Final = "le patient ne peut pas venir"


@router.post("/seances")
def add(
    *,
    request_id: UUID,
    visit: PhysioDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Add a session."""
    slots = slots_of(form.texts.get("creneau", ""))
    here = f"/series/{request_id}"
    if len(slots) != 1:
        return see(here)

    def act() -> object:
        return series.add_session(session, request_id, slots[0], keys=keys, by=visit.actor, now=now)

    return done(
        session, visit, here, act, "La séance est ajoutée ; le patient est prévenu.", keys=keys, now=now
    )


@router.post("/annuler-la-suite")
def cancel_rest(
    *,
    request_id: UUID,
    visit: CarerDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """The patient gives up every session to come."""

    def act() -> object:
        reason = form.texts.get("motif", "")
        return series.cancel_rest(session, request_id, reason=reason, by=visit.actor, now=now)

    said = "Les séances à venir sont annulées et leurs créneaux rendus ; le patient est prévenu."
    return done(session, visit, f"/series/{request_id}", act, said, keys=keys, now=now)


@router.get("/seances/{appointment_id}")
def other_slots(
    *, request_id: UUID, appointment_id: UUID, visit: PhysioDep, session: SessionDep, now: NowDep
) -> Response:
    """Show when else a session may be, and how to cancel it alone."""
    card = _with_session(session, visit, request_id, appointment_id)
    found = series.other_slots(session, appointment_id, by=visit.actor, now=now)
    one = next(
        s for s in views.session_rows(session, card, by=visit.actor, now=now) if s.id == appointment_id
    )
    return render(
        "series/slots.html",
        heading=f"Séance {one.number} : {one.when}",
        sentence="Choisissez un autre créneau : l’écart avec les autres séances est respecté.",
        nothing="Aucun autre créneau libre ne respecte l’écart avec les autres séances.",
        slots=views.slot_choices(found),
        action=f"/series/{request_id}/seances/{appointment_id}",
        cancel=f"/series/{request_id}/seances/{appointment_id}/annuler",
        back=f"/series/{request_id}",
        **frame(session, visit, now),
    )


@router.post("/seances/{appointment_id}")
def move(
    *,
    request_id: UUID,
    appointment_id: UUID,
    visit: PhysioDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Move one session."""
    _with_session(session, visit, request_id, appointment_id)
    slots = slots_of(form.texts.get("creneau", ""))
    if len(slots) != 1:
        return see(f"/series/{request_id}/seances/{appointment_id}")

    def act() -> object:
        return orientation.move_appointment(
            session, appointment_id, slots[0], reason=WHY_MOVED, keys=keys, by=visit.actor, now=now
        )

    said = "La séance est déplacée ; le patient est prévenu."
    return done(session, visit, f"/series/{request_id}", act, said, keys=keys, now=now)


@router.post("/seances/{appointment_id}/annuler")
def cancel_one(
    *,
    request_id: UUID,
    appointment_id: UUID,
    visit: PhysioDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """The patient gives up one session; the others stay."""
    _with_session(session, visit, request_id, appointment_id)

    def act() -> object:
        return orientation.cancel_appointment(
            session,
            appointment_id,
            cancelled_by=CancelledBy.PATIENT,
            reason=WHY_CANCELLED,
            by=visit.actor,
            now=now,
        )

    said = "La séance est annulée ; les autres restent."
    return done(session, visit, f"/series/{request_id}", act, said, keys=keys, now=now)


@router.post("/seances/{appointment_id}/{outcome}")
def close_session(
    *,
    request_id: UUID,
    appointment_id: UUID,
    outcome: str,
    visit: PhysioDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Say whether the patient came."""
    _with_session(session, visit, request_id, appointment_id)
    acts = {"faite": orientation.honour, "non-venu": orientation.no_show}
    if outcome not in acts:
        raise NotFound("page", outcome)

    def act() -> object:
        return acts[outcome](session, appointment_id, by=visit.actor, now=now)

    return done(session, visit, f"/series/{request_id}", act, "C’est noté.", keys=keys, now=now)


def _with_session(session: Session, visit: AgendaVisit, request_id: UUID, appointment_id: UUID) -> SeriesCard:
    card = series.get_series(session, request_id, by=visit.actor)
    if appointment_id not in {one.id for one in card.sessions}:
        raise NotFound("rendez-vous", appointment_id)
    return card
