from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from snp.assignment.facts import Audience, Mode, Priority, Status, UnservedReason, Weights
from snp.assignment.malformed import MalformedInput
from snp.assignment.reading import read_assignment, read_instance, read_request

SLOT = {
    "id": "s1", "practitioner": "p1", "profession": "medecin_generaliste", "mode": "AMB",
    "start": "2026-11-23T10:00:00+01:00", "end": "2026-11-23T10:15:00+01:00",
    "lat": 47.1158, "lon": -2.1033, "audiences": ["regulation", "desk"],
}  # fmt: skip
REQUEST = {
    "id": "r1", "priority": "P2", "professions": ["medecin_generaliste"], "modes": ["AMB", "VR"],
    "earliest": "2026-11-23T08:20:00+01:00", "deadline": "2026-11-24T08:20:00+01:00",
    "lat": 47.0814, "lon": -2.0372, "audience": "regulation",
}  # fmt: skip


def document(**changes: Any) -> dict[str, Any]:
    return {
        "format": "snp-instance/1",
        "now": "2026-11-23T08:00:00+01:00",
        "slots": [dict(SLOT)],
        "requests": [dict(REQUEST)],
        **changes,
    }


def slot(**changes: Any) -> dict[str, Any]:
    return document(slots=[{**SLOT, **changes}])


def request_(**changes: Any) -> dict[str, Any]:
    return document(requests=[{**REQUEST, **changes}])


def without(found: dict[str, Any], *path: Any) -> dict[str, Any]:
    at: Any = found
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return found


def test_an_instance_is_read_with_its_defaults() -> None:
    instance = read_instance(json.dumps(document()))
    (read_slot,), (read,) = instance.slots, instance.requests
    assert read_slot.mode is Mode.AMB
    assert read_slot.audiences == {Audience.REGULATION, Audience.DESK}
    assert (read.priority, read.max_km, read.sessions, read.household) == (Priority.P2, 30.0, 1, None)
    assert (read.min_gap_days, read.max_gap_days) == (1, 7)
    assert (read.excluded_practitioners, read.only_practitioners) == (frozenset(), None)
    assert instance.weights == Weights()


def test_weights_that_are_left_out_keep_their_default() -> None:
    found = document(weights={"wait_per_hour": {"P1": 10}})
    assert read_instance(json.dumps(found)).weights.wait_per_hour == {"P1": 10, "P2": 4, "P3": 1}


