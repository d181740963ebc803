"""The query of INT_R01, INT_R04 and of the search of SOS Médecins, read strictly; dates alone leniently."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.fhir import canonical
from api.fhir.instants import Side, read_bound
from api.fhir.parameters import BadParameter, Parameters
from snp.terms import ADELI, FINESS, RPPS, SIRET, PersonId, StructureId

IDENTIFIERS: Final = "schedule.actor:Practitioner.identifier"
BY_CPTS: Final = "Slot:service-type-reference"
_REQUIRED: Final = ("Slot:schedule", "Schedule:actor")
_KNOWN: Final = frozenset({*_REQUIRED, BY_CPTS, "HealthcareService:organization"})
_INCLUDES: Final = ("_include", "_include:iterate")

SOS_IDENTIFIERS: Final = "actor:Location.organization.identifier"
_SOS_INCLUDES: Final = {
    "_revinclude": frozenset({"Slot:schedule"}),
    "_include": frozenset({"Schedule:actor:Location"}),
    "_include:iterate": frozenset({"Location:organization"}),
}


@dataclass(frozen=True, slots=True)
class Window:
    """The starts asked for, both ends included."""

    starts_from: datetime
    starts_until: datetime


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """A search for slots of practitioners; `by_cpts`: as members of their CPTS too (INT_R04)."""

    window: Window
    rpps: frozenset[str]
    adeli: frozenset[str]
    by_cpts: bool


@dataclass(frozen=True, slots=True)
class SosQuery:
    """A search for slots at the places of SOS Médecins associations."""

    window: Window
    sirets: frozenset[str]


def read_slot_query(parameters: Parameters) -> SlotQuery:
    """Return what a search for slots asks. Raises `BadParameter`."""
    window = _window(parameters, "start")
    _free_only(parameters, "status")
    tokens = _tokens(parameters, IDENTIFIERS)
    includes = {value for name in _INCLUDES for value in parameters.every(name)}
    for value in sorted(includes - _KNOWN):
        raise BadParameter("_include", f"« {value} » n’est pas servi ici", issue="not-supported")
    for value in _REQUIRED:
        if value not in includes:
            raise BadParameter("_include", f"« {value} » est obligatoire", issue="required")
    _whole_page(parameters)
    parameters.finish()
    numbers = [_person(value) for system, value in tokens if system == canonical.PERSON_ID]
    return SlotQuery(
        window=window,
        rpps=frozenset(str(number) for number in numbers if isinstance(number, RPPS)),
        adeli=frozenset(str(number) for number in numbers if isinstance(number, ADELI)),
        by_cpts=BY_CPTS in includes,
    )


def read_sos_query(parameters: Parameters) -> SosQuery:
    """Return what a search for slots of SOS Médecins asks. Raises `BadParameter`."""
    window = _window(parameters, "_has:Slot:schedule:start")
    _free_only(parameters, "_has:Slot:schedule:status")
    tokens = _tokens(parameters, SOS_IDENTIFIERS)
    for name, known in _SOS_INCLUDES.items():
        if frozenset(parameters.every(name)) != known:
            raise BadParameter(name, f"« {', '.join(sorted(known))} » est attendu", issue="required")
    _whole_page(parameters)
    parameters.finish()
    numbers = [_structure(value) for system, value in tokens if system == canonical.STRUCTURE_ID]
    return SosQuery(window, frozenset(str(number) for number in numbers if isinstance(number, SIRET)))


def _window(parameters: Parameters, name: str) -> Window:
    bounds: dict[Side, datetime] = {}
    for value in parameters.every(name):
        side: Side
        if value.startswith("ge"):
            side = "ge"
        elif value.startswith("le"):
            side = "le"
        else:
            raise BadParameter(name, "un préfixe ge ou le est attendu", issue="value")
        if side in bounds:
            raise BadParameter(name, f"la borne {side} est donnée deux fois")
        try:
            bounds[side] = read_bound(value[2:], side)
        except ValueError as fault:
            raise BadParameter(name, "ce n’est pas une date FHIR", issue="value") from fault
    for wanted in ("ge", "le"):
        if wanted not in bounds:
            raise BadParameter(name, f"la borne {wanted} est obligatoire", issue="required")
    return Window(bounds["ge"], bounds["le"])


def _free_only(parameters: Parameters, name: str) -> None:
    if parameters.one(name) != "free":
        raise BadParameter(name, "seuls les créneaux libres (free) se cherchent", issue="not-supported")


def _tokens(parameters: Parameters, name: str) -> list[tuple[str, str]]:
    """Return `system|value` pairs; a blank after the comma is tolerated, as in the guide's own example."""
    pairs = [part.strip().partition("|") for part in parameters.one(name).split(",")]
    if not all(system.strip() and bar and value.strip() for system, bar, value in pairs):
        raise BadParameter(name, "chaque identifiant s’écrit système|valeur", issue="value")
    return [(system.strip(), value.strip()) for system, _, value in pairs]


def _person(value: str) -> RPPS | ADELI | None:
    """The number of a national id; None for what no practitioner can bear: it matches nobody."""
    return PersonId(value).number if PersonId.pattern.fullmatch(value) else None


def _structure(value: str) -> FINESS | SIRET | None:
    return StructureId(value).number if StructureId.pattern.fullmatch(value) else None


def _whole_page(parameters: Parameters) -> None:
    """Read `_count`; everything is answered in one page, as the profiles allow no second one."""
    count = parameters.optional("_count")
    if count is not None and not (count.isascii() and count.isdigit() and int(count[:9]) > 0):
        raise BadParameter("_count", "un nombre positif est attendu", issue="value")
