"""How a series goes on: its rest offered to a colleague, or closed, with the patient's own choice."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from api.deps import KeysDep, NowDep, SessionDep
from api.web import forms
from api.web.agenda import told
from api.web.agenda.week import ToldQuery, frame
from api.web.desk_views import Option
from api.web.rendering import render, see
from api.web.series import views
from api.web.series.lists import slots_of
from api.web.series.one import name_of
from api.web.series.visit import PhysioDep, done
from api.web.submitted import SubmittedDep
from regulation.series import service as series
from regulation.series.facts import PassReason, SeriesEnd
from snp.errors import NotFound

router = APIRouter(prefix="/series/{request_id}", include_in_schema=False)


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
    usual = name_of(session, card.series.usual_practitioner_id, now)
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
