"""The CapabilityStatement of this server: what its routes do, no more and no less. Pure.

A test calls every interaction that it announces.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from api.fhir import canonical
from api.fhir.negotiation import MEDIA_TYPE

CHANGED: Final = "2026-11-25"
"""The day this description last changed."""

_HL7: Final = "http://hl7.org/fhir/SearchParameter/"
_READ: Final = ("read",)
_SEARCH: Final = ("read", "search-type")


def capability_statement(base: str) -> dict[str, Any]:
    """Return the statement of the server at `base`.

    Source: FHIR R4 CapabilityStatement, `kind` = `instance`; `SAS-GestionnaireAgenda-*` of the guide.
    """
    return {
        "resourceType": "CapabilityStatement",
        "id": "snp",
        "status": "active",
        "date": CHANGED,
        "publisher": "SNP",
        "kind": "instance",
        "software": {"name": "SNP", "version": version("snp")},
        "implementation": {"description": "Gestionnaire d’agenda des soins non programmés", "url": base},
        "fhirVersion": "4.0.1",
        "format": [MEDIA_TYPE],
        "implementationGuide": [canonical.GUIDE],
        "rest": [{"mode": "server", "security": _SECURITY, "resource": _RESOURCES}],
    }


def _resource(
    kind: str, profiles: tuple[str, ...], interactions: tuple[str, ...] = _READ, **more: Any
) -> dict[str, Any]:
    told = {"type": kind, "interaction": [{"code": code} for code in interactions], **more}
    return told | ({"profile": profiles[0]} if len(profiles) == 1 else {"supportedProfile": list(profiles)})


def _parameter(name: str, kind: str, definition: str, documentation: str) -> dict[str, str]:
    return {"name": name, "type": kind, "definition": definition, "documentation": documentation}


_SECURITY: Final = {
    "cors": False,
    "description": "Certificat client de la plateforme (TLS mutuel), vérifié avant le service.",
}
_RESOURCES: Final = [
    _resource(
        "Slot",
        (canonical.SLOT, canonical.SLOT_CPTS, canonical.SLOT_SOS),
        _SEARCH,
        searchInclude=[
            "Slot:schedule",
            "Schedule:actor",
            "Slot:service-type-reference",
            "HealthcareService:organization",
        ],
        searchParam=[
            _parameter("start", "date", canonical.SEARCH_START, "Bornes ge et le, incluses."),
            _parameter("status", "token", f"{_HL7}Slot-status", "free seulement."),
            _parameter(
                "schedule",
                "reference",
                f"{_HL7}Slot-schedule",
                "Chaîné : schedule.actor:Practitioner.identifier, un ou plusieurs IDNPS.",
            ),
        ],
    ),
    _resource(
        "Schedule",
        (canonical.SCHEDULE, canonical.SCHEDULE_SOS),
        _SEARCH,
        searchInclude=["Schedule:actor:Location", "Location:organization"],
        searchRevInclude=["Slot:schedule"],
        searchParam=[
            _parameter(
                "actor",
                "reference",
                f"{_HL7}Schedule-actor",
                "Chaîné : actor:Location.organization.identifier, un ou plusieurs SIRET (SOS Médecins).",
            ),
            _parameter(
                "_has", "special", f"{_HL7}Resource-has", "Sur Slot:schedule : start (ge, le) et status=free."
            ),
        ],
    ),
    _resource(
        "Practitioner",
        (canonical.PRACTITIONER, canonical.REGULATOR),
        ("read", "create", "update"),
        conditionalUpdate=True,
        updateCreate=True,
        searchParam=[
            _parameter(
                "identifier", "token", f"{_HL7}Practitioner-identifier", "Critère d’un PUT conditionnel."
            )
        ],
    ),
    _resource("PractitionerRole", (canonical.PRACTITIONER_ROLE,)),
    _resource("HealthcareService", (canonical.HEALTHCARE_SERVICE,)),
    _resource("Organization", (canonical.ORGANIZATION_CPTS, canonical.ORGANIZATION_SOS)),
    _resource("Location", (canonical.LOCATION_SOS,)),
]
