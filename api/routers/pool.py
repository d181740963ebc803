"""The pool: assign every open request of a territory at once, and what past runs did."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.deps import Allow, NowDep, SessionDep, WiringDep
from api.idempotency import Answer, OnceDep
from api.jobs.work import pool_turn
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, Limit
from api.schemas.forms import Listing, listing
from api.schemas.orientation import RunOut
from api.security.rights import Action, Subject, check_existing
from regulation.orientation import service as orientation
from snp.directory import service as directory
from snp.errors import Conflict
from snp.platform.actors import Actor
from snp.platform.leadership import Leadership

router = APIRouter(prefix="/territories/{territory_id}/assignment-runs", tags=["proposals"])


class RunInProgress(Conflict):
    """Another run over this territory is going on."""

    slug = "run-in-progress"
    fr = "Une affectation est déjà en cours pour ce territoire."


@router.post("", status_code=201, response_model=RunOut, responses=problem_responses(409))
def assign_pool(
    *,
    session: SessionDep,
    wiring: WiringDep,
    by: Annotated[Actor, Depends(Allow(Action.POOL_ASSIGN))],
    once: OnceDep,
    territory_id: UUID,
) -> Response:
    """Assign every seeking request of a territory; never moves an appointment, never takes a held slot."""
    _check(by, Action.POOL_ASSIGN, territory_id)
    directory.get_territory(session, territory_id)

    transactions = partial(wiring.transaction_of, by)

    def run() -> Answer:
        report = orientation.assign_pool(
            transactions, territory_id, keys=wiring.keys, by=by, clock=wiring.clock.now
        )
        return Answer(RunOut.of(report))

    with Leadership(wiring.direct_url, pool_turn(territory_id)) as turn:
        if not turn.acquire():
            raise RunInProgress
        return once.apart(run, transactions)


@router.get("")
def list_runs(
    *,
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.POOL_READ))],
    territory_id: UUID,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[RunOut]:
    """List the runs over a territory's pool, newest first."""
    _check(by, Action.POOL_READ, territory_id)
    page = orientation.list_runs(session, territory_id, cursor=cursor, limit=limit, by=by, now=now)
    return listing(page, RunOut)


def _check(by: Actor, action: Action, territory_id: UUID) -> None:
    subject = Subject("territoire", territory_id, territories=frozenset({territory_id}))
    check_existing(by, action, subject)
