"""What a territory decides for itself: hours, distances, delays, and how its engine runs. Pure.

Kept as JSON beside the territory; anything left out takes the default of its department.
"""

from __future__ import annotations

from dataclasses import dataclass

ALLOWED_DELAYS_HOURS = (6, 12, 24, 48)
"""Delays a request may be given. Source: SAMU-Hub-Modeles nomenclature (6/12/24 h); 48 h: convention médicale."""


@dataclass(frozen=True, slots=True)
class TerritorySettings:
    """The settings of a territory.

    `regulation_number`: what people dial there. `default_max_km`: straight-line radius of a request that says
    nothing else. `default_delay_hours`: from the regulation's decision. `hold_minutes`: how long a chosen slot
    is kept. `pool_minutes`: how often the open requests are assigned together. `max_proposals`: how many
    slots are read to the caller.
    """

    regulation_number: str = "116 117"
    default_max_km: float = 30.0
    default_delay_hours: int = 48
    hold_minutes: int = 5
    pool_minutes: int = 15
    max_proposals: int = 3
