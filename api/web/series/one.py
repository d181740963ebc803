"""One series: its sessions, added, moved or cancelled; the rest offered to a colleague; what comes after."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.web import forms, wording
from api.web.agenda import told
from api.web.agenda.visit import AgendaVisit
from api.web.agenda.week import ToldQuery, frame
from api.web.desk_views import Option
from api.web.rendering import render, see
from api.web.series import views
from api.web.series.lists import slots_of
from api.web.series.visit import CarerDep, PhysioDep, done
from api.web.submitted import SubmittedDep
from regulation.orientation import service as orientation
from regulation.series import keeping
from regulation.series import service as series
from regulation.series.facts import PassReason, SeriesCard, SeriesEnd
from regulation.series.rules import begun, to_come
from slots.appointments.facts import CancelledBy
from snp.directory import service as directory
from snp.errors import NotFound

router = APIRouter(prefix="/series/{request_id}", include_in_schema=False)

WHY_MOVED: Final = "déplacé par le cabinet"
WHY_CANCELLED: Final = "le patient ne peut pas venir"


@router.get("")
def show(
    *,
    request_id: UUID,
    visit: CarerDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    dit: ToldQuery = None,
) -> Response:
    """Show a series, as far as the visitor has a part in it."""
    by = visit.actor
    card = series.get_series(session, request_id, by=by)
    traits = series.read_patients(session, [request_id], keys=keys, why=views.WHY_ONE, by=by, now=now)[
        request_id
    ]
    tone, sentences = told.said(session, dit, keys=keys, by=by, now=now)
    sheet, sheet_tone = views.sheet_state(card, now)
    closed = card.series.closed_as
    return render(
        "series/one.html",
        here=f"/series/{request_id}",
        who=f"{wording.full_name(traits)}, {wording.born(traits)}",
        phone=wording.phone(traits.phone),
        indication=views.indication(card.series.indication),
        grounds=_grounds(card),
        sessions=views.session_rows(session, card, by=by, now=now),
        is_open=card.series.is_open,
        ended="" if closed is None else views.ENDS[closed],
        chosen=_name(session, card.series.chosen_practitioner_id, now),
        usual=_name(session, card.series.usual_practitioner_id, now),
        holder=_name(session, card.series.practitioner_id, now),
        holds=series.holds(card, by),
        is_his=visit.is_his,
        sheet=sheet,
        sheet_tone=sheet_tone,
        has_sheet=card.sheet is not None,
        sheet_finished=card.sheet is not None and card.sheet.finished_at is not None,
        told_tone=tone,
        told=sentences,
        **_acts(session, visit, card, now),
        **{key: value for key, value in frame(session, visit, now).items() if key != "is_his"},
    )


def _acts(session: Session, visit: AgendaVisit, card: SeriesCard, now: datetime) -> dict[str, Any]:
    """Return what may be done with a series now."""
    by, request_id = visit.actor, card.series.request_id
    offer = series.offer_of(session, request_id, by=by)
    mine = card.series.is_open and card.series.practitioner_id == by.practitioner
    to_me = offer is not None and offer.to_practitioner_id == by.practitioner
    offered = next((one for one in series.offers_to(session, by=by, now=now) if one.offer == offer), None)
    rest = to_come(card.sessions, now)
    colleagues = [
        Option(str(one.id), one.full_name)
        for one in keeping.physios(session, card.series.territory_id, now)
        if one.id != by.practitioner
    ]
    return {
        "rest": len(rest),
        "addable": views.slot_choices(series.addable_slots(session, request_id, by=by, now=now))
        if mine
        else [],
        "mine": mine,
        "offer": offer,
        "offered_to": "" if offer is None else _name(session, offer.to_practitioner_id, now),
        "offered_by": "" if offer is None else _name(session, offer.from_practitioner_id, now),
        "offer_reason": "" if offer is None else views.REASONS[offer.reason],
        "offer_to_me": to_me,
        "ways": views.way_choices(offered.ways) if offered else [],
        "may_end": mine and not rest and bool(begun(card.sessions, now)),
        "colleagues": colleagues if mine and offer is None else [],
        "pass_reasons": views.reason_options(),
    }


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


@router.post("/confier")
def offer(
    *,
    request_id: UUID,
    visit: PhysioDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Offer the rest of a series to a colleague."""
    to, reason = forms.ident(form.texts.get("confrere")), form.texts.get("raison", "")
    here = f"/series/{request_id}"
    if to is None or reason not in {one.value for one in PassReason}:
        kept = told.keep(
            session,
            ["Choisissez un confrère, et dites pourquoi."],
            tone="care",
            keys=keys,
            by=visit.actor,
            now=now,
        )
        return see(f"{here}?dit={kept}")

    def act() -> object:
        return series.propose_pass(session, request_id, to, PassReason(reason), by=visit.actor, now=now)

    said = (
        "La série est proposée : votre confrère est prévenu et peut lire la fiche. "
        "Rien ne change d’ici sa réponse."
    )
    return done(session, visit, here, act, said, keys=keys, now=now)


