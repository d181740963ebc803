"""What a search found, before it is written as FHIR."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from slots.agenda.facts import SasSlot, SasView
from snp.directory.facts import CarerCard, CptsCard, PlaceCard

ALL_VIEWS = frozenset(SasView)
INDIVIDUAL_VIEW = frozenset({SasView.INDIVIDUAL})


@dataclass(frozen=True, slots=True)
class Findings:
    """The slots found, with what they point to by id; nothing is there that no slot points to.

    `by_cpts`: the request was one of INT_R04, so that the view of the CPTS is told too.
    """

    slots: Sequence[SasSlot]
    carers: Mapping[UUID, CarerCard] = field(default_factory=dict)
    places: Mapping[UUID, PlaceCard] = field(default_factory=dict)
    cpts: Mapping[UUID, CptsCard] = field(default_factory=dict)
    by_cpts: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """What the mapping needs of the service: its base, a slot's booking page, the words of reasons."""

    base: str
    booking_url: Callable[[str, str], str]
    reason_labels: Mapping[str, str] = field(default_factory=dict)
