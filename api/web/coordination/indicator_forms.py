"""The form of an indicator: its question picked from the whole closed set, its target, its contract. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from api.web.desk_views import Option
from api.web.forms import Errors, Reading
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
from regulation.indicators.rules import checked_query
from regulation.indicators.vocabulary import (
    CONDITIONS,
    DIMENSIONS,
    MEASURES,
    POPULATIONS,
    POSSIBLE,
    STATISTICS,
    UNITS,
    VALUES,
)
from snp.errors import InvalidValue

FIELDS: Final[Mapping[str, str]] = {
    "name": "nom_indicateur",
    "code": "code_indicateur",
    "description": "description",
    "statistic": "question",
    "condition": "question",
    "measure": "question",
    "filters": "restriction",
    "split": "repartition",
    "period": "periode",
    "target": "objectif",
    "contract_ref": "contrat",
}
"""Where each field of a definition stands in the form."""


def questions() -> dict[str, list[Option]]:
    """Return every question that can be asked, by population, under one code each."""
    return {
        POPULATIONS[population]: [Option(_code(query), _say(query)) for query in _queries(population)]
        for population in Population
    }


def _queries(population: Population) -> Iterator[Query]:
    possible = POSSIBLE[population]
    for statistic in Statistic:
        for condition in (None, *Condition):
            for measure in (None, *Measure):
                query = Query(population, statistic, condition, measure)
                if statistic in possible.statistics and _is_askable(query):
                    yield query


def _is_askable(query: Query) -> bool:
    try:
        checked_query(query)
    except InvalidValue:
        return False
    return True


def choices(professions: Mapping[str, str]) -> dict[str, Any]:
    """Return what the selects of the form offer."""
    narrow = {Dimension.PROFESSION: professions, **VALUES}
    return {
        "questions": questions(),
        "restrictions": {
            DIMENSIONS[dimension]: [Option(f"{dimension}:{key}", label) for key, label in values.items()]
            for dimension, values in narrow.items()
        },
        "splits": [Option("", "Sans"), *(Option(one.value, DIMENSIONS[one]) for one in Dimension)],
        "periods": [Option(one.value, UNITS[one]) for one in (Unit.YEAR, Unit.QUARTER, Unit.MONTH)],
        "senses": [Option(Sense.AT_LEAST.value, "Au moins"), Option(Sense.AT_MOST.value, "Au plus")],
    }


def typed_of(code: str, definition: Definition) -> dict[str, str]:
    """Return a definition as the form shows it."""
    target = definition.target
    narrowed = [
        f"{name}:{value}" for name, values in definition.query.filters.items() for value in sorted(values)
    ]
    return {
        "code_indicateur": code,
        "nom_indicateur": definition.name,
        "description": definition.description,
        "question": _code(definition.query),
        "restriction": narrowed[0] if narrowed else "",
        "repartition": definition.split.value if definition.split else "",
        "periode": definition.period.value,
        "sens": target.sense.value if target else Sense.AT_LEAST.value,
        "objectif": f"{target.value:g}".replace(".", ",") if target else "",
        "contrat": definition.contract_ref,
    }


def read(typed: Mapping[str, str]) -> Reading[Definition]:
    """Read the form: a definition, or what must be revised. What goes together is judged by the rules."""
    errors: Errors = {}
    known = {_code(query): query for population in Population for query in _queries(population)}
    query = known.get(typed.get("question", ""))
    if not typed.get("nom_indicateur"):
        errors["nom_indicateur"] = "Indiquez le nom de l’indicateur"
    if query is None:
        errors["question"] = "Choisissez ce qui est compté"
    target = _target(typed, errors)
    filters = _filters(typed.get("restriction", ""), errors)
    split = _one(Dimension, typed.get("repartition", ""))
    if errors or query is None:
        return Reading(None, errors)
    return Reading(
        Definition(
            name=typed["nom_indicateur"],
            description=typed.get("description", ""),
            query=Query(query.population, query.statistic, query.condition, query.measure, filters),
            split=split,
            period=_one(Unit, typed.get("periode", "")) or Unit.YEAR,
            target=target,
            contract_ref=typed.get("contrat", ""),
        )
    )


def fault_of(fault: InvalidValue) -> Errors:
    """Return what the rules refused, beside its field."""
    reason = str(fault.fields["reason"]).rstrip(".")
    return {FIELDS.get(str(fault.fields["field"]), "question"): reason[:1].upper() + reason[1:]}


def _target(typed: Mapping[str, str], errors: Errors) -> Target | None:
    text = typed.get("objectif", "").replace(",", ".").replace("\u00a0", "").replace(" ", "").rstrip("%")
    if not text:
        return None
    try:
        return Target(_one(Sense, typed.get("sens", "")) or Sense.AT_LEAST, float(text))
    except ValueError:
        errors["objectif"] = "Un nombre, comme 80 ou 36,5"
        return None


def _filters(text: str, errors: Errors) -> dict[Dimension, frozenset[str]]:
    name, _, value = text.partition(":")
    dimension = _one(Dimension, name)
    if text and (dimension is None or not value):
        errors["restriction"] = "Choisissez dans la liste"
    return {} if dimension is None or not value else {dimension: frozenset({value})}


def _code(query: Query) -> str:
    parts = (query.population, query.statistic, query.condition, query.measure)
    return ".".join("" if part is None else part.value for part in parts)


def _say(query: Query) -> str:
    told = STATISTICS[query.statistic]
    if query.measure is not None:
        told = f"{MEASURES[query.measure]} : {told.lower()}"
    return told if query.condition is None else f"{told} : {CONDITIONS[query.condition].lower()}"


def _one(kind: Any, text: str) -> Any:
    return kind(text) if text in {one.value for one in kind} else None
