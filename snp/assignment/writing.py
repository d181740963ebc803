"""Answers and instances as JSON documents, fields and order exactly as in their formats (docs/formats.md)."""

from __future__ import annotations

import json
from typing import Any

from snp.assignment.facts import Assigned, Assignment, Instance, Priority, Request, Slot, Status, Unserved
from snp.assignment.reading import ASSIGNMENT_FORMAT, INSTANCE_FORMAT


def write_assignment(assignment: Assignment) -> str:
    """The `snp-assignment/1` document of an answer, one line per request, ending in a newline."""
    head: dict[str, Any] = {
        "format": ASSIGNMENT_FORMAT,
        "status": assignment.status.value,
        "served": {priority.value: assignment.served[priority] for priority in Priority},
        "burden": assignment.burden,
        "spread": assignment.spread,
    }
    if assignment.status is Status.FEASIBLE and assignment.bound is not None:
        head["bound"] = assignment.bound
    head["wall_s"] = round(assignment.wall_s, 6)
    fields = [f'"{key}": {json.dumps(value)}' for key, value in head.items()]
    fields.append(_lines("assignments", [_assigned(item) for item in assignment.assignments]))
    fields.append(_lines("unserved", [_unserved(item) for item in assignment.unserved]))
    return "{" + ",\n ".join(fields) + "}\n"


def write_instance(instance: Instance) -> str:
    """The `snp-instance/1` document of a batch, one line per slot and request, ending in a newline."""
    weights = {
        "wait_per_hour": {p.value: instance.weights.wait_per_hour[p] for p in Priority},
        "travel_per_km": instance.weights.travel_per_km,
    }
    fields = [
        f'"format": "{INSTANCE_FORMAT}"',
        f'"now": "{instance.now.isoformat()}"',
        f'"weights": {json.dumps(weights)}',
        _lines("slots", [slot_document(slot) for slot in instance.slots]),
        _lines("requests", [request_document(request) for request in instance.requests]),
    ]
    return "{" + ",\n ".join(fields) + "}\n"


def slot_document(slot: Slot) -> dict[str, Any]:
    """A slot as the object that `read_slot` reads."""
    return {
        "id": slot.id,
        "practitioner": slot.practitioner,
        "profession": slot.profession,
        "mode": slot.mode.value,
        "start": slot.start.isoformat(),
        "end": slot.end.isoformat(),
        "lat": slot.lat,
        "lon": slot.lon,
        "audiences": sorted(slot.audiences),
    }


def request_document(request: Request) -> dict[str, Any]:
    """A request as the object that `read_request` reads."""
    only = request.only_practitioners
    return {
        "id": request.id,
        "priority": request.priority.value,
        "professions": sorted(request.professions),
        "modes": sorted(request.modes),
        "earliest": request.earliest.isoformat(),
        "deadline": request.deadline.isoformat(),
        "lat": request.lat,
        "lon": request.lon,
        "max_km": request.max_km,
        "audience": request.audience.value,
        "sessions": request.sessions,
        "min_gap_days": request.min_gap_days,
        "max_gap_days": request.max_gap_days,
        "household": request.household,
        "excluded_practitioners": sorted(request.excluded_practitioners),
        "only_practitioners": None if only is None else sorted(only),
    }


def _assigned(item: Assigned) -> dict[str, Any]:
    return {"request": item.request, "slots": list(item.slots), "burden": item.burden}


def _unserved(item: Unserved) -> dict[str, Any]:
    return {"request": item.request, "reason": item.reason.value, "detail": item.detail}


def _lines(key: str, objects: list[dict[str, Any]]) -> str:
    if not objects:
        return f'"{key}": []'
    return f'"{key}": [\n  ' + ",\n  ".join(map(json.dumps, objects)) + "]"
