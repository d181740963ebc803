"""One screen: the practitioner's agenda with the slot picked, the patient, the regulation; one act books it.

What is typed is answered on the page itself when something must be revised or the slot went meanwhile, so
that nothing typed is lost. A form sent twice books once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.web import desk_views, drafts, wording
from api.web.desk_patient import phone_fault, picked_commune, trait_fault
from api.web.desk_views import Option
from api.web.dossier_views import ended
from api.web.drafts import Draft
from api.web.forms import Errors
from api.web.rendering import render, see
from api.web.sas import views
from api.web.sas.forms import BookingTyped, in_order, read_booking
from api.web.sas.sign_in import TERMS_VERSION
from api.web.sas.visit import PREFIX, OptionalSasVisitDep, SasVisit, SasVisitDep, Target, TargetDep
from api.web.sign_in import form_page
from api.web.submitted import SubmittedDep
from api.web.ticket import patient_page_address, ticket_of
from api.wiring import wiring_of
from regulation.intake import service as intake
from regulation.intake.facts import PatientTraits, RequestView
from regulation.orientation import service as orientation
from regulation.orientation.facts import PlatformForm, PlatformOutcome, PlatformResult
from regulation.orientation.refusals import SlotDoesNotSuit, SlotNoLongerFree
from slots.agenda import service as agenda
from slots.agenda.refusals import SlotNotFound
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentFilter, SasOperator
from snp.assignment.facts import Rule
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import CommuneView
from snp.errors import InvalidValue, NotFound
from snp.platform.actors import Actor
from snp.platform.columns import new_id
from snp.platform.keys import Keys

router = APIRouter(prefix=PREFIX, include_in_schema=False)

WHY_READ: Final = "ticket lu par le régulateur qui a pris le rendez-vous"
_CALL_FIRST: Final = "Le médecin traitant est à appeler d’abord : reprenez ici avec sa réponse"
_FIELD_OF_RULE: Final = {Rule.TOO_LATE: "delai"}


@dataclass(frozen=True, slots=True)
class Screen:
    """What the page shows besides the agenda: what was typed, what must be revised, what is free instead."""

    draft_id: UUID
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)
    communes: Sequence[CommuneView] = ()
    fresh: tuple[Option, ...] = ()
    taken: bool = False
    territory_id: UUID | None = None


@router.get("/agenda")
def show(
    *, request: Request, target: TargetDep, visit: OptionalSasVisitDep, session: SessionDep, now: NowDep
) -> Response:
    """Show the agenda to who came through the platform; the ordinary sign-in form to anybody else."""
    if target is None:
        return form_page(wiring_of(request), next="/", resumed="")
    if visit is None:
        return see(target.address("entrer"))
    if visit.terms_version != TERMS_VERSION:
        return see(target.address("conditions"))
    return _page(session, visit, target, Screen(new_id()), now=now)


@router.post("/agenda")
def book(
    *,
    target: TargetDep,
    visit: SasVisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Book the slot, or say what must be revised."""
    if target is None:
        return see("/connexion")
    if visit.terms_version != TERMS_VERSION:
        return see(target.address("conditions"))
    draft = drafts.start_draft(session, _draft_id(form.texts), keys=keys, by=visit.actor, now=now)
    if draft.request_id is not None:
        return _to_the_end(session, draft.request_id, target)
    screen = Screen(draft.id, form.texts)
    codes = frozenset(option.value for option in views.reason_options(now))
    reading = read_booking(form.texts, codes, local_day(now))
    errors = reading.errors | phone_fault(form.texts.get("telephone", ""))
    filled, faults, communes = _filled(session, visit, form.texts, reading.value, now=now)
    errors |= faults
    if errors or filled is None:
        shown = replace(screen, errors=in_order(errors), communes=communes)
        return _page(session, visit, target, shown, now=now)
    return _book(session, visit, target, screen, filled, keys=keys, now=now)


def _book(
    session: Session,
    visit: SasVisit,
    target: Target,
    screen: Screen,
    filled: PlatformForm,
    *,
    keys: Keys,
    now: datetime,
) -> Response:
    operator = SasOperator(visit.operator.system, visit.operator.value)
    by, screen = visit.acting_in(filled.territory_id), replace(screen, territory_id=filled.territory_id)
    try:
        with session.begin_nested() as savepoint:
            result = orientation.book_from_platform(session, filled, operator, keys=keys, by=by, now=now)
            if result.outcome is PlatformOutcome.CALL_MT_FIRST:
                savepoint.rollback()  # nothing is opened that this régulateur could not take up again
    except SlotNoLongerFree as lost:
        fresh = views.fresh_options(lost.proposals, now)
        screen = replace(screen, fresh=fresh, taken=True, typed={**screen.typed, "creneau": ""})
        return _page(session, visit, target, screen, now=now)
    except SlotDoesNotSuit as refusal:
        errors = {_FIELD_OF_RULE.get(Rule(str(refusal.fields["rule"])), "creneau"): refusal.sentence}
        return _page(session, visit, target, replace(screen, errors=errors), now=now)
    except InvalidValue as fault:
        return _page(session, visit, target, replace(screen, errors=trait_fault(fault)), now=now)
    if result.outcome is PlatformOutcome.CALL_MT_FIRST:
        return _page(session, visit, target, replace(screen, errors={"mt_appel": _CALL_FIRST}), now=now)
    return _keep(session, target, screen.draft_id, result, keys=keys)


def _keep(
    session: Session, target: Target, draft_id: UUID, result: PlatformResult, *, keys: Keys
) -> RedirectResponse:
    """Remember what this form became, so that sent again it leads there."""
    drafts.save_draft(session, Draft(draft_id, request_id=result.request.id), keys=keys)
    return _to_the_end(session, result.request.id, target)


