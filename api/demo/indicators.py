"""The targets that the invented coordinators agreed on with their CPAM, and one indicator of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlmodel import Session

from api.demo.facts import Stage
from regulation.indicators import service as indicators
from regulation.indicators.facts import (
    Condition,
    Definition,
    Dimension,
    Population,
    Query,
    Sense,
    Statistic,
    Target,
    Unit,
)
from snp.platform.actors import Actor

_CONTRACT: Final = "Contrat ACI (inventé), annexe 2, indicateur {}"
_TARGETS: Final = {
    "servis-48h": Target(Sense.AT_LEAST, 80),
    "taux-de-prise": Target(Sense.AT_LEAST, 70),
    "delai-median": Target(Sense.AT_MOST, 36),
    "participation": Target(Sense.AT_LEAST, 50),
    "non-honores": Target(Sense.AT_MOST, 8),
}
_OWN: Final = Definition(
    name="Besoins apportés par les pharmacies servis en 48 h",
    description="Ce que les patients envoyés par une pharmacie ont attendu.",
    query=Query(
        Population.NEED,
        Statistic.SHARE,
        Condition.WITHIN_48,
        filters={Dimension.ORIGIN: frozenset({"pharmacy"})},
    ),
    period=Unit.YEAR,
    target=Target(Sense.AT_LEAST, 75),
    contract_ref=_CONTRACT.format(9),
)


def agree_on_targets(session: Session, stage: Stage, *, by: Actor, now: datetime) -> None:
    """Give every territory its targets and its own indicator."""
    for territory_id in stage.territories.values():
        for number, (code, target) in enumerate(_TARGETS.items(), start=1):
            ready = indicators.get_indicator(session, territory_id, code).definition
            agreed = replace(ready, target=target, contract_ref=_CONTRACT.format(number))
            indicators.change_indicator(
                session, territory_id, code, definition=agreed, version=0, by=by, now=now
            )
        indicators.create_indicator(session, territory_id, "pharmacies-48h", _OWN, by=by, now=now)
