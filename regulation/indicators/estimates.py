"""What is estimated, not counted: urgences avoided by slots of the day; method, range, source. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class EmergencyShares:
    """Of a hundred calls for a general practitioner by day, how many are sent to the urgences.

    `without`: where no slot of the day exists. `with_slots`, and its range `with_low` to `with_high` among
    the organisations observed: where the regulation books them. `since`: the day from which they are used.
    """

    since: date
    without: float
    with_slots: float
    with_low: float
    with_high: float
    source: str


EMERGENCY_SHARES: Final = EmergencyShares(
    since=date(2026, 11, 26),
    without=27.0,
    with_slots=7.0,
    with_low=5.0,
    with_high=27.0,
    source=(
        "F. Guillaud, Les CPTS, thèse, Nantes 2023 (dumas-04424157) : devenir des appels de médecine "
        "générale avec créneaux de jour, urgences 7 % (de 5 à 27 %) ; SAMU 78, sans créneaux de jour "
        "(n = 185) : 27 %"
    ),
)

METHOD: Final = (
    "Estimation, non une mesure : nombre d’appels de jour décidés par la régulation (conseil, "
    "téléconsultation, consultation SNP, médecin traitant, rendez-vous déjà pris, urgences), multiplié par "
    "l’écart entre la part envoyée aux urgences sans créneaux de jour (27 %) et avec (7 %). Fourchette : la "
    "part avec créneaux prise à 27 % puis à 5 %. Rien ne permet de savoir ce qu’un patient aurait fait."
)


def avoided(calls: int, shares: EmergencyShares = EMERGENCY_SHARES) -> tuple[float, float, float]:
    """How many visits to the urgences were avoided on so many calls: central, low, high; never below zero."""
    gaps = (shares.without - one for one in (shares.with_slots, shares.with_high, shares.with_low))
    central, low, high = (max(0.0, calls * gap / 100) for gap in gaps)
    return central, low, high
