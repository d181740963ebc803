"""Elements that the resources of every flow share: concepts, identifiers, addresses, phones. Pure."""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import UUID

from api.fhir import canonical
from snp.directory.facts import PlaceCard
from snp.terms import FINESS, SIRET, StructureId

Json = dict[str, Any]

_RANG: Final = re.compile(r"\d{14}", re.ASCII)
_SHOWN_PHONE: Final = re.compile(r"\+(?:33|262|590|594|596)\d{9}", re.ASCII)
"""The numbers the platform takes: E.164 of France and of its overseas departments."""


def role_id(practitioner_id: UUID, site_id: UUID) -> str:
    """Return the id of a practitioner's role and agenda at a place: 64 characters, all that FHIR allows."""
    return practitioner_id.hex + site_id.hex


def role_of(ident: str) -> tuple[UUID, UUID]:
    """Return the practitioner and place of a role or agenda. Raises `ValueError`."""
    if len(ident) != 64:
        raise ValueError("not the id of a role")
    return UUID(ident[:32]), UUID(ident[32:])


def structure_id(place: PlaceCard, practitioner_id: UUID | None = None) -> str | None:
    """Return the national id of a place: by FINESS, else SIRET, else the practitioner's activity there.

    The site's own number counts before that of its organisation. Source: ANS, SAS guide, IDNST; the order is
    the one its test kit takes.
    """
    finess = place.finess or place.organisation_finess
    siret = place.siret or place.organisation_siret
    if finess:
        return str(StructureId.of(FINESS(finess)))
    if siret:
        return str(StructureId.of(SIRET(siret)))
    rang = place.rpps_rangs.get(practitioner_id) if practitioner_id else None
    return f"4{rang}" if rang and _RANG.fullmatch(rang) else None


def address(place: PlaceCard) -> Json:
    """Return the address of a place, its lines in one: the profile takes no second."""
    line = ", ".join(part.strip() for part in place.address.splitlines() if part.strip())
    return {"line": [line], "city": place.city, "postalCode": place.postal_code}


def place_identifier(place: PlaceCard) -> Json:
    """Return our own name of a place, unique anywhere (RFC 3986, `urn:uuid`)."""
    return {
        "type": concept(canonical.LOCATION_ID_TYPE, "INTRN"),
        "system": canonical.URI,
        "value": f"urn:uuid:{place.site_id}",
    }


def telecom(phone: str | None) -> Json:
    """Return the phone as an element to merge; nothing when there is none that the platform takes."""
    if not phone or not _SHOWN_PHONE.fullmatch(phone):
        return {}
    return {"telecom": [{"system": "phone", "value": phone}]}


def concept(system: str, code: str) -> Json:
    """Return a CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code}]}
