"""The desks: reasons they may handle, the eligibility guard, preview, the whole form, traces.

The same routes stand under `/desk` (pharmacies, nurse practices) and `/professionals` (doctors, physios):
what each may handle is the regulation's list, judged in `regulation.triage`.
"""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Allow, KeysDep, NowDep, SessionDep
from api.etags import show_version
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.routers.params import DEFAULT, After, Limit
from api.schemas.desk import (
    DeskListOut,
    DeskListsOut,
    DeskRequestIn,
    DeskResultOut,
    DeskResumeIn,
    EligibilityIn,
    EligibilityOut,
    PreviewIn,
    TraceOut,
)
from api.schemas.forms import Listing, ReasonOut, listing
from api.schemas.orientation import ProposalsOut
from api.security.rights import Action
from regulation.orientation import service as orientation
from regulation.triage import service as triage
from snp.platform.actors import Actor


def _router(prefix: str, name: str, *, read: Action, assess: Action, send: Action) -> APIRouter:
    """Return the routes of one kind of desk, each under the action that opens it."""
    router = APIRouter(prefix=prefix, tags=["desk"])
    reader = Annotated[Actor, Depends(Allow(read))]
    assessor = Annotated[Actor, Depends(Allow(assess))]
    sender = Annotated[Actor, Depends(Allow(send))]

    @router.get("/reasons", name=f"list_{name}_reasons")
    def list_reasons(now: NowDep, by: reader) -> DeskListsOut:
        """Return the lists of reasons open to this desk, with their red flags and sources."""
        return DeskListsOut(lists=[DeskListOut.of(desk_list) for desk_list in triage.lists_for(by, now)])

    @router.post("/eligibility", name=f"assess_{name}")
    def assess_case(
        session: SessionDep,
        now: NowDep,
        by: assessor,
        body: EligibilityIn,
    ) -> EligibilityOut:
        """Judge a case and keep its trace: a red flag goes to the 15, what is not listed to the 116 117."""
        outcome, trace_id = triage.assess(session, body.territory_id, body.answers.to_facts(), by=by, now=now)
        return EligibilityOut(
            outcome=outcome.outcome,
            reasons=[ReasonOut.of(reason) for reason in outcome.reasons],
            list_name=outcome.list_name,
            red_flags=list(outcome.red_flags),
            trace_id=trace_id,
        )

    @router.post("/preview", name=f"preview_{name}")
    def preview(
        session: SessionDep,
        now: NowDep,
        by: sender,
        body: PreviewIn,
    ) -> ProposalsOut:
        """Return what could be booked before the patient is typed; holds nothing."""
        return ProposalsOut.of(orientation.desk_preview(session, body.to_facts(), by=by, now=now))

    @router.post(
        "/requests",
        name=f"send_{name}_request",
        status_code=201,
        response_model=DeskResultOut,
        responses=problem_responses(409),
    )
    def send_request(
        *,
        session: SessionDep,
        now: NowDep,
        keys: KeysDep,
        by: sender,
        once: OnceDep,
        body: DeskRequestIn,
    ) -> Response:
        """Send the whole form: eligibility, hours, médecin traitant, then proposals or the chosen hold."""

        def send_form() -> Answer:
            result = orientation.desk_request(session, body.to_facts(), keys=keys, by=by, now=now)
            made = result.request
            location = f"/api/v1/requests/{made.id}" if made else None
            shown = DeskResultOut.of(result)
            return Answer(shown, location, made.version if made else None, 201 if made else 200)

        return once(send_form)

    @router.post(
        "/requests/{request_id}/resume",
        name=f"resume_{name}_request",
        responses=problem_responses(409),
    )
    def resume_request(
        *,
        session: SessionDep,
        now: NowDep,
        keys: KeysDep,
        by: sender,
        response: Response,
        request_id: UUID,
        body: DeskResumeIn,
    ) -> DeskResultOut:
        """Take up this desk's request that waited for the médecin traitant; proposals when it may go on."""
        answers = body.answers.to_facts() if body.answers else None
        result = orientation.desk_resume(
            session, request_id, body.mt.to_facts(), answers=answers, keys=keys, by=by, now=now
        )
        if result.request is not None:
            show_version(response, result.request.version)
        return DeskResultOut.of(result)

    @router.get("/traces", name=f"list_{name}_traces")
    def list_traces(
        *,
        session: SessionDep,
        now: NowDep,
        by: reader,
        territory_id: Annotated[UUID, Query()],
        limit: Limit = DEFAULT,
        cursor: After = None,
    ) -> Listing[TraceOut]:
        """List the traces that cover the professional, newest first; a desk its own."""
        page = triage.list_traces(session, territory_id, cursor=cursor, limit=limit, by=by, now=now)
        return listing(page, TraceOut)

    return router


routers: Final = (
    _router("/desk", "desk", read=Action.DESK_READ, assess=Action.DESK_ASSESS, send=Action.DESK_REQUEST),
    _router(
        "/professionals",
        "professionals",
        read=Action.PROFESSIONALS_REQUEST,
        assess=Action.PROFESSIONALS_REQUEST,
        send=Action.PROFESSIONALS_REQUEST,
    ),
)
