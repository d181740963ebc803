"""One slot: who comes, to whom it is offered, take it back; and the outcome of an appointment at one tap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.web import wording
from api.web.agenda import told, week_views
from api.web.agenda.publish_views import Option, Tick
from api.web.agenda.reading import AUDIENCES, Typed
from api.web.agenda.visit import AgendaVisit, AgendaVisitDep
from api.web.agenda.week import InfoQuery, frame
from api.web.forms import Errors
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from regulation.intake.rules import IllegalMove
from regulation.orientation import service as orientation
from slots.agenda import service as agenda
from slots.agenda.facts import SHOWN_BOTH_WAYS, Occupancy, SlotChange, SlotState, SlotView
from slots.agenda.refusals import ReasonRequired, SlotInThePast, SlotNotOpen
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, AppointmentStatusKind, AppointmentView, CancelledBy
from slots.appointments.refusals import AppointmentStarted, IllegalStatus
from slots.feeds import service as feeds
from snp.days import local_day, say_interval
from snp.directory import service as directory
from snp.errors import NotFound, SnpError
from snp.platform.keys import Keys

router = APIRouter(prefix="/agenda", include_in_schema=False)

_LIVE: Final = frozenset({SlotState.OPEN, SlotState.HIDDEN})
_REASONS: Final = (
    Option("Médecin absent", "Je suis absent"),
    Option("Urgence au cabinet", "Une urgence"),
    Option("Ne relève pas de cette consultation", "Ce n’est pas pour ma consultation"),
    Option("autre", "Autre"),
)


@router.get("/creneaux/{slot_id}")
def show(
    *,
    slot_id: UUID,
    visit: AgendaVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    info: InfoQuery = None,
) -> Response:
    """Show a slot."""
    return _page(session, visit, _his_slot(session, visit, slot_id, now), keys=keys, now=now, info=info)


@router.post("/creneaux/{slot_id}/retirer")
def withdraw(
    *, slot_id: UUID, visit: AgendaVisitDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> RedirectResponse:
    """Take a free slot back at one tap; one taken meanwhile is shown instead."""
    slot = _his_slot(session, visit, slot_id, now)
    try:
        with session.begin_nested():
            orientation.withdraw_slot(session, slot_id, by=visit.actor, now=now)
    except ReasonRequired:
        return see(f"/agenda/creneaux/{slot_id}", info="pris-entre-temps")
    except (SlotNotOpen, SlotInThePast) as refusal:
        return _told(session, visit, slot, refusal.sentence, keys=keys, now=now, tone="care")
    said = f"Créneau retiré, {say_interval(slot.start, slot.end)}."
    return _told(session, visit, slot, said, keys=keys, now=now)


@router.post("/creneaux/{slot_id}/publics")
def offer_to(
    *,
    slot_id: UUID,
    visit: AgendaVisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Change to whom one slot is offered."""
    slot = _his_slot(session, visit, slot_id, now)
    typed = Typed(form.texts, {})
    shown = (slot.sas or SHOWN_BOTH_WAYS) if "sas" in form.texts else frozenset()
    change = SlotChange(audiences=typed.audiences(slot.audiences), sas=shown)
    if not typed.errors:
        try:
            with session.begin_nested():
                agenda.change_slot(session, slot_id, change, by=visit.actor, now=now)
        except SnpError as refusal:
            typed.errors["publics"] = refusal.sentence
    if typed.errors:
        return _page(session, visit, slot, keys=keys, now=now, typed=form.texts, errors=typed.errors)
    return see(f"/agenda/creneaux/{slot_id}", info="publics-changes")


