"""What this server can do, told the FHIR way: `GET /fhir/metadata`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.fhir.access import AllowPlatform
from api.fhir.addresses import base_url
from api.fhir.capabilities import capability_statement
from api.fhir.negotiation import READING, fhir_response
from api.security.rights import Action
from snp.platform.actors import Actor

router = APIRouter()


@router.api_route("/metadata", methods=READING)
def capabilities(
    request: Request, _caller: Annotated[Actor, Depends(AllowPlatform(Action.SAS_READ))]
) -> Response:
    """Describe this server."""
    return fhir_response(capability_statement(base_url(request)))
