"""Rotas: their rules and people, plans, and who holds what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlmodel import Session

from api.deps import Allow, NowDep, SessionDep
from api.etags import RequiredVersion, show_version
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, Limit
from api.routers.subjects import of_rota
from api.schemas.forms import Instant, Listing, listing
from api.schemas.rotas import (
    MemberIn,
    MemberOut,
    MovedOut,
    PlanIn,
    PlanLineOut,
    PlanOut,
    RotaIn,
    RotaOut,
    RotaTerms,
    ShiftOut,
    WishesIn,
)
from api.security.rights import Action, Reach, Subject, check_existing, check_new, narrowed, reach_of
from slots.rota import service as rotas
from slots.rota.terms import PlanView, RotaView
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log

router = APIRouter(prefix="/rotas", tags=["rota"])

Reader = Annotated[Actor, Depends(Allow(Action.ROTA_READ))]
Writer = Annotated[Actor, Depends(Allow(Action.ROTA_WRITE))]
Participant = Annotated[Actor, Depends(Allow(Action.ROTA_TAKE_PART))]


@router.get("")
def list_rotas(
    *,
    session: SessionDep,
    by: Reader,
    territory_id: Annotated[UUID | None, Query()] = None,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[RotaOut]:
    """List the rotas of a territory, or those in which one takes part."""
    territories, mine = narrowed(by, Action.ROTA_READ, territory=territory_id)
    page = rotas.list_rotas(
        session,
        territory_ids=territories,
        practitioner_id=next(iter(mine)) if mine else None,
        cursor=cursor,
        limit=limit,
    )
    return Listing[RotaOut](items=[RotaOut.told(each) for each in page.items], next=page.next_cursor)


@router.post("", status_code=201, response_model=RotaOut)
def create_rota(*, session: SessionDep, now: NowDep, by: Writer, once: OnceDep, body: RotaIn) -> Response:
    """Make a rota in a territory."""
    check_new(by, Action.ROTA_WRITE, Subject("roulement", territories=frozenset({body.territory_id})))

    def create() -> Answer:
        made = rotas.create_rota(session, body.territory_id, body.to_facts(), by=by, now=now)
        return Answer(RotaOut.told(made), f"/api/v1/rotas/{made.id}", made.version)

    return once(create)


@router.get("/{rota_id}")
def get_rota(*, session: SessionDep, now: NowDep, by: Reader, response: Response, rota_id: UUID) -> RotaOut:
    """Return a rota."""
    found = reachable(session, by, Action.ROTA_READ, rota_id, now=now)
    show_version(response, found.version)
    return RotaOut.told(found)


@router.put("/{rota_id}", responses=problem_responses(409, 412, 428))
def change_rota(
    *,
    session: SessionDep,
    now: NowDep,
    by: Writer,
    response: Response,
    version: RequiredVersion,
    rota_id: UUID,
    body: RotaTerms,
) -> RotaOut:
    """Write the rules and the week anew, for the plans to come; turns that stand stay."""
    reachable(session, by, Action.ROTA_WRITE, rota_id, now=now)
    changed = rotas.change_rota(session, rota_id, body.to_facts(), version=version)
    show_version(response, changed.version)
    return RotaOut.told(changed)


@router.get("/{rota_id}/members")
def list_members(*, session: SessionDep, now: NowDep, by: Reader, rota_id: UUID) -> list[MemberOut]:
    """List who takes part; a doctor reads nobody's wishes but his own."""
    reachable(session, by, Action.ROTA_READ, rota_id, now=now)
    sees_all = reach_of(by, Action.ROTA_READ) is not Reach.OWN
    return [
        MemberOut.told(each, with_wishes=sees_all or each.practitioner_id == by.practitioner)
        for each in rotas.list_members(session, rota_id, now=now)
    ]


@router.put("/{rota_id}/members/{practitioner_id}", status_code=204)
def put_member(
    *, session: SessionDep, now: NowDep, by: Writer, rota_id: UUID, practitioner_id: UUID, body: MemberIn
) -> None:
    """Let somebody take part, or change his terms."""
    reachable(session, by, Action.ROTA_WRITE, rota_id, now=now)
    rotas.put_member(
        session, rota_id, practitioner_id, share=body.share, most_per_week=body.most_per_week, now=now
    )


@router.delete("/{rota_id}/members/{practitioner_id}", status_code=204)
def remove_member(
    *, session: SessionDep, now: NowDep, by: Writer, rota_id: UUID, practitioner_id: UUID
) -> None:
    """Say that somebody no longer takes part; what he holds ahead is put right by a repair."""
    reachable(session, by, Action.ROTA_WRITE, rota_id, now=now)
    rotas.remove_member(session, rota_id, practitioner_id, now=now)


