"""Strict reading of `snp-stream/1`, line by line: a fault is named by its line and field.

Beyond the form of each line: events stand in time order, ids are not reused while they mean something, and
what is withdrawn or cancelled was seen before. Semantics: docs/formats.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from snp.assignment.facts import Request, Weights
from snp.assignment.json_text import loads
from snp.assignment.malformed import MalformedInput
from snp.assignment.reading import (
    as_object,
    field,
    integer,
    kind,
    moment,
    name,
    read_request,
    read_slot,
    read_weights,
    shown,
)
from snp.assignment.stream import (
    AppointmentCancelled,
    Event,
    Header,
    RequestArrived,
    SlotPublished,
    SlotWithdrawn,
    Stream,
)

STREAM_FORMAT = "snp-stream/1"
MAX_LINE_BYTES = 1_000_000
MAX_EVENTS = 5_000_000
"""Three months of the whole of France."""

_HEADER_KEYS = frozenset({"format", "start", "end", "weights", "history_until"})
_EVENT_KEYS = {
    "slot_published": frozenset({"at", "type", "slot"}),
    "slot_withdrawn": frozenset({"at", "type", "slot_id"}),
    "request": frozenset({"at", "type", "request"}),
    "appointment_cancelled": frozenset({"at", "type", "request_id"}),
}
_ANY_EVENT_KEYS = frozenset().union(*_EVENT_KEYS.values())
_LIVE_FIELDS = frozenset({"answer_by", "waiting_list", "notice_min"})


def read_stream(lines: Iterable[bytes | str]) -> Stream:
    """Parse a whole stream, one document a line; blank lines are skipped.

    Raises: `MalformedInput`, its message one line that begins with `line N` and the field.
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    first = next(numbered, None)
    if first is None:
        raise MalformedInput("line 1", "the stream is empty, expected a header")
    header = _read_header(_document(*first, _HEADER_KEYS), f"line {first[0]}")
    return Stream(header, tuple(_events(numbered)))


def _document(number: int, line: bytes | str, allowed: frozenset[str]) -> dict[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        raise MalformedInput(f"line {number}", f"is longer than {MAX_LINE_BYTES} bytes")
    if number > MAX_EVENTS:
        raise MalformedInput(f"line {number}", f"a stream has at most {MAX_EVENTS} lines")
    try:
        value = loads(line)
    except MalformedInput as fault:
        column = fault.place.removeprefix("line 1 ")
        raise MalformedInput(f"line {number} {column}", fault.problem) from None
    return as_object(value, f"line {number}", allowed)


def _read_header(obj: dict[str, Any], place: str) -> Header:
    found = field(obj, "format", place)
    if found != STREAM_FORMAT:
        raise MalformedInput(f"{place}.format", f"expected {shown(STREAM_FORMAT)}, found {shown(found)}")
    start, end = moment(obj, "start", place), moment(obj, "end", place)
    if end <= start:
        raise MalformedInput(f"{place}.end", "must be after start")
    history_until = moment(obj, "history_until", place) if obj.get("history_until") is not None else start
    weights = read_weights(obj["weights"], f"{place}.weights") if "weights" in obj else Weights()
    return Header(start, end, history_until, weights)


def _events(numbered: Iterable[tuple[int, bytes | str]]) -> Iterator[Event]:
    names = _Names()
    last: datetime | None = None
    for number, line in numbered:
        place = f"line {number}"
        event = _read_event(_document(number, line, _ANY_EVENT_KEYS), place)
        if last is not None and event.at < last:
            raise MalformedInput(f"{place}.at", f"{event.at.isoformat()} is before the event above it")
        last = event.at
        names.check(event, place)
        yield event


def _read_event(obj: dict[str, Any], place: str) -> Event:
    type_name = field(obj, "type", place)
    allowed = _EVENT_KEYS.get(type_name) if isinstance(type_name, str) else None
    if allowed is None:
        raise MalformedInput(
            f"{place}.type", f"expected one of {', '.join(_EVENT_KEYS)}, found {kind(type_name)}"
        )
    as_object(obj, place, allowed)
    at = moment(obj, "at", place)
    match type_name:
        case "slot_published":
            return SlotPublished(at, read_slot(field(obj, "slot", place), f"{place}.slot"))
        case "slot_withdrawn":
            return SlotWithdrawn(at, name(obj, "slot_id", place))
        case "appointment_cancelled":
            return AppointmentCancelled(at, name(obj, "request_id", place))
        case _:
            return _read_arrival(at, field(obj, "request", place), f"{place}.request")


def _read_arrival(at: datetime, value: object, place: str) -> RequestArrived:
    request: Request = read_request(value, place, extra_fields=_LIVE_FIELDS)
    obj = as_object(value, place, frozenset(value) if isinstance(value, dict) else frozenset())
    answer_by = moment(obj, "answer_by", place) if obj.get("answer_by") is not None else at
    if answer_by < at:
        raise MalformedInput(f"{place}.answer_by", "is before the request arrives")
    waiting_list = obj.get("waiting_list", False)
    if type(waiting_list) is not bool:
        raise MalformedInput(f"{place}.waiting_list", f"expected true or false, found {kind(waiting_list)}")
    notice = integer(obj, "notice_min", place, at_least=0) if obj.get("notice_min") is not None else None
    return RequestArrived(at, request, answer_by, waiting_list, notice)


class _Names:
    """The ids seen so far, so that later lines can only speak of what there is."""

    def __init__(self) -> None:
        self._published: set[str] = set()
        self._withdrawn: set[str] = set()
        self._requests: set[str] = set()

    def check(self, event: Event, place: str) -> None:
        match event:
            case SlotPublished():
                self._publish(event.slot.id, f"{place}.slot.id")
            case SlotWithdrawn():
                self._withdraw(event.slot_id, f"{place}.slot_id")
            case RequestArrived():
                if event.request.id in self._requests:
                    raise MalformedInput(
                        f"{place}.request.id", f"request {shown(event.request.id)} arrived already"
                    )
                self._requests.add(event.request.id)
            case AppointmentCancelled():
                if event.request_id not in self._requests:
                    raise MalformedInput(
                        f"{place}.request_id", f"no request {shown(event.request_id)} so far"
                    )

    def _publish(self, slot: str, place: str) -> None:
        if slot in self._published:
            raise MalformedInput(place, f"slot {shown(slot)} is already published")
        self._published.add(slot)
        self._withdrawn.discard(slot)

    def _withdraw(self, slot: str, place: str) -> None:
        if slot not in self._published:
            problem = "is already withdrawn" if slot in self._withdrawn else "is not published so far"
            raise MalformedInput(place, f"slot {shown(slot)} {problem}")
        self._published.remove(slot)
        self._withdrawn.add(slot)
