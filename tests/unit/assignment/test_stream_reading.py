"""Streams are read strictly: what is written is read back, and every fault is named by line and field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from snp.assignment.malformed import MalformedInput
from snp.assignment.stream import Answer
from snp.assignment.stream_reading import MAX_LINE_BYTES, read_stream
from snp.assignment.stream_writing import write_answer, write_stream
from snp.simulation.region import region_week
from tests.support.streams import MONDAY, a_call, a_day, at, published, tiny

DAY = a_day(published("s1", at(10)), a_call("r1", at(8), notice_min=30, waiting_list=True))


def lines(**changes: Any) -> list[str]:
    """Header, publication, request; a dotted change replaces one field of one line, `...` drops it."""
    documents = [json.loads(line) for line in write_stream(DAY)]
    for path, value in changes.items():
        number, *keys = path.removeprefix("at_").split("__")
        target = documents[int(number)]
        for key in keys[:-1]:
            target = target[key]
        if value is ...:
            del target[keys[-1]]
        else:
            target[keys[-1]] = value
    return [json.dumps(document) for document in documents]


def test_a_stream_written_is_read_back() -> None:
    week = region_week(1, tiny())
    assert read_stream(write_stream(week)) == week


def test_what_is_left_out_has_its_default() -> None:
    found = read_stream(lines(at_0__history_until=..., at_0__weights={}, at_2__request__answer_by=...))
    assert found.header.history_until == found.header.start
    assert read_stream(lines(at_0__history_until=None)).header == found.header
    assert found.events[1].answer_by == found.events[1].at  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"at_0__format": "snp-stream/2"}, 'line 1.format: expected "snp-stream/1"'),
        ({"at_0__end": MONDAY.isoformat()}, "line 1.end: must be after start"),
        ({"at_0__zone": "x"}, "line 1.zone: unknown field"),
        ({"at_1__type": "slot_painted"}, "line 2.type: expected one of"),
        ({"at_1__slot_id": "s1"}, "line 2.slot_id: unknown field"),
        ({"at_1__slot__mode": "XX"}, "line 2.slot.mode: expected one of"),
        ({"at_1__slot__colour": 1}, "line 2.slot.colour: unknown field"),
        ({"at_2__request__colour": 1}, "line 3.request.colour: unknown field"),
        ({"at_2__request__waiting_list": 1}, "line 3.request.waiting_list: expected true or false"),
        ({"at_2__request__notice_min": -1}, "line 3.request.notice_min: -1 is less than 0"),
        ({"at_2__request__answer_by": MONDAY.isoformat()}, "line 3.request.answer_by: is before"),
        ({"at_2__at": "2026-11-16T08:00:00"}, "line 3.at:"),
        (
            {"at_2__at": "2026-11-15T08:00:00+01:00"},
            "line 3.at: 2026-11-15T08:00:00+01:00 is before the event",
        ),
        ({"at_2__request": ...}, "line 3.request: missing field"),
    ],
)
def test_a_fault_is_named_by_line_and_field(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedInput) as fault:
        read_stream(lines(**changes))
    assert str(fault.value).startswith(message)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            '{"at": "2026-11-17T08:00:00+01:00", "type": "slot_withdrawn", "slot_id": "s9"}',
            'line 4.slot_id: slot "s9"',
        ),
        (
            '{"at": "2026-11-17T08:00:00+01:00", "type": "appointment_cancelled", "request_id": "r9"}',
            "line 4.request_id",
        ),
        ("{", "line 4 column 2: not JSON"),
        ("[]", "line 4: expected an object"),
        ('{"at": 1, "at": 2}', "line 4.at: field given twice"),
    ],
)
def test_a_line_that_speaks_of_nothing_known_is_refused(more: str, message: str) -> None:
    with pytest.raises(MalformedInput, match=message.replace(".", r"\.")):
        read_stream([*lines(), more])


def test_an_id_is_not_used_twice() -> None:
    both = lines()
    for line, message in ((both[1], "line 4.slot.id"), (both[2], "line 4.request.id")):
        again = {**json.loads(line), "at": "2026-11-17T08:00:00+01:00"}
        again.get("request", {}).pop("answer_by", None)
        with pytest.raises(MalformedInput, match=message):
            read_stream([*both, json.dumps(again)])


def test_an_empty_stream_is_refused() -> None:
    with pytest.raises(MalformedInput, match="line 1"):
        read_stream(["\n"])


def test_a_promise_is_written_without_slots() -> None:
    line = json.loads(write_answer(Answer(MONDAY, "r1", promise=True, reason="promised")))
    assert line["promise"] is True
    assert "slots" not in line


def test_a_line_that_never_ends_is_refused() -> None:
    with pytest.raises(MalformedInput, match="line 1"):
        read_stream([b" " * 5 + b"x" * (MAX_LINE_BYTES + 1)])
