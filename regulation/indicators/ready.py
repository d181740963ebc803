"""The set that every territory starts with, in the order of a yearly dialogue with the CPAM. Pure.

Source: ACI CPTS, mission « accès aux soins » (access within 24 to 48 h; the variable part follows indicators
that each contract fixes, so targets are left to the coordinator).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from regulation.indicators.estimates import METHOD
from regulation.indicators.facts import (
    Condition,
    Definition,
    Dimension,
    Measure,
    Population,
    Query,
    Statistic,
    Unit,
)

P, S, C, D = Population, Statistic, Condition, Dimension
_ACI: Final = "ACI CPTS, mission « accès aux soins », soins non programmés"


def _one(  # noqa: PLR0917 - a table reads by its columns
    name: str,
    description: str,
    population: Population,
    statistic: Statistic,
    condition: Condition | None = None,
    measure: Measure | None = None,
    split: Dimension | None = None,
) -> Definition:
    query = Query(population, statistic, condition, measure)
    return Definition(name, description, query, split, Unit.YEAR, None, _ACI)


READY: Final[Mapping[str, Definition]] = {
    "creneaux-publies": _one(
        "Créneaux publiés",
        "Créneaux commencés que le territoire pouvait prendre, hors ceux que leur praticien a repris : la "
        "somme des créneaux pris, rendus et perdus.",
        P.SLOT,
        S.COUNT,
        split=D.PROFESSION,
    ),
    "creneaux-pris": _one(
        "Créneaux pris",
        "Créneaux donnés à un patient du territoire, venu ou non.",
        P.SLOT,
        S.COUNT,
        C.TAKEN_HERE,
    ),
    "creneaux-pris-ailleurs": _one(
        "Créneaux partagés pris ailleurs",
        "Créneaux offerts aussi à une autre CPTS, et pris par elle.",
        P.SLOT,
        S.COUNT,
        C.TAKEN_ELSEWHERE,
    ),
    "creneaux-rendus": _one(
        "Créneaux rendus",
        "Créneaux repris avant l’heure par la règle de restitution, faute de demande.",
        P.SLOT,
        S.COUNT,
        C.RELEASED,
    ),
    "creneaux-perdus": _one(
        "Créneaux perdus", "Créneaux commencés sans que personne ne les ait.", P.SLOT, S.COUNT, C.LOST
    ),
    "creneaux-repris": _one(
        "Créneaux repris par le praticien",
        "Créneaux retirés ou cachés par une absence ; ils ne comptent pas parmi les publiés.",
        P.TAKEN_BACK,
        S.COUNT,
    ),
    "taux-de-prise": _one(
        "Taux de prise", "Part des créneaux publiés qui ont eu un patient.", P.SLOT, S.SHARE, C.TAKEN
    ),
    "heures-offertes": _one(
        "Heures offertes",
        "Durée totale des créneaux publiés, en heures.",
        P.SLOT,
        S.HOURS,
        split=D.PROFESSION,
    ),
    "jours-couverts": _one(
        "Jours SNP couverts",
        "Jours ouverts aux soins non programmés (horaires du territoire, hors jours fériés) où un créneau au "
        "moins a commencé.",
        P.SLOT,
        S.DAYS,
    ),
    "delai-median": _one(
        "Délai médian",
        "De la première décision de chercher un créneau au début du rendez-vous : la moitié des patients "
        "servis ont attendu moins.",
        P.NEED,
        S.MEDIAN,
        measure=Measure.DELAY,
    ),
    "delai-p90": _one(
        "Délai, 9e décile",
        "Neuf patients servis sur dix ont attendu moins.",
        P.NEED,
        S.P90,
        measure=Measure.DELAY,
    ),
    "servis-24h": _one(
        "Servis en 24 h",
        "Part des besoins servis dont le délai est de 24 h au plus.",
        P.NEED,
        S.SHARE,
        C.WITHIN_24,
    ),
    "servis-48h": _one(
        "Servis en 48 h",
        "Part des besoins servis dont le délai est de 48 h au plus.",
        P.NEED,
        S.SHARE,
        C.WITHIN_48,
    ),
    "servis-dans-leur-delai": _one(
        "Servis dans le délai décidé",
        "Part des besoins servis dans le délai que la première décision leur donnait.",
        P.NEED,
        S.SHARE,
        C.WITHIN_DEADLINE,
    ),
    "besoins-servis": _one(
        "Besoins servis",
        "Part des besoins décidés qui ont eu un rendez-vous, hors ceux que le patient a abandonnés et ceux "
        "qui attendent encore.",
        P.NEED,
        S.SHARE,
        C.SERVED,
    ),
    "decisions": _one(
        "Répartition par décision",
        "Dossiers ouverts, selon la dernière décision prise.",
        P.REQUEST,
        S.COUNT,
        split=D.DISPOSITION,
    ),
    "origines": _one(
        "Répartition par origine",
        "Dossiers ouverts, selon qui les a apportés.",
        P.REQUEST,
        S.COUNT,
        split=D.ORIGIN,
    ),
    "distance-mediane": _one(
        "Distance médiane",
        "De la commune du patient au lieu du rendez-vous, à vol d’oiseau, au cabinet. La route est plus "
        "longue d’un tiers environ.",
        P.VISIT,
        S.MEDIAN,
        measure=Measure.DISTANCE,
    ),
    "distance-p90": _one(
        "Distance, 9e décile",
        "Neuf patients sur dix ont eu moins à parcourir, à vol d’oiseau.",
        P.VISIT,
        S.P90,
        measure=Measure.DISTANCE,
    ),
    "sans-medecin-traitant": _one(
        "Personnes sans médecin traitant servies",
        "Personnes différentes, sans médecin traitant, qui ont eu un rendez-vous.",
        P.VISIT,
        S.PEOPLE,
        C.NO_MT,
    ),
    "participation": _one(
        "Professionnels participants",
        "Part des membres de la CPTS qui ont publié un créneau au moins pendant la période.",
        P.MEMBER,
        S.SHARE,
        C.TOOK_PART,
        split=D.PROFESSION,
    ),
    "non-honores": _one(
        "Rendez-vous non honorés",
        "Part des rendez-vous dont l’issue est connue où le patient n’est pas venu.",
        P.VISIT,
        S.SHARE,
        C.NO_SHOW,
    ),
    "annulations-tardives-reprises": _one(
        "Annulations tardives reprises",
        "Part des créneaux libérés moins de 24 h avant (annulés, sauf par le praticien, ou déplacés) qu’un "
        "autre patient a repris.",
        P.LATE_FREED,
        S.SHARE,
        C.REFILLED,
    ),
    "urgences-evitees": _one("Passages aux urgences évités", METHOD, P.REQUEST, S.AVOIDED),
}
