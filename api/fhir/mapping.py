"""Facts into FHIR: plain JSON dicts of the profiles of INT_R01 and INT_R04. Pure.

No optional element is ever written empty (FHIR ele-1), and each resource claims exactly one profile: the
platform finds resources by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from api.fhir import canonical
from api.fhir.elements import Json, address, concept, place_identifier, role_id, structure_id, telecom
from api.fhir.facts import Findings, Telling
from api.fhir.instants import write_instant
from slots.agenda.facts import SasTerms, SasView
from snp.assignment.facts import Audience
from snp.directory.facts import CarerCard, CptsCard, PlaceCard
from snp.terms import ADELI, FINESS, RPPS, PersonId, StructureId

VISIBILITIES: Final = (
    (Audience.PUBLIC, "PUBLIC"),
    (Audience.PROFESSIONALS, "PRO"),
    (Audience.REGULATION, "SNP"),
)
"""Our audiences as the platform calls them; a desk is no audience of the platform.

Source: ANS, NOS TRE_R314-TypeCreneau; `docs/adr/0058`.
"""

_SPECIALTY: Final = re.compile(r"[A-Z]{2,4}\d{2,3}", re.ASCII)


def slots(found: Findings, telling: Telling) -> list[Json]:
    """Return the slots, each under the profile of the flow that asked; equal terms are told once."""
    common: dict[int, tuple[Json, str]] = {}
    written: list[Json] = []
    for each in found.slots:
        known = common.get(id(each.terms))
        if known is None:
            told = _terms(each.terms, found, telling)
            known = common[id(each.terms)] = (told, str(each.terms.practitioner_id))
        terms, practitioner_id = known
        ident = str(each.id)
        written.append(
            {
                "resourceType": "Slot",
                "id": ident,
                **terms,
                "start": write_instant(each.start),
                "end": write_instant(each.end),
                "comment": telling.booking_url(practitioner_id, ident),
            }
        )
    return written


def visibility(terms: SasTerms, *, by_cpts: bool) -> tuple[str, ...]:
    """Return the codes that say to whom a slot is shown; none: the platform has nothing to see in it."""
    codes = [
        code
        for audience, code in VISIBILITIES
        if audience in terms.audiences and SasView.INDIVIDUAL in terms.sas
    ]
    return (*codes, "CPTS") if by_cpts else tuple(codes)


def schedule(practitioner_id: UUID, site_id: UUID) -> Json:
    """Return the agenda of a practitioner at a place; its actors are himself and his role there."""
    role = role_id(practitioner_id, site_id)
    return {
        "resourceType": "Schedule",
        "id": role,
        "meta": {"profile": [canonical.SCHEDULE]},
        "actor": [
            {"reference": f"Practitioner/{practitioner_id}"},
            {"reference": f"PractitionerRole/{role}"},
        ],
    }


def practitioner(carer: CarerCard) -> Json:
    """Return a practitioner, his RPPS first; the platform looks for the number that it asked for."""
    numbers = [PersonId.of(RPPS(carer.rpps))] if carer.rpps else []
    numbers += [PersonId.of(ADELI(carer.adeli))] if carer.adeli else []
    return {
        "resourceType": "Practitioner",
        "id": str(carer.id),
        "meta": {"profile": [canonical.PRACTITIONER]},
        "identifier": [
            {
                "type": concept(canonical.PERSON_ID_TYPE, "IDNPS"),
                "system": canonical.PERSON_ID,
                "value": str(number),
            }
            for number in numbers
        ],
        "name": [{"family": carer.family_name, "given": [carer.given_name]}],
    }


def practitioner_role(carer: CarerCard, place: PlaceCard) -> Json:
    """Return how a practitioner practises at a place, with the place contained; here stands the phone."""
    role: Json = {
        "resourceType": "PractitionerRole",
        "id": role_id(carer.id, place.site_id),
        "meta": {"profile": [canonical.PRACTITIONER_ROLE]},
        "contained": [_location(place)],
        "practitioner": {"reference": f"Practitioner/{carer.id}"},
        "location": [{"reference": f"#{place.site_id}"}],
    }
    structure = structure_id(place, carer.id)
    if structure is not None:
        role["organization"] = {
            "identifier": {
                "type": concept(canonical.PERSON_ID_TYPE, "IDNST"),
                "system": canonical.STRUCTURE_ID,
                "value": structure,
            }
        }
    return role | telecom(place.phone or carer.phone)


def healthcare_service(card: CptsCard) -> Json:
    """Return the service that stands between a slot and its CPTS."""
    return {
        "resourceType": "HealthcareService",
        "id": str(card.territory_id),
        "meta": {"profile": [canonical.HEALTHCARE_SERVICE]},
        "providedBy": {"reference": f"Organization/{card.territory_id}"},
    }


def cpts_organization(card: CptsCard) -> Json:
    """Return a CPTS. Versions 1.1.0 and 1.2.0 of the guide type its number differently: both are told."""
    kind = concept(canonical.LOCATION_ID_TYPE, "IDNST")
    kind["coding"] += concept(canonical.FR_CORE_ID_TYPE, "IDNST")["coding"]
    organization: Json = {
        "resourceType": "Organization",
        "id": str(card.territory_id),
        "meta": {"profile": [canonical.ORGANIZATION_CPTS]},
        "identifier": [
            {
                "type": kind,
                "system": canonical.STRUCTURE_ID,
                "value": str(StructureId.of(FINESS(card.finess))),
            }
        ],
        "name": card.name,
    }
    return organization | telecom(card.phone)


def search_bundle(found: Findings, telling: Telling, *, ident: UUID, self_url: str) -> Json:
    """Return the whole answer of a search; an empty one has no `entry`, and the one profile that may."""
    matches = slots(found, telling)
    roles = dict.fromkeys((each.terms.practitioner_id, each.terms.site_id) for each in found.slots)
    included = [schedule(*role) for role in roles]
    included += [practitioner(carer) for carer in found.carers.values()]
    included += [practitioner_role(found.carers[who], found.places[where]) for who, where in roles]
    if found.by_cpts:
        included += [healthcare_service(card) for card in found.cpts.values()]
        included += [cpts_organization(card) for card in found.cpts.values()]
    profile = canonical.BUNDLE_CPTS if found.by_cpts and matches else canonical.BUNDLE
    return bundle(
        profile, telling.base, matches, included, ident=ident, self_url=self_url, total=len(matches)
    )


def bundle(
    profile: str,
    base: str,
    matches: Iterable[Json],
    included: Iterable[Json],
    *,
    ident: UUID,
    self_url: str,
    total: int,
) -> Json:
    """Return a searchset in one page: the profile of the CPTS forbids a second link."""
    entries = [
        {
            "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
            "search": {"mode": mode},
        }
        for mode, resources in (("match", matches), ("include", included))
        for resource in resources
    ]
    told: Json = {
        "resourceType": "Bundle",
        "id": str(ident),
        "meta": {"profile": [profile]},
        "type": "searchset",
        "total": total,
        "link": [{"relation": "self", "url": self_url}],
    }
    return told | ({"entry": entries} if entries else {})


def slot_terms(profile: str, terms: SasTerms, codes: Sequence[str], reason_labels: Mapping[str, str]) -> Json:
    """Return what slots of any flow have in common; each can be booked, so none is a walk-in."""
    kinds: list[Json] = [concept(canonical.ACT_CODE, terms.mode.value)]
    kinds += [{"text": reason_labels.get(reason, reason)} for reason in terms.reasons]
    return {
        "meta": {
            "profile": [profile],
            "security": [{"system": canonical.SLOT_TYPE, "code": code} for code in codes],
        },
        "serviceType": kinds,
        "appointmentType": concept(canonical.APPOINTMENT_REASON, "ROUTINE"),
        "status": "free",
    }


def _terms(terms: SasTerms, found: Findings, telling: Telling) -> Json:
    shown_by = shown_cpts(terms, found)
    codes = visibility(terms, by_cpts=bool(shown_by))
    profile = canonical.SLOT_CPTS if found.by_cpts else canonical.SLOT
    written = slot_terms(profile, terms, codes, telling.reason_labels)
    written["serviceType"] += [
        {
            "extension": [
                {
                    "url": canonical.SERVICE_TYPE_REFERENCE,
                    "valueReference": {"reference": f"HealthcareService/{ident}"},
                }
            ],
            **concept(canonical.STRUCTURE_CATEGORY, canonical.CPTS_CATEGORY_CODE),
        }
        for ident in shown_by
    ]
    written["schedule"] = {"reference": f"Schedule/{role_id(terms.practitioner_id, terms.site_id)}"}
    specialty = found.carers[terms.practitioner_id].specialty_code
    if specialty and _SPECIALTY.fullmatch(specialty):
        written["specialty"] = [concept(canonical.SPECIALTY, specialty)]
    return written


def shown_cpts(terms: SasTerms, found: Findings) -> tuple[UUID, ...]:
    """Return the CPTS under whose name slots are shown: none unless the request was about CPTS."""
    if not found.by_cpts or SasView.CPTS not in terms.sas:
        return ()
    return tuple(ident for ident in terms.territory_ids if ident in found.cpts)


def _location(place: PlaceCard) -> Json:
    """Return the place inside a role: contained, it has no version and no security of its own."""
    return {
        "resourceType": "Location",
        "id": str(place.site_id),
        "meta": {"profile": [canonical.LOCATION]},
        "identifier": [place_identifier(place)],
        "name": place.name,
        "address": address(place),
        "position": {"longitude": place.lon, "latitude": place.lat},
    }
