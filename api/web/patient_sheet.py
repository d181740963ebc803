"""What a patient does after a series, behind the link of his appointment: read his sheet, choose who goes on.

The sheet is health data: the link is not enough, the birth date is asked for and wrong ones are counted.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.deps import KeysDep, NowDep, SessionDep, client_address, same_origin
from api.papers.sheet import paper
from api.papers.sheet_pdf import sheet_pdf
from api.web import forms
from api.web.patient import PatientDep
from api.web.patient_page import Secret, appointment_behind
from api.web.rendering import render, see
from api.web.series import views
from api.web.series.sheet import pdf_answer
from api.web.submitted import SubmittedDep
from api.wiring import wiring_of
from regulation.series import service as series
from regulation.series.refusals import SheetNotFound
from regulation.series.rules import begun, to_come
from snp.days import local_day
from snp.errors import NotFound, SnpError

router = APIRouter(prefix="/rdv", include_in_schema=False, dependencies=[Depends(same_origin)])


@router.get("/{secret}/fiche")
def ask(*, secret: Secret, _patient: PatientDep, session: SessionDep, keys: KeysDep) -> Response:
    """Ask for the birth date before anything is shown."""
    one = appointment_behind(session, secret, keys)
    if not series.has_finished_sheet(session, one.request_id):
        raise SheetNotFound(one.request_id)
    return render("patient/ask_birth.html", here=f"/rdv/{secret}")


@router.post("/{secret}/fiche")
def show(
    *,
    secret: Secret,
    request: Request,
    patient: PatientDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Show the sheet to who knows when the patient was born. Raises `TooManyRequests`."""
    guesses, address = wiring_of(request).code_guesses, client_address(request)
    guesses.take(address, now)
    one, here = appointment_behind(session, secret, keys), f"/rdv/{secret}"
    born = forms.parse_birth_date(form.texts.get("naissance", ""), local_day(now))
    wrong = born if isinstance(born, str) else "Cette date ne correspond pas à ce rendez-vous"
    sheet = (
        None
        if isinstance(born, str)
        else series.read_by_patient(session, one.request_id, born, keys=keys, by=patient, now=now)
    )
    if sheet is None:
        if isinstance(born, str):
            guesses.give_back(session, address)
        typed, errors = {"naissance": form.texts.get("naissance", "")}, {"naissance": wrong}
        return render("patient/ask_birth.html", status=422, here=here, typed=typed, errors=errors)
    guesses.give_back(session, address)
    card = series.card_by_link(session, one.request_id)
    assert card is not None
    shown = paper(session, sheet, card, None, now=now)
    if form.texts.get("forme") == "pdf":
        return pdf_answer(sheet_pdf(shown))
    headers = {"Cache-Control": "no-store"}
    return render(
        "patient/sheet.html", headers=headers, paper=shown, here=here, born=form.texts.get("naissance", "")
    )


@router.get("/{secret}/kines")
def choices(
    *,
    secret: Secret,
    _patient: PatientDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the physiotherapists of the territory, the nearest first."""
    one = appointment_behind(session, secret, keys)
    card = series.card_by_link(session, one.request_id)
    if card is None:
        raise NotFound("lien", "?")
    may_choose = card.series.is_open and bool(begun(card.sessions, now)) and not to_come(card.sessions, now)
    return render(
        "patient/physios.html",
        info=info,
        here=f"/rdv/{secret}",
        may_choose=may_choose,
        choices=views.choice_rows(series.choices(session, one.request_id, now=now)),
    )


@router.post("/{secret}/kines")
def choose(
    *,
    secret: Secret,
    patient: PatientDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> RedirectResponse:
    """Note whom the patient goes on with; the series closes."""
    one = appointment_behind(session, secret, keys)
    address = f"/rdv/{secret}/kines"
    try:
        with session.begin_nested():
            chosen = forms.ident(form.texts.get("choix"))
            series.choose_by_patient(session, one.request_id, chosen, by=patient, now=now)
    except NotFound:
        raise
    except SnpError:
        return see(address, info="choix-impossible")
    return see(address, info="choix-note")
