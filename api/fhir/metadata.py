"""What this server can do, told the FHIR way: `GET /fhir/metadata`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.fhir.access import ReaderDep
from api.fhir.addresses import base_url
from api.fhir.capabilities import capability_statement
from api.fhir.negotiation import READING, fhir_response

router = APIRouter()


@router.api_route("/metadata", methods=READING)
def capabilities(request: Request, _caller: ReaderDep) -> Response:
    """Describe this server."""
    return fhir_response(capability_statement(base_url(request)))
