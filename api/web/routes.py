"""The pages in one router, and the files they load."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.web import (
    desk,
    desk_history,
    desk_patient,
    dossier,
    home,
    live,
    mailbox,
    patient,
    patient_page,
    sign_in,
    ticket,
    ways_back,
)
from api.web.agenda import (
    absences,
    access,
    calendars,
    copying,
    feed,
    figures,
    link,
    pattern_edit,
    patterns,
    publishing,
    slot,
    week,
)
from api.web.assets import STATIC, KeptFiles
from api.web.console import booking, call_backs, calls, queue, steps
from api.web.console import dossier as console_dossier
from api.web.coordination import (
    board,
    desks,
    indicator_edit,
    indicator_report,
    indicators,
    messages,
    people,
    settings,
)
from api.web.demonstration import hour_is_told
from api.web.first_steps import people as first_people
from api.web.first_steps import territory as first_territory
from api.web.problem_page import problem_page
from api.web.sas import agenda as sas_agenda
from api.web.sas import ends as sas_ends
from api.web.sas import sign_in as sas_sign_in
from api.web.submitted import submitted

__all__ = ["problem_page", "router"]

_FILES: Final = KeptFiles(directory=STATIC)

# The form is read before anything may refuse, so that a finished session loses nothing typed.
router = APIRouter(include_in_schema=False, dependencies=[Depends(hour_is_told)])
_DESK: Final = (desk, desk_history, desk_patient, dossier, ticket)
_CONSOLE: Final = (queue, calls, call_backs, console_dossier, booking, steps)
_INDICATORS: Final = (indicator_edit, indicator_report, indicators)
_COORDINATION: Final = (board, people, desks, messages, settings, first_territory, first_people)
_PATIENT: Final = (patient, patient_page, mailbox)
_AGENDA: Final = (
    week,
    publishing,
    patterns,
    pattern_edit,
    absences,
    copying,
    slot,
    figures,
    access,
    calendars,
    link,
    feed,
)
_SAS: Final = (sas_sign_in, sas_agenda, sas_ends)
for pages in (sign_in, home, *_DESK, *_CONSOLE, *_COORDINATION, *_INDICATORS, *_PATIENT, *_AGENDA, *_SAS):
    router.include_router(pages.router, dependencies=[Depends(submitted)])
router.include_router(live.router)
router.include_router(ways_back.router)


@router.get("/static/{path:path}")
async def static_file(*, path: str, request: Request) -> Response:
    """Return a file that pages load, kept by browsers as its address allows."""
    return await _FILES.get_response(path, request.scope)
