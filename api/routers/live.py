"""The live policy: prices, promises, the waiting list, why a request stands where it stands, and fairness."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Allow, NowDep, SessionDep
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, Limit, RequestReader
from api.schemas.forms import Listing, listing
from api.schemas.live import (
    ExplanationOut,
    FairnessOut,
    PricesOut,
    PromiseLineOut,
    PromiseMadeOut,
    PromiseOut,
    PromisesOut,
    TerritoryPricesOut,
    WaitingOut,
)
from api.security.rights import Action, Subject, check_existing
from regulation.live import service as live
from regulation.live import wording
from regulation.live.facts import PromiseEnding
from snp.platform.actors import Actor

router = APIRouter(tags=["proposals"])
PoolReader = Annotated[Actor, Depends(Allow(Action.POOL_READ))]


@router.get("/territories/{territory_id}/prices")
def show_prices(session: SessionDep, by: PoolReader, territory_id: UUID) -> TerritoryPricesOut:
    """Return what each free slot is worth to those who may still come, as answers use it now."""
    _check(by, Action.POOL_READ, territory_id)
    sheets = live.list_prices(session, territory_id, by=by)
    return TerritoryPricesOut(families=[PricesOut.of_sheet(sheet) for sheet in sheets])


@router.get("/territories/{territory_id}/waiting-list")
def show_waiting_list(
    session: SessionDep,
    by: PoolReader,
    territory_id: UUID,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[WaitingOut]:
    """List who waits, in the order of service, each with why and what comes next; no identity."""
    _check(by, Action.POOL_READ, territory_id)
    return listing(live.waiting_page(session, territory_id, cursor=cursor, limit=limit, by=by), WaitingOut)


@router.get("/territories/{territory_id}/promises")
def show_promises(session: SessionDep, now: NowDep, by: PoolReader, territory_id: UUID) -> PromisesOut:
    """Return the promises of the last week, newest first, and which are at risk or were broken."""
    _check(by, Action.POOL_READ, territory_id)
    made, at_risk = live.list_promises(session, territory_id, by=by, now=now)
    return PromisesOut(
        open=sum(promise.ending is None for promise in made),
        broken=sum(promise.ending is PromiseEnding.BROKEN for promise in made),
        promises=[PromiseLineOut.of_promise(promise, at_risk) for promise in made],
    )


@router.get("/territories/{territory_id}/fairness")
def show_fairness(
    *,
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.FAIRNESS_READ))],
    territory_id: UUID,
    days: Annotated[int, Query(ge=1, le=92, description="Sur combien de jours.")] = 28,
) -> FairnessOut:
    """Return who was kept waiting, by priority and commune, and the load of practitioners (identifiers)."""
    _check(by, Action.FAIRNESS_READ, territory_id)
    return FairnessOut.of(live.fairness(session, territory_id, days=days, by=by, now=now))


@router.post(
    "/requests/{request_id}/promise",
    status_code=201,
    response_model=PromiseMadeOut,
    responses=problem_responses(409),
)
def make_promise(
    *,
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.REQUEST_PROMISE))],
    once: OnceDep,
    request_id: UUID,
) -> Response:
    """Promise a seeking request that it is seen before its deadline; the slot is named later."""

    def make() -> Answer:
        made = live.promise(session, request_id, by=by, now=now)
        shown = PromiseMadeOut(
            **PromiseOut.of(made).model_dump(),
            sentence=wording.seen_before(made.seen_before),
            certificate=dict(made.certificate),
        )
        return Answer(shown, f"/api/v1/requests/{request_id}/explanation")

    return once(make)


@router.get("/requests/{request_id}/explanation", tags=["requests"])
def explain_request(session: SessionDep, now: NowDep, by: RequestReader, request_id: UUID) -> ExplanationOut:
    """Return why a request stands where it stands: every decision as sentences, and what comes next."""
    return ExplanationOut.of_explanation(live.explain(session, request_id, by=by, now=now))


def _check(by: Actor, action: Action, territory_id: UUID) -> None:
    subject = Subject("territoire", territory_id, territories=frozenset({territory_id}))
    check_existing(by, action, subject)
