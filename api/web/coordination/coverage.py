"""The coordinator's page of coverage: need against published slots, fourteen days; and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from api.deps import NowDep, ReadingDep, SessionDep
from api.security.rights import Action, reach_of
from api.web.coordination.coverage_forms import read_coverage, typed_of
from api.web.coordination.coverage_views import profession_view
from api.web.coordination.settings import details_of
from api.web.coordination.slot_call_views import call_row
from api.web.coordination.visits import Post, PostDep
from api.web.forms import Errors, whole
from api.web.rendering import render, see
from api.web.staleness import data_told
from api.web.submitted import SubmittedDep
from regulation.coverage import service as coverage
from regulation.coverage.targeting import LEAST_NOTICE
from snp.days import local_day
from snp.directory import service as directory
from snp.errors import InvalidValue, VersionMismatch

router = APIRouter(prefix="/coordination/couverture", include_in_schema=False)

PAGE: Final = "/coordination/couverture"
CALLS_SHOWN: Final = 5
_CALLABLE: Final = timedelta(days=13)


@router.get("")
def show(
    *,
    post: PostDep,
    session: ReadingDep,
    now: NowDep,
    profession: Annotated[str, Query(max_length=60)] = "",
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the outlook of one profession of the territory, and the last calls."""
    return _page(session, post, profession=profession, info=info, now=now)


@router.post("/actualiser")
def refresh(*, post: PostDep, session: SessionDep, now: NowDep) -> Response:
    """Compute the outlook again, now."""
    reach_of(post.actor, Action.COVERAGE_READ)
    coverage.refresh(session, post.territory, now=now)
    return see(f"{PAGE}?territoire={post.territory.id}&info=prevision-refaite")


@router.post("/reglages")
def change(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Write the settings of coverage; who typed over an older version is told so, and loses nothing typed."""
    reach_of(post.actor, Action.TERRITORY_WRITE)
    typed, territory = form.texts, post.territory
    reading = read_coverage(typed, territory.settings)
    errors = dict(reading.errors)
    if reading.value is not None:
        version = typed.get("version", "")
        try:
            with session.begin_nested():
                directory.update_territory(
                    session,
                    territory.id,
                    details_of(territory, settings=reading.value),
                    version=whole(version, 0),
                    by=post.actor,
                    now=now,
                )
            coverage.refresh(session, directory.get_territory(session, territory.id), now=now)
        except InvalidValue as fault:
            errors = {"messages": str(fault.fields["reason"])}
        except VersionMismatch:
            errors = {
                "messages": "Quelqu’un d’autre vient de changer ces réglages : vérifiez, puis enregistrez"
            }
        else:
            return see(f"{PAGE}?territoire={territory.id}&info=reglages-enregistres")
    return _page(session, post, now=now, errors=errors, typed=typed)


def _page(
    session: Session,
    post: Post,
    *,
    now: datetime,
    profession: str = "",
    info: str | None = None,
    errors: Errors | None = None,
    typed: Mapping[str, str] | None = None,
) -> HTMLResponse:
    reach_of(post.actor, Action.COVERAGE_READ)
    settings, today = post.territory.settings.coverage, local_day(now)
    labels = {one.code: one.label for one in directory.list_professions(session, active=None)}
    sheets = coverage.board(session, post.territory.id, by=post.actor, now=now)
    professions = [
        profession_view(
            sheet,
            labels.get(sheet.profession, sheet.profession),
            shortage_percent=settings.shortage_percent,
            today=today,
            now=now,
            may_call={
                line.half: line.end - LEAST_NOTICE > now and line.half.day - today <= _CALLABLE
                for line in sheet.lines
            },
        )
        for sheet in sheets
    ]
    calls = coverage.list_calls(session, post.territory.id, limit=CALLS_SHOWN, by=post.actor)
    return render(
        "coordination/coverage.html",
        visit=post.visit,
        status=422 if errors else 200,
        info=info,
        post=post,
        data_told=data_told(session),
        professions=professions,
        one=next((one for one in professions if one.code == profession), next(iter(professions), None)),
        calls=[call_row(one, labels, now) for one in calls.items],
        more_calls=calls.next_cursor is not None,
        shortage_percent=settings.shortage_percent,
        automatic=settings.automatic,
        errors=errors or {},
        typed=typed or typed_of(settings),
        version=post.territory.version,
    )
