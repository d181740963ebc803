"""Compose the proof of prior regulation that compensation asks for: no identity is opened. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.intake.reaching import reaching_requests
from slots.compensation.facts import DecisionFact, Regulated


def read_proofs(session: Session, request_ids: Collection[UUID]) -> dict[UUID, Regulated]:
    """Return the decisions of some requests, their numbers, and what was said of the médecin traitant.

    Two statements whatever their number. A request that does not exist is left out.
    """
    decisions: dict[UUID, list[DecisionFact]] = defaultdict(list)
    with reaching_requests(session, request_ids):  # the lender of a slot states it; its request is next door
        told = requests.decisions_to_seek(session, request_ids)
        answers = requests.mt_answers(session, request_ids)
    for row in told:
        decisions[row.request_id].append(DecisionFact(row.at, row.author, row.role))
    return {
        row.id: Regulated(
            request_id=row.id,
            number=row.number,
            decisions=tuple(decisions[row.id]),
            has_mt=row.mt.get("has_mt"),
            mt_practitioner_id=_named(row.mt),
        )
        for row in answers
    }


def _named(mt: Mapping[str, Any]) -> UUID | None:
    ident = mt.get("mt_practitioner_id")
    return UUID(ident) if ident else None
