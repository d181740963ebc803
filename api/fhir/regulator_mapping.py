"""Regulators between FHIR and facts: a `Practitioner` read into details, details written as one. Pure.

Every fault of a body is told at once. No form is asked of an identifier's value: the national ones of
regulators have none published, and the platform sends others in their place.
Source: ANS, `ans.fhir.fr.sas`, profile FrPractitionerRegul; a name and a telecom are asked for besides, as
the certification does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.fhir import canonical
from api.security.facts import IdentifierCriterion, PlatformIdentifier, RegulatorDetails, RegulatorView

TYPE_CODES: Final[Mapping[str, str]] = {canonical.PERSON_ID: "IDNPS", canonical.SAS_TECHNICAL_ID: "INTRN"}
"""The type that goes with each system of a regulator's identifiers."""

MAX_TEXT: Final = 255
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a body: where (FHIRPath), a code of the R4 issue-type list, and why, in French."""

    path: str
    code: str
    reason: str


def read_regulator(body: Mapping[str, Any]) -> RegulatorDetails | tuple[Fault, ...]:
    """Return what a `Practitioner` says of a regulator, or every fault found. Its own `id` means nothing."""
    faults = tuple(_faults(body))
    if faults:
        return faults
    name = _official(body["name"])
    identifiers = (PlatformIdentifier(one["system"], one["value"].strip()) for one in body["identifier"])
    return RegulatorDetails(
        identifiers=tuple(dict.fromkeys(identifiers)),
        active=body["active"],
        family_name=name["family"].strip(),
        given_name=" ".join(part.strip() for part in name["given"]),
        emails=tuple(dict.fromkeys(one["value"].strip() for one in body["telecom"])),
    )


def read_criterion(token: str) -> IdentifierCriterion | None:
    """Return whom `system|value` names; None when there is no value. A bare value matches in any system."""
    system, bar, value = token.partition("|")
    if not bar:
        return IdentifierCriterion(token.strip()) if token.strip() else None
    return IdentifierCriterion(value.strip(), system.strip() or None) if value.strip() else None


def regulator_resource(regulator: RegulatorView) -> dict[str, Any]:
    """Return a regulator as a FHIR `Practitioner`; what a disabled account has let go is left out."""
    details = regulator.details
    resource: dict[str, Any] = {
        "resourceType": "Practitioner",
        "id": str(regulator.id),
        "meta": {"profile": [canonical.REGULATOR]},
    }
    if details.identifiers:
        resource["identifier"] = [_identifier(one) for one in details.identifiers]
    return resource | {
        "active": details.active,
        "name": [{"family": details.family_name, "given": [details.given_name]}],
        "telecom": [{"system": "email", "value": address} for address in details.emails],
    }


def _identifier(one: PlatformIdentifier) -> dict[str, Any]:
    coding = {"system": canonical.PERSON_ID_TYPE, "code": TYPE_CODES[one.system]}
    return {"type": {"coding": [coding]}, "system": one.system, "value": one.value}


def _faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    source = body.get("meta", {}).get("source") if isinstance(body.get("meta", {}), dict) else ""
    if source is not None and source != canonical.SAS_TECHNICAL_ID:
        yield Fault("meta.source", "value", f"la valeur attendue est {canonical.SAS_TECHNICAL_ID}.")
    if "active" not in body:
        yield Fault("active", "required", "indiquez si le compte est actif.")
    elif not isinstance(body["active"], bool):
        yield Fault("active", "value", "true ou false.")
    for field, judge in (("identifier", _of_identifier), ("name", _of_name), ("telecom", _of_telecom)):
        yield from _each(body, field, judge)


def _each(
    body: Mapping[str, Any], field: str, judge: Callable[[Mapping[str, Any]], Iterator[tuple[str, str, str]]]
) -> Iterator[Fault]:
    """Judge every item of a list that must hold one at least."""
    items = body.get(field)
    if not isinstance(items, list) or not items:
        yield Fault(field, "required", "au moins un élément est obligatoire.")
        return
    for number, item in enumerate(items):
        where = f"{field}[{number}]"
        if not isinstance(item, dict):
            yield Fault(where, "structure", "un objet est attendu.")
            continue
        yield from (Fault(f"{where}.{part}", code, reason) for part, code, reason in judge(item))


def _of_identifier(item: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    expected = TYPE_CODES.get(system) if isinstance(system := item.get("system"), str) else None
    if expected is None:
        yield "system", "value", f"un de ces systèmes : {', '.join(TYPE_CODES)}."
    elif expected not in _codes(item.get("type")):
        yield "type", "value", f"le type de ce système est {expected}."
    if not _is_text(item.get("value")):
        yield "value", "required", f"une valeur de {MAX_TEXT} caractères au plus est obligatoire."


def _codes(concept: Any) -> set[Any]:
    codings = concept.get("coding") if isinstance(concept, dict) else None
    found = (one.get("code") for one in codings if isinstance(one, dict)) if isinstance(codings, list) else ()
    return {code for code in found if isinstance(code, str)}


def _of_name(item: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if not _is_text(item.get("family")):
        yield "family", "required", "le nom est obligatoire."
    given = item.get("given")
    if not isinstance(given, list) or not given or not all(_is_text(part) for part in given):
        yield "given", "required", "le prénom est obligatoire."


def _of_telecom(item: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if item.get("system") != "email":
        yield "system", "value", "seule une adresse électronique (email) est attendue."
    value = item.get("value")
    if not _is_text(value) or not _EMAIL.fullmatch(str(value).strip()):
        yield "value", "value", "cette adresse électronique n’en est pas une."


def _official(names: list[dict[str, Any]]) -> dict[str, Any]:
    return next((name for name in names if name.get("use") == "official"), names[0])


def _is_text(value: Any) -> bool:
    return (
        isinstance(value, str)
        and bool(value.strip())
        and len(value) <= MAX_TEXT
        and not _UNPRINTABLE.search(value)
    )
