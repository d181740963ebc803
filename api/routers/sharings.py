"""Agreements by which a territory lends slots to a neighbour: offered, accepted, ended; what was taken."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Allow, NowDep, SessionDep
from api.etags import OptionalVersion, show_version
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, Limit
from api.routers.subjects import of_practitioner
from api.schemas.forms import Day, Listing, listing
from api.schemas.sharings import (
    LendingIn,
    OptOutOut,
    SharingCountOut,
    SharingDetailOut,
    SharingIn,
    SharingOut,
)
from api.security.rights import Action, Subject, check_existing, check_new
from slots.sharing import service as sharing
from slots.sharing.facts import SharingView
from snp.days import day_bounds
from snp.directory import service as directory
from snp.platform.actors import Actor

router = APIRouter(tags=["sharings"])
Reader = Annotated[Actor, Depends(Allow(Action.SHARING_READ))]
Writer = Annotated[Actor, Depends(Allow(Action.SHARING_WRITE))]
Lending = Annotated[Actor, Depends(Allow(Action.PREFERENCES_WRITE))]


@router.get("/territories/{territory_id}/sharings")
def list_sharings(
    *,
    session: SessionDep,
    by: Reader,
    territory_id: UUID,
    running: Annotated[bool | None, Query(description="Proposés ou acceptés.")] = None,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[SharingOut]:
    """List the agreements of a territory, given and received, newest first."""
    _check_territory(by, Action.SHARING_READ, territory_id)
    page = sharing.list_sharings(session, territory_id, running=running, cursor=cursor, limit=limit)
    return listing(page, SharingOut)


@router.post(
    "/territories/{territory_id}/sharings",
    status_code=201,
    response_model=SharingOut,
    responses=problem_responses(409),
)
def offer_sharing(
    *, session: SessionDep, now: NowDep, by: Writer, once: OnceDep, territory_id: UUID, body: SharingIn
) -> Response:
    """Offer slots of this territory to a neighbour, whose coordinator accepts or declines."""
    check_new(by, Action.SHARING_WRITE, _subject("territoire", territory_id))

    def offer() -> Answer:
        made = sharing.offer(session, territory_id, body.borrower_id, body.terms.to_facts(), by=by, now=now)
        return Answer(SharingOut.of(made), f"/api/v1/sharings/{made.id}")

    return once(offer)


@router.get("/territories/{territory_id}/sharing-counts")
def count_taken(
    *,
    session: SessionDep,
    by: Reader,
    territory_id: UUID,
    first_day: Annotated[Day, Query(description="Premier jour des créneaux, compris.")],
    last_day: Annotated[Day, Query(description="Dernier jour des créneaux, compris.")],
) -> list[SharingCountOut]:
    """Return how many slots were taken under each agreement, by the day of the slot."""
    _check_territory(by, Action.SHARING_READ, territory_id)
    zone = directory.get_territory(session, territory_id).settings.snp_hours.zone
    counts = sharing.taken_counts(
        session,
        territory_id,
        starts_from=day_bounds(first_day, zone)[0],
        starts_before=day_bounds(last_day, zone)[1],
    )
    return [SharingCountOut.of(count) for count in counts]


@router.get("/sharings/{sharing_id}")
def get_sharing(session: SessionDep, by: Reader, response: Response, sharing_id: UUID) -> SharingDetailOut:
    """Return an agreement and its story."""
    found = sharing.get_sharing(session, sharing_id)
    _check_either(by, Action.SHARING_READ, found)
    show_version(response, found.version)
    return SharingDetailOut.told(found, sharing.story(session, sharing_id))


@router.post("/sharings/{sharing_id}/accept", responses=problem_responses(409, 412))
def accept_sharing(
    *, session: SessionDep, now: NowDep, by: Writer, version: OptionalVersion, sharing_id: UUID
) -> SharingOut:
    """Accept an offer made to one's territory; its slots may be claimed from now on."""
    _check_borrower(by, sharing.get_sharing(session, sharing_id))
    return SharingOut.of(sharing.accept(session, sharing_id, version=version, by=by, now=now))


@router.post("/sharings/{sharing_id}/decline", responses=problem_responses(409, 412))
def decline_sharing(
    *, session: SessionDep, now: NowDep, by: Writer, version: OptionalVersion, sharing_id: UUID
) -> SharingOut:
    """Turn down an offer made to one's territory."""
    _check_borrower(by, sharing.get_sharing(session, sharing_id))
    return SharingOut.of(sharing.decline(session, sharing_id, version=version, by=by, now=now))


@router.post("/sharings/{sharing_id}/end", responses=problem_responses(409, 412))
def end_sharing(
    *, session: SessionDep, now: NowDep, by: Writer, version: OptionalVersion, sharing_id: UUID
) -> SharingOut:
    """End an agreement, or take an offer back; what is held or booked stays."""
    _check_either(by, Action.SHARING_WRITE, sharing.get_sharing(session, sharing_id))
    return SharingOut.of(sharing.end(session, sharing_id, version=version, by=by, now=now))


@router.get("/practitioners/{practitioner_id}/lending", tags=["practitioners"])
def show_lending(session: SessionDep, now: NowDep, by: Lending, practitioner_id: UUID) -> list[OptOutOut]:
    """Return the territories whose neighbours are not lent the practitioner's slots."""
    practitioner = directory.get_practitioner(session, practitioner_id, now=now)
    check_existing(by, Action.PREFERENCES_WRITE, of_practitioner(practitioner))
    return [OptOutOut.of(one) for one in sharing.opt_outs(session, practitioner_id)]


@router.put("/practitioners/{practitioner_id}/lending/{territory_id}", tags=["practitioners"])
def set_lending(
    *,
    session: SessionDep,
    now: NowDep,
    by: Lending,
    practitioner_id: UUID,
    territory_id: UUID,
    body: LendingIn,
) -> list[OptOutOut]:
    """Lend the practitioner's slots in a territory to its neighbours, or none from now on."""
    practitioner = directory.get_practitioner(session, practitioner_id, now=now)
    check_existing(by, Action.PREFERENCES_WRITE, of_practitioner(practitioner))
    kept = sharing.set_lending(session, practitioner_id, territory_id, lent=body.lent, by=by, now=now)
    return [OptOutOut.of(one) for one in kept]


def _subject(what: str, *territories: UUID, ident: object = "") -> Subject:
    return Subject(what, ident or territories[0], territories=frozenset(territories))


def _check_territory(by: Actor, action: Action, territory_id: UUID) -> None:
    check_existing(by, action, _subject("territoire", territory_id))


def _check_either(by: Actor, action: Action, found: SharingView) -> None:
    check_existing(
        by, action, _subject("accord de partage", found.lender_id, found.borrower_id, ident=found.id)
    )


def _check_borrower(by: Actor, found: SharingView) -> None:
    """Who lends reads the agreement, but only who borrows takes it up: the other is told nothing new."""
    check_existing(by, Action.SHARING_WRITE, _subject("accord de partage", found.borrower_id, ident=found.id))
