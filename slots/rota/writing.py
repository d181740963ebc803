"""Rotas and their answers as JSON documents, fields and order as in their formats (docs/formats.md)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from slots.rota.facts import Carer, Conflict, Cost, RotaAnswer, RotaProblem, Shift, Turns
from slots.rota.reading import ANSWER_FORMAT, PROBLEM_FORMAT


def write_problem(problem: RotaProblem) -> str:
    """The `snp-rota/1` document of a problem, one line a shift and carer, ending in a newline."""
    limits, weights = problem.limits, problem.weights
    head: dict[str, Any] = {
        "format": PROBLEM_FORMAT,
        "limits": {
            "rest_minutes": round(limits.rest / timedelta(minutes=1)),
            "most_per_day": limits.most_per_day,
            "most_per_week": limits.most_per_week,
            "most_days_in_a_row": limits.most_days_in_a_row,
        },
        "weights": {key: getattr(weights, key) for key in ("gap", "change", "all", "unloved", "wish")},
        "gaps": problem.gaps,
        "frozen_before": problem.frozen_before.isoformat() if problem.frozen_before else None,
        "in_force": None if problem.in_force is None else _turns(problem.in_force),
    }
    fields = [f'"{key}": {json.dumps(value)}' for key, value in head.items()]
    places = [{"id": each.id, "name": each.name, "rooms": each.rooms} for each in problem.places]
    fields.append(_lines("places", places))
    fields.append(_lines("shifts", [_shift(shift) for shift in problem.shifts]))
    fields.append(_lines("carers", [_carer(carer) for carer in problem.carers]))
    return "{" + ",\n ".join(fields) + "}\n"


def write_answer(answer: RotaAnswer) -> str:
    """The `snp-rota-answer/1` document of an answer, ending in a newline."""
    head: dict[str, Any] = {
        "format": ANSWER_FORMAT,
        "status": answer.status.value,
        "cost": None if answer.cost is None else cost_document(answer.cost),
        "bound": answer.bound,
        "wall_s": round(answer.wall_s, 3),
        "minimal": answer.is_minimal,
    }
    fields = [f'"{key}": {json.dumps(value)}' for key, value in head.items()]
    fields.append(_lines("conflicts", [conflict_document(each) for each in answer.conflicts]))
    turns = ",\n  ".join(f"{json.dumps(key)}: {json.dumps(who)}" for key, who in _turns(answer.turns).items())
    fields.append('"turns": {' + (f"\n  {turns}" if turns else "") + "}")
    return "{" + ",\n ".join(fields) + "}\n"


def cost_document(cost: Cost) -> dict[str, Any]:
    """A cost as an object of the format."""
    return {
        "gaps": cost.gaps,
        "changes": cost.changes,
        "unfairness": {kind.value: points for kind, points in cost.unfairness.items()},
        "wishes": cost.wishes,
        "total": cost.total,
    }


def conflict_document(conflict: Conflict) -> dict[str, Any]:
    """A conflict as an object of the format."""
    return {
        "rule": conflict.rule.value,
        "sentence": conflict.sentence,
        "carer": conflict.carer,
        "shift": conflict.shift,
    }


def _turns(turns: Turns) -> dict[str, list[str]]:
    return {shift_id: sorted(turns[shift_id]) for shift_id in sorted(turns)}


def _shift(shift: Shift) -> dict[str, Any]:
    return {
        "id": shift.id,
        "place": shift.place,
        "start": shift.start.isoformat(),
        "end": shift.end.isoformat(),
        "half": shift.half.value,
        "least": shift.least,
        "most": shift.most,
        "kinds": sorted(shift.kinds),
    }


def _carer(carer: Carer) -> dict[str, Any]:
    return {
        "id": carer.id,
        "name": carer.name,
        "share": carer.share,
        "places": sorted(carer.places),
        "away": [{"start": each.start.isoformat(), "end": each.end.isoformat()} for each in carer.away],
        "never": [{"weekday": day, "half": half.value} for day, half in sorted(carer.never)],
        "fixed": sorted(carer.fixed),
        "wishes": [
            {"weekday": each.weekday, "half": each.half.value, "points": each.points} for each in carer.wishes
        ],
        "most_per_week": carer.most_per_week,
        "before": {kind.value: count for kind, count in carer.before.items()},
    }


def _lines(key: str, objects: list[dict[str, Any]]) -> str:
    if not objects:
        return f'"{key}": []'
    return f'"{key}": [\n  ' + ",\n  ".join(map(json.dumps, objects)) + "]"
