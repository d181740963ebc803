"""A definition as JSON: kept with its indicator, edited from outside; what is unknown is refused. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from regulation.indicators.facts import (
    Condition,
    Definition,
    Dimension,
    Measure,
    Population,
    Query,
    Sense,
    Statistic,
    Target,
    Unit,
)
from snp.errors import InvalidValue

E = TypeVar("E", bound=StrEnum)


def to_json(definition: Definition) -> dict[str, Any]:
    """The definition as it is stored."""
    query, target = definition.query, definition.target
    return {
        "name": definition.name,
        "description": definition.description,
        "population": query.population.value,
        "statistic": query.statistic.value,
        "condition": query.condition.value if query.condition else None,
        "measure": query.measure.value if query.measure else None,
        "filters": {name.value: sorted(values) for name, values in query.filters.items()},
        "split": definition.split.value if definition.split else None,
        "period": definition.period.value,
        "target": None if target is None else {"sense": target.sense.value, "value": target.value},
        "contract_ref": definition.contract_ref,
    }


def from_json(stored: Mapping[str, Any]) -> Definition:
    """The definition of a document. Raises `InvalidValue` for what is in none of the closed lists."""
    for name in stored:
        if name not in _NAMES:
            raise InvalidValue(name, "inconnu.")
    target = stored.get("target")
    query = Query(
        population=_one(Population, "population", stored.get("population")),
        statistic=_one(Statistic, "statistic", stored.get("statistic")),
        condition=_some(Condition, "condition", stored.get("condition")),
        measure=_some(Measure, "measure", stored.get("measure")),
        filters={
            _one(Dimension, "filters", name): frozenset(map(str, values))
            for name, values in (stored.get("filters") or {}).items()
        },
    )
    return Definition(
        name=str(stored.get("name", "")),
        description=str(stored.get("description", "")),
        query=query,
        split=_some(Dimension, "split", stored.get("split")),
        period=_one(Unit, "period", stored.get("period", Unit.YEAR.value)),
        target=None
        if target is None
        else Target(_one(Sense, "target", target.get("sense")), float(target.get("value"))),
        contract_ref=str(stored.get("contract_ref", "")),
    )


_NAMES: Final = frozenset(
    {
        *("name", "description", "population", "statistic", "condition", "measure"),
        *("filters", "split", "period", "target", "contract_ref"),
    }
)


def _one(kind: type[E], field: str, value: Any) -> E:
    try:
        return kind(value)
    except ValueError as fault:
        raise InvalidValue(field, f"« {value} » n’est pas dans la liste.") from fault


def _some(kind: type[E], field: str, value: Any) -> E | None:
    return None if value in {None, ""} else _one(kind, field, value)