@pytest.mark.parametrize(
    "accepted",
    [
        document(slots=[], requests=[]),
        request_(deadline="2026-11-22T08:20:00+01:00"),
        request_(deadline="9999-12-31T23:59:59Z"),
        request_(max_km=0, professions=[], modes=[]),
        request_(household="h1", sessions=1),
        request_(only_practitioners=None),
        request_(sessions=2, min_gap_days=0, max_gap_days=0),
        slot(audiences=[]),
        slot(start="2026-11-23T10:00Z", end="2026-11-23T10:00:00.000001Z"),
    ],
)
def test_what_the_format_does_not_forbid_is_accepted(accepted: dict[str, Any]) -> None:
    read_instance(json.dumps(accepted))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1 column 1: not JSON, Expecting value"),
        ('{"format": "snp-instance/1",\n "now": }', "line 2 column 9: not JSON, Expecting value"),
        (b'{"format": \xff}', "line 1 column 12: not UTF-8 text"),
        ("[" * 100_000, "document: nested too deeply"),
        ("1" * 5_000, "document: holds a number that is too long"),
        ("[]", "document: expected an object, found a list"),
        ("null", "document: expected an object, found null"),
        ('{"format": "snp-instance/1", "format": "snp-instance/1"}', "format: field given twice"),
    ],
)
def test_text_that_is_no_document_is_refused_with_its_place(text: str | bytes, message: str) -> None:
    with pytest.raises(MalformedInput) as refusal:
        read_instance(text)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (document(format="snp-instance/2"), 'format: expected "snp-instance/1", found "snp-instance/2"'),
        (without(document(), "format"), "format: missing field"),
        (without(document(), "now"), "now: missing field"),
        (without(document(), "slots"), "slots: missing field"),
        (document(extra=1), "extra: unknown field"),
        (document(now="2026-11-23T08:00:00"), 'now: "2026-11-23T08:00:00" has no UTC offset'),
        (document(now="yesterday"), 'now: "yesterday" is not an ISO 8601 date and time'),
        (
            document(now="2026-11-23 08:00+01:00"),
            'now: "2026-11-23 08:00+01:00" is not an ISO 8601 date and time',
        ),
        (document(now=5), "now: expected a date and time, found the number 5"),
        (document(slots={}), "slots: expected a list, found an object"),
        (document(slots=[1]), "slots[0]: expected an object, found the number 1"),
        (document(slots=[SLOT, SLOT]), 'slots[1].id: "s1" is already slots[0]'),
        (document(requests=[REQUEST, REQUEST]), 'requests[1].id: "r1" is already requests[0]'),
        (document(weights=None), "weights: expected an object, found null"),
        (document(weights={"wait": 1}), "weights.wait: unknown field"),
        (document(weights={"wait_per_hour": {"P0": 1}}), "weights.wait_per_hour.P0: unknown field"),
        (
            document(weights={"wait_per_hour": {"P1": -1}}),
            "weights.wait_per_hour.P1: -1 is not in 0 to 1e+12",
        ),
        (document(weights={"travel_per_km": True}), "weights.travel_per_km: expected a number, found true"),
        (
            document(weights={"travel_per_km": 1e13}),
            "weights.travel_per_km: 10000000000000.0 is not in 0 to 1e+12",
        ),
        (without(document(), "slots", 0, "end"), "slots[0].end: missing field"),
        (slot(colour="red"), "slots[0].colour: unknown field"),
        (slot(**{"a b": 1}), 'slots[0]."a b": unknown field'),
        (slot(id=7), "slots[0].id: expected a string, found the number 7"),
        (slot(id=""), "slots[0].id: must not be empty"),
        (slot(practitioner=None), "slots[0].practitioner: expected a string, found null"),
        (slot(mode="PHONE"), 'slots[0].mode: expected one of AMB, HH, VR, found "PHONE"'),
        (slot(mode=["AMB"]), "slots[0].mode: expected one of AMB, HH, VR, found a list"),
        (slot(audiences="desk"), 'slots[0].audiences: expected a list, found the string "desk"'),
        (
            slot(audiences=["desk", "all"]),
            'slots[0].audiences[1]: expected one of regulation, desk, professionals, public, found "all"',
        ),
        (slot(end=SLOT["start"]), "slots[0].end: must be after start"),
        (slot(lat=91), "slots[0].lat: 91 is not in -90 to 90"),
        (slot(lon=-180.5), "slots[0].lon: -180.5 is not in -180 to 180"),
        (slot(lat=float("nan")), "slots[0].lat: must be a finite number"),
        (slot(lon=float("inf")), "slots[0].lon: must be a finite number"),
        (slot(lat="47"), 'slots[0].lat: expected a number, found the string "47"'),
        (slot(lat=10**400), "slots[0].lat: must be a finite number"),
        (request_(priority="P0"), 'requests[0].priority: expected one of P1, P2, P3, found "P0"'),
        (request_(professions="x"), 'requests[0].professions: expected a list, found the string "x"'),
        (request_(professions=["x", 3]), "requests[0].professions[1]: expected a string, found the number 3"),
        (request_(modes=["AMB", None]), "requests[0].modes[1]: expected one of AMB, HH, VR, found null"),
        (request_(deadline=None), "requests[0].deadline: expected a date and time, found null"),
        (request_(max_km=-1), "requests[0].max_km: -1 is less than 0"),
        (request_(max_km=None), "requests[0].max_km: expected a number, found null"),
        (request_(sessions=0), "requests[0].sessions: 0 is less than 1"),
        (
            request_(sessions=10**30),
            f"requests[0].sessions: {10**30} is more than 1000000000000",
        ),
        (request_(sessions=2.0), "requests[0].sessions: expected an integer, found the number 2.0"),
        (request_(sessions=True), "requests[0].sessions: expected an integer, found true"),
        (request_(min_gap_days=-1), "requests[0].min_gap_days: -1 is less than 0"),
        (
            request_(min_gap_days=5, max_gap_days=3),
            "requests[0].min_gap_days: 5 is more than max_gap_days, 3",
        ),
        (
            request_(household="h", sessions=2),
            "requests[0].household: a request has a household or several sessions, not both",
        ),
        (request_(household=3), "requests[0].household: expected a string, found the number 3"),
        (
            request_(excluded_practitioners=None),
            "requests[0].excluded_practitioners: expected a list, found null",
        ),
        (
            request_(only_practitioners="p1"),
            'requests[0].only_practitioners: expected a list, found the string "p1"',
        ),
        (request_(answer_by="2026-11-23T08:20:00+01:00"), "requests[0].answer_by: unknown field"),
    ],
)
def test_a_malformed_document_is_refused_with_one_line_and_its_place(
    found: dict[str, Any], message: str
) -> None:
    with pytest.raises(MalformedInput) as refusal:
        read_instance(json.dumps(found))
    assert str(refusal.value) == message
    assert "\n" not in message