@router.put("/{rota_id}/wishes", status_code=204)
def set_wishes(*, session: SessionDep, now: NowDep, by: Participant, rota_id: UUID, body: WishesIn) -> None:
    """Write one's own wishes, for the plans to come."""
    reachable(session, by, Action.ROTA_TAKE_PART, rota_id, now=now)
    assert by.practitioner is not None
    rotas.set_wishes(session, rota_id, by.practitioner, body.to_facts())


@router.get("/{rota_id}/shifts")
def list_shifts(
    *,
    session: SessionDep,
    now: NowDep,
    by: Reader,
    rota_id: UUID,
    start: Annotated[Instant, Query()],
    end: Annotated[Instant, Query()],
) -> list[ShiftOut]:
    """List the shifts that start in `[start, end)` and who holds them."""
    reachable(session, by, Action.ROTA_READ, rota_id, now=now)
    return [ShiftOut.of(each) for each in rotas.list_shifts(session, rota_id, start, end)]


@router.get("/{rota_id}/plans")
def list_plans(
    *,
    session: SessionDep,
    now: NowDep,
    by: Writer,
    rota_id: UUID,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[PlanLineOut]:
    """List the plans of a rota, newest first."""
    reachable(session, by, Action.ROTA_WRITE, rota_id, now=now)
    return listing(rotas.list_plans(session, rota_id, cursor=cursor, limit=limit), PlanLineOut)


@router.post("/{rota_id}/plans", status_code=201, response_model=PlanOut, responses=problem_responses(409))
def ask_plan(
    *, session: SessionDep, now: NowDep, by: Writer, once: OnceDep, rota_id: UUID, body: PlanIn
) -> Response:
    """Ask for a new rota; it is solved in the background, `solved_at` says when it is there."""
    reachable(session, by, Action.ROTA_WRITE, rota_id, now=now)

    def ask() -> Answer:
        plan = rotas.ask_plan(
            session, rota_id, body.first_day, body.weeks, time_limit_s=body.time_limit_s, by=by, now=now
        )
        return Answer(PlanOut.of(plan), f"/api/v1/rotas/{rota_id}/plans/{plan.id}")

    return once(ask)


@router.get("/{rota_id}/plans/{plan_id}")
def get_plan(*, session: SessionDep, now: NowDep, by: Writer, rota_id: UUID, plan_id: UUID) -> PlanOut:
    """Return a plan: its problem and answer, in the formats of `snp rota`."""
    return PlanOut.of(_plan(session, by, rota_id, plan_id, now=now))


@router.post("/{rota_id}/plans/{plan_id}/confirm", responses=problem_responses(409))
def confirm_plan(*, session: SessionDep, now: NowDep, by: Writer, rota_id: UUID, plan_id: UUID) -> MovedOut:
    """Put a plan in force; its slots are published within the rota's horizon."""
    _plan(session, by, rota_id, plan_id, now=now)
    moved = rotas.confirm_plan(session, plan_id, by=by, now=now)
    log(Event.ROTA_PLAN_CONFIRMED, plan_id=plan_id, rota_id=rota_id)
    return MovedOut.of(moved)


@router.post("/{rota_id}/plans/{plan_id}/discard", responses=problem_responses(409))
def discard_plan(*, session: SessionDep, now: NowDep, by: Writer, rota_id: UUID, plan_id: UUID) -> PlanOut:
    """Put a plan aside."""
    _plan(session, by, rota_id, plan_id, now=now)
    rotas.discard_plan(session, plan_id, by=by, now=now)
    return PlanOut.of(rotas.get_plan(session, plan_id))


def reachable(session: Session, by: Actor, action: Action, rota_id: UUID, *, now: datetime) -> RotaView:
    """Return a rota within reach. Raises `NotFound`."""
    found = rotas.get_rota(session, rota_id)
    check_existing(by, action, of_rota(session, found, now=now))
    return found


def _plan(session: Session, by: Actor, rota_id: UUID, plan_id: UUID, *, now: datetime) -> PlanView:
    reachable(session, by, Action.ROTA_WRITE, rota_id, now=now)
    found = rotas.get_plan(session, plan_id)
    check_existing(
        by,
        Action.ROTA_WRITE,
        of_rota(session, rotas.get_rota(session, found.rota_id), now=now),
    )
    return found