@router.post("/rendez-vous/{appointment_id}/venu")
def honoured(
    *, appointment_id: UUID, visit: AgendaVisitDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> RedirectResponse:
    """Say that the patient came."""
    return _close(session, visit, appointment_id, orientation.honour, "Noté : venu.", keys=keys, now=now)


@router.post("/rendez-vous/{appointment_id}/pas-venu")
def no_show(
    *, appointment_id: UUID, visit: AgendaVisitDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> RedirectResponse:
    """Say that the patient did not come."""
    return _close(session, visit, appointment_id, orientation.no_show, "Noté : pas venu.", keys=keys, now=now)


@router.post("/rendez-vous/{appointment_id}/annuler")
def cancel(
    *,
    appointment_id: UUID,
    visit: AgendaVisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Give an appointment up with a reason: its request seeks again, its slot is withdrawn."""
    booked = _his_appointment(session, visit, appointment_id)
    slot = agenda.get_slot(session, booked.slot_id, now=now)
    reason = form.texts.get("motif", "")
    if reason == "autre":
        reason = form.texts.get("precision", "")
    errors: Errors = {}
    if not reason:
        where = "precision" if form.texts.get("motif") == "autre" else "motif"
        errors[where] = "Dites pourquoi : la régulation et le patient le liront"
    else:
        try:
            with session.begin_nested():
                orientation.cancel_appointment(
                    session,
                    appointment_id,
                    cancelled_by=CancelledBy.PRACTITIONER,
                    reason=reason,
                    by=visit.actor,
                    now=now,
                )
        except (AppointmentStarted, IllegalStatus, IllegalMove) as refusal:
            errors["motif"] = refusal.sentence
    if errors:
        return _page(session, visit, slot, keys=keys, now=now, typed=form.texts, errors=errors)
    said = "Rendez-vous annulé : la demande repart en recherche, sous les yeux de la régulation."
    return _told(session, visit, slot, said, keys=keys, now=now)


def _close(
    session: Session,
    visit: AgendaVisit,
    appointment_id: UUID,
    act: Callable[..., AppointmentView],
    said: str,
    *,
    keys: Keys,
    now: datetime,
) -> RedirectResponse:
    """Record how an appointment ended; a second tap or a tap too early is told, and changes nothing."""
    booked = _his_appointment(session, visit, appointment_id)
    slot, tone = agenda.get_slot(session, booked.slot_id, now=now), "good"
    try:
        with session.begin_nested():
            act(session, appointment_id, by=visit.actor, now=now)
    except SnpError as refusal:
        said, tone = refusal.sentence, "care"
    return _told(session, visit, slot, said, keys=keys, now=now, tone=tone)


def _his_slot(session: Session, visit: AgendaVisit, slot_id: UUID, now: datetime) -> SlotView:
    slot = agenda.get_slot(session, slot_id, now=now)
    if slot.practitioner_id != visit.practitioner:
        raise NotFound("créneau", slot_id)
    return slot


def _his_appointment(session: Session, visit: AgendaVisit, appointment_id: UUID) -> AppointmentView:
    found = appointments.get_appointment(session, appointment_id)
    if found.practitioner_id != visit.practitioner:
        raise NotFound("rendez-vous", appointment_id)
    return found


def _told(
    session: Session,
    visit: AgendaVisit,
    slot: SlotView,
    said: str,
    *,
    keys: Keys,
    now: datetime,
    tone: str = "good",
) -> RedirectResponse:
    kept = told.keep(session, [said], tone=tone, keys=keys, by=visit.actor, now=now)
    return see(f"/agenda?semaine={local_day(slot.start).isoformat()}&dit={kept}")


def _page(
    session: Session,
    visit: AgendaVisit,
    slot: SlotView,
    *,
    keys: Keys,
    now: datetime,
    info: str | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
) -> Response:
    booked = _booked(session, slot)
    busy = feeds.absences_of_calendars(session, visit.practitioner)
    coming = {}
    if booked is not None:
        coming = orientation.read_who_comes(
            session, [booked.id], keys=keys, why=week_views.WHY_READ, by=visit.actor, now=now
        )
    state, tone = week_views.state_of(slot, booked, busy)
    ahead, given = slot.start > now, typed or {}
    asked = "publics" in given
    return render(
        "agenda/slot.html",
        status=422 if errors else 200,
        info=info,
        slot_id=slot.id,
        when=wording.capital(say_interval(slot.start, slot.end)),
        week=local_day(slot.start).isoformat(),
        place=directory.get_site(session, slot.site_id).name,
        state=state,
        tone=tone,
        warning=week_views.warning_of(slot, busy),
        pattern_id=slot.pattern_id,
        patient=(
            week_views.patient_of(booked.id, coming[booked.id], local_day(now))
            if booked and booked.id in coming
            else None
        ),
        is_offered=ahead and slot.occupancy is Occupancy.FREE and slot.state in _LIVE,
        may_cancel=ahead and booked is not None and booked.status is AppointmentStatusKind.BOOKED,
        may_close=not ahead and booked is not None,
        borrower=_borrower(session, booked),
        reasons=_REASONS,
        audiences=tuple(
            Tick(
                f"public_{one.value}",
                label,
                f"public_{one.value}" in given if asked else one in slot.audiences,
            )
            for one, label in AUDIENCES.items()
        ),
        on_sas="sas" in given if asked else bool(slot.sas),
        typed=given,
        errors=errors or {},
        **frame(session, visit, now),
    )


def _borrower(session: Session, booked: AppointmentView | None) -> str:
    """Return the neighbouring territory whose request took a lent slot; nothing for an own one."""
    if booked is None or booked.sharing_id is None:
        return ""
    return directory.get_territory(session, booked.territory_id).name


def _booked(session: Session, slot: SlotView) -> AppointmentView | None:
    if slot.occupancy is not Occupancy.TAKEN:
        return None
    query = AppointmentFilter(
        practitioner_ids=frozenset({slot.practitioner_id}),
        live=True,
        starts_from=slot.start,
        starts_before=slot.end,
    )
    found = appointments.list_appointments(session, query, limit=10).items
    return next((one for one in found if one.slot_id == slot.id), None)
