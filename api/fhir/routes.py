"""Puts the FHIR routes together under `/fhir`, behind one gate and one negotiation.

They are described by the CapabilityStatement (`/fhir/metadata`), not by the OpenAPI document.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends

from api.fhir import metadata, reads, regulators, schedules, slots
from api.fhir.access import fhir_caller
from api.fhir.negotiation import PREFIX, fhir_json

router = APIRouter(
    prefix=PREFIX, dependencies=[Depends(fhir_caller), Depends(fhir_json)], include_in_schema=False
)
for module in (metadata, slots, schedules, reads, regulators):
    router.include_router(module.router)
