"""Regulator accounts sent by the platform: `POST /fhir/Practitioner`, conditional `PUT` (INT_R02).

Against plain FHIR, the `id` of a body is ignored in a conditional update: the platform always sends one, and
never ours. Source: ANS, interoperability guide of the SAS, INT_R02.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.deps import NowDep, SessionDep
from api.fhir.access import AllowPlatform
from api.fhir.addresses import base_url
from api.fhir.negotiation import fhir_response
from api.fhir.outcomes import FhirRefusal
from api.fhir.parameters import BadParameter, Parameters
from api.fhir.regulator_mapping import Fault, read_criterion, read_regulator, regulator_resource
from api.security import service as security
from api.security.facts import IdentifierCriterion, RegulatorDetails, RegulatorView
from api.security.rights import Action
from snp.platform.actors import Actor

router = APIRouter()

CRITERION: Final = "identifier"
PlatformDep = Annotated[Actor, Depends(AllowPlatform(Action.SAS_ACCOUNTS))]


class BadResource(FhirRefusal):
    """The body is JSON, but not a regulator that may be kept; `faults` names each thing to correct."""

    slug = "fhir-bad-resource"
    fr = "Ressource refusée : {reason}"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        told = " ; ".join(f"{fault.path} : {fault.reason}" for fault in faults)
        super().__init__(told, issue=faults[0].code, faults=faults)


async def sent_regulator(request: Request) -> RegulatorDetails:
    """Return the regulator of a body. Raises `FhirRefusal` when it cannot be read, `BadResource`."""
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as fault:
        raise FhirRefusal("le corps n’est pas du JSON.", issue="structure") from fault
    if not isinstance(body, dict) or body.get("resourceType") != "Practitioner":
        raise FhirRefusal("le corps doit être une ressource Practitioner.", issue="structure")
    found = read_regulator(body)
    if isinstance(found, tuple):
        raise BadResource(found)
    return found


def sent_criterion(request: Request) -> IdentifierCriterion:
    """Return whom a conditional update is about. Raises `BadParameter`."""
    parameters = Parameters.of(request)
    criterion = read_criterion(parameters.one(CRITERION))
    if criterion is None:
        raise BadParameter(CRITERION, "écrivez « système|valeur »", issue="value")
    parameters.finish()
    return criterion


RegulatorDep = Annotated[RegulatorDetails, Depends(sent_regulator)]


@router.post("/Practitioner")
def create(
    *, request: Request, regulator: RegulatorDep, session: SessionDep, now: NowDep, _caller: PlatformDep
) -> Response:
    """Open a regulator's account."""
    Parameters.of(request).finish()
    made = security.create_regulator(session, regulator, now=now)
    return _kept(request, made, HTTPStatus.CREATED)


@router.put("/Practitioner")
def replace(
    *,
    request: Request,
    criterion: Annotated[IdentifierCriterion, Depends(sent_criterion)],
    regulator: RegulatorDep,
    session: SessionDep,
    now: NowDep,
    _caller: PlatformDep,
) -> Response:
    """Replace the account that the criterion names, or open one; twice is once."""
    kept, is_new = security.replace_regulator(session, criterion, regulator, now=now)
    return _kept(request, kept, HTTPStatus.CREATED if is_new else HTTPStatus.OK)


def _kept(request: Request, regulator: RegulatorView, status: int) -> Response:
    resource: dict[str, Any] = regulator_resource(regulator)
    location = f"{base_url(request)}/Practitioner/{regulator.id}"
    return fhir_response(resource, status, {"Location": location})
