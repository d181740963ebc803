"""The pages in one router, and the files they load."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.web import (
    delegated,
    desk,
    desk_history,
    desk_patient,
    dossier,
    home,
    live,
    mailbox,
    patient,
    patient_choices,
    patient_page,
    patient_sheet,
    second_step,
    sign_in,
    ticket,
    ways_back,
)
from api.web.account import devices, factor, linking, page
from api.web.agenda import (
    absences,
    access,
    acts,
    calendars,
    copying,
    feed,
    figures,
    link,
    pattern_edit,
    patterns,
    publishing,
    slot,
    statements,
    week,
)
from api.web.assets import STATIC, KeptFiles
from api.web.console import booking, call_backs, calls, emergency, queue, steps
from api.web.console import dossier as console_dossier
from api.web.coordination import (
    board,
    compensation,
    compensation_terms,
    coverage,
    desks,
    indicator_edit,
    indicator_report,
    indicators,
    links,
    messages,
    people,
    physios,
    settings,
    sharing,
    slot_calls,
)
from api.web.coordination import mt_list as coordination_mt_list
from api.web.demonstration import hour_is_told
from api.web.first_steps import people as first_people
from api.web.first_steps import territory as first_territory
from api.web.mt_list import entry as mt_entry
from api.web.mt_list import listing as mt_listing
from api.web.mt_list import practice as mt_practice
from api.web.mt_list import public as mt_public
from api.web.problem_page import problem_page
from api.web.protection import asked, emergencies, journal, person
from api.web.rota import board as rota_board
from api.web.rota import mine as rota_mine
from api.web.rota import settings as rota_settings
from api.web.sas import agenda as sas_agenda
from api.web.sas import ends as sas_ends
from api.web.sas import sign_in as sas_sign_in
from api.web.series import going_on as series_going_on
from api.web.series import habits as series_habits
from api.web.series import lists as series_lists
from api.web.series import one as series_one
from api.web.series import sessions as series_sessions
from api.web.series import sheet as series_sheet
from api.web.submitted import submitted

__all__ = ["problem_page", "router"]

_FILES: Final = KeptFiles(directory=STATIC)

# The form is read before anything may refuse, so that a finished session loses nothing typed.
router = APIRouter(include_in_schema=False, dependencies=[Depends(hour_is_told)])
_DESK: Final = (desk, desk_history, desk_patient, dossier, ticket)
_CONSOLE: Final = (queue, calls, call_backs, emergency, console_dossier, booking, steps)
_INDICATORS: Final = (indicator_edit, indicator_report, indicators)
_COORDINATION: Final = (
    board,
    coverage,
    slot_calls,
    people,
    links,
    desks,
    sharing,
    messages,
    compensation_terms,
    compensation,
    settings,
    coordination_mt_list,
    physios,
    first_territory,
    first_people,
)
_MT_LIST: Final = (mt_listing, mt_entry, mt_practice, mt_public)
_PATIENT: Final = (patient, patient_page, patient_choices, patient_sheet, mailbox)
_SERIES: Final = (
    series_lists,
    series_habits,
    series_sheet,
    series_sessions,
    series_going_on,
    series_one,
)
_AGENDA: Final = (
    week,
    publishing,
    patterns,
    pattern_edit,
    absences,
    copying,
    slot,
    figures,
    acts,
    statements,
    access,
    calendars,
    link,
    feed,
)
_PROTECTION: Final = (journal, emergencies, asked, person)
_SAS: Final = (sas_sign_in, sas_agenda, sas_ends)
_SIGN_IN: Final = (sign_in, second_step, delegated, page, factor, linking, devices)
_ROTA: Final = (rota_settings, rota_board, rota_mine)
for pages in (
    *_SIGN_IN,
    home,
    *_DESK,
    *_MT_LIST,
    *_CONSOLE,
    *_COORDINATION,
    *_INDICATORS,
    *_PATIENT,
    *_AGENDA,
    *_ROTA,
    *_SERIES,
    *_PROTECTION,
    *_SAS,
):
    router.include_router(pages.router, dependencies=[Depends(submitted)])
router.include_router(delegated.machines)
router.include_router(live.router)
router.include_router(ways_back.router)


@router.get("/static/{path:path}")
async def static_file(*, path: str, request: Request) -> Response:
    """Return a file that pages load, kept by browsers as its address allows."""
    return await _FILES.get_response(path, request.scope)
