"""The list of people without a médecin traitant: entries, practices asked, figures."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Allow, KeysDep, NowDep, SessionDep
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, Limit, Why
from api.schemas.forms import Instant, Listing
from api.schemas.mt_list import (
    CircumstancesIn,
    CloseIn,
    ContactIn,
    EntryIn,
    EntryOut,
    EntryStateOut,
    EntryStoryOut,
    FiguresOut,
    PersonOut,
    PracticeCallIn,
    PracticeCallOut,
)
from api.security.rights import Action, Subject, check_existing, check_new
from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.facts import EntryFilter, EntryState
from snp.directory import service as directory
from snp.errors import NotFound
from snp.platform.actors import Actor

router = APIRouter(prefix="/mt-entries", tags=["mt-list"])
Adder = Annotated[Actor, Depends(Allow(Action.MT_ADD))]
Reader = Annotated[Actor, Depends(Allow(Action.MT_READ))]
PersonReader = Annotated[Actor, Depends(Allow(Action.MT_PERSON_READ))]
Follower = Annotated[Actor, Depends(Allow(Action.MT_FOLLOW))]
FigureReader = Annotated[Actor, Depends(Allow(Action.MT_FIGURES))]


@router.get("/figures")
def show_mt_figures(
    *,
    session: SessionDep,
    now: NowDep,
    by: FigureReader,
    territory_id: Annotated[UUID, Query()],
    since: Annotated[Instant, Query()],
    until: Annotated[Instant, Query()],
) -> FiguresOut:
    """Return the figures of a territory over a period; from 1 to 4 is not told."""
    directory.get_territory(session, territory_id)
    subject = Subject("territoire", territory_id, territories=frozenset({territory_id}))
    check_existing(by, Action.MT_FIGURES, subject)
    return FiguresOut.told(
        register.register_figures(session, territory_id, since=since, until=until, now=now)
    )


@router.get("")
def list_mt_entries(
    *,
    session: SessionDep,
    now: NowDep,
    by: Reader,
    territory_id: Annotated[UUID, Query()],
    state: Annotated[list[EntryState] | None, Query()] = None,
    to_call: Annotated[bool, Query(description="Seulement ceux qu’il faut appeler aujourd’hui.")] = False,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[EntryOut]:
    """List entries without identity: more points first, then the longer wait; by default those waiting."""
    wanted = EntryFilter(territory_id, states=frozenset(state or {EntryState.WAITING}), to_call=to_call)
    page = register.list_entries(session, wanted, cursor=cursor, limit=limit, by=by, now=now)
    return Listing[EntryOut](items=[EntryOut.scored(one) for one in page.items], next=page.next_cursor)


@router.post("", status_code=201, response_model=EntryStateOut, responses=problem_responses(409))
def add_mt_entry(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: Adder, once: OnceDep, body: EntryIn
) -> Response:
    """Put on the list somebody who agreed to the text of this version; it counts at once."""
    subject = Subject(
        "territoire",
        body.territory_id,
        territories=frozenset({body.territory_id}),
        organisation=by.organisation,
    )
    check_new(by, Action.MT_ADD, subject)

    def add() -> Answer:
        made = register.add_entry(session, body.to_facts(), keys=keys, by=by, now=now)
        return Answer(EntryStateOut.told(made), f"/api/v1/mt-entries/{made.id}", made.version)

    return once(add)


@router.post(
    "/from-request/{request_id}",
    status_code=201,
    response_model=EntryStateOut,
    responses=problem_responses(409),
)
def add_mt_entry_from_request(
    *,
    session: SessionDep,
    now: NowDep,
    keys: KeysDep,
    by: Adder,
    once: OnceDep,
    request_id: UUID,
    body: CircumstancesIn,
) -> Response:
    """Put the patient of a request on the list, who agreed on the phone; twice is once."""

    def add() -> Answer:
        told = body.to_facts()
        made = register.add_from_request(session, request_id, told, keys=keys, by=by, now=now)
        return Answer(EntryStateOut.told(made), f"/api/v1/mt-entries/{made.id}", made.version)

    return once(add)


@router.get("/{entry_id}")
def get_mt_entry(*, session: SessionDep, now: NowDep, by: Reader, entry_id: UUID) -> EntryOut:
    """Return an entry with each point and its reason, without identity."""
    return EntryOut.scored(register.get_entry(session, entry_id, by=by, now=now))


@router.get("/{entry_id}/story")
def show_mt_story(*, session: SessionDep, now: NowDep, by: Reader, entry_id: UUID) -> EntryStoryOut:
    """Return every move of an entry with its author, oldest first."""
    return EntryStoryOut.told(register.story(session, entry_id, by=by, now=now))


@router.get("/{entry_id}/patient")
def read_mt_person(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: PersonReader, entry_id: UUID, why: Why
) -> PersonOut:
    """Open who it is; audited with `why`."""
    people = register.read_people(session, [entry_id], keys=keys, why=why, by=by, now=now)
    if entry_id not in people:
        raise NotFound("inscription", entry_id)
    return PersonOut.told(people[entry_id])


@router.get("/{entry_id}/calls")
def list_mt_calls(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: PersonReader, entry_id: UUID, why: Why
) -> list[PracticeCallOut]:
    """Return the practices that were asked, newest first, notes opened; audited with `why`."""
    calls = register.practice_calls(session, entry_id, keys=keys, why=why, by=by, now=now)
    return [PracticeCallOut.of(call) for call in calls]


@router.post(
    "/{entry_id}/calls", status_code=201, response_model=EntryStateOut, responses=problem_responses(409)
)
def record_mt_call(
    *,
    session: SessionDep,
    now: NowDep,
    keys: KeysDep,
    by: Follower,
    once: OnceDep,
    entry_id: UUID,
    body: PracticeCallIn,
) -> Response:
    """Record a practice that was asked and what it answered."""

    def record() -> Answer:
        view = register.record_call(session, entry_id, body.to_facts(), keys=keys, by=by, now=now)
        return Answer(EntryStateOut.told(view), f"/api/v1/mt-entries/{view.id}/calls", view.version)

    return once(record)


@router.post("/{entry_id}/correct", responses=problem_responses(409))
def correct_mt_entry(
    *, session: SessionDep, now: NowDep, by: Follower, entry_id: UUID, body: CircumstancesIn
) -> EntryStateOut:
    """Write anew what counts for the order of the list."""
    return EntryStateOut.told(register.correct_entry(session, entry_id, body.to_facts(), by=by, now=now))


@router.post("/{entry_id}/contact", responses=problem_responses(409))
def correct_mt_contact(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: Follower, entry_id: UUID, body: ContactIn
) -> EntryStateOut:
    """Write anew how the person is reached; the wait is kept."""
    view = register.correct_contact(
        session, entry_id, phone=body.phone, email=body.email, keys=keys, by=by, now=now
    )
    return EntryStateOut.told(view)


@router.post("/{entry_id}/reconfirm", responses=problem_responses(409))
def reconfirm_mt_entry(*, session: SessionDep, now: NowDep, by: Follower, entry_id: UUID) -> EntryStateOut:
    """Record that the person still looks for a médecin traitant."""
    return EntryStateOut.told(register.reconfirm(session, entry_id, by=by, now=now))


@router.post("/{entry_id}/close", responses=problem_responses(409))
def close_mt_entry(
    *, session: SessionDep, now: NowDep, by: Follower, entry_id: UUID, body: CloseIn
) -> EntryStateOut:
    """Take somebody off the list; `withdrawn` erases at once."""
    return EntryStateOut.told(register.close_entry(session, entry_id, body.reason, by=by, now=now))
