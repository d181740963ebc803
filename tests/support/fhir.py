"""The platform's side of the FHIR door: its searches as it sends them, and what it does with the answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from api.fhir.certification_set import SET
from snp.days import at_local, local_day

RPPS_SYSTEM = "urn:oid:1.2.250.1.71.4.2.1"
SIRET_SYSTEM = "urn:oid:1.2.250.1.71.4.2.2"
IDENTIFIERS = "schedule.actor:Practitioner.identifier"


def national(*rpps: str) -> str:
    """RPPS numbers as the platform asks for them."""
    return ",".join(f"{RPPS_SYSTEM}|8{number}" for number in rpps)


def window(now: datetime) -> tuple[str, str]:
    """The window the platform really uses: from now to the end of the day after tomorrow."""
    end = at_local(local_day(now) + timedelta(days=2), datetime.max.time().replace(microsecond=0))
    return now.strftime("%Y-%m-%dT%H:%M:%S.000+00:00"), end.strftime("%Y-%m-%dT%H:%M:%S.000+00:00")


def slot_query(now: datetime, *rpps: str, cpts: bool = False, **changes: str | None) -> str:
    """The query of INT_R01, or of INT_R04, percent-encoded; a change to None leaves a parameter out."""
    start, end = window(now)
    pairs = [
        ("start", "from", f"ge{start}"),
        ("start", "until", f"le{end}"),
        (IDENTIFIERS, "who", national(*rpps)),
        ("status", "status", "free"),
        ("_include", "include", "Slot:schedule"),
        ("_include:iterate", "iterate", "Schedule:actor"),
    ]
    if cpts:
        pairs += [
            ("_include", "include_cpts", "Slot:service-type-reference"),
            ("_include:iterate", "iterate_cpts", "HealthcareService:organization"),
        ]
    told = [(name, changes.get(key, value)) for name, key, value in pairs]
    return "&".join(f"{name}={quote(value, safe=':')}" for name, value in told if value is not None)


@dataclass
class Answer:
    """A searchset, sorted as the national test kit sorts it: by type, and slots by their one profile."""

    response: httpx.Response
    bundle: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        assert self.response.status_code == 200, self.response.text[:2000]
        self.bundle = self.response.json()

    @property
    def entries(self) -> list[dict[str, Any]]:
        return list(self.bundle.get("entry", []))

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The resources of a type, in order."""
        return [e["resource"] for e in self.entries if e["resource"]["resourceType"] == kind]

    @property
    def slots(self) -> list[dict[str, Any]]:
        return self.of("Slot")

    @property
    def contained(self) -> list[dict[str, Any]]:
        return [each for role in self.of("PractitionerRole") for each in role.get("contained", [])]

    def security(self) -> set[str]:
        """Every visibility code of the slots."""
        return {tag["code"] for slot in self.slots for tag in slot["meta"]["security"]}

    def service_codes(self) -> set[str]:
        return {c["code"] for slot in self.slots for t in slot["serviceType"] for c in t.get("coding", [])}

    def cpts_links(self) -> list[list[str]]:
        """For each slot, the services of the CPTS that it names."""
        return [list(links_of(slot)) for slot in self.slots]


def links_of(slot: dict[str, Any]) -> Iterator[str]:
    """The services of the CPTS that a slot names under code 604."""
    for kind in slot["serviceType"]:
        if any(coding["code"] == "604" for coding in kind.get("coding", [])):
            (extension,) = kind["extension"]
            yield extension["valueReference"]["reference"]


@dataclass
class Platform:
    """The platform in one of its two modes, asking the certification set."""

    caller: httpx.Client
    now: datetime
    cpts: bool

    def search(self, *rpps: str, **changes: str | None) -> Answer:
        """The answer to a search."""
        return Answer(self.ask(slot_query(self.now, *rpps, cpts=self.cpts, **changes)))

    def ask(self, query: str) -> httpx.Response:
        """The response to a query, its encoding kept as it is; headers are those of the kit."""
        headers = {"Accept": "application/json+fhir", "Content-Type": "application/json"}
        return self.caller.get(f"/fhir/Slot?{query}", headers=headers)

    @property
    def slot_profile(self) -> str:
        return (
            "https://interop.esante.gouv.fr/ig/fhir/sas/StructureDefinition/sas-cpts-slot-aggregator"
            if self.cpts
            else "http://sas.fr/fhir/StructureDefinition/FrSlotAgregateur"
        )

    @property
    def two_places(self) -> str:
        """Who has two places in this mode: the kit asks one practitioner for two things in CPTS mode."""
        return SET.rpps_cpts2 if self.cpts else SET.rpps_multilieux
