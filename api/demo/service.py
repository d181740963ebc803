"""Load the demonstration, keep it alive day after day, tell how it stands. Never commits.

Loading plays the last two weeks; coming back later plays the days since, closes what is over, and adds the
calls of the hour. What a visitor did meanwhile stays.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlmodel import Session

from api.demo.accounts import open_accounts
from api.demo.calls import calls_of_day, every_day, open_calls
from api.demo.cast import MONTAIGU, RETZ, desks_of
from api.demo.coverage import play_coverage
from api.demo.emergency import play_emergency
from api.demo.ending import end_of_day, morning
from api.demo.facts import DEFAULT_SEED, DemoStatus, Stage
from api.demo.indicators import agree_on_targets
from api.demo.mt_list import play_mt_list
from api.demo.paying import pay
from api.demo.playing import IDENT, Theatre, play
from api.demo.rota import share_turns
from api.demo.series import play_series
from api.demo.stage import DEMO, HORIZON_DAYS, find_stage, set_stage
from regulation.intake import service as intake
from regulation.intake.facts import RequestFilter, RequestOrder, RequestState
from slots.agenda import service as agenda
from slots.agenda.facts import FreeSlotQuery
from snp.days import at_local, local_day
from snp.directory import service as directory
from snp.directory.paging import MAX_LIMIT
from snp.platform.keys import Keys

HISTORY_DAYS: Final = 14
"""What the forecast of need asks for at least; a lighter past would look to it like a need that soars."""
OPEN_CALLS: Final = {RETZ: 14, MONTAIGU: 8}
_STALE: Final = timedelta(hours=2)
_PHYSIO_DESKS: Final = ("carer-301", "carer-302", "carer-401")


def load_demo(
    session: Session,
    *,
    keys: Keys,
    now: datetime,
    seed: int = DEFAULT_SEED,
    history_days: int = HISTORY_DAYS,
) -> None:
    """Bring the cast and its accounts, play the last days, and leave the calls of the hour open."""
    since = at_local(local_day(now) - timedelta(days=history_days), time(0))
    with _quiet():
        stage = set_stage(session, seed=seed, since=since, now=now)
        open_accounts(session, stage, now=now)
        agree_on_targets(session, stage, by=DEMO, now=now)
        _play_days(session, stage, local_day(since), keys=keys, now=now, seed=seed)
        play_series(session, stage, keys=keys, now=now, seed=seed)
        _play_the_hour(session, stage, keys=keys, now=now, seed=seed)
        play_mt_list(session, stage, keys=keys, now=now, seed=seed)
        pay(session, stage, now=now)
        share_turns(session, stage, now=now)
        play_coverage(session, stage, now=now)
        play_emergency(session, stage, now=now)


def refresh_demo(session: Session, *, keys: Keys, now: datetime, seed: int = DEFAULT_SEED) -> bool:
    """Play what happened since the last call, at most two weeks; false when there was nothing to do."""
    stage = find_stage(session, seed=seed, now=now)
    last = None if stage is None else _last_call(session, stage, now)
    if stage is None or last is None or now - last < _STALE:
        return False
    with _quiet():
        agenda.expand_due(session, horizon_days=HORIZON_DAYS, by=DEMO, now=now)
        first = max(local_day(last) + timedelta(days=1), local_day(now) - timedelta(days=HISTORY_DAYS))
        _end_days(session, stage, local_day(last), now=now, seed=seed)
        _play_days(session, stage, first, keys=keys, now=now, seed=seed)
        play_series(session, stage, keys=keys, now=now, seed=seed)
        _play_the_hour(session, stage, keys=keys, now=now, seed=seed)
        pay(session, stage, now=now)
    return True


def demo_status(session: Session, *, now: datetime, seed: int = DEFAULT_SEED) -> DemoStatus:
    """Tell whether the demonstration is loaded, and how much is open and free."""
    stage = find_stage(session, seed=seed, now=now)
    if stage is None:
        return DemoStatus(loaded=False)
    free = FreeSlotQuery(
        starts_from=now,
        starts_until=now + timedelta(hours=48),
        territory_ids=frozenset(stage.territories.values()),
    )
    return DemoStatus(
        loaded=True,
        last_call=_last_call(session, stage, now),
        open_requests=sum(_seeking(session, stage, slug, now) for slug in stage.territories),
        free_slots=len(agenda.free_slots(session, free, now)),
    )


def _play_days(session: Session, stage: Stage, first: date, *, keys: Keys, now: datetime, seed: int) -> None:
    for day in every_day(first, local_day(now)):
        for slug, territory_id in stage.territories.items():
            territory = directory.get_territory(session, territory_id)
            theatre = Theatre(session, keys, stage, territory.settings.snp_hours, until=now)
            morning(theatre, slug, day, seed=seed)
            calls = calls_of_day(
                day,
                slug,
                directory.communes_of(session, territory_id),
                hours=territory.settings.snp_hours,
                desks=desks_of(slug),
                physio_desks=_PHYSIO_DESKS if slug == RETZ else (),
                seed=seed,
            )
            play(theatre, [call for call in calls if call.at < now])
        end_of_day(session, stage, day, now=now, seed=seed)


def _end_days(session: Session, stage: Stage, first: date, *, now: datetime, seed: int) -> None:
    for day in every_day(first, local_day(now)):
        end_of_day(session, stage, day, now=now, seed=seed)


def _play_the_hour(session: Session, stage: Stage, *, keys: Keys, now: datetime, seed: int) -> None:
    for slug, territory_id in stage.territories.items():
        missing = OPEN_CALLS[slug] - _seeking(session, stage, slug, now)
        territory = directory.get_territory(session, territory_id)
        theatre = Theatre(session, keys, stage, territory.settings.snp_hours, until=now, book=False)
        communes = directory.communes_of(session, territory_id)
        play(theatre, open_calls(now, slug, communes, count=max(missing, 3), seed=seed))


def _last_call(session: Session, stage: Stage, now: datetime) -> datetime | None:
    newest = [
        view.created_at
        for territory_id in stage.territories.values()
        for view in intake.list_requests(
            session,
            RequestFilter(territory_id=territory_id, order=RequestOrder.NEWEST),
            limit=20,
            by=DEMO,
            now=now,
        ).items
        if view.created_by == IDENT
    ]
    return max(newest, default=None)


def _seeking(session: Session, stage: Stage, slug: str, now: datetime) -> int:
    wanted = RequestFilter(territory_id=stage.territories[slug], states=frozenset({RequestState.SEEKING}))
    return len(intake.list_requests(session, wanted, limit=MAX_LIMIT, by=DEMO, now=now).items)


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave a thousand invented events out of the log."""
    logger = logging.getLogger("snp")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
