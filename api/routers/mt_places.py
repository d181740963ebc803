"""Places of médecin traitant that doctors declare, the cards of who waits, and picks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Allow, KeysDep, NowDep, SessionDep
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import Why
from api.schemas.forms import Listing
from api.schemas.mt_list import CardOut, GiveBackIn, PersonOut, PickIn, PickOut, PlaceIn, PlaceOut
from api.security.rights import Action
from regulation.medecin_traitant.register import service as register
from snp.days import local_day
from snp.errors import NotFound
from snp.platform.actors import Actor

router = APIRouter(tags=["mt-list"])
Declarer = Annotated[Actor, Depends(Allow(Action.MT_PLACES))]
Picker = Annotated[Actor, Depends(Allow(Action.MT_PICK))]
PickedReader = Annotated[Actor, Depends(Allow(Action.MT_PICKED_READ))]


@router.get("/mt-places")
def list_mt_places(*, session: SessionDep, now: NowDep, by: Declarer) -> list[PlaceOut]:
    """Return the declarations of the doctor who acts, newest first."""
    return [PlaceOut.told(place) for place in register.list_places(session, by=by, now=now)]


@router.post("/mt-places", status_code=201, response_model=PlaceOut)
def declare_mt_places(
    *, session: SessionDep, now: NowDep, by: Declarer, once: OnceDep, body: PlaceIn
) -> Response:
    """Declare places: how many, for whom, until when."""

    def declare() -> Answer:
        made = register.declare_places(session, body.territory_id, body.to_facts(), by=by, now=now)
        return Answer(PlaceOut.told(made), f"/api/v1/mt-places/{made.id}/cards")

    return once(declare)


@router.delete("/mt-places/{place_id}")
def close_mt_places(*, session: SessionDep, now: NowDep, by: Declarer, place_id: UUID) -> PlaceOut:
    """End a declaration; who was picked stays picked."""
    return PlaceOut.told(register.close_places(session, place_id, by=by, now=now))


@router.get("/mt-places/{place_id}/cards")
def list_mt_cards(
    *,
    session: SessionDep,
    now: NowDep,
    by: Picker,
    place_id: UUID,
    start: Annotated[int, Query(ge=0, le=100_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Listing[CardOut]:
    """Return the people whom a declaration is for, without name; `next` is the next `start`."""
    page = register.list_cards(session, place_id, start=start, limit=limit, by=by, now=now)
    cards = [CardOut.told(card, local_day(card.waiting_since)) for card in page.items]
    return Listing[CardOut](items=cards, next=page.next_cursor)


@router.get("/mt-picks")
def list_mt_picks(
    *, session: SessionDep, now: NowDep, by: Picker, running: Annotated[bool, Query()] = True
) -> list[PickOut]:
    """Return the picks of the doctor who acts, newest first."""
    return [PickOut.told(one) for one in register.list_picks(session, running=running, by=by, now=now)]


@router.post("/mt-picks", status_code=201, response_model=PickOut, responses=problem_responses(409))
def pick_mt_entry(*, session: SessionDep, now: NowDep, by: Picker, once: OnceDep, body: PickIn) -> Response:
    """Accept somebody; who it is may be read from now on, and he is told."""

    def pick() -> Answer:
        made = register.pick(session, body.place_id, body.entry_id, by=by, now=now)
        return Answer(PickOut.told(made), f"/api/v1/mt-picks/{made.id}/patient")

    return once(pick)


@router.get("/mt-picks/{pick_id}/patient")
def read_mt_picked(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: PickedReader, pick_id: UUID, why: Why
) -> PersonOut:
    """Open who was accepted, while the pick runs; audited with `why`."""
    people = register.read_picked(session, [pick_id], keys=keys, why=why, by=by, now=now)
    if pick_id not in people:
        raise NotFound("choix", pick_id)
    return PersonOut.told(people[pick_id])


@router.post("/mt-picks/{pick_id}/called", responses=problem_responses(409))
def record_mt_called(*, session: SessionDep, now: NowDep, by: Picker, pick_id: UUID) -> PickOut:
    """The practice reached the person and agreed with him."""
    return PickOut.told(register.record_called(session, pick_id, by=by, now=now))


@router.post("/mt-picks/{pick_id}/signed", responses=problem_responses(409))
def record_mt_signed(*, session: SessionDep, now: NowDep, by: Picker, pick_id: UUID) -> PickOut:
    """The declaration is signed."""
    return PickOut.told(register.record_signed(session, pick_id, by=by, now=now))


@router.post("/mt-picks/{pick_id}/give-back", responses=problem_responses(409))
def give_mt_back(*, session: SessionDep, now: NowDep, by: Picker, pick_id: UUID, body: GiveBackIn) -> PickOut:
    """Give the person back to the list, who keeps his wait."""
    return PickOut.told(register.give_back(session, pick_id, body.outcome, by=by, now=now))
