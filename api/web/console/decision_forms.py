"""Reads the OSNP's estimate and the régulateur's decision. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from api.web.forms import Errors, Reading
from regulation.intake.facts import CallPriority, Decision, Disposition, ResponseLevel, Urgency
from snp.assignment.facts import Mode
from snp.directory.territory_settings import ALLOWED_DELAYS_HOURS

E = TypeVar("E", bound=StrEnum)

DISPOSITIONS: Final[Mapping[Disposition, str]] = {
    Disposition.SNP_CONSULTATION: "Consultation SNP",
    Disposition.TELECONSULTATION: "Téléconsultation",
    Disposition.ADVICE: "Conseil médical",
    Disposition.BACK_TO_MT: "Retour au médecin traitant",
    Disposition.PHARMACIST: "Pharmacien",
    Disposition.PDSA: "Permanence des soins (PDSA)",
    Disposition.EMERGENCY: "Service des urgences",
    Disposition.TRANSPORT: "Transport sanitaire",
    Disposition.SMUR: "SMUR",
}
"""What the régulateur may decide, by how often he does.

Source: F. Guillaud, *Les CPTS*, thesis, Nantes 2023 (dumas-04424157), flow of the regulation.
"""

PRIORITIES: Final[Mapping[CallPriority, str]] = {
    CallPriority.P3: "P3 · différable",
    CallPriority.P2: "P2 · non urgent",
    CallPriority.P1: "P1 · prioritaire",
    CallPriority.P0: "P0 · vital",
}
LEVELS: Final[Mapping[ResponseLevel, str]] = {
    ResponseLevel.R3: "R3 · soins sans risque à attendre",
    ResponseLevel.R4: "R4 · conseil",
    ResponseLevel.R2: "R2 · urgence vraie",
    ResponseLevel.R1: "R1 · vital",
}
MODES: Final[Mapping[Mode, str]] = {Mode.AMB: "Au cabinet", Mode.HH: "À domicile"}
STOPS: Final[Mapping[str, Urgency]] = {
    "P0": Urgency(priority=CallPriority.P0),
    "R1": Urgency(response_level=ResponseLevel.R1),
    "R2": Urgency(response_level=ResponseLevel.R2),
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """Within how many hours the OSNP thinks that care must be given, and how urgent it is."""

    delay_h: int
    priority: CallPriority


def read_estimate(typed: Mapping[str, str]) -> Reading[Estimate]:
    """Read the estimate of the OSNP."""
    errors: Errors = {}
    delay_h = _delay(typed, errors)
    priority = _one_of(typed, "priorite", CallPriority, errors, "Choisissez une priorité")
    if errors or delay_h is None or priority is None:
        return Reading(None, errors)
    return Reading(Estimate(delay_h, priority))


def read_decision(
    typed: Mapping[str, str], *, professions: frozenset[str], reasons: frozenset[str]
) -> Reading[Decision]:
    """Read the decision of the régulateur; `professions` and `reasons` are the codes that may be picked."""
    errors: Errors = {}
    disposition = _one_of(typed, "disposition", Disposition, errors, "Choisissez une orientation")
    delay_h = _delay(typed, errors)
    priority = _one_of(typed, "priorite", CallPriority, errors, "Choisissez une priorité")
    level = _one_of(typed, "niveau", ResponseLevel, errors, "Choisissez un niveau de réponse")
    mode = _one_of(typed, "lieu", Mode, errors, "Choisissez un lieu")
    profession = typed.get("profession", "")
    if profession not in professions:
        errors["profession"] = "Choisissez une profession de la liste"
    max_km = _kilometres(typed, errors)
    reason = typed.get("motif") or None
    if reason is not None and reason not in reasons:
        errors["motif"] = "Choisissez un motif de la liste"
    if errors or disposition is None or mode is None:
        return Reading(None, errors)
    seeks = disposition in {Disposition.SNP_CONSULTATION, Disposition.TELECONSULTATION}
    if not seeks and level is ResponseLevel.R3:
        level = None  # the level that the page proposes belongs to a consultation
    return Reading(
        Decision(
            disposition=disposition,
            urgency=Urgency(priority, level),
            delay_h=delay_h,
            professions=frozenset({profession}),
            modes=frozenset({mode}),
            max_km=max_km,
            can_wait=typed.get("peut_attendre") == "oui",
            reason=reason,
        )
    )


def _delay(typed: Mapping[str, str], errors: Errors) -> int | None:
    told = typed.get("delai", "")
    if told in {str(hours) for hours in ALLOWED_DELAYS_HOURS}:
        return int(told)
    errors["delai"] = "Choisissez dans quel délai le patient doit être vu"
    return None


def _kilometres(typed: Mapping[str, str], errors: Errors) -> float | None:
    told = typed.get("rayon", "").replace(",", ".")
    if not told:
        return None
    if not told.replace(".", "", 1).isdecimal() or not 1 <= float(told) <= 200:
        errors["rayon"] = "Le rayon se donne en kilomètres, de 1 à 200"
        return None
    return float(told)


def _one_of(typed: Mapping[str, str], name: str, kind: type[E], errors: Errors, fault: str) -> E | None:
    try:
        return kind(typed.get(name, ""))
    except ValueError:
        errors[name] = fault
        return None
