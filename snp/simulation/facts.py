"""The facts of a simulated territory: communes, and every number of its days, ranged and sourced."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

OBSERVED = "F. Guillaud, Les CPTS, thèse, Nantes 2023"
ASSUMED = "hypothèse, non publiée"
DREES = "DREES et Cour des comptes 2023"


@dataclass(frozen=True, slots=True)
class Commune:
    """A place where people live; coordinates in WGS 84 degrees."""

    name: str
    population: int
    lat: float
    lon: float


def _number(default: float, low: float, high: float, source: str, meaning: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "source": source, "meaning": meaning})


@dataclass(frozen=True)
class TerritoryParameters:
    """A territory's days. Every number has a range that is honest about what is not known."""

    calls_per_inhabitant_year: float = _number(
        0.31, 0.19, 0.78, DREES, "dossiers de régulation par habitant et par an"
    )
    gp_stream_share: float = _number(
        0.31, 0.2, 0.4, DREES, "part vue par un médecin régulateur généraliste (0,097)"
    )
    daytime_share: float = _number(0.45, 0.3, 0.6, ASSUMED, "part des appels aux heures de SNP")
    to_appointment: float = _number(
        0.38, 0.24, 0.50, OBSERVED, "part des appels qui finissent en rendez-vous SNP"
    )
    demand: float = _number(
        1.0, 0.5, 3.0, ASSUMED, "facteur général de la demande, pour comparer des charges"
    )
    to_advice: float = _number(0.45, 0.15, 0.55, OBSERVED, "part des appels qui finissent en conseil")
    to_medecin_traitant: float = _number(
        0.08, 0.07, 0.15, OBSERVED, "part des appels renvoyés vers le médecin traitant"
    )
    to_urgences: float = _number(0.07, 0.05, 0.27, OBSERVED, "part des appels orientés vers les urgences")
    no_medecin_traitant: float = _number(0.10, 0.07, 0.14, OBSERVED, "part des adultes sans médecin traitant")
    counter_to_doctor: float = _number(
        0.25, 0.1, 0.4, OBSERVED, "part des passages au comptoir qui demandent un médecin"
    )
    peaks: float = _number(
        1.0, 0.0, 2.0, ASSUMED, "accent des pointes de 8–11, 14–16 et 17–19 h (0 : appels étalés)"
    )
    desk_share: float = _number(
        0.1, 0.0, 0.4, OBSERVED, "part des demandes venant des pharmacies et cabinets infirmiers"
    )
    physio_per_week: float = _number(10, 8, 12, OBSERVED, "demandes de kinésithérapie par semaine")
    monday: float = _number(1.18, 1.11, 1.25, OBSERVED, "facteur du lundi")
    saturday: float = _number(0.7, 0.4, 1.0, ASSUMED, "facteur du samedi matin")
    season: float = _number(1.0, 0.85, 1.15, OBSERVED, "facteur de saison")
    epidemic: float = _number(1.0, 1.0, 1.4, OBSERVED, "facteur d’épidémie hivernale (1,2 à 1,4)")
    summer_demand: float = _number(1.0, 1.0, 2.5, OBSERVED, "demande d’été au bord de la mer (1,5 à 2,5)")
    summer_supply: float = _number(1.0, 0.6, 1.0, OBSERVED, "offre d’été (0,6 à 0,8)")
    p1_share: float = _number(0.15, 0.05, 0.3, ASSUMED, "part des demandes P1")
    p2_share: float = _number(0.45, 0.2, 0.6, ASSUMED, "part des demandes P2 ; le reste est P3")
    no_show: float = _number(0.05, 0.025, 0.08, OBSERVED, "rendez-vous non honorés")
    cancelled: float = _number(0.06, 0.0, 0.15, ASSUMED, "rendez-vous annulés avant l’heure")
    gps: float = _number(20, 5, 120, OBSERVED, "médecins volontaires")
    slots_per_gp_week: float = _number(2, 0.5, 20, OBSERVED, "créneaux par médecin et par semaine")
    physios: float = _number(11, 0, 60, OBSERVED, "kinésithérapeutes volontaires")
    slots_per_physio_week: float = _number(
        2, 0.5, 10, OBSERVED, "créneaux par kinésithérapeute et par semaine"
    )
    late_share: float = _number(0.3, 0.0, 0.8, ASSUMED, "part des créneaux publiés la veille ou le jour même")
    withdrawn: float = _number(0.02, 0.0, 0.1, ASSUMED, "créneaux retirés par le praticien")
    gp_minutes: float = _number(15, 10, 30, ASSUMED, "durée d’une consultation, minutes")
    physio_minutes: float = _number(30, 20, 45, ASSUMED, "durée d’une séance, minutes")
    reach_km: float = _number(
        25, 10, 40, OBSERVED, "distance acceptée, à vol d’oiseau (médiane 15, P95 28 en Pays de Retz)"
    )
    road_factor: float = _number(
        1.3, 1.2, 1.5, OBSERVED, "distance par la route pour un kilomètre à vol d’oiseau"
    )
    physio_delay_h: float = _number(72, 24, 504, OBSERVED, "délai visé en kinésithérapie, heures")
    waiting_list_share: float = _number(0.9, 0.0, 1.0, ASSUMED, "demandes qui acceptent la liste d’attente")
    notice_min: float = _number(60, 15, 240, ASSUMED, "préavis d’une promesse, minutes")
    days: float = _number(14, 5, 90, ASSUMED, "jours joués")
    history_days: float = _number(14, 0, 90, ASSUMED, "jours d’historique appris")


@dataclass(frozen=True, slots=True)
class Described:
    """One parameter as it is shown with a result."""

    name: str
    value: float
    default: float
    low: float
    high: float
    source: str
    meaning: str


def described(parameters: TerritoryParameters) -> list[Described]:
    """Every parameter with its value, default, range, source and meaning, in order of declaration."""
    return [
        Described(
            item.name,
            float(getattr(parameters, item.name)),
            float(item.default),  # type: ignore[arg-type]
            item.metadata["low"],
            item.metadata["high"],
            item.metadata["source"],
            item.metadata["meaning"],
        )
        for item in fields(parameters)
    ]


@dataclass(frozen=True, slots=True)
class ExtraSlots:
    """What a coordinator asks about: some practitioners give more slots on one weekday (0 is Monday)."""

    practitioners: int
    profession: str
    slots: int
    weekday: int
