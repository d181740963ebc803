"""Where a browser goes that asks with GET for an address that only takes forms.

A page shown in answer to a form has that form's address: reloaded from the address bar, or brought back with
the browser's tabs, it must lead back to where the form was.
"""

from __future__ import annotations

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


@router.get("/sas/deconnexion")
@router.get("/deconnexion")
def to_the_home_page() -> RedirectResponse:
    """Return to the home page, or to the sign-in form."""
    return see("/")
