"""The data-protection delegate: the journal of accesses, and a person's rights over what is kept of him."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.encoders import jsonable_encoder

from api.deps import Allow, KeysDep, NowDep, SessionDep
from api.openapi import problem_responses
from api.persons import service as persons
from api.persons.facts import JournalQuery
from api.persons.kept import Asked
from api.routers.params import DEFAULT, Limit
from api.schemas.forms import Instant, Line
from api.schemas.protection import ForgetIn, ForgottenOut, JournalLineOut, JournalOut, RecordOut, RectifyIn
from api.security.rights import Action
from snp.platform.actors import Actor

router = APIRouter(tags=["protection"])
Reader = Annotated[Actor, Depends(Allow(Action.PERSON_READ))]
Writer = Annotated[Actor, Depends(Allow(Action.PERSON_WRITE))]
WhyAsked = Annotated[Line, Query(description="Pourquoi ; gardé dans le journal.")]


@router.get("/audit")
def read_journal(
    *,
    session: SessionDep,
    now: NowDep,
    by: Annotated[Actor, Depends(Allow(Action.AUDIT_READ))],
    patient_id: UUID | None = None,
    actor: Annotated[Line | None, Query(description="Auteur, tel que lu dans une ligne.")] = None,
    action: Annotated[Line | None, Query(description="read, search, create, change, forget…")] = None,
    since: Instant | None = None,
    until: Instant | None = None,
    before: Annotated[int | None, Query(ge=1, description="Le `next` de la page précédente.")] = None,
    limit: Limit = DEFAULT,
) -> JournalOut:
    """Return who did what with the data of which patient, when and why; reading it is a line too."""
    wanted = JournalQuery(patient_id=patient_id, actor=actor, action=action, since=since, until=until)
    found = persons.read_journal(session, wanted, before=before, limit=limit + 1, by=by, now=now)
    shown = found[:limit]
    return JournalOut(
        items=[JournalLineOut.of(line) for line in shown],
        next=shown[-1].id if len(found) > limit else None,
    )


@router.get("/patients/{patient_id}/record", responses=problem_responses(404))
def show_record(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: Reader, patient_id: UUID, why: WhyAsked
) -> RecordOut:
    """Return all that is kept of a person (RGPD, art. 15 and 20)."""
    record = persons.record_of(Asked(session, patient_id, keys, why, by, now))
    return RecordOut(record=jsonable_encoder(record))


@router.put("/patients/{patient_id}/identity", responses=problem_responses(404), status_code=204)
def rectify(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: Writer, patient_id: UUID, body: RectifyIn
) -> None:
    """Put right who a person is (RGPD, art. 16)."""
    persons.rectify(Asked(session, patient_id, keys, body.why, by, now), body.patient.to_facts())


@router.post("/patients/{patient_id}/forget", responses=problem_responses(404, 409))
def forget(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: Writer, patient_id: UUID, body: ForgetIn
) -> ForgottenOut:
    """Forget who a person was (RGPD, art. 17); what was done stays, without a person. It cannot be undone."""
    return ForgottenOut(forgotten=persons.forget(Asked(session, patient_id, keys, body.why, by, now)))
