"""`GET /fhir/Slot`: free slots of individual practitioners (INT_R01) and of members of CPTS (INT_R04)."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import NowDep, SessionDep
from api.fhir import mapping, searching
from api.fhir.access import ReaderDep
from api.fhir.addresses import base_url, booking_url, self_url
from api.fhir.facts import Telling
from api.fhir.negotiation import READING, fhir_response
from api.fhir.parameters import Parameters, id_of
from api.fhir.slot_query import read_slot_query
from api.web.addresses import service_address
from regulation.triage.lists import counter_list, physio_list
from snp.days import local_day
from snp.errors import NotFound

router = APIRouter()


@router.api_route("/Slot", methods=READING)
def search_slots(request: Request, session: SessionDep, now: NowDep, _caller: ReaderDep) -> Response:
    """Search free slots of up to some tens of practitioners."""
    query = read_slot_query(Parameters.of(request))
    found = searching.search_slots(session, query, now=now)
    told = mapping.search_bundle(found, telling(request, now), ident=uuid4(), self_url=self_url(request))
    return fhir_response(told)


@router.api_route("/Slot/{ident}", methods=READING)
def read_slot(ident: str, request: Request, session: SessionDep, now: NowDep, _caller: ReaderDep) -> Response:
    """Read a slot that a search would show now."""
    found = searching.read_slot(session, id_of("Slot", ident), now=now)
    if found is None:
        raise NotFound("Slot", ident)
    return fhir_response(mapping.slots(found, telling(request, now))[0])


def telling(request: Request, now: datetime) -> Telling:
    """Return what the mapping needs of this service."""
    site = service_address(request)
    return Telling(
        base=base_url(request),
        booking_url=lambda practitioner_id, slot_id: booking_url(site, practitioner_id, slot_id),
        reason_labels=reason_labels(now),
    )


def reason_labels(now: datetime) -> dict[str, str]:
    """Return the French words of the reasons in force, by code."""
    today = local_day(now)
    lists = (counter_list(today), physio_list(today))
    return {reason.code: reason.label for each in lists for reason in each.reasons}
