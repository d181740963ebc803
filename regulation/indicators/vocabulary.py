"""What may be asked of each population, and how it is said in French: the whole closed set. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from regulation.indicators.facts import Condition, Dimension, Measure, Population, Statistic, Unit

P, S, C, D = Population, Statistic, Condition, Dimension


@dataclass(frozen=True, slots=True)
class Possible:
    """What may be asked of a population. `what`: what one event is, and what places it in a period."""

    what: str
    statistics: frozenset[Statistic]
    dimensions: tuple[Dimension, ...]
    conditions: frozenset[Condition] = frozenset()
    measures: frozenset[Measure] = frozenset()


POSSIBLE: Final[Mapping[Population, Possible]] = {
    P.SLOT: Possible(
        "créneaux proposés et non repris par leur praticien, par jour de début, une fois commencés",
        frozenset({S.COUNT, S.SHARE, S.HOURS, S.DAYS}),
        (D.PROFESSION, D.MODE),
        frozenset({C.TAKEN, C.TAKEN_HERE, C.TAKEN_ELSEWHERE, C.RELEASED, C.LOST}),
    ),
    P.TAKEN_BACK: Possible(
        "créneaux repris par leur praticien ou cachés par son absence, par jour de début",
        frozenset({S.COUNT}),
        (D.PROFESSION, D.MODE),
    ),
    P.REQUEST: Possible(
        "dossiers, par jour d’ouverture",
        frozenset({S.COUNT, S.AVOIDED}),
        (D.DISPOSITION, D.ORIGIN),
    ),
    P.NEED: Possible(
        "besoins d’être vu, par jour de la première décision de chercher un créneau",
        frozenset({S.COUNT, S.SHARE, S.MEDIAN, S.P90}),
        (D.ORIGIN, D.PROFESSION, D.PRIORITY),
        frozenset({C.SERVED, C.WITHIN_24, C.WITHIN_48, C.WITHIN_DEADLINE}),
        frozenset({Measure.DELAY}),
    ),
    P.VISIT: Possible(
        "rendez-vous maintenus, par jour de début, une fois commencés",
        frozenset({S.COUNT, S.SHARE, S.MEDIAN, S.P90, S.PEOPLE}),
        (D.ORIGIN, D.PROFESSION, D.MODE),
        frozenset({C.NO_SHOW, C.NO_MT}),
        frozenset({Measure.DISTANCE}),
    ),
    P.LATE_FREED: Possible(
        "rendez-vous annulés (sauf par le praticien) ou déplacés moins de 24 h avant, par jour de début",
        frozenset({S.COUNT, S.SHARE}),
        (D.PROFESSION,),
        frozenset({C.REFILLED}),
    ),
    P.MEMBER: Possible(
        "professionnels membres de la CPTS pendant la période",
        frozenset({S.COUNT, S.SHARE}),
        (D.PROFESSION,),
        frozenset({C.TOOK_PART}),
    ),
}

COUNT_OF: Final = frozenset({*POSSIBLE[P.SLOT].conditions, C.TOOK_PART, C.REFILLED, C.NO_SHOW, C.SERVED})
"""The conditions that may narrow a plain count; the others make shares, or people, only."""

VALUES: Final[Mapping[Dimension, Mapping[str, str]]] = {
    D.MODE: {"AMB": "Au cabinet", "HH": "À domicile", "VR": "Téléconsultation"},
    D.ORIGIN: {
        "regulation": "Régulation",
        "pharmacy": "Pharmacie",
        "nurse": "Cabinet infirmier",
        "professional": "Professionnel",
        "sas": "Plateforme SAS",
    },
    D.DISPOSITION: {
        "advice": "Conseil médical",
        "teleconsultation": "Téléconsultation",
        "snp_consultation": "Consultation SNP",
        "back_to_mt": "Médecin traitant",
        "emergency": "Urgences",
        "smur": "SMUR",
        "pdsa": "Permanence des soins",
        "pharmacist": "Pharmacien",
        "transport": "Transport",
        "call_15": "Appel au 15",
        "call_116117": "Appel au 116 117",
        "keep_appointment": "Rendez-vous déjà pris",
        "undecided": "Sans décision",
    },
    D.PRIORITY: {"P0": "P0", "P1": "P1", "P2": "P2", "P3": "P3", "none": "Sans priorité"},
}
"""The values of the dimensions whose list is closed; professions are data."""

POPULATIONS: Final[Mapping[Population, str]] = {
    P.SLOT: "Créneaux",
    P.TAKEN_BACK: "Créneaux repris",
    P.REQUEST: "Dossiers",
    P.NEED: "Besoins d’être vu",
    P.VISIT: "Rendez-vous",
    P.LATE_FREED: "Annulations tardives",
    P.MEMBER: "Professionnels membres",
}
STATISTICS: Final[Mapping[Statistic, str]] = {
    S.COUNT: "Nombre",
    S.SHARE: "Part (%)",
    S.MEDIAN: "Médiane",
    S.P90: "9e décile",
    S.HOURS: "Heures offertes",
    S.DAYS: "Jours SNP couverts",
    S.PEOPLE: "Personnes différentes",
    S.AVOIDED: "Passages aux urgences évités (estimation)",
}
CONDITIONS: Final[Mapping[Condition, str]] = {
    C.TAKEN: "Pris",
    C.TAKEN_HERE: "Pris pour ce territoire",
    C.TAKEN_ELSEWHERE: "Pris pour un autre territoire",
    C.RELEASED: "Rendus avant l’heure",
    C.LOST: "Perdus",
    C.SERVED: "Servis",
    C.WITHIN_24: "Servis en 24 h au plus",
    C.WITHIN_48: "Servis en 48 h au plus",
    C.WITHIN_DEADLINE: "Servis dans le délai décidé",
    C.NO_SHOW: "Non honorés",
    C.NO_MT: "Sans médecin traitant",
    C.REFILLED: "Repris par un autre patient",
    C.TOOK_PART: "Ayant offert un créneau",
}
MEASURES: Final[Mapping[Measure, str]] = {
    Measure.DELAY: "Délai d’obtention",
    Measure.DISTANCE: "Distance à vol d’oiseau",
}
DIMENSIONS: Final[Mapping[Dimension, str]] = {
    D.PROFESSION: "Profession",
    D.MODE: "Mode de consultation",
    D.ORIGIN: "Origine",
    D.DISPOSITION: "Décision",
    D.PRIORITY: "Priorité",
}
UNITS: Final[Mapping[Unit, str]] = {
    Unit.YEAR: "Année",
    Unit.QUARTER: "Trimestre",
    Unit.MONTH: "Mois",
    Unit.WEEK: "Semaine",
    Unit.DAY: "Jour",
}
