"""Strict reading of `snp-rota/1` and `snp-rota-answer/1` JSON: every malformation is named with its place.

Holds what the format allows, nothing about whether a rota exists.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from slots.rota.facts import (
    Carer,
    Conflict,
    Cost,
    Half,
    Kind,
    Limits,
    Place,
    RotaAnswer,
    RotaProblem,
    Rule,
    Shift,
    Span,
    Status,
    Weights,
    Wish,
)
from snp.assignment.malformed import MalformedInput
from snp.assignment.reading import (
    as_object,
    check_unique,
    field,
    integer,
    kind,
    member,
    members,
    moment,
    name,
    names,
    number,
    read_all,
    read_document,
    shown,
)

PROBLEM_FORMAT: Final = "snp-rota/1"
ANSWER_FORMAT: Final = "snp-rota-answer/1"

_PROBLEM: Final = frozenset(
    {"format", "places", "shifts", "carers", "limits", "weights", "gaps", "in_force", "frozen_before"}
)
_PLACE: Final = frozenset({"id", "name", "rooms"})
_SHIFT: Final = frozenset({"id", "place", "start", "end", "half", "least", "most", "kinds"})
_CARER: Final = frozenset(
    {"id", "name", "share", "places", "away", "never", "fixed", "wishes", "most_per_week", "before"}
)
_LIMITS: Final = frozenset({"rest_minutes", "most_per_day", "most_per_week", "most_days_in_a_row"})
_WEIGHTS: Final = frozenset({"gap", "change", "all", "unloved", "wish"})
_ANSWER: Final = frozenset({"format", "status", "cost", "bound", "wall_s", "turns", "conflicts", "minimal"})
_COST: Final = frozenset({"gaps", "changes", "unfairness", "wishes", "total"})


def read_problem(text: bytes | str) -> RotaProblem:
    """Parse an `snp-rota/1` document.

    Raises: `MalformedInput`, its message one line that begins with the place (`shifts[3].end: …`).
    """
    document = read_document(text, PROBLEM_FORMAT, _PROBLEM)
    places = read_all(field(document, "places", "document"), "places", _place)
    shifts = read_all(field(document, "shifts", "document"), "shifts", _shift)
    carers = read_all(field(document, "carers", "document"), "carers", _carer)
    for found, where in ((places, "places"), (shifts, "shifts"), (carers, "carers")):
        check_unique((each.id for each in found), where)
    problem = RotaProblem(
        places=places,
        shifts=shifts,
        carers=carers,
        limits=_limits(document.get("limits", {})),
        weights=_weights(document.get("weights", {})),
        gaps=_flag(document, "gaps"),
        in_force=None if document.get("in_force") is None else _turns(document["in_force"], "in_force"),
        frozen_before=(
            moment(document, "frozen_before", "document") if document.get("frozen_before") else None
        ),
    )
    _check_names(problem)
    return problem


def read_answer(text: bytes | str) -> RotaAnswer:
    """Parse an `snp-rota-answer/1` document. Raises: `MalformedInput`."""
    document = read_document(text, ANSWER_FORMAT, _ANSWER)
    return RotaAnswer(
        status=member(document, "status", "document", Status),
        turns=_turns(field(document, "turns", "document"), "turns"),
        cost=None if document.get("cost") is None else _cost(document["cost"]),
        bound=integer(document, "bound", "document", default=0),
        wall_s=number(document, "wall_s", "document", at_least=0, default=0.0),
        conflicts=read_all(document.get("conflicts", []), "conflicts", _conflict),
        is_minimal=_flag(document, "minimal", default=True),
    )


def _place(value: object, place: str) -> Place:
    obj = as_object(value, place, _PLACE)
    ident = name(obj, "id", place)
    rooms = integer(obj, "rooms", place, at_least=0) if obj.get("rooms") is not None else None
    return Place(ident, name(obj, "name", place) if "name" in obj else ident, rooms)


def _shift(value: object, place: str) -> Shift:
    obj = as_object(value, place, _SHIFT)
    start, end = moment(obj, "start", place), moment(obj, "end", place)
    if end <= start:
        raise MalformedInput(f"{place}.end", "must be after start")
    least = integer(obj, "least", place, at_least=0, default=1)
    most = integer(obj, "most", place, at_least=0, default=max(least, 1))
    if most < least:
        raise MalformedInput(f"{place}.most", f"{most} is less than least, {least}")
    kinds = members(obj, "kinds", place, Kind) if "kinds" in obj else frozenset()
    if Kind.ALL in kinds:
        raise MalformedInput(f"{place}.kinds", '"all" is meant of every shift')
    return Shift(
        name(obj, "id", place), name(obj, "place", place), start, end,
        member(obj, "half", place, Half), least, most, kinds,
    )  # fmt: skip


def _carer(value: object, place: str) -> Carer:
    obj = as_object(value, place, _CARER)
    ident = name(obj, "id", place)
    most = obj.get("most_per_week")
    return Carer(
        id=ident,
        name=name(obj, "name", place) if "name" in obj else ident,
        share=_up_to(obj, "share", place, 1000, default=100),
        places=names(obj, "places", place, default=()),
        away=read_all(obj.get("away", []), f"{place}.away", _span),
        never=frozenset(read_all(obj.get("never", []), f"{place}.never", _half_day)),
        fixed=names(obj, "fixed", place, default=()),
        wishes=read_all(obj.get("wishes", []), f"{place}.wishes", _wish),
        most_per_week=None if most is None else integer(obj, "most_per_week", place, at_least=0),
        before=_counts(obj.get("before", {}), f"{place}.before"),
    )


def _span(value: object, place: str) -> Span:
    obj = as_object(value, place, frozenset({"start", "end"}))
    span = Span(moment(obj, "start", place), moment(obj, "end", place))
    if span.end <= span.start:
        raise MalformedInput(f"{place}.end", "must be after start")
    return span


def _half_day(value: object, place: str) -> tuple[int, Half]:
    obj = as_object(value, place, frozenset({"weekday", "half"}))
    return _up_to(obj, "weekday", place, 6), member(obj, "half", place, Half)


def _wish(value: object, place: str) -> Wish:
    obj = as_object(value, place, frozenset({"weekday", "half", "points"}))
    points = integer(obj, "points", place, at_least=-3)
    if points == 0 or points > 3:
        raise MalformedInput(f"{place}.points", f"{points} is not one of -3 to -1, 1 to 3")
    return Wish(_up_to(obj, "weekday", place, 6), member(obj, "half", place, Half), points)


def _limits(value: object) -> Limits:
    obj, usual = as_object(value, "limits", _LIMITS), Limits()
    rest = integer(
        obj, "rest_minutes", "limits", at_least=0, default=round(usual.rest / timedelta(minutes=1))
    )
    if rest > 7 * 24 * 60:
        raise MalformedInput("limits.rest_minutes", f"{rest} is more than a week")
    counts = {
        key: integer(obj, key, "limits", at_least=1, default=getattr(usual, key))
        for key in ("most_per_day", "most_per_week", "most_days_in_a_row")
    }
    return Limits(rest=timedelta(minutes=rest), **counts)


def _weights(value: object) -> Weights:
    obj, usual = as_object(value, "weights", _WEIGHTS), Weights()
    return Weights(
        **{key: _up_to(obj, key, "weights", 1_000_000, default=getattr(usual, key)) for key in _WEIGHTS}
    )


def _counts(value: object, place: str) -> dict[Kind, int]:
    obj = as_object(value, place, frozenset(Kind))
    return {Kind(key): _up_to(obj, key, place, 10_000) for key in obj}


def _turns(value: object, place: str) -> dict[str, frozenset[str]]:
    if type(value) is not dict:
        raise MalformedInput(place, f"expected an object, found {kind(value)}")
    return {shift_id: names(value, shift_id, place) for shift_id in value}


def _cost(value: object) -> Cost:
    obj = as_object(value, "cost", _COST)
    unfairness = as_object(field(obj, "unfairness", "cost"), "cost.unfairness", frozenset(Kind))
    return Cost(
        gaps=integer(obj, "gaps", "cost"),
        changes=integer(obj, "changes", "cost"),
        unfairness={Kind(key): integer(unfairness, key, "cost.unfairness") for key in unfairness},
        wishes=integer(obj, "wishes", "cost"),
        total=integer(obj, "total", "cost"),
    )


def _conflict(value: object, place: str) -> Conflict:
    obj = as_object(value, place, frozenset({"rule", "sentence", "carer", "shift"}))
    told = {key: name(obj, key, place) for key in ("carer", "shift") if obj.get(key) is not None}
    return Conflict(member(obj, "rule", place, Rule), name(obj, "sentence", place), **told)


def _up_to(obj: dict[str, Any], key: str, place: str, most: int, *, default: int | None = None) -> int:
    found = integer(obj, key, place, at_least=0, default=default)
    if found > most:
        raise MalformedInput(f"{place}.{key}", f"{found} is more than {most}")
    return found


def _flag(obj: dict[str, Any], key: str, *, default: bool = False) -> bool:
    value = obj.get(key, default)
    if type(value) is not bool:
        raise MalformedInput(key, f"expected true or false, found {kind(value)}")
    return value


def _check_names(problem: RotaProblem) -> None:
    """What is named exists."""
    shifts, carers = problem.shift_by_id.keys(), problem.carer_by_id.keys()
    for i, shift in enumerate(problem.shifts):
        _known(f"shifts[{i}].place", {shift.place}, problem.place_by_id.keys())
    for i, carer in enumerate(problem.carers):
        _known(f"carers[{i}].places", carer.places, problem.place_by_id.keys())
        _known(f"carers[{i}].fixed", carer.fixed, shifts)
    for shift_id, held in (problem.in_force or {}).items():
        _known("in_force", {shift_id}, shifts)
        _known(f"in_force.{shift_id}", held, carers)


def _known(place: str, told: Any, known: Any) -> None:
    unknown = sorted(set(told) - set(known))
    if unknown:
        raise MalformedInput(place, f"{shown(unknown[0])} does not exist")
