"""Whether a definition asks something that exists, and whether a figure meets its target. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from regulation.indicators.facts import (
    Cell,
    Condition,
    Definition,
    Dimension,
    Query,
    Sense,
    Statistic,
    Unit,
)
from regulation.indicators.vocabulary import COUNT_OF, POSSIBLE, VALUES
from snp.errors import InvalidValue

CODE: Final = re.compile(r"[a-z][a-z0-9-]{1,39}")
RESERVED: Final = frozenset({"nouveau", "rapport", "figures", "report"})
"""Short names that addresses need."""

MOST_VALUE: Final = 1_000_000
_QUANTILES: Final = frozenset({Statistic.MEDIAN, Statistic.P90})
_PERIODS: Final = frozenset({Unit.YEAR, Unit.QUARTER, Unit.MONTH})
ADDITIVE: Final = frozenset(
    {Statistic.COUNT, Statistic.HOURS, Statistic.DAYS, Statistic.PEOPLE, Statistic.AVOIDED}
)
"""What grows with the length of a period: its target is judged over its own period only."""


def checked_code(code: str) -> str:
    """Return the short name of an indicator. Raises `InvalidValue`."""
    if not CODE.fullmatch(code) or code in RESERVED:
        raise InvalidValue(
            "code", "2 à 40 lettres minuscules, chiffres ou traits d’union, une lettre d’abord."
        )
    return code


def checked_definition(definition: Definition, professions: Collection[str]) -> Definition:
    """Return a definition fit to be kept. Raises `InvalidValue` naming the field at fault."""
    query = definition.query
    checked_query(query)
    _check_filters(query, professions)
    if definition.split is not None and definition.split not in POSSIBLE[query.population].dimensions:
        raise InvalidValue("split", "cette population ne se répartit pas ainsi.")
    if definition.period not in _PERIODS:
        raise InvalidValue("period", "un mois, un trimestre ou une année.")
    target = definition.target
    if target is not None and not (math.isfinite(target.value) and 0 <= target.value <= _most(query)):
        raise InvalidValue("target", f"un nombre de 0 à {_most(query)}.")
    return replace(
        definition,
        name=_text("name", definition.name, 2, 120),
        description=_text("description", definition.description, 0, 600),
        contract_ref=_text("contract_ref", definition.contract_ref, 0, 200),
    )


def target_met(definition: Definition, unit: Unit, cell: Cell, *, over: bool) -> bool | None:
    """Whether a figure meets its target; None without one, where it cannot be told, or judged too early.

    What adds up over time is judged over its own period, once it is `over` unless it is reached before.
    """
    target = definition.target
    if target is None or cell.masked or cell.value is None:
        return None
    grows = definition.query.statistic in ADDITIVE
    if grows and unit is not definition.period:
        return None
    value = (
        cell.value / 60
        if definition.query.measure and definition.query.measure.value == "delay"
        else cell.value
    )
    reached = value >= target.value if target.sense is Sense.AT_LEAST else value <= target.value
    if grows and not over and reached is (target.sense is Sense.AT_MOST):
        return None
    return reached


def checked_query(query: Query) -> Query:
    """Return a query whose parts go together. Raises `InvalidValue` naming the part at fault."""
    possible = POSSIBLE[query.population]
    if query.statistic not in possible.statistics:
        raise InvalidValue("statistic", "ce calcul n’existe pas pour cette population.")
    if query.condition is not None and query.condition not in possible.conditions:
        raise InvalidValue("condition", "cette condition n’existe pas pour cette population.")
    needed = query.statistic is Statistic.SHARE
    if needed and query.condition in {None, Condition.NO_MT}:
        raise InvalidValue("condition", "une part demande ce dont elle est la part.")
    allowed = {
        Statistic.COUNT: COUNT_OF,
        Statistic.SHARE: frozenset(Condition),
        Statistic.PEOPLE: frozenset({Condition.NO_MT}),
    }.get(query.statistic, frozenset())
    if query.condition is not None and query.condition not in allowed:
        raise InvalidValue("condition", "ce calcul n’a pas cette condition.")
    if (query.statistic in _QUANTILES) != (query.measure is not None):
        raise InvalidValue("measure", "la médiane et le 9e décile, et eux seuls, demandent une mesure.")
    if query.measure is not None and query.measure not in possible.measures:
        raise InvalidValue("measure", "cette mesure n’existe pas pour cette population.")
    if query.statistic is Statistic.AVOIDED and query.filters:
        raise InvalidValue("filters", "l’estimation porte sur tous les appels.")
    return query


def _check_filters(query: Query, professions: Collection[str]) -> None:
    if len(query.filters) > 1:
        raise InvalidValue("filters", "un seul critère de restriction.")
    for dimension, values in query.filters.items():
        if dimension not in POSSIBLE[query.population].dimensions:
            raise InvalidValue("filters", "cette population ne se restreint pas ainsi.")
        known = professions if dimension is Dimension.PROFESSION else VALUES[dimension]
        if not values or any(value not in known for value in values):
            raise InvalidValue("filters", "une valeur au moins, de la liste.")


def _most(query: Query) -> int:
    return 100 if query.statistic is Statistic.SHARE else MOST_VALUE


def _text(field: str, text: str, least: int, most: int) -> str:
    stripped = " ".join(text.split())
    if not least <= len(stripped) <= most:
        told = f"{least} à {most} caractères." if least else f"{most} caractères au plus."
        raise InvalidValue(field, told)
    return stripped
