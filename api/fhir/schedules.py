"""`GET /fhir/Schedule?…`: free slots by association of SOS Médecins, at its fixed places of consultation."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import NowDep, SessionDep
from api.fhir import searching, sos_mapping
from api.fhir.access import ReaderDep
from api.fhir.addresses import self_url
from api.fhir.negotiation import READING, fhir_response
from api.fhir.parameters import Parameters
from api.fhir.slot_query import read_sos_query
from api.fhir.slots import telling

router = APIRouter()


@router.api_route("/Schedule", methods=READING)
def search_schedules(request: Request, session: SessionDep, now: NowDep, _caller: ReaderDep) -> Response:
    """Search free slots at the places of associations, named by SIRET."""
    query = read_sos_query(Parameters.of(request))
    found, places = searching.search_sos_slots(session, query, now=now)
    told = sos_mapping.search_bundle(
        found, places, telling(request, now), ident=uuid4(), self_url=self_url(request)
    )
    return fhir_response(told)
