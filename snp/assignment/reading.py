"""Strict reading of `snp-instance/1` and `snp-assignment/1` JSON: every malformation is named with its place.

Holds what the format allows, nothing about what can be served: a request that no slot could ever suit is well
formed. `read_slot` and `read_request` also serve the stream format, which reuses the same objects.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from sys import intern
from typing import Any, TypeVar

from snp.assignment.facts import (
    Assigned,
    Assignment,
    Audience,
    Instance,
    Mode,
    Priority,
    Request,
    Slot,
    Status,
    Unserved,
    UnservedReason,
    Weights,
)
from snp.assignment.json_text import RepeatedKey, loads
from snp.assignment.malformed import MalformedInput

INSTANCE_FORMAT = "snp-instance/1"
ASSIGNMENT_FORMAT = "snp-assignment/1"
MAX_WEIGHT = 1e12
MAX_INTEGER = 10**12
MAX_DOCUMENT_BYTES = 256_000_000
"""A national day of 60,000 requests takes about 40 MB."""

"""Above this, burdens can no longer be added exactly."""

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

_INSTANCE_KEYS = frozenset({"format", "now", "weights", "slots", "requests"})
_WEIGHTS_KEYS = frozenset({"wait_per_hour", "travel_per_km"})
_SLOT_KEYS = frozenset(
    {"id", "practitioner", "profession", "mode", "start", "end", "lat", "lon", "audiences"}
)
_REQUEST_KEYS = frozenset(
    {
        "id", "priority", "professions", "modes", "earliest", "deadline", "lat", "lon", "max_km", "audience",
        "sessions", "min_gap_days", "max_gap_days", "household", "excluded_practitioners",
        "only_practitioners",
    }
)  # fmt: skip
_ASSIGNMENT_KEYS = frozenset(
    {"format", "status", "served", "burden", "spread", "wall_s", "assignments", "unserved", "bound"}
)
_ASSIGNED_KEYS = frozenset({"request", "slots", "burden"})
_UNSERVED_KEYS = frozenset({"request", "reason", "detail"})
_PRIORITY_NAMES = frozenset(Priority)
_LEVELS = frozenset({*Priority, "burden", "spread"})
_NOTHING = object()


def read_instance(text: bytes | str) -> Instance:
    """Parse an `snp-instance/1` document.

    Raises: `MalformedInput`, its message one line that begins with the place (`requests[3].deadline: …`).
    """
    document = read_document(text, INSTANCE_FORMAT, _INSTANCE_KEYS)
    now = moment(document, "now", "document")
    weights = read_weights(document["weights"], "weights") if "weights" in document else Weights()
    slots = read_all(field(document, "slots", "document"), "slots", read_slot)
    requests = read_all(field(document, "requests", "document"), "requests", read_request)
    check_unique((slot.id for slot in slots), "slots")
    check_unique((request.id for request in requests), "requests")
    return Instance(now, slots, requests, weights)


def read_slot(value: object, place: str) -> Slot:
    """Parse one slot object found at `place`."""
    obj = as_object(value, place, _SLOT_KEYS)
    start, end = moment(obj, "start", place), moment(obj, "end", place)
    if end <= start:
        raise MalformedInput(f"{place}.end", "must be after start")
    return Slot(
        id=name(obj, "id", place),
        practitioner=name(obj, "practitioner", place),
        profession=name(obj, "profession", place),
        mode=member(obj, "mode", place, Mode),
        start=start,
        end=end,
        lat=number(obj, "lat", place, at_least=-90, at_most=90),
        lon=number(obj, "lon", place, at_least=-180, at_most=180),
        audiences=members(obj, "audiences", place, Audience),
    )


def read_request(value: object, place: str, *, extra_fields: frozenset[str] = frozenset()) -> Request:
    """Parse one request object found at `place`; `extra_fields` are allowed and left to the caller."""
    obj = as_object(value, place, _REQUEST_KEYS | extra_fields if extra_fields else _REQUEST_KEYS)
    sessions = integer(obj, "sessions", place, at_least=1, default=1)
    min_gap = integer(obj, "min_gap_days", place, at_least=0, default=1)
    max_gap = integer(obj, "max_gap_days", place, at_least=0, default=7)
    household = name(obj, "household", place) if obj.get("household") is not None else None
    if min_gap > max_gap:
        raise MalformedInput(f"{place}.min_gap_days", f"{min_gap} is more than max_gap_days, {max_gap}")
    if household is not None and sessions > 1:
        raise MalformedInput(f"{place}.household", "a request has a household or several sessions, not both")
    only = obj.get("only_practitioners")
    return Request(
        id=name(obj, "id", place),
        priority=member(obj, "priority", place, Priority),
        professions=names(obj, "professions", place),
        modes=members(obj, "modes", place, Mode),
        earliest=moment(obj, "earliest", place),
        deadline=moment(obj, "deadline", place),
        lat=number(obj, "lat", place, at_least=-90, at_most=90),
        lon=number(obj, "lon", place, at_least=-180, at_most=180),
        audience=member(obj, "audience", place, Audience),
        max_km=number(obj, "max_km", place, at_least=0, default=30.0),
        sessions=sessions,
        min_gap_days=min_gap,
        max_gap_days=max_gap,
        household=household,
        excluded_practitioners=names(obj, "excluded_practitioners", place, default=()),
        only_practitioners=None if only is None else names(obj, "only_practitioners", place),
    )


def read_weights(value: object, place: str) -> Weights:
    """Parse burden weights; what is absent keeps its default."""
    obj = as_object(value, place, _WEIGHTS_KEYS)
    default = Weights()
    wait = as_object(obj.get("wait_per_hour", {}), f"{place}.wait_per_hour", _PRIORITY_NAMES)
    return Weights(
        wait_per_hour={
            priority: number(
                wait, priority, f"{place}.wait_per_hour",
                at_least=0, at_most=MAX_WEIGHT, default=default.wait_per_hour[priority],
            )
            for priority in Priority
        },
        travel_per_km=number(
            obj, "travel_per_km", place, at_least=0, at_most=MAX_WEIGHT, default=default.travel_per_km
        ),
    )  # fmt: skip


def read_assignment(text: bytes | str) -> Assignment:
    """Parse an `snp-assignment/1` document; whether it is right is for `checks` to say.

    Raises: `MalformedInput`, its message one line that begins with the place.
    """
    document = read_document(text, ASSIGNMENT_FORMAT, _ASSIGNMENT_KEYS)
    served = as_object(field(document, "served", "document"), "served", _PRIORITY_NAMES)
    bound = document.get("bound")
    return Assignment(
        status=member(document, "status", "document", Status),
        served={priority: integer(served, priority, "served", at_least=0) for priority in Priority},
        burden=integer(document, "burden", "document"),
        spread=integer(document, "spread", "document", at_least=0),
        assignments=read_all(field(document, "assignments", "document"), "assignments", _read_assigned),
        unserved=read_all(field(document, "unserved", "document"), "unserved", _read_unserved),
        wall_s=number(document, "wall_s", "document", at_least=0, default=0.0),
        bound=None if bound is None else _read_bound(bound),
    )


def _read_assigned(value: object, place: str) -> Assigned:
    obj = as_object(value, place, _ASSIGNED_KEYS)
    slots = field(obj, "slots", place)
    if type(slots) is not list:
        raise MalformedInput(f"{place}.slots", f"expected a list, found {kind(slots)}")
    return Assigned(
        request=name(obj, "request", place),
        slots=tuple(_as_name(slot, f"{place}.slots[{i}]") for i, slot in enumerate(slots)),
        burden=integer(obj, "burden", place),
    )


def _read_unserved(value: object, place: str) -> Unserved:
    obj = as_object(value, place, _UNSERVED_KEYS)
    detail = obj.get("detail", "")
    if type(detail) is not str:
        raise MalformedInput(f"{place}.detail", f"expected a string, found {kind(detail)}")
    return Unserved(name(obj, "request", place), member(obj, "reason", place, UnservedReason), detail)


def _read_bound(value: object) -> dict[str, int]:
    obj = as_object(value, "bound", _LEVELS)
    return {level: integer(obj, level, "bound") for level in obj}


def read_all(value: object, place: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
    """A list of what `read` reads, in order."""
    if type(value) is not list:
        raise MalformedInput(place, f"expected a list, found {kind(value)}")
    found = []
    for i, item in enumerate(value):
        found.append(read(item, f"{place}[{i}]"))
        value[i] = None  # a large document and its facts need not be held twice
    return tuple(found)


def read_document(text: bytes | str, expected: str, allowed: frozenset[str]) -> dict[str, Any]:
    """The document's object; that it is of another format is told before anything else about it."""
    if len(text) > MAX_DOCUMENT_BYTES:
        raise MalformedInput("document", f"is larger than {MAX_DOCUMENT_BYTES} bytes")
    value = loads(text)
    found = value.get("format", expected) if type(value) is dict else expected
    if found != expected:
        raise MalformedInput("format", f"expected {shown(expected)}, found {shown(found)}")
    document = as_object(value, "document", allowed)
    field(document, "format", "document")
    return document


