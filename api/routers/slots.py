"""Slots: publish one or a range, list, change the terms, take back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import NowDep, SessionDep
from api.etags import RequiredVersion, show_version
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, AgendaReader, AgendaWriter, Limit
from api.routers.subjects import check_publisher, of_slot, told_of
from api.schemas.agenda import (
    PublicationOut,
    SingleSlotIn,
    SlotChangeIn,
    SlotDetailOut,
    SlotOut,
    SlotsIn,
)
from api.schemas.forms import Code, Instant, Line, Listing, listing, some
from api.schemas.orientation import FreedOut, ReopenedOut
from api.security.rights import Action, check_existing, check_named, narrowed
from regulation.orientation import service as orientation
from slots.agenda import service as agenda
from slots.agenda.facts import Occupancy, SlotFilter, SlotState

router = APIRouter(prefix="/slots", tags=["agenda"])


@router.get("")
def list_slots(
    *,
    session: SessionDep,
    now: NowDep,
    by: AgendaReader,
    territory_id: Annotated[UUID | None, Query()] = None,
    practitioner_id: Annotated[UUID | None, Query()] = None,
    site_id: Annotated[UUID | None, Query()] = None,
    pattern_id: Annotated[UUID | None, Query()] = None,
    profession: Annotated[Code | None, Query()] = None,
    starts_from: Annotated[Instant | None, Query()] = None,
    starts_before: Annotated[Instant | None, Query()] = None,
    state: Annotated[list[SlotState] | None, Query()] = None,
    occupancy: Annotated[Occupancy | None, Query()] = None,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[SlotOut]:
    """List slots by start: a practitioner his own, others those of their territories."""
    territories, practitioners = narrowed(
        by, Action.AGENDA_READ, territory=territory_id, practitioner=practitioner_id
    )
    wanted = SlotFilter(
        territory_ids=territories,
        practitioner_ids=practitioners,
        site_id=site_id,
        pattern_id=pattern_id,
        profession=profession,
        starts_from=starts_from,
        starts_before=starts_before,
        states=some(state),
        occupancy=occupancy,
    )
    return listing(agenda.list_slots(session, wanted, now=now, cursor=cursor, limit=limit), SlotOut)


@router.post("", status_code=201, response_model=PublicationOut, responses=problem_responses(409))
def publish_slots(
    *, session: SessionDep, now: NowDep, by: AgendaWriter, once: OnceDep, body: SlotsIn
) -> Response:
    """Publish one slot, or a range cut into slots: all of them or none."""
    check_publisher(session, by, body.practitioner_id, body.offer.territory_ids, now=now)

    def publish() -> Answer:
        offer = body.offer.to_facts()
        made = (
            agenda.publish_slot(session, body.practitioner_id, body.start, offer, by=by, now=now)
            if isinstance(body, SingleSlotIn)
            else agenda.publish_range(
                session,
                body.practitioner_id,
                body.start,
                body.end,
                offer,
                patients=body.patients,
                by=by,
                now=now,
            )
        )
        location = f"/api/v1/slots/{made.slots[0].id}" if made.slots else None
        return Answer(PublicationOut.of(made), location)

    return once(publish)


@router.get("/{slot_id}")
def get_slot(
    session: SessionDep, now: NowDep, by: AgendaReader, response: Response, slot_id: UUID
) -> SlotDetailOut:
    """Return a slot and its story."""
    found = agenda.get_slot(session, slot_id, now=now)
    check_existing(by, Action.AGENDA_READ, of_slot(found))
    show_version(response, found.version)
    shown = SlotOut.of(found).model_dump()
    return SlotDetailOut.model_validate(shown | {"story": agenda.slot_story(session, slot_id)})


@router.patch("/{slot_id}", responses=problem_responses(409, 412, 428))
def change_slot(
    *,
    session: SessionDep,
    now: NowDep,
    by: AgendaWriter,
    version: RequiredVersion,
    response: Response,
    slot_id: UUID,
    body: SlotChangeIn,
) -> SlotOut:
    """Change to whom, for what reasons and where a slot is offered; who already took it keeps it."""
    current = agenda.get_slot(session, slot_id, now=now)
    check_existing(by, Action.AGENDA_WRITE, of_slot(current))
    if body.territory_ids is not None:
        check_named(by, Action.AGENDA_WRITE, current.territory_ids ^ body.territory_ids)
    changed = agenda.change_slot(session, slot_id, body.to_facts(), version=version, by=by, now=now)
    show_version(response, changed.version)
    return SlotOut.of(changed)


@router.delete("/{slot_id}", responses=problem_responses(409, 412, 428))
def withdraw_slot(
    *,
    session: SessionDep,
    now: NowDep,
    by: AgendaWriter,
    version: RequiredVersion,
    slot_id: UUID,
    reason: Annotated[Line | None, Query(description="Obligatoire si le créneau est pris.")] = None,
) -> FreedOut:
    """Take a slot back. A taken one needs a reason; its request then seeks again."""
    check_existing(by, Action.AGENDA_WRITE, of_slot(agenda.get_slot(session, slot_id, now=now)))
    freed = orientation.withdraw_slot(session, slot_id, reason=reason, version=version, by=by, now=now)
    return FreedOut(reopened=[ReopenedOut.of(reopened) for reopened in told_of(by, freed)])
