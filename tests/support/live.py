"""Prices written by hand, settings changed, promises counted: for tests of the live policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from regulation.intake.facts import CallPriority, ResponseLevel, Urgency
from regulation.live.facts import PriceSheet
from snp.assignment.pricing import ForecastFacts
from snp.directory import service as directory
from snp.directory.facts import TerritoryDetails
from snp.directory.settings_json import settings_from_input
from tests.support.regulation import NOW, Cpts


def priority(level: CallPriority) -> Urgency:
    """An R3 of this priority."""
    return Urgency(level, ResponseLevel.R3)


def a_sheet(
    territory_id: UUID, prices: Mapping[str, tuple[int, ...]], *, computed_at: datetime = NOW
) -> PriceSheet:
    """Prices of general practitioners' slots, as a background job would have left them."""
    return PriceSheet(
        territory_id=territory_id,
        family="medecin_generaliste",
        computed_at=computed_at,
        scenarios=len(next(iter(prices.values()))),
        facts=ForecastFacts(0, 0, 0.0, 0.0, 1.0, 0.0),
        prices=dict(prices),
        wanted={},
    )


def set_settings(session: Session, cpts: Cpts, **given: Any) -> None:
    """Change some settings of the CPTS, as its coordinator would."""
    current = directory.get_territory(session, cpts.territory.id)
    details = TerritoryDetails(
        slug=current.slug,
        name=current.name,
        department=current.department,
        communes=frozenset(current.communes),
        finess=current.finess,
        size_class=current.size_class,
        settings=settings_from_input(given, base=current.settings),
    )
    cpts.territory = directory.update_territory(
        session, current.id, details, version=current.version, by=cpts.job, now=NOW
    )
