"""Our own addresses as the platform sees them: the base of the FHIR door, and the booking page of a slot."""

from __future__ import annotations

from fastapi import Request

from api.fhir.negotiation import PREFIX
from api.web.addresses import service_address
from api.wiring import wiring_of

BOOKING_PATH = "/sas/agenda"


def base_url(request: Request) -> str:
    """Return `[base]` without a final slash: what the settings say, or what the caller typed."""
    settings = wiring_of(request).settings
    return settings.fhir_base_url or f"{service_address(request)}{PREFIX}"


def booking_url(site: str, practitioner_id: str, slot_id: str) -> str:
    """Return the page where a régulateur books this slot.

    It always carries a query: the platform appends `&origin=…` without looking for a question mark.
    """
    return f"{site}{BOOKING_PATH}?ps={practitioner_id}&slot={slot_id}"


def self_url(request: Request) -> str:
    """Return the address asked, its query exactly as received: decoded, it would not be a URL any more."""
    path = request.scope["raw_path"].decode("latin-1").removeprefix(PREFIX)
    query = request.scope["query_string"].decode("latin-1")
    return f"{base_url(request)}{path}?{query}" if query else f"{base_url(request)}{path}"
