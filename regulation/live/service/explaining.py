"""Why a request stands where it stands, as sentences that a regulator can say aloud; no identity."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.intake.facts import RequestState, RequestView
from regulation.intake.rules import STATE_LABELS
from regulation.intake.service.reading import get_request
from regulation.live import queueing, repository, wording
from regulation.live.facts import Explanation
from snp.platform.actors import Actor

MOST: Final = 50
"""How many decisions are told; one request rarely has ten."""


def explain(session: Session, request_id: UUID, *, by: Actor, now: datetime) -> Explanation:
    """Tell every decision on a request, newest first, and what comes next."""
    view = get_request(session, request_id, by=by, now=now)
    told = repository.decisions(session, request_id, limit=MOST)
    promise = repository.last_promise(session, request_id)
    running = promise if promise is not None and promise.ending is None else None
    place = _place(session, view) if view.state is RequestState.SEEKING else None
    if view.state is RequestState.SEEKING:
        step = wording.next_step(view.deadline, running).sentence
    else:
        step = f"Le dossier est « {STATE_LABELS[view.state]} »."
    return Explanation(
        request_id=view.id,
        number=view.number,
        decisions=tuple(
            (decision, wording.decision_sentences(decision.weighing, decision.at, str(view.id)))
            for decision in told
        ),
        promise=promise,
        place=place,
        next_step=step,
    )


def _place(session: Session, view: RequestView) -> int:
    promised = {p.request_id for p in repository.open_promises(session, [view.territory_id])}
    return queueing.place_of(view.id, requests.seeking(session, view.territory_id), promised)