def check_unique(idents: Iterable[str], place: str) -> None:
    """Refuse a list in which two objects bear one identifier."""
    seen: dict[str, int] = {}
    for i, ident in enumerate(idents):
        if ident in seen:
            raise MalformedInput(f"{place}[{i}].id", f"{shown(ident)} is already {place}[{seen[ident]}]")
        seen[ident] = i


# What a field may hold. `place` is where its object stands; the field's own place is `place.key`.


def as_object(value: object, place: str, allowed: frozenset[str]) -> dict[str, Any]:
    """`value` as a JSON object all of whose fields are `allowed`, none given twice."""
    if type(value) is dict:
        if value.keys() <= allowed:
            return value
        unknown = next(key for key in value if key not in allowed)
        raise MalformedInput(_at(place, unknown), "unknown field")
    if isinstance(value, RepeatedKey):
        raise MalformedInput(_at(place, value.key), "field given twice")
    raise MalformedInput(place, f"expected an object, found {kind(value)}")


def field(obj: dict[str, Any], key: str, place: str) -> Any:
    """The value of a field that must be there."""
    value = obj.get(key, _NOTHING)
    if value is _NOTHING:
        raise MalformedInput(_at(place, key), "missing field")
    return value


def name(obj: dict[str, Any], key: str, place: str) -> str:
    """A non-empty string."""
    value = field(obj, key, place)
    return value if type(value) is str and value else _as_name(value, _at(place, key))


