"""Indicators of a territory: definitions with their history, figures of any period, the yearly report."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import Allow, NowDep, ReadingDep, SessionDep, data_of
from api.etags import RequiredVersion, show_version
from api.idempotency import Answer, OnceDep
from api.openapi import problem_responses
from api.schemas.forms import Day
from api.schemas.indicators import (
    DefinitionIn,
    FigureOut,
    FiguresOut,
    IndicatorCode,
    IndicatorIn,
    IndicatorOut,
    IndicatorRevisionOut,
    ReportOut,
)
from api.security.rights import Action, Subject, check_existing
from regulation.indicators import service as indicators
from regulation.indicators.facts import Asked, Dimension, IndicatorView, Period, Unit
from regulation.indicators.periods import before, period_of, year_before
from snp.days import local_day
from snp.directory import service as directory
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log

router = APIRouter(prefix="/territories/{territory_id}/indicators", tags=["indicators"])


Reader = Annotated[Actor, Depends(Allow(Action.INDICATOR_READ))]
Writer = Annotated[Actor, Depends(Allow(Action.INDICATOR_WRITE))]


@router.get("")
def list_indicators(
    session: SessionDep, by: Reader, territory_id: UUID, *, retired: bool = False
) -> list[IndicatorOut]:
    """List the indicators of a territory: the ready set, then its own; `retired` adds the retired ones."""
    _check(by, Action.INDICATOR_READ, territory_id)
    directory.get_territory(session, territory_id)
    found = indicators.list_indicators(session, territory_id, retired=retired)
    return [IndicatorOut.of_view(one) for one in found]


@router.post("", status_code=201, response_model=IndicatorOut, responses=problem_responses(409))
def create_indicator(
    *, session: SessionDep, now: NowDep, by: Writer, once: OnceDep, territory_id: UUID, body: IndicatorIn
) -> Response:
    """Add an indicator to a territory."""
    _check(by, Action.INDICATOR_WRITE, territory_id)
    directory.get_territory(session, territory_id)

    def create() -> Answer:
        made = indicators.create_indicator(session, territory_id, body.code, body.to_facts(), by=by, now=now)
        log(Event.INDICATOR_CHANGED, territory_id=territory_id, code=made.code, version=made.version)
        path = f"/api/v1/territories/{territory_id}/indicators/{made.code}"
        return Answer(IndicatorOut.of_view(made), path, made.version)

    return once(create)


@router.get("/figures")
def show_figures(
    *,
    now: NowDep,
    by: Reader,
    session: ReadingDep,
    territory_id: UUID,
    unit: Unit = Unit.YEAR,
    on: Annotated[Day | None, Query(description="Un jour de la période ; aujourd’hui sinon.")] = None,
    beside: Annotated[
        list[Day] | None, Query(max_length=4, description="Un jour de chaque période à comparer.")
    ] = None,
    grain: Unit | None = None,
    split: Dimension | None = None,
    code: Annotated[list[IndicatorCode] | None, Query(max_length=60)] = None,
) -> FiguresOut:
    """Return the figures of a period, beside the one before and a year before, or beside those named."""
    _check(by, Action.INDICATOR_READ, territory_id)
    territory = directory.get_territory(session, territory_id)
    period = period_of(unit, on or local_day(now, territory.settings.snp_hours.zone))
    others = _others(period, beside)
    wanted = (
        tuple(indicators.get_indicator(session, territory_id, one) for one in code)
        if code
        else indicators.list_indicators(session, territory_id)
    )
    asked = Asked(period, others, grain, split)
    figures = indicators.measure(session, territory, wanted, asked, now=now)
    return FiguresOut(
        drawn_at=now, data_of=data_of(session), figures=[FigureOut.of_figure(one) for one in figures]
    )


@router.get("/report")
def show_report(
    *,
    now: NowDep,
    by: Reader,
    session: ReadingDep,
    territory_id: UUID,
    year: Annotated[int | None, Query(ge=2001, le=2099)] = None,
) -> ReportOut:
    """Return a year of a territory month by month, as its yearly report holds it."""
    _check(by, Action.INDICATOR_READ, territory_id)
    territory = directory.get_territory(session, territory_id)
    wanted = year or local_day(now, territory.settings.snp_hours.zone).year
    log(Event.INDICATORS_REPORTED, territory_id=territory_id, kind="json")
    report = indicators.draw_report(session, territory, wanted, data_of=data_of(session), now=now)
    return ReportOut.of_report(report)


@router.get("/{indicator}")
def get_indicator(
    session: SessionDep, by: Reader, response: Response, territory_id: UUID, indicator: IndicatorCode
) -> IndicatorOut:
    """Return an indicator, retired or not."""
    _check(by, Action.INDICATOR_READ, territory_id)
    directory.get_territory(session, territory_id)
    found = indicators.get_indicator(session, territory_id, indicator)
    if found.version:
        show_version(response, found.version)
    return IndicatorOut.of_view(found)


@router.put("/{indicator}", responses=problem_responses(409, 412, 428))
def change_indicator(
    *,
    session: SessionDep,
    now: NowDep,
    by: Writer,
    version: RequiredVersion,
    response: Response,
    territory_id: UUID,
    indicator: IndicatorCode,
    body: DefinitionIn,
) -> IndicatorOut:
    """Replace a definition; `If-Match: *` for one of the ready set that was never changed."""
    _check(by, Action.INDICATOR_WRITE, territory_id)
    directory.get_territory(session, territory_id)
    changed = indicators.change_indicator(
        session, territory_id, indicator, definition=body.to_facts(), version=version, by=by, now=now
    )
    return _told(response, territory_id, changed)


@router.post("/{indicator}/retire", responses=problem_responses(409))
def retire_indicator(
    *,
    session: SessionDep,
    now: NowDep,
    by: Writer,
    response: Response,
    territory_id: UUID,
    indicator: IndicatorCode,
) -> IndicatorOut:
    """Leave an indicator out of pages and reports; its history stays."""
    _check(by, Action.INDICATOR_WRITE, territory_id)
    directory.get_territory(session, territory_id)
    changed = indicators.change_indicator(
        session, territory_id, indicator, retired=True, version=None, by=by, now=now
    )
    return _told(response, territory_id, changed)


@router.post("/{indicator}/restore", responses=problem_responses(409))
def restore_indicator(
    *,
    session: SessionDep,
    now: NowDep,
    by: Writer,
    response: Response,
    territory_id: UUID,
    indicator: IndicatorCode,
) -> IndicatorOut:
    """Bring a retired indicator back."""
    _check(by, Action.INDICATOR_WRITE, territory_id)
    directory.get_territory(session, territory_id)
    changed = indicators.change_indicator(
        session, territory_id, indicator, retired=False, version=None, by=by, now=now
    )
    return _told(response, territory_id, changed)


@router.get("/{indicator}/history")
def show_indicator_history(
    session: SessionDep, by: Reader, territory_id: UUID, indicator: IndicatorCode
) -> list[IndicatorRevisionOut]:
    """Return how an indicator stood after each edit, newest first."""
    _check(by, Action.INDICATOR_READ, territory_id)
    directory.get_territory(session, territory_id)
    found = indicators.indicator_history(session, territory_id, indicator)
    return [IndicatorRevisionOut.of_view(one) for one in found]


def _check(by: Actor, action: Action, territory_id: UUID) -> None:
    subject = Subject("territoire", territory_id, territories=frozenset({territory_id}))
    check_existing(by, action, subject)


def _told(response: Response, territory_id: UUID, changed: IndicatorView) -> IndicatorOut:
    log(Event.INDICATOR_CHANGED, territory_id=territory_id, code=changed.code, version=changed.version)
    show_version(response, changed.version)
    return IndicatorOut.of_view(changed)


def _others(period: Period, beside: list[date] | None) -> tuple[Period, ...]:
    if beside is None:
        return before(period), year_before(period)
    return tuple(dict.fromkeys(period_of(period.unit, day) for day in beside))
