"""Calls for slots by hand: whom one would ask and why, open it, cancel it, and what came of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep
from api.security.rights import Action, reach_of
from api.web import wording
from api.web.coordination.coverage_views import field_of, half_of
from api.web.coordination.slot_call_views import asking_row, call_row
from api.web.coordination.visits import Post, PostDep
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from regulation.coverage import service as coverage
from regulation.coverage.halves import HalfDay
from regulation.coverage.refusals import AlreadyCalled, CallEnded, NobodyToAsk
from regulation.coverage.wording import half_name
from snp.directory import service as directory
from snp.errors import InvalidValue, NotFound

router = APIRouter(prefix="/coordination/couverture", include_in_schema=False)

PAGE: Final = "/coordination/couverture"
ROWS: Final = 20
MOST_FIELDS: Final = 28


@router.get("/appel")
def preview(
    *,
    request: Request,
    post: PostDep,
    session: SessionDep,
    now: NowDep,
    profession: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Show whom a call would ask, and why, before anything leaves."""
    reach_of(post.actor, Action.SLOT_CALL)
    wanted, fault = _wanted(dict(request.query_params))
    return _preview(session, post, profession, wanted, fault=fault, now=now)


@router.post("/appel")
def open_call(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Open the call that was previewed."""
    reach_of(post.actor, Action.SLOT_CALL)
    profession = form.texts.get("profession", "")
    wanted, fault = _wanted(form.texts)
    if not fault:
        try:
            with session.begin_nested():
                made = coverage.open_call(
                    session, post.territory.id, profession, wanted, by=post.actor, now=now
                )
        except (AlreadyCalled, NobodyToAsk) as refusal:
            fault = refusal.sentence
        except InvalidValue as refusal:
            fault = wording.capital(str(refusal.fields["reason"]))
        except NotFound:
            fault = "Cette profession n’existe pas"
        else:
            return see(f"{PAGE}/appels/{made.id}?territoire={post.territory.id}&info=appel-ouvert")
    return _preview(session, post, profession, wanted, fault=fault, now=now)


@router.get("/appels")
def list_calls(
    *,
    post: PostDep,
    session: SessionDep,
    now: NowDep,
    apres: Annotated[str | None, Query(max_length=300)] = None,
) -> Response:
    """List the calls of the territory, the latest first."""
    reach_of(post.actor, Action.SLOT_CALL)
    found = coverage.list_calls(session, post.territory.id, cursor=apres, limit=ROWS, by=post.actor)
    return render(
        "coordination/slot_calls.html",
        visit=post.visit,
        post=post,
        calls=[call_row(one, _labels(session), now) for one in found.items],
        next_page=found.next_cursor,
    )


@router.get("/appels/{call_id}")
def show(
    *,
    call_id: UUID,
    post: PostDep,
    session: SessionDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show a call and what came of it, as counts."""
    reach_of(post.actor, Action.SLOT_CALL)
    call = coverage.call_of(session, post.territory.id, call_id, by=post.actor)
    return render(
        "coordination/slot_call.html",
        visit=post.visit,
        info=info,
        post=post,
        call=call_row(call, _labels(session), now),
        outcome=coverage.outcome(session, call, now=now),
        halves=[
            (wording.capital(half_name(half)), count, call.gained.get(half, 0))
            for half, count in sorted(call.wanted.items())
        ],
        until=wording.until(call.closes_at, now),
    )


@router.post("/appels/{call_id}/annuler")
def cancel(*, call_id: UUID, post: PostDep, session: SessionDep, now: NowDep) -> Response:
    """Cancel a call; clicked twice, or too late, it says so."""
    reach_of(post.actor, Action.SLOT_CALL)
    info = "appel-annule"
    try:
        with session.begin_nested():
            coverage.cancel_call(session, post.territory.id, call_id, by=post.actor, now=now)
    except CallEnded:
        info = "appel-fini"
    return see(f"{PAGE}/appels/{call_id}?territoire={post.territory.id}&info={info}")


def _preview(
    session: Session,
    post: Post,
    profession: str,
    wanted: Mapping[HalfDay, int],
    *,
    fault: str,
    now: datetime,
) -> HTMLResponse:
    found = None
    try:
        if wanted:
            found = coverage.preview(session, post.territory.id, profession, wanted, by=post.actor, now=now)
    except InvalidValue as refusal:
        fault = fault or wording.capital(str(refusal.fields["reason"]))
    except NotFound:
        fault = fault or "Cette profession n’existe pas"
    return render(
        "coordination/slot_call_preview.html",
        visit=post.visit,
        status=422 if fault else 200,
        post=post,
        profession=profession,
        label=_labels(session).get(profession, profession),
        halves=[(field_of(half), half_name(half), count) for half, count in sorted(wanted.items())],
        fault=fault,
        first=[asking_row(one, now) for one in found.first] if found else [],
        later=[asking_row(one, now) for one in found.next] if found else [],
        left=[asking_row(one, now) for one in found.left] if found else [],
        most_messages=post.territory.settings.coverage.messages_a_week,
    )


def _wanted(fields: Mapping[str, str]) -> tuple[dict[HalfDay, int], str]:
    """Read how many slots are wanted in each half-day; and what to revise, if anything."""
    wanted: dict[HalfDay, int] = {}
    for name, value in fields.items():
        half = half_of(name)
        if half is None or value.strip() in {"", "0"}:
            continue
        if (
            not (value.isascii() and value.strip().isdigit() and int(value) <= 50)
            or len(wanted) >= MOST_FIELDS
        ):
            return wanted, "Indiquez, pour chaque demi-journée, un nombre de créneaux de 0 à 50"
        wanted[half] = int(value)
    return wanted, "" if wanted else "Indiquez au moins un créneau, dans une demi-journée"


def _labels(session: Session) -> dict[str, str]:
    return {one.code: one.label for one in directory.list_professions(session, active=None)}