def _as_name(value: object, place: str) -> str:
    if type(value) is not str:
        raise MalformedInput(place, f"expected a string, found {kind(value)}")
    if not value:
        raise MalformedInput(place, "must not be empty")
    return value


def names(
    obj: dict[str, Any], key: str, place: str, *, default: Sequence[str] | None = None
) -> frozenset[str]:
    """A list of non-empty strings, as a set."""
    value = field(obj, key, place) if default is None else obj.get(key, default)
    if type(value) is not list:
        if value is default:
            return frozenset()
        raise MalformedInput(_at(place, key), f"expected a list, found {kind(value)}")
    for i, item in enumerate(value):
        if type(item) is not str or not item:
            _as_name(item, f"{_at(place, key)}[{i}]")
    return _shared_set(tuple(value))


def member(obj: dict[str, Any], key: str, place: str, of: type[E]) -> E:
    """A member of the enumeration `of`, by its value."""
    value = field(obj, key, place)
    try:  # the map is ten times as fast as `of(value)`
        return of._value2member_map_[value]  # type: ignore[return-value]
    except (KeyError, TypeError):
        raise _not_a_member(value, _at(place, key), of) from None


def members(obj: dict[str, Any], key: str, place: str, of: type[E]) -> frozenset[E]:
    """A list of members of the enumeration `of`, as a set."""
    value = field(obj, key, place)
    if type(value) is not list:
        raise MalformedInput(_at(place, key), f"expected a list, found {kind(value)}")
    try:
        return _shared_members(tuple(value), of)
    except (ValueError, TypeError):
        known = set(of)
        i = next(i for i, item in enumerate(value) if type(item) is not str or item not in known)
        raise _not_a_member(value[i], f"{_at(place, key)}[{i}]", of) from None


