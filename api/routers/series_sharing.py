"""Series between physiotherapists: offers of what is left, relays while one is away; and the templates."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Allow, KeysDep, NowDep, SessionDep
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.schemas.orientation import AppointmentOut, ProposedSlotOut
from api.schemas.series import (
    OfferOut,
    OffersOut,
    PassAcceptIn,
    PassIn,
    PassOut,
    RelayedSessionOut,
    RelayedSessionsOut,
    RelayIn,
    RelayOut,
    RelaysOut,
    SeriesOut,
    SessionAddIn,
    SlotsOut,
    TemplateIn,
    TemplateOut,
    TemplatesOut,
)
from api.security.rights import Action
from regulation.series import service as series
from snp.platform.actors import Actor

router = APIRouter(tags=["series"])
Reader = Annotated[Actor, Depends(Allow(Action.SERIES_READ))]
Writer = Annotated[Actor, Depends(Allow(Action.SERIES_WRITE))]
Relayer = Annotated[Actor, Depends(Allow(Action.RELAY_WRITE))]
TemplateReader = Annotated[Actor, Depends(Allow(Action.PHYSIO_TEMPLATE_READ))]
TemplateWriter = Annotated[Actor, Depends(Allow(Action.PHYSIO_TEMPLATE_WRITE))]


@router.post(
    "/series/{request_id}/offers", status_code=201, response_model=PassOut, responses=problem_responses(409)
)
def offer_series(
    *, session: SessionDep, now: NowDep, by: Writer, once: OnceDep, request_id: UUID, body: PassIn
) -> Response:
    """Offer what is left of a series to a colleague, who is told and may read its sheet."""

    def offer() -> Answer:
        made = series.propose_pass(session, request_id, body.to_practitioner_id, body.reason, by=by, now=now)
        return Answer(PassOut.of(made))

    return once(offer)


@router.get("/series-offers")
def list_offers(session: SessionDep, now: NowDep, by: Reader) -> OffersOut:
    """Return what is offered to the reader, with whole ways to take it."""
    return OffersOut(
        offers=[
            OfferOut(
                **dict(PassOut.of(one.offer)),
                series=SeriesOut.told(one.card),
                ways=[[ProposedSlotOut.of(slot) for slot in way] for way in one.ways],
            )
            for one in series.offers_to(session, by=by, now=now)
        ]
    )


@router.post("/series-offers/{offer_id}/accept", responses=problem_responses(409))
def accept_offer(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: Writer, offer_id: UUID, body: PassAcceptIn
) -> list[AppointmentOut]:
    """Take a series over: its sessions to come move to these slots, all or none; the patient is told."""
    moved = series.accept_pass(session, offer_id, body.slot_ids, keys=keys, by=by, now=now)
    return [AppointmentOut.of(one) for one in moved]


@router.post("/series-offers/{offer_id}/decline", responses=problem_responses(409))
def decline_offer(session: SessionDep, now: NowDep, by: Writer, offer_id: UUID) -> PassOut:
    """Say no: the series stays where it is."""
    return PassOut.of(series.decline_pass(session, offer_id, by=by, now=now))


@router.post("/series-offers/{offer_id}/withdraw", responses=problem_responses(409))
def withdraw_offer(session: SessionDep, now: NowDep, by: Writer, offer_id: UUID) -> PassOut:
    """Take an offer back."""
    return PassOut.of(series.withdraw_pass(session, offer_id, by=by, now=now))


@router.get("/relays")
def list_relays(
    session: SessionDep, now: NowDep, by: Relayer, territory_id: Annotated[UUID | None, Query()] = None
) -> RelaysOut:
    """Return the relays that run or are to run: one's own, or a territory's."""
    found = series.list_relays(session, territory_id=territory_id, by=by, now=now)
    return RelaysOut(relays=[RelayOut.of(one) for one in found])


@router.post("/relays", status_code=201, response_model=RelayOut)
def declare_relay(*, session: SessionDep, now: NowDep, by: Relayer, once: OnceDep, body: RelayIn) -> Response:
    """Declare that a colleague stands in while one is away and not replaced."""

    def declare() -> Answer:
        given = dict(body)
        made = series.declare_relay(session, given.pop("territory_id"), **given, by=by, now=now)
        return Answer(RelayOut.of(made))

    return once(declare)


@router.delete("/relays/{relay_id}")
def end_relay(session: SessionDep, now: NowDep, by: Relayer, relay_id: UUID) -> RelayOut:
    """End a relay; the sessions already taken stay taken."""
    return RelayOut.of(series.end_relay(session, relay_id, by=by, now=now))


@router.get("/relays/sessions")
def list_sessions_to_take(session: SessionDep, now: NowDep, by: Reader) -> RelayedSessionsOut:
    """Return the sessions of those for whom the reader stands in."""
    return RelayedSessionsOut(
        sessions=[
            RelayedSessionOut(
                relay_id=one.relay.id,
                indication=one.indication,
                appointment=AppointmentOut.of(one.appointment),
            )
            for one in series.sessions_to_take(session, by=by, now=now)
        ]
    )


@router.get("/relays/{relay_id}/sessions/{appointment_id}/slots")
def list_relay_slots(
    session: SessionDep, now: NowDep, by: Reader, relay_id: UUID, appointment_id: UUID
) -> SlotsOut:
    """Return the reader's own free slots that may take the place of a session."""
    found = series.relay_slots(session, relay_id, appointment_id, by=by, now=now)
    return SlotsOut(slots=[ProposedSlotOut.of(one) for one in found])


@router.post("/relays/{relay_id}/sessions/{appointment_id}", responses=problem_responses(409))
def take_session(
    *,
    session: SessionDep,
    now: NowDep,
    keys: KeysDep,
    by: Writer,
    relay_id: UUID,
    appointment_id: UUID,
    body: SessionAddIn,
) -> AppointmentOut:
    """Take a session of who is away; the patient is told, and the series comes back to its carer."""
    moved = series.take_session(session, relay_id, appointment_id, body.slot_id, keys=keys, by=by, now=now)
    return AppointmentOut.of(moved)


@router.get("/territories/{territory_id}/physio-templates")
def list_templates(session: SessionDep, by: TemplateReader, territory_id: UUID) -> TemplatesOut:
    """Return what a territory does for each indication: days between sessions, parts of the sheet."""
    return TemplatesOut.told(series.list_templates(session, territory_id, by=by))


@router.put(
    "/territories/{territory_id}/physio-templates/{indication}", responses=problem_responses(409, 412)
)
def change_template(
    *,
    session: SessionDep,
    now: NowDep,
    by: TemplateWriter,
    territory_id: UUID,
    indication: str,
    body: TemplateIn,
) -> TemplateOut:
    """Write a new revision of a template."""
    made = series.change_template(
        session,
        territory_id,
        indication,
        [one.to_facts() for one in body.sections],
        min_gap_days=body.min_gap_days,
        max_gap_days=body.max_gap_days,
        revision=body.revision,
        by=by,
        now=now,
    )
    return TemplateOut.of(made)
