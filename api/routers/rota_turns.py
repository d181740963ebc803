"""What doctors do with the turns of a rota: why, exchanges, volunteering."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.rotas import Participant, Reader, Writer, reachable
from api.schemas.rotas import (
    AlternativeOut,
    ConflictOut,
    MovedOut,
    OfferOut,
    ShareOut,
    ShiftOut,
    SwapIn,
    SwapOut,
    WhyOut,
)
from api.security.rights import Action, Subject, check_existing
from slots.rota import service as rotas
from slots.rota.terms import OfferView, SwapView
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log

router = APIRouter(tags=["rota"])


@router.get("/rota-turns/{turn_id}/why")
def why(*, session: SessionDep, now: NowDep, by: Reader, turn_id: UUID) -> WhyOut:
    """« Pourquoi moi ? »: who else could hold this turn, what keeps each from it, and everybody's shares."""
    shift, turn = rotas.shift_of_turn(session, turn_id)
    reachable(session, by, Action.ROTA_READ, shift.rota_id, now=now)
    alternatives, shares = rotas.why_him(session, shift, turn, now=now)
    return WhyOut(
        alternatives=[
            AlternativeOut(
                practitioner_id=UUID(each.carer),
                name=each.name,
                broken=[ConflictOut.of(one) for one in each.broken],
                dearer=each.dearer,
            )
            for each in alternatives
        ],
        shares=[
            ShareOut(
                practitioner_id=UUID(each.carer), kind=each.kind, held=each.held, due_tenths=each.due_tenths
            )
            for each in shares
        ],
    )


@router.get("/rotas/{rota_id}/swaps")
def list_swaps(*, session: SessionDep, now: NowDep, by: Reader, rota_id: UUID) -> list[SwapOut]:
    """List the exchanges that wait for an answer; a doctor sees his own."""
    reachable(session, by, Action.ROTA_READ, rota_id, now=now)
    found = rotas.list_swaps(session, rota_id=rota_id, practitioner_id=by.practitioner, running=True)
    return [SwapOut.of(each) for each in found]


@router.post("/rota-swaps", status_code=201, response_model=SwapOut, responses=problem_responses(409))
def propose_swap(
    *, session: SessionDep, now: NowDep, by: Participant, once: OnceDep, body: SwapIn
) -> Response:
    """Propose one's turn to a colleague, for one of his or for nothing; the rules are checked at once."""
    shift, turn = rotas.shift_of_turn(session, body.turn_id)
    reachable(session, by, Action.ROTA_TAKE_PART, shift.rota_id, now=now)
    check_existing(by, Action.ROTA_TAKE_PART, _of("garde", body.turn_id, turn.practitioner_id))

    def propose() -> Answer:
        made = rotas.propose_swap(
            session, body.turn_id, body.to_id, for_turn_id=body.for_turn_id, by=by, now=now
        )
        return Answer(SwapOut.of(made), f"/api/v1/rotas/{made.rota_id}/swaps")

    return once(propose)


@router.post("/rota-swaps/{swap_id}/accept", responses=problem_responses(409))
def accept_swap(*, session: SessionDep, now: NowDep, by: Participant, swap_id: UUID) -> MovedOut:
    """Agree: the turns change hands, free slots follow, taken ones stay."""
    found = _swap(session, by, swap_id)
    check_existing(by, Action.ROTA_TAKE_PART, _of("échange", swap_id, found.to_id))
    moved = rotas.accept_swap(session, swap_id, by=by, now=now)
    log(Event.ROTA_TURN_SWAPPED, rota_id=found.rota_id)
    return MovedOut.of(moved)


@router.post("/rota-swaps/{swap_id}/decline", responses=problem_responses(409))
def decline_swap(*, session: SessionDep, now: NowDep, by: Participant, swap_id: UUID) -> SwapOut:
    """Say no."""
    found = _swap(session, by, swap_id)
    check_existing(by, Action.ROTA_TAKE_PART, _of("échange", swap_id, found.to_id))
    rotas.decline_swap(session, swap_id, by=by, now=now)
    return SwapOut.of(rotas.get_swap(session, swap_id))


