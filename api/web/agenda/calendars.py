"""Calendars: his slots in his own calendar, by a private address; and his own calendars read here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep, WiringDep
from api.web.addresses import service_address
from api.web.agenda.calendar_views import row_of
from api.web.agenda.visit import AgendaVisit, AgendaVisitDep
from api.web.agenda.week import InfoQuery, frame
from api.web.forms import Errors
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from slots.feeds import service as feeds
from slots.feeds.refusals import CalendarUnreadable, TooManyCalendars
from snp.directory import service as directory
from snp.errors import VersionMismatch
from snp.platform.actors import system
from snp.platform.keys import Keys

router = APIRouter(prefix="/agenda/calendriers", include_in_schema=False)

_BY: Final = system("refresh-calendars")


@router.get("")
def show(
    *,
    request: Request,
    visit: AgendaVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    info: InfoQuery = None,
) -> Response:
    """Show the private address, and the calendars that are read."""
    return _page(request, session, visit, keys=keys, now=now, info=info)


@router.post("/adresse")
def renew(*, visit: AgendaVisitDep, session: SessionDep, keys: KeysDep, now: NowDep) -> RedirectResponse:
    """Make a private address; the one before stops."""
    feeds.open_feed(session, visit.practitioner, codes=keys.hasher(), by=visit.actor, now=now)
    return see("/agenda/calendriers", info="adresse-creee")


@router.post("/adresse/supprimer")
def close(*, visit: AgendaVisitDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Stop the private address."""
    feeds.close_feed(session, visit.practitioner, now=now)
    return see("/agenda/calendriers", info="adresse-supprimee")


@router.post("/noms")
def names(*, visit: AgendaVisitDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Say whether the names of patients go into his calendar."""
    found = directory.get_practitioner(session, visit.practitioner, now=now)
    wanted = replace(found.preferences, show_patient_name_in_calendar=form.texts.get("noms") == "oui")
    try:
        with session.begin_nested():
            directory.set_preferences(
                session, found.id, wanted, version=found.version, by=visit.actor, now=now
            )
    except VersionMismatch:
        return see("/agenda/calendriers")
    return see("/agenda/calendriers", info="noms-enregistres")


@router.post("")
def add(
    *,
    request: Request,
    visit: AgendaVisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    wiring: WiringDep,
    now: NowDep,
) -> Response:
    """Read one of his calendars from now on."""
    address, errors = form.texts.get("adresse", ""), {}
    if not address:
        errors["adresse"] = "Collez l’adresse de votre calendrier"
    else:
        try:
            with session.begin_nested():
                feeds.import_calendar(
                    session,
                    visit.practitioner,
                    address,
                    allowed_hosts=wiring.settings.calendar_hosts_allowed,
                    keys=keys,
                    by=visit.actor,
                    now=now,
                )
        except (CalendarUnreadable, TooManyCalendars) as refusal:
            errors["adresse"] = refusal.sentence
    if errors:
        return _page(request, session, visit, keys=keys, now=now, typed=form.texts, errors=errors)
    return see("/agenda/calendriers", info="calendrier-ajoute")


@router.post("/{calendar_id}/retirer")
def forget(*, calendar_id: UUID, visit: AgendaVisitDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Stop reading one of his calendars: what it hid comes back at once."""
    feeds.forget_calendar(session, visit.practitioner, calendar_id, now=now)
    feeds.align(session, visit.practitioner, by=_BY, now=now)
    return see("/agenda/calendriers", info="calendrier-retire")


def _page(
    request: Request,
    session: Session,
    visit: AgendaVisit,
    *,
    keys: Keys,
    now: datetime,
    info: str | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
) -> Response:
    feed = feeds.feed_of(session, visit.practitioner, codes=keys.hasher())
    preferences = directory.get_practitioner(session, visit.practitioner, now=now).preferences
    return render(
        "agenda/calendars.html",
        status=422 if errors else 200,
        info=info,
        address=f"{service_address(request)}/calendriers/{feed.secret}.ics" if feed else "",
        shows_names=preferences.show_patient_name_in_calendar,
        calendars=[row_of(one, now) for one in feeds.list_calendars(session, visit.practitioner)],
        typed=typed or {},
        errors=errors or {},
        **frame(session, visit, now),
    )
