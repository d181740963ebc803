"""Facts into FHIR for SOS Médecins: agendas of fixed places of consultation, not of practitioners. Pure.

Source: ANS, `ans.fhir.fr.sas` 1.1.0, profiles `sas-sos-*`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from api.fhir import canonical
from api.fhir.elements import Json, address, concept, place_identifier, telecom
from api.fhir.facts import Telling
from api.fhir.instants import write_instant
from api.fhir.mapping import bundle, slot_terms, visibility
from slots.agenda.facts import SasSlot, SasTerms
from snp.directory.facts import PlaceCard
from snp.terms import SIRET, StructureId

_SHOWN_TO = frozenset({"PUBLIC", "SNP"})
"""The visibilities of this flow. Source: value set `sas-sos-valueset-typecreneau`."""


def search_bundle(
    slots: Sequence[SasSlot],
    places: Mapping[UUID, PlaceCard],
    telling: Telling,
    *,
    ident: UUID,
    self_url: str,
) -> Json:
    """Return the whole answer of a search by association: places that have slots, and their slots.

    `total` counts slots, as in the guide's own example; an empty answer claims the one profile that may be.
    """
    used = [places[ident] for ident in dict.fromkeys(each.terms.site_id for each in slots)]
    associations = {place.organisation_id: place for place in used}.values()
    included = [slot(each, telling) for each in slots]
    included += [location(place) for place in used]
    included += [organization(place) for place in associations]
    return bundle(
        canonical.BUNDLE_SOS if slots else canonical.BUNDLE,
        telling.base,
        [schedule(place) for place in used],
        included,
        ident=ident,
        self_url=self_url,
        total=len(slots),
    )


def slot(each: SasSlot, telling: Telling) -> Json:
    """Return a slot at a place of consultation."""
    ident = str(each.id)
    return {
        "resourceType": "Slot",
        "id": ident,
        **slot_terms(canonical.SLOT_SOS, each.terms, _codes(each.terms), telling.reason_labels),
        "schedule": {"reference": f"Schedule/{each.terms.site_id}"},
        "start": write_instant(each.start),
        "end": write_instant(each.end),
        "comment": telling.booking_url(str(each.terms.practitioner_id), ident),
    }


def schedule(place: PlaceCard) -> Json:
    """Return the agenda of a place."""
    return {
        "resourceType": "Schedule",
        "id": str(place.site_id),
        "meta": {"profile": [canonical.SCHEDULE_SOS]},
        "actor": [{"reference": f"Location/{place.site_id}"}],
    }


def location(place: PlaceCard) -> Json:
    """Return a place of consultation."""
    told: Json = {
        "resourceType": "Location",
        "id": str(place.site_id),
        "meta": {"profile": [canonical.LOCATION_SOS]},
        "identifier": [place_identifier(place)],
        "name": place.name,
        "address": address(place),
        "position": {"longitude": place.lon, "latitude": place.lat},
        "managingOrganization": {"reference": f"Organization/{place.organisation_id}"},
    }
    return told | telecom(place.phone)


def organization(place: PlaceCard) -> Json:
    """Return the association that a place belongs to, known by its SIRET."""
    assert place.organisation_siret is not None, "an association without SIRET is never looked for"
    return {
        "resourceType": "Organization",
        "id": str(place.organisation_id),
        "meta": {"profile": [canonical.ORGANIZATION_SOS]},
        "identifier": [
            {
                "type": concept(canonical.LOCATION_ID_TYPE, "IDNST"),
                "system": canonical.STRUCTURE_ID,
                "value": str(StructureId.of(SIRET(place.organisation_siret))),
            }
        ],
        "name": place.organisation_name,
    }


def _codes(terms: SasTerms) -> list[str]:
    return [code for code in visibility(terms, by_cpts=False) if code in _SHOWN_TO]
