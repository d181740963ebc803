"""The yearly report of a territory as a file: PDF to hand over, spreadsheet, or plain lines."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.deps import NowDep, ReadingDep, data_of
from api.security.rights import Action, reach_of
from api.web.coordination.visits import PostDep
from api.web.forms import whole
from regulation.indicators import report_files
from regulation.indicators import service as indicators
from snp.days import local_day
from snp.errors import InvalidValue
from snp.platform.events import Event
from snp.platform.logs import log

router = APIRouter(prefix="/coordination/indicateurs", include_in_schema=False)

_YEAR_DIGITS: Final = 4


@router.get("/rapport")
def download(
    *,
    post: PostDep,
    session: ReadingDep,
    now: NowDep,
    annee: Annotated[str, Query(max_length=_YEAR_DIGITS)] = "",
    fichier: Annotated[str, Query(alias="format", max_length=4)] = "pdf",
) -> Response:
    """Return the report of a year as a file. Raises `InvalidValue`: a year to come, an unknown format."""
    reach_of(post.actor, Action.INDICATOR_READ)
    if fichier not in report_files.FORMATS:
        raise InvalidValue("format", "pdf, xlsx ou csv.")
    today = local_day(now, post.territory.settings.snp_hours.zone)
    year = whole(annee, today.year)
    report = indicators.draw_report(session, post.territory, year, data_of=data_of(session), now=now)
    log(Event.INDICATORS_REPORTED, territory_id=post.territory.id, kind=fichier)
    name = f"indicateurs-{post.territory.slug}-{year}.{fichier}"
    return Response(
        report_files.FORMATS[fichier].write(report),
        media_type=report_files.FORMATS[fichier].media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