@router.post("/offre/{pass_id}/{answer}")
def answer_offer(
    *,
    request_id: UUID,
    pass_id: UUID,
    answer: str,
    visit: PhysioDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Accept, decline or withdraw an offer."""
    by, slots = visit.actor, slots_of(form.texts.get("creneau", ""))
    match answer:
        case "accepter":

            def act() -> object:
                return series.accept_pass(session, pass_id, slots, keys=keys, by=by, now=now)

            said, address = "La série est à vous ; le patient est prévenu.", f"/series/{request_id}"
        case "refuser":

            def act() -> object:
                return series.decline_pass(session, pass_id, by=by, now=now)

            said, address = "Vous avez refusé : votre confrère est prévenu.", "/series"
        case "retirer":

            def act() -> object:
                return series.withdraw_pass(session, pass_id, by=by, now=now)

            said, address = "La proposition est retirée.", f"/series/{request_id}"
        case _:
            raise NotFound("page", answer)
    return done(session, visit, address, act, said, keys=keys, now=now)


@router.get("/suite")
def what_next(
    *,
    request_id: UUID,
    visit: PhysioDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    dit: ToldQuery = None,
) -> Response:
    """Ask how the series ends, with the physiotherapists among whom the patient chooses."""
    card = series.get_series(session, request_id, by=visit.actor)
    usual = _name(session, card.series.usual_practitioner_id, now)
    tone, sentences = told.said(session, dit, keys=keys, by=visit.actor, now=now)
    ends = [Option(SeriesEnd.HANDED_OVER.value, views.ENDS[SeriesEnd.HANDED_OVER])]
    if usual:
        ends.append(Option(SeriesEnd.RETURNED.value, f"Retour chez {usual}"))
    ends += [Option(one.value, views.ENDS[one]) for one in (SeriesEnd.TO_DOCTOR, SeriesEnd.NO_MORE_CARE)]
    return render(
        "series/next.html",
        here=f"/series/{request_id}/suite",
        back=f"/series/{request_id}",
        is_open=card.series.is_open,
        ends=ends,
        choices=views.choice_rows(series.choices(session, request_id, now=now)),
        told_tone=tone,
        told=sentences,
        **frame(session, visit, now),
    )


@router.post("/suite")
def end(
    *,
    request_id: UUID,
    visit: PhysioDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Close the series."""
    wanted = form.texts.get("fin", "")
    found = next((one for one in series.CHOICES if one.value == wanted), SeriesEnd.LAPSED)
    chosen = forms.ident(form.texts.get("choix"))

    def act() -> object:
        return series.close_series(session, request_id, found, chosen=chosen, by=visit.actor, now=now)

    said = "La série est close."
    return done(session, visit, f"/series/{request_id}", act, said, keys=keys, now=now)


def _with_session(session: Session, visit: AgendaVisit, request_id: UUID, appointment_id: UUID) -> SeriesCard:
    card = series.get_series(session, request_id, by=visit.actor)
    if appointment_id not in {one.id for one in card.sessions}:
        raise NotFound("rendez-vous", appointment_id)
    return card


def _grounds(card: SeriesCard) -> str:
    if card.series.diagnosed:
        return "Sur prescription ou diagnostic médical préalable"
    told_elsewhere = card.series.sessions_elsewhere
    more = f", {told_elsewhere} séance(s) faite(s) ailleurs" if told_elsewhere else ""
    return f"Accès direct, sans diagnostic médical préalable{more}"


def _name(session: Session, ident: UUID | None, now: datetime) -> str:
    return "" if ident is None else directory.get_practitioner(session, ident, now=now).full_name