def _to_the_end(session: Session, request_id: UUID, target: Target) -> RedirectResponse:
    wanted = AppointmentFilter(request_ids=frozenset({request_id}))
    found = appointments.list_appointments(session, wanted, limit=1).items
    return see(target.address(f"rendez-vous/{found[0].id}" if found else f"dossiers/{request_id}"))


@router.get("/rendez-vous/{appointment_id}")
def ticket(
    *,
    appointment_id: UUID,
    request: Request,
    target: TargetDep,
    visit: SasVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Show the ticket of an appointment to the régulateur who booked it. Raises `NotFound` for any other."""
    one = appointments.get_appointment(session, appointment_id)
    by = _author(visit, one.created_by, one.territory_id)
    opened = intake.read_confidential(session, one.request_id, keys=keys, why=WHY_READ, by=by, now=now)
    shown = ticket_of(
        session,
        one,
        patient=wording.full_name(opened.identity.traits),
        page=patient_page_address(request),
        keys=keys,
        now=now,
    )
    return render("sas/booked.html", visit=visit, ticket=shown, agenda=_back(target))


@router.get("/dossiers/{request_id}")
def outcome(
    *, request_id: UUID, target: TargetDep, visit: SasVisitDep, session: SessionDep, now: NowDep
) -> Response:
    """Show how a request ended without an appointment, to the régulateur who brought it."""
    view, by = _own_request(session, visit, request_id, now=now)
    told = ended(view, intake.story(session, request_id, by=by, now=now))
    return render("sas/ended.html", visit=visit, agenda=_back(target), number=view.number, **told)


def _own_request(
    session: Session, visit: SasVisit, request_id: UUID, *, now: datetime
) -> tuple[RequestView, Actor]:
    reader = replace(visit.actor, territories=_territories(session))
    view = intake.get_request(session, request_id, by=reader, now=now)
    return view, _author(visit, view.created_by, view.territory_id)


def _territories(session: Session) -> frozenset[UUID]:
    found: set[UUID] = set()
    cursor: str | None = None
    while True:
        page = directory.list_territories(session, cursor=cursor)
        found |= {one.id for one in page.items}
        cursor = page.next_cursor
        if cursor is None:
            return frozenset(found)


def _author(visit: SasVisit, author: str, territory_id: UUID) -> Actor:
    """Return the régulateur as who may read what he brought. Raises `NotFound` for somebody else's."""
    if author != visit.actor.ident:
        raise NotFound("dossier")
    return visit.acting_in(territory_id)


def _back(target: Target | None) -> str:
    return target.address("agenda") if target else ""


def _filled(
    session: Session, visit: SasVisit, typed: Mapping[str, str], read: BookingTyped | None, *, now: datetime
) -> tuple[PlatformForm | None, Errors, Sequence[CommuneView]]:
    """Return the form with the slot's territory and the commune's code; else the faults, and what to pick."""
    near = _territories_of_slot(session, typed.get("creneau", ""), now=now)
    insee, errors, communes = picked_commune(session, typed, replace(visit.actor, territories=near))
    if not near and typed.get("creneau"):
        errors = {"creneau": "Choisissez un créneau", **errors}
    if read is None or insee is None or errors:
        return None, errors, communes
    traits = PatientTraits(
        family_name=read.person.family_name,
        given_name=read.person.given_name,
        birth_date=read.birth_date,
        sex=read.sex,
        insee=insee,
        phone=read.person.phone,
    )
    filled = PlatformForm(
        territory_id=desk_views.territory_for(session, replace(visit.actor, territories=near), insee),
        slot_id=read.slot_id,
        patient=traits,
        mt=read.mt,
        delay_h=read.delay_h,
        urgency=read.urgency,
        reason=read.reason,
        note=read.note,
        can_wait=read.can_wait,
    )
    return filled, {}, ()


def _territories_of_slot(session: Session, typed: str, *, now: datetime) -> frozenset[UUID]:
    """Return where a slot is offered, taken or not; nothing when no slot was named."""
    try:
        return agenda.get_slot(session, UUID(typed), now=now).territory_ids
    except (ValueError, SlotNotFound):
        return frozenset()


def _draft_id(typed: Mapping[str, str]) -> UUID:
    try:
        return UUID(typed.get("brouillon", ""))
    except ValueError:
        return new_id()


def _page(session: Session, visit: SasVisit, target: Target, screen: Screen, *, now: datetime) -> Response:
    carer = directory.get_practitioner(session, target.ps, now=now)
    slots = views.free_slots(session, target, now)
    free = {str(slot.id) for slot in slots}
    asked = str(target.slot) if target.slot else ""
    picked = asked if "creneau" not in screen.typed and asked in free else ""
    lists = views.lists(session, slots, visit, screen.territory_id, now)
    status = 422 if screen.errors else 409 if screen.taken else 200
    return render(
        "sas/agenda.html",
        visit=visit,
        status=status,
        here=target.address("agenda"),
        draft_id=screen.draft_id,
        carer=views.where(session, slots, carer),
        days=views.days_of(slots, now),
        fresh=screen.fresh,
        taken=screen.taken or bool(asked and asked not in free and not screen.typed),
        sexes=views.SEXES,
        mt_options=views.MT_OPTIONS,
        call_options=views.CALL_OPTIONS,
        priorities=views.PRIORITIES,
        commune_choices=[Option(one.insee, desk_views.commune_label(one)) for one in screen.communes],
        typed={"creneau": picked, "priorite": "P2", "delai": lists["default_delay"], **screen.typed},
        errors=screen.errors,
        **lists,
    )
