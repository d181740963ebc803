"""Series of physiotherapy: read them, add or cancel sessions, write and read the sheet, close them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Allow, KeysDep, NowDep, SessionDep
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.papers.sheet import paper_of
from api.papers.sheet_pdf import sheet_pdf
from api.routers.params import DEFAULT, After, Limit, Why
from api.schemas.forms import Listing
from api.schemas.orientation import AppointmentOut, ProposedSlotOut
from api.schemas.series import (
    ChoiceOut,
    ChoicesOut,
    CloseIn,
    PhysioTermsIn,
    PhysioTermsOut,
    RestCancelIn,
    SeriesDetailOut,
    SeriesLineOut,
    SeriesOut,
    SessionAddIn,
    SheetIn,
    SheetOut,
    SlotsOut,
)
from api.security.rights import Action
from regulation.series import service as series
from snp.platform.actors import Actor

router = APIRouter(prefix="/series", tags=["series"])
Reader = Annotated[Actor, Depends(Allow(Action.SERIES_READ))]
Writer = Annotated[Actor, Depends(Allow(Action.SERIES_WRITE))]
SheetReader = Annotated[Actor, Depends(Allow(Action.SHEET_READ))]
SheetWriter = Annotated[Actor, Depends(Allow(Action.SHEET_WRITE))]


@router.get("")
def list_series(
    *,
    session: SessionDep,
    now: NowDep,
    by: Reader,
    brought: Annotated[bool, Query(description="Celles des patients que vous avez adressés.")] = False,
    is_open: Annotated[bool | None, Query()] = None,
    limit: Limit = DEFAULT,
    cursor: After = None,
) -> Listing[SeriesOut]:
    """List the series that the reader holds, or those of the patients he brought; newest first."""
    if brought:
        page = series.list_brought(session, cursor=cursor, limit=limit, by=by, now=now)
    else:
        page = series.list_held(session, is_open=is_open, cursor=cursor, limit=limit, by=by)
    return Listing[SeriesOut](items=[SeriesOut.told(one) for one in page.items], next=page.next_cursor)


@router.get("/terms")
def get_terms(session: SessionDep, by: SheetReader) -> PhysioTermsOut:
    """Return what the reader says of himself: new patients, direct access. A physiotherapist's own."""
    return PhysioTermsOut.of(series.get_physio_terms(session, by=by))


@router.put("/terms")
def set_terms(session: SessionDep, now: NowDep, by: SheetWriter, body: PhysioTermsIn) -> PhysioTermsOut:
    """Say whether one takes new patients, and since when one is declared to the ARS for direct access."""
    return PhysioTermsOut.of(series.set_physio_terms(session, **dict(body), by=by, now=now))


@router.get("/{request_id}")
def get_series(session: SessionDep, by: Reader, request_id: UUID) -> SeriesDetailOut:
    """Return a series and its story."""
    shown = SeriesOut.told(series.get_series(session, request_id, by=by))
    lines = [SeriesLineOut.of(line) for line in series.story(session, request_id, by=by)]
    return SeriesDetailOut(**dict(shown), story=lines)


@router.get("/{request_id}/slots")
def list_addable(session: SessionDep, now: NowDep, by: Reader, request_id: UUID) -> SlotsOut:
    """Return the free slots of the same carer that may be one more session."""
    found = series.addable_slots(session, request_id, by=by, now=now)
    return SlotsOut(slots=[ProposedSlotOut.of(one) for one in found])


@router.post(
    "/{request_id}/sessions",
    status_code=201,
    response_model=AppointmentOut,
    responses=problem_responses(409),
)
def add_session(
    *,
    session: SessionDep,
    now: NowDep,
    keys: KeysDep,
    by: Writer,
    once: OnceDep,
    request_id: UUID,
    body: SessionAddIn,
) -> Response:
    """Book one more session, up to three, with the carer who has the others."""

    def add() -> Answer:
        made = series.add_session(session, request_id, body.slot_id, keys=keys, by=by, now=now)
        return Answer(AppointmentOut.of(made), f"/api/v1/appointments/{made.id}", made.version)

    return once(add)


@router.post("/{request_id}/cancel-rest", responses=problem_responses(409))
def cancel_rest(
    session: SessionDep, now: NowDep, by: Writer, request_id: UUID, body: RestCancelIn
) -> SeriesOut:
    """The patient gives up every session to come."""
    series.cancel_rest(session, request_id, reason=body.reason, by=by, now=now)
    return SeriesOut.told(series.get_series(session, request_id, by=by))


@router.get("/{request_id}/sheet")
def read_sheet(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: SheetReader, request_id: UUID, why: Why
) -> SheetOut:
    """Open the sheet of a series. Audited."""
    return SheetOut.told(series.read_sheet(session, request_id, keys=keys, why=why, by=by, now=now))


@router.put("/{request_id}/sheet", responses=problem_responses(409, 412))
def write_sheet(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: SheetWriter, request_id: UUID, body: SheetIn
) -> SheetOut:
    """Keep what is written; finished, the sheet goes to the patient and to who brought him."""
    written = series.write_sheet(
        session,
        request_id,
        body.texts(),
        email=body.email,
        finish=body.finish,
        version=body.version,
        keys=keys,
        by=by,
        now=now,
    )
    return SheetOut.told(written)


@router.get(
    "/{request_id}/sheet.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}},
)
def print_sheet(
    *, session: SessionDep, now: NowDep, keys: KeysDep, by: SheetReader, request_id: UUID, why: Why
) -> Response:
    """Return the sheet as it is printed, with who it is about. Audited."""
    paper = paper_of(session, request_id, keys=keys, why=why, by=by, now=now)
    return Response(sheet_pdf(paper), media_type="application/pdf")


@router.get("/{request_id}/choices")
def list_choices(session: SessionDep, now: NowDep, by: Reader, request_id: UUID) -> ChoicesOut:
    """Return the physiotherapists among whom the patient chooses."""
    series.get_series(session, request_id, by=by)
    return ChoicesOut(choices=[ChoiceOut.of(one) for one in series.choices(session, request_id, now=now)])


@router.post("/{request_id}/close", responses=problem_responses(409))
def close_series(session: SessionDep, now: NowDep, by: Writer, request_id: UUID, body: CloseIn) -> SeriesOut:
    """Say how a series ends, with the patient's own choice; it closes."""
    closed = series.close_series(
        session, request_id, body.end, chosen=body.chosen_practitioner_id, by=by, now=now
    )
    return SeriesOut.told(closed)