def moment(obj: dict[str, Any], key: str, place: str) -> datetime:
    """An ISO 8601 date and time with an offset."""
    value = field(obj, key, place)
    if type(value) is not str:
        raise MalformedInput(_at(place, key), f"expected a date and time, found {kind(value)}")
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or "T" not in value:
        raise MalformedInput(_at(place, key), f"{shown(value)} is not an ISO 8601 date and time")
    if found.tzinfo is None:
        raise MalformedInput(_at(place, key), f"{shown(value)} has no UTC offset")
    return found


def number(
    obj: dict[str, Any],
    key: str,
    place: str,
    *,
    at_least: float,
    at_most: float = math.inf,
    default: float | None = None,
) -> float:
    """A finite number within the range, as a float."""
    value = field(obj, key, place) if default is None else obj.get(key, default)
    if type(value) is not float and type(value) is not int:
        raise MalformedInput(_at(place, key), f"expected a number, found {kind(value)}")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise MalformedInput(_at(place, key), "must be a finite number")
    if not at_least <= found <= at_most:
        raise MalformedInput(_at(place, key), f"{shown(value)} {_outside(at_least, at_most)}")
    return found


def integer(
    obj: dict[str, Any], key: str, place: str, *, at_least: int | None = None, default: int | None = None
) -> int:
    """An integer from `at_least` to `MAX_INTEGER`; true and 1.0 are not integers."""
    value = field(obj, key, place) if default is None else obj.get(key, default)
    if type(value) is not int:
        raise MalformedInput(_at(place, key), f"expected an integer, found {kind(value)}")
    if at_least is not None and value < at_least:
        raise MalformedInput(_at(place, key), f"{value} is less than {at_least}")
    if value > MAX_INTEGER:
        raise MalformedInput(_at(place, key), f"{shown(value)} is more than {MAX_INTEGER}")
    return value


def kind(value: object) -> str:
    """What a JSON value is, in the words of JSON."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {shown(value)}"
        case str():
            return f"the string {shown(value)}"
        case list():
            return "a list"
        case _:
            return "an object"


def shown(value: object) -> str:
    """A value short and on one line, as JSON would write it."""
    text = repr(value) if not isinstance(value, str) else '"' + ascii(value)[1:-1] + '"'
    return text if len(text) <= 60 else text[:57] + "..."


def _at(place: str, key: str) -> str:
    key = key if key.isidentifier() else shown(key)
    return key if place == "document" else f"{place}.{key}"


def _outside(at_least: float, at_most: float) -> str:
    return f"is less than {at_least:g}" if at_most == math.inf else f"is not in {at_least:g} to {at_most:g}"


def _not_a_member(value: object, place: str, of: type[StrEnum]) -> MalformedInput:
    found = shown(value) if type(value) is str else kind(value)
    return MalformedInput(place, f"expected one of {', '.join(of)}, found {found}")


@lru_cache(maxsize=4096)
def _shared_set(items: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(intern, items))


@lru_cache(maxsize=1024)
def _shared_members(items: tuple[str, ...], of: type[E]) -> frozenset[E]:
    return frozenset(of(item) for item in items)
