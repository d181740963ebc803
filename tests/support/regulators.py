"""What the national platform sends of regulators (INT_R02)."""

from __future__ import annotations

from typing import Any

NATIONAL = "urn:oid:1.2.250.1.71.4.2.1"
TECHNICAL = "urn:oid:1.2.250.1.213.3.6"
UUID_ID = "5b0f8f0e-2f8a-4a43-9e57-3d1a2c4b5e6f"
NATIONAL_ID = "3139900001/REG0042"
_TYPES = {NATIONAL: "IDNPS", TECHNICAL: "INTRN"}
_TYPE_SYSTEM = "http://interopsante.org/fhir/CodeSystem/fr-v2-0203"


def an_identifier(value: str = UUID_ID, system: str = TECHNICAL, code: str | None = None) -> dict[str, Any]:
    """An identifier of a regulator, its type that of its system unless said otherwise."""
    coding = {"system": _TYPE_SYSTEM, "code": code or _TYPES[system]}
    return {"type": {"coding": [coding]}, "system": system, "value": value}


def a_regulator(value: str = UUID_ID, system: str = TECHNICAL, **changes: Any) -> dict[str, Any]:
    """The body of a regulator; a change to None leaves the field out."""
    body: dict[str, Any] = {
        "resourceType": "Practitioner",
        "id": "example-regulator-1",
        "meta": {"source": TECHNICAL},
        "identifier": [an_identifier(value, system)],
        "active": True,
        "name": [{"family": "Kermarrec", "given": ["Solenn"]}],
        "telecom": [{"system": "email", "value": f"{UUID_ID}.solenn.kermarrec@sas.example"}],
    }
    return {name: value for name, value in (body | changes).items() if value is not None}
