"""A call for slots as a coordinator would have opened it this morning, and what came of it so far."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session

from api.demo.cast import MONTAIGU, RETZ
from api.demo.facts import GP, Stage
from regulation.coverage import service as coverage
from regulation.coverage.facts import AnswerKind, AskView
from regulation.coverage.halves import HalfDay
from regulation.coverage.refusals import AlreadyCalled, MomentGone, NobodyToAsk
from regulation.coverage.targeting import closes_at
from snp.directory import service as directory
from snp.directory.coverage_settings import CoverageSettings
from snp.directory.facts import TerritoryDetails
from snp.platform.actors import Actor, Role, system

DEMO: Final = system("demo")
_SCHOOL_HOLIDAYS: Final = ((date(2026, 12, 19), date(2027, 1, 3)), (date(2027, 2, 20), date(2027, 3, 7)))
"""Of zone B, as an example of what is typed; a coordinator checks them."""
COVERAGE: Final = {
    RETZ: CoverageSettings(seaside_percent=200, school_holidays=_SCHOOL_HOLIDAYS),
    MONTAIGU: CoverageSettings(school_holidays=_SCHOOL_HOLIDAYS),
}
_HALVES, _SLOTS = 2, 2


def play_coverage(session: Session, stage: Stage, *, now: datetime) -> None:
    """Settle what each territory decides, compute its outlook, and play one call for slots in Retz."""
    for slug, settings in COVERAGE.items():
        _settle(session, stage, slug, settings, now=now)
    territory_id = stage.territories[RETZ]
    by = Actor("system:demo", Role.COORDINATOR, territories=frozenset({territory_id}))
    opened = now - timedelta(minutes=50)
    sheets = coverage.board(session, territory_id, by=by, now=now)
    lines = [line for sheet in sheets if sheet.profession == GP for line in sheet.lines]
    wanted: dict[HalfDay, int] = {
        line.half: _SLOTS
        for line in sorted(lines[1:8], key=lambda one: -one.risk)[:_HALVES]
        if closes_at([line.half]) > now
    }
    try:
        with session.begin_nested():
            call = coverage.open_call(session, territory_id, GP, wanted, by=by, now=opened)
    except (AlreadyCalled, NobodyToAsk):
        return
    asked = coverage.asks(session, call.id)
    for ask in asked[:1]:
        _accept(session, ask, now=now)
    for ask, kind in zip(asked[1:], (AnswerKind.DECLINED, AnswerKind.NOT_THIS_WEEK), strict=False):
        coverage.say(session, ask.id, kind, now=now)


def _settle(session: Session, stage: Stage, slug: str, settings: CoverageSettings, *, now: datetime) -> None:
    one = directory.get_territory(session, stage.territories[slug])
    alerted, delegate = (f"coordination@{slug}.example",), (f"delegue@{slug}.example",)
    details = TerritoryDetails(
        slug=one.slug,
        name=one.name,
        department=one.department,
        communes=frozenset(one.communes),
        finess=one.finess,
        size_class=one.size_class,
        settings=replace(one.settings, coverage=settings, alert_emails=alerted, protection_emails=delegate),
    )
    changed = directory.update_territory(session, one.id, details, version=one.version, by=DEMO, now=now)
    coverage.refresh(session, changed, now=now)


def _accept(session: Session, ask: AskView, *, now: datetime) -> None:
    """Accept the first moment, as its practitioner would."""
    person = directory.get_practitioner(session, ask.practitioner_id, now=now)
    mine = frozenset(person.territory_ids)
    by = Actor(f"link:{ask.id}", Role.PRACTITIONER, territories=mine, practitioner=person.id)
    try:
        with session.begin_nested():
            coverage.accept(session, ask.id, ask.moments[0].start, by=by, now=now)
    except MomentGone:
        return
