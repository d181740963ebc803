"""`GET /fhir/<Type>/<id>`: what the references of a search point to, one by one.

Who does not consent to the platform, and what is no CPTS or place of its flows, is not found.
"""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from api.deps import SessionDep
from api.fhir import mapping, sos_mapping
from api.fhir.access import ReaderDep
from api.fhir.elements import role_of
from api.fhir.negotiation import READING, fhir_response
from api.fhir.parameters import id_of
from api.fhir.regulator_mapping import regulator_resource
from api.security import service as security
from snp.directory.facts import CarerCard, CptsCard, PlaceCard
from snp.directory.service import cards
from snp.errors import NotFound

router = APIRouter()


@router.api_route("/Practitioner/{ident}", methods=READING)
def read_practitioner(ident: str, session: SessionDep, _caller: ReaderDep) -> Response:
    """Read a practitioner, or a regulator that the platform sent."""
    key = id_of("Practitioner", ident)
    found = cards.carers_by_id(session, [key])
    if found:
        return fhir_response(mapping.practitioner(found[0]))
    return fhir_response(regulator_resource(security.get_regulator(session, key)))


@router.api_route("/PractitionerRole/{ident}", methods=READING)
def read_role(ident: str, session: SessionDep, _caller: ReaderDep) -> Response:
    """Read how a practitioner practises at a place."""
    return fhir_response(mapping.practitioner_role(*_practice(session, "PractitionerRole", ident)))


@router.api_route("/Schedule/{ident}", methods=READING)
def read_schedule(ident: str, session: SessionDep, _caller: ReaderDep) -> Response:
    """Read the agenda of a practitioner at a place, or of a place of SOS Médecins."""
    place = _sos_place(session, ident)
    if place is not None:
        return fhir_response(sos_mapping.schedule(place))
    carer, place = _practice(session, "Schedule", ident)
    return fhir_response(mapping.schedule(carer.id, place.site_id))


@router.api_route("/HealthcareService/{ident}", methods=READING)
def read_healthcare_service(ident: str, session: SessionDep, _caller: ReaderDep) -> Response:
    """Read the service of a CPTS."""
    card = _cpts(session, id_of("HealthcareService", ident))
    if card is None:
        raise NotFound("HealthcareService", ident)
    return fhir_response(mapping.healthcare_service(card))


@router.api_route("/Organization/{ident}", methods=READING)
def read_organization(ident: str, session: SessionDep, _caller: ReaderDep) -> Response:
    """Read a CPTS, or an association of SOS Médecins."""
    key = id_of("Organization", ident)
    card = _cpts(session, key)
    if card is not None:
        return fhir_response(mapping.cpts_organization(card))
    place = cards.sos_place(session, organisation_id=key)
    if place is None:
        raise NotFound("Organization", ident)
    return fhir_response(sos_mapping.organization(place))


@router.api_route("/Location/{ident}", methods=READING)
def read_location(ident: str, session: SessionDep, _caller: ReaderDep) -> Response:
    """Read a place of SOS Médecins; those of practitioners are contained in their roles."""
    place = _sos_place(session, ident)
    if place is None:
        raise NotFound("Location", ident)
    return fhir_response(sos_mapping.location(place))


def _carer(session: Session, ident: UUID) -> CarerCard:
    found = cards.carers_by_id(session, [ident])
    if not found:
        raise NotFound("Practitioner", ident)
    return found[0]


def _practice(session: Session, kind: str, ident: str) -> tuple[CarerCard, PlaceCard]:
    try:
        practitioner_id, site_id = role_of(ident)
    except ValueError as fault:
        raise NotFound(kind, ident) from fault
    carer = _carer(session, practitioner_id)
    found = cards.places(session, [site_id], [practitioner_id])
    if not found or not cards.practises_at(session, practitioner_id, site_id):
        raise NotFound(kind, ident)
    return carer, found[0]


def _cpts(session: Session, ident: UUID) -> CptsCard | None:
    return next(iter(cards.cpts(session, [ident])), None)


def _sos_place(session: Session, ident: str) -> PlaceCard | None:
    if len(ident) != 36:
        return None
    return cards.sos_place(session, site_id=id_of("Location", ident))
