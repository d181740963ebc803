"""Where a browser goes that asks with GET for an address that only takes forms.

A page shown in answer to a form has that form's address: reloaded from the address bar, or brought back with
the browser's tabs, it must lead back to where the form was.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from api.web.rendering import see

router = APIRouter(include_in_schema=False)


@router.get("/comptoir/demandes")
@router.get("/comptoir/signes")
def to_the_desk() -> RedirectResponse:
    """Return to the desk's form."""
    return see("/comptoir")


@router.get("/comptoir/demandes/{draft_id}/medecin")
def to_the_draft(*, draft_id: UUID) -> RedirectResponse:
    """Return to a request being typed."""
    return see(f"/comptoir/demandes/{draft_id}")


@router.get("/comptoir/dossiers/{request_id}/{_act}")
def to_the_dossier(*, request_id: UUID, _act: str) -> RedirectResponse:
    """Return to a dossier, where it stands."""
    return see(f"/comptoir/dossiers/{request_id}")


@router.get("/comptoir/rendez-vous/{appointment_id}/annuler")
def to_the_ticket(*, appointment_id: UUID) -> RedirectResponse:
    """Return to a ticket."""
    return see(f"/comptoir/rendez-vous/{appointment_id}")


@router.get("/rendez-vous/annuler")
def to_the_code() -> RedirectResponse:
    """Return to the question of a ticket's code."""
    return see("/rendez-vous")


@router.get("/agenda/publier")
@router.get("/agenda/rendez-vous/{appointment_id}/{_act}")
def to_the_week(*, appointment_id: UUID | None = None, _act: str = "") -> RedirectResponse:
    """Return to the week of an agenda."""
    del appointment_id
    return see("/agenda")


@router.get("/agenda/creneaux/{slot_id}/{_act}")
def to_the_slot(*, slot_id: UUID, _act: str) -> RedirectResponse:
    """Return to a slot."""
    return see(f"/agenda/creneaux/{slot_id}")


@router.get("/agenda/{page}/{_ident}/{_act}")
def to_the_page(
    *, page: Literal["absences", "acces", "calendriers"], _ident: str, _act: str
) -> RedirectResponse:
    """Return to the page of an agenda that a form stands on."""
    return see(f"/agenda/{page}")


@router.get("/agenda/calendriers/{_act}")
def to_the_calendars(*, _act: str) -> RedirectResponse:
    """Return to the calendars of an agenda."""
    return see("/agenda/calendriers")


@router.get("/series/reglages/{_act}")
@router.get("/series/reglages/relais/{_relay}/terminer")
def to_the_habits_of_a_physio(*, _act: str = "", _relay: str = "") -> RedirectResponse:
    """Return to what a physiotherapist sets."""
    return see("/series/reglages")


@router.get("/series/{request_id}/{_act}")
@router.get("/series/{request_id}/seances/{_appointment}/{_act}")
@router.get("/series/{request_id}/offre/{_offer}/{_act}")
def to_the_series(
    *, request_id: UUID, _act: str, _appointment: str = "", _offer: str = ""
) -> RedirectResponse:
    """Return to a series."""
    return see(f"/series/{request_id}")


@router.get("/coordination/kine/{_act}")
@router.get("/coordination/kine/relais/{_relay}/terminer")
def to_the_physios(*, _act: str = "", _relay: str = "") -> RedirectResponse:
    """Return to the physiotherapy of a territory."""
    return see("/coordination/kine")


@router.get("/sas/deconnexion")
@router.get("/deconnexion")
def to_the_home_page() -> RedirectResponse:
    """Return to the home page, or to the sign-in form."""
    return see("/")
