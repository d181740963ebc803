"""Streams and the answers to them as JSON Lines, fields and order as in docs/formats.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from snp.assignment.facts import Priority
from snp.assignment.live_clairvoyant import Clairvoyant
from snp.assignment.stream import (
    Answer,
    AppointmentCancelled,
    Event,
    Header,
    RequestArrived,
    SlotPublished,
    SlotWithdrawn,
    Stream,
)
from snp.assignment.stream_reading import STREAM_FORMAT
from snp.assignment.stream_summary import Summary
from snp.assignment.writing import request_document, slot_document


def write_stream(stream: Stream) -> Iterator[str]:
    """The lines of a stream, header first, each ending in a newline."""
    yield json.dumps(_header(stream.header)) + "\n"
    for event in stream.events:
        yield json.dumps(_event(event)) + "\n"


def write_answer(answer: Answer) -> str:
    """The line of one answer."""
    line: dict[str, Any] = {"at": answer.at.isoformat(), "request": answer.request}
    if answer.promise:
        line["promise"] = True
    else:
        line["slots"] = list(answer.slots)
    line["reason"] = answer.reason
    line["decision_ms"] = round(answer.decision_ms, 3)
    return json.dumps(line) + "\n"


def write_summary(summary: Summary) -> str:
    """The last line of an answer: totals, then what else is worth knowing."""
    line: dict[str, Any] = {
        "format": "snp-replay/1",
        "policy": summary.policy,
        "requests": summary.requests,
        "served": {p.value: summary.served[p] for p in Priority},
        "burden": summary.burden,
        "decision_ms": {"p50": round(summary.p50_ms, 3), "p99": round(summary.p99_ms, 3)},
        "value": summary.value,
        "promises": {"made": summary.promised, "broken": summary.broken},
        "kept_waiting": {p.value: round(summary.kept_waiting[p], 4) for p in Priority},
        "mean_wait_h": round(summary.mean_wait_h, 3),
        "mean_km": round(summary.mean_km, 3),
        "fairness": {
            "communes": round(summary.place_spread, 4),
            "practitioners": round(summary.practitioner_spread, 4),
        },
    }
    if summary.bound is not None:
        line["clairvoyant"] = {
            "served": {p.value: summary.bound.served[p] for p in Priority},
            "value": summary.bound.value,
        }
        line["score"] = round(summary.value / summary.bound.value, 5) if summary.bound.value else 1.0
    return json.dumps(line) + "\n"


def write_bound(stream: Stream, bound: Clairvoyant) -> str:
    """The line of the clairvoyant bound, when no policy is replayed."""
    until = stream.header.history_until
    line = {
        "format": "snp-replay/1",
        "policy": "clairvoyant",
        "requests": sum(isinstance(event, RequestArrived) and event.at >= until for event in stream.events),
        "served": {p.value: bound.served[p] for p in Priority},
        "value": bound.value,
    }
    return json.dumps(line) + "\n"


def _header(header: Header) -> dict[str, Any]:
    return {
        "format": STREAM_FORMAT,
        "start": header.start.isoformat(),
        "end": header.end.isoformat(),
        "weights": {
            "wait_per_hour": {p.value: header.weights.wait_per_hour[p] for p in Priority},
            "travel_per_km": header.weights.travel_per_km,
        },
        "history_until": header.history_until.isoformat(),
    }


def _event(event: Event) -> dict[str, Any]:
    at = event.at.isoformat()
    match event:
        case SlotPublished():
            return {"at": at, "type": "slot_published", "slot": slot_document(event.slot)}
        case SlotWithdrawn():
            return {"at": at, "type": "slot_withdrawn", "slot_id": event.slot_id}
        case AppointmentCancelled():
            return {"at": at, "type": "appointment_cancelled", "request_id": event.request_id}
        case RequestArrived():
            return {"at": at, "type": "request", "request": _arrival(event)}


def _arrival(event: RequestArrived) -> dict[str, Any]:
    document = request_document(event.request)
    document["answer_by"] = event.answer_by.isoformat()
    document["waiting_list"] = event.waiting_list
    if event.notice_min is not None:
        document["notice_min"] = event.notice_min
    return document