@router.post("/rota-swaps/{swap_id}/withdraw", responses=problem_responses(409))
def withdraw_swap(*, session: SessionDep, now: NowDep, by: Participant, swap_id: UUID) -> SwapOut:
    """Take one's proposal back."""
    found = _swap(session, by, swap_id)
    check_existing(by, Action.ROTA_TAKE_PART, _of("échange", swap_id, found.from_id))
    rotas.withdraw_swap(session, swap_id, by=by, now=now)
    return SwapOut.of(rotas.get_swap(session, swap_id))


@router.get("/rotas/{rota_id}/short-shifts")
def short_shifts(*, session: SessionDep, now: NowDep, by: Reader, rota_id: UUID) -> list[ShiftOut]:
    """List the shifts ahead that lack doctors: the call for volunteers."""
    reachable(session, by, Action.ROTA_READ, rota_id, now=now)
    return [ShiftOut.of(each) for each in rotas.short_shifts(session, rota_id, now=now)]


@router.get("/rotas/{rota_id}/volunteers")
def list_volunteers(*, session: SessionDep, now: NowDep, by: Reader, rota_id: UUID) -> list[OfferOut]:
    """List the offers that wait for an answer; a doctor sees his own."""
    reachable(session, by, Action.ROTA_READ, rota_id, now=now)
    found = rotas.list_offers(session, rota_id, practitioner_id=by.practitioner)
    return [OfferOut.of(each) for each in found]


@router.post(
    "/rota-shifts/{shift_id}/volunteer",
    status_code=201,
    response_model=OfferOut,
    responses=problem_responses(409),
)
def volunteer(
    *, session: SessionDep, now: NowDep, by: Participant, once: OnceDep, shift_id: UUID
) -> Response:
    """Offer to hold a short shift; the rules are checked at once."""
    shift = rotas.get_shift(session, shift_id)
    reachable(session, by, Action.ROTA_TAKE_PART, shift.rota_id, now=now)
    who = by.practitioner
    assert who is not None

    def offer() -> Answer:
        made = rotas.offer_to_hold(session, shift_id, who, by=by, now=now)
        return Answer(OfferOut.of(made), f"/api/v1/rotas/{shift.rota_id}/volunteers")

    return once(offer)


@router.post("/rota-volunteers/{offer_id}/accept", responses=problem_responses(409))
def accept_volunteer(*, session: SessionDep, now: NowDep, by: Writer, offer_id: UUID) -> OfferOut:
    """Put a volunteer on the shift that he offered to hold."""
    _offer_of_rota(session, by, offer_id, now=now)
    rotas.accept_offer(session, offer_id, by=by, now=now)
    log(Event.ROTA_VOLUNTEER_TAKEN, kind="accepted")
    return OfferOut.of(rotas.get_offer(session, offer_id))


@router.post("/rota-volunteers/{offer_id}/decline", responses=problem_responses(409))
def decline_volunteer(*, session: SessionDep, now: NowDep, by: Writer, offer_id: UUID) -> OfferOut:
    """Thank a volunteer who is not needed."""
    _offer_of_rota(session, by, offer_id, now=now)
    rotas.decline_offer(session, offer_id, by=by, now=now)
    return OfferOut.of(rotas.get_offer(session, offer_id))


@router.post("/rota-volunteers/{offer_id}/withdraw", responses=problem_responses(409))
def withdraw_volunteer(*, session: SessionDep, now: NowDep, by: Participant, offer_id: UUID) -> OfferOut:
    """Take one's offer back."""
    found = rotas.get_offer(session, offer_id)
    check_existing(by, Action.ROTA_TAKE_PART, _of("proposition", offer_id, found.practitioner_id))
    rotas.withdraw_offer(session, offer_id, by=by, now=now)
    return OfferOut.of(rotas.get_offer(session, offer_id))


def _swap(session: Session, by: Actor, swap_id: UUID) -> SwapView:
    found = rotas.get_swap(session, swap_id)
    subject = Subject("échange", swap_id, practitioners=frozenset({found.from_id, found.to_id}))
    check_existing(by, Action.ROTA_TAKE_PART, subject)
    return found


def _offer_of_rota(session: Session, by: Actor, offer_id: UUID, *, now: datetime) -> OfferView:
    found = rotas.get_offer(session, offer_id)
    shift = rotas.get_shift(session, found.shift_id)
    reachable(session, by, Action.ROTA_WRITE, shift.rota_id, now=now)
    return found


def _of(what: str, ident: UUID, practitioner_id: UUID) -> Subject:
    return Subject(what, ident, practitioners=frozenset({practitioner_id}))
