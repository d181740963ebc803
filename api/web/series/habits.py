"""What a physiotherapist sets: whether he takes patients, direct access, who stands in for him, templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.web import forms
from api.web.agenda import told
from api.web.agenda.reading import Typed
from api.web.agenda.visit import AgendaVisit
from api.web.agenda.week import ToldQuery, frame
from api.web.desk_views import Option
from api.web.forms import Errors
from api.web.rendering import render, see
from api.web.series import template_forms, views
from api.web.series.past_days import read_past_day
from api.web.series.visit import PhysioDep, done
from api.web.submitted import SubmittedDep
from regulation.series import keeping
from regulation.series import service as series
from regulation.series.facts import PhysioTerms
from snp.days import local_day
from snp.directory import service as directory
from snp.errors import InvalidValue
from snp.platform.keys import Keys

router = APIRouter(prefix="/series", include_in_schema=False)

PAGE: Final = "/series/reglages"
_TAKES: Final = (
    Option("oui", "Oui, je prends de nouveaux patients"),
    Option("non", "Non, pas en ce moment", "vous n’êtes pas cité aux patients"),
    Option("", "Je ne le dis pas", "les patients vous appellent"),
)


@router.get("/reglages")
def show(
    *, visit: PhysioDep, session: SessionDep, keys: KeysDep, now: NowDep, dit: ToldQuery = None
) -> Response:
    """Show what the physiotherapist set."""
    return _page(session, visit, keys=keys, now=now, said=dit)


@router.post("/reglages/profil")
def set_terms(
    *, visit: PhysioDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Say whether one takes patients, and since when one is declared for direct access."""
    typed, errors = form.texts, Errors()
    since = read_past_day(typed.get("acces_direct", ""), local_day(now))
    if isinstance(since, str):
        errors["acces_direct"] = since
    else:
        takes = {"oui": True, "non": False}.get(typed.get("prend", ""))
        try:
            with session.begin_nested():
                series.set_physio_terms(
                    session, takes_patients=takes, direct_access_since=since, by=visit.actor, now=now
                )
        except InvalidValue as fault:
            errors["acces_direct"] = forms.capital_reason(fault)
    if errors:
        return _page(session, visit, keys=keys, now=now, typed=typed, errors=errors)
    kept = told.keep(session, ["C’est enregistré."], keys=keys, by=visit.actor, now=now)
    return see(f"{PAGE}?dit={kept}")


@router.post("/reglages/relais")
def declare(
    *, visit: PhysioDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Say who stands in."""
    typed = Typed(form.texts, {})
    today = local_day(now)
    first = typed.day("du", today, missing="Indiquez le premier jour")
    last = typed.day("au", today, missing="Indiquez le dernier jour")
    territory, colleague = _pair(form.texts.get("confrere", ""))
    if territory is None or colleague is None:
        typed.errors["confrere"] = "Choisissez le confrère qui prend le relais"
    if not typed.errors and territory is not None and colleague is not None:
        try:
            with session.begin_nested():
                series.declare_relay(
                    session,
                    territory,
                    practitioner_id=visit.practitioner,
                    colleague_id=colleague,
                    starts_on=first,
                    ends_on=last,
                    by=visit.actor,
                    now=now,
                )
        except InvalidValue as fault:
            name = {"ends_on": "au", "starts_on": "du"}.get(str(fault.fields["field"]), "confrere")
            typed.errors[name] = forms.capital_reason(fault)
    if typed.errors:
        return _page(session, visit, keys=keys, now=now, typed=form.texts, errors=typed.errors)
    said = "Le relais est noté : votre confrère voit les séances qu’il peut prendre."
    kept = told.keep(session, [said], keys=keys, by=visit.actor, now=now)
    return see(f"{PAGE}?dit={kept}")


@router.post("/reglages/relais/{relay_id}/terminer")
def end(
    *, relay_id: UUID, visit: PhysioDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> RedirectResponse:
    """End a relay."""

    def act() -> object:
        return series.end_relay(session, relay_id, by=visit.actor, now=now)

    said = "Le relais est terminé ; les séances déjà prises le restent."
    return done(session, visit, PAGE, act, said, keys=keys, now=now)


@router.get("/modeles/{territory_id}/{indication}")
def template(
    *, territory_id: UUID, indication: str, visit: PhysioDep, session: SessionDep, now: NowDep
) -> Response:
    """Show the template of an indication, to be changed."""
    found = series.get_template(session, territory_id, indication, by=visit.actor)
    return _template_page(session, visit, territory_id, indication, template_forms.typed_of(found), now=now)


@router.post("/modeles/{territory_id}/{indication}")
def change_template(
    *,
    territory_id: UUID,
    indication: str,
    visit: PhysioDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Write a revision of the texts; days between sessions are the coordinator's."""
    errors = template_forms.change(
        session, territory_id, indication, form.texts, with_days=False, by=visit.actor, now=now
    )
    if errors:
        return _template_page(session, visit, territory_id, indication, form.texts, now=now, errors=errors)
    kept = told.keep(session, ["Le modèle est enregistré."], keys=keys, by=visit.actor, now=now)
    return see(f"{PAGE}?dit={kept}")


def _template_page(
    session: Session,
    visit: AgendaVisit,
    territory_id: UUID,
    indication: str,
    typed: Mapping[str, str],
    *,
    now: datetime,
    errors: Errors | None = None,
) -> Response:
    return render(
        "series/template.html",
        status=422 if errors else 200,
        action=f"/series/modeles/{territory_id}/{indication}",
        back=PAGE,
        with_days=False,
        typed=typed,
        errors=errors or {},
        **template_forms.facts_of(session, territory_id, indication, by=visit.actor),
        **frame(session, visit, now),
    )


def _page(
    session: Session,
    visit: AgendaVisit,
    *,
    keys: Keys,
    now: datetime,
    said: UUID | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
) -> Response:
    by = visit.actor
    tone, sentences = told.said(session, said, keys=keys, by=by, now=now)
    places = [directory.get_territory(session, one) for one in sorted(by.territories)]
    colleagues = [
        Option(
            f"{place.id}/{one.id}", one.full_name if len(places) == 1 else f"{one.full_name}, {place.name}"
        )
        for place in places
        for one in keeping.physios(session, place.id, now)
        if one.id != by.practitioner
    ]
    return render(
        "series/habits.html",
        status=422 if errors else 200,
        takes=_TAKES,
        colleagues=colleagues,
        relays=views.relay_rows(session, series.list_relays(session, by=by, now=now), by=by, now=now),
        templates=[
            (place.name, [(f"/series/modeles/{place.id}/{t.indication}", t.label, t.revision) for t in found])
            for place in places
            if (found := series.list_templates(session, place.id, by=by))
        ]
        if visit.is_his
        else [],
        typed={**(_typed(series.get_physio_terms(session, by=by)) if visit.is_his else {}), **(typed or {})},
        errors=errors or {},
        told_tone=tone,
        told=sentences,
        **frame(session, visit, now),
    )


def _typed(terms: PhysioTerms) -> dict[str, str]:
    takes = {True: "oui", False: "non", None: ""}[terms.takes_patients]
    since = terms.direct_access_since
    return {"prend": takes, "acces_direct": f"{since:%d/%m/%Y}" if since else ""}


def _pair(typed: str) -> tuple[UUID | None, UUID | None]:
    territory, _, colleague = typed.partition("/")
    return forms.ident(territory), forms.ident(colleague)
