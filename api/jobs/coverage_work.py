"""The work of coverage's job, territory by territory; see `api.jobs.work` for how jobs behave."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from api.jobs.work import territories
from api.wiring import Wiring
from regulation.coverage import service as coverage
from snp.directory.facts import TerritoryView
from snp.errors import SnpError
from snp.platform.actors import system
from snp.platform.events import Event
from snp.platform.logs import log

EVERY: Final = timedelta(minutes=10)
"""How old an outlook may grow."""


def watch_coverage(wiring: Wiring) -> int:
    """Bring each territory's outlook up to date, close, continue and open its calls; how many things it did.

    A territory that is refused does not stop the others.
    """
    done = 0
    for territory in territories(wiring):
        try:
            done += _one(wiring, territory)
        except SnpError as refusal:
            log(Event.JOB_SKIPPED, level=logging.WARNING, error=refusal, territory_id=territory.id)
    return done


def _one(wiring: Wiring, territory: TerritoryView) -> int:
    by = system("watch-coverage")
    with wiring.transaction() as session:
        done = coverage.close_calls(session, territory, by=by, now=wiring.clock.now())
    with wiring.transaction() as session:
        now = wiring.clock.now()
        sheets = (
            coverage.refresh(session, territory, now=now)
            if coverage.refresh_due(session, territory.id, now=now, every=EVERY)
            else []
        )
    with wiring.transaction() as session:
        done += coverage.ask_on(session, territory, now=wiring.clock.now())
    if sheets:
        with wiring.transaction() as session:
            opened = coverage.open_due(session, territory, sheets, by=by, now=wiring.clock.now())
            done += len(opened)
    return done + len(sheets)