def test_a_field_given_twice_deep_inside_is_placed() -> None:
    text = json.dumps(document()).replace('"id": "r1"', '"id": "r1", "id": "r2"')
    with pytest.raises(MalformedInput, match=r"^requests\[0\]\.id: field given twice$"):
        read_instance(text)


def test_the_french_sentence_names_the_place() -> None:
    with pytest.raises(MalformedInput) as refusal:
        read_instance("[]")
    assert "« document »" in refusal.value.sentence


def test_extra_fields_of_a_request_are_left_to_the_caller() -> None:
    read = read_request({**REQUEST, "answer_by": "x"}, "request", extra_fields=frozenset({"answer_by"}))
    assert read.id == "r1"


ANSWER = {
    "format": "snp-assignment/1",
    "status": "optimal",
    "served": {"P1": 0, "P2": 1, "P3": 0},
    "burden": 12,
    "spread": 1,
    "wall_s": 0.004,
    "assignments": [{"request": "r1", "slots": ["s1"], "burden": 12}],
    "unserved": [{"request": "r2", "reason": "no_suitable_slot", "detail": "…"}],
}


def test_an_answer_is_read() -> None:
    answer = read_assignment(json.dumps(ANSWER))
    assert (answer.status, answer.burden, answer.spread) == (Status.OPTIMAL, 12, 1)
    assert answer.assignments[0].slots == ("s1",)
    assert answer.unserved[0].reason is UnservedReason.NO_SUITABLE_SLOT


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.pop("served"), "served: missing field"),
        (lambda a: a["served"].pop("P3"), "served.P3: missing field"),
        (lambda a: a.update(status="best"), 'status: expected one of optimal, feasible, found "best"'),
        (lambda a: a.update(burden=1.5), "burden: expected an integer, found the number 1.5"),
        (
            lambda a: a["assignments"][0].update(slots="s1"),
            'assignments[0].slots: expected a list, found the string "s1"',
        ),
        (
            lambda a: a["assignments"][0].update(slots=[1]),
            "assignments[0].slots[0]: expected a string, found the number 1",
        ),
        (
            lambda a: a["unserved"][0].update(detail=1),
            "unserved[0].detail: expected a string, found the number 1",
        ),
        (lambda a: a.update(bound={"P4": 1}), "bound.P4: unknown field"),
    ],
)
def test_a_malformed_answer_is_refused_with_its_place(
    change: Callable[[dict[str, Any]], object], message: str
) -> None:
    answer = json.loads(json.dumps(ANSWER))
    change(answer)
    with pytest.raises(MalformedInput) as refusal:
        read_assignment(json.dumps(answer))
    assert str(refusal.value) == message
