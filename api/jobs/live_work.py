"""The work of the live policy's jobs, territory by territory; see `api.jobs.work` for how jobs behave."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from api.jobs.apart import apart
from api.jobs.work import territories
from api.wiring import Wiring
from regulation.live import service as live
from snp.directory.facts import TerritoryView
from snp.errors import SnpError
from snp.platform.actors import system
from snp.platform.events import Event
from snp.platform.logs import log


def refresh_prices(wiring: Wiring) -> int:
    """Compute the prices of each territory where they are old or its free slots changed; how many were."""
    return _each(wiring, _prices)


def keep_promises(wiring: Wiring) -> int:
    """Name the slots of promises whose last call comes; how many were."""
    return _each(wiring, _promises)


def serve_waiting(wiring: Wiring) -> int:
    """Serve who waits with what has freed, in turn; how many were."""
    return _each(wiring, _waiting)


def _each(wiring: Wiring, work: Callable[[Wiring, TerritoryView], int]) -> int:
    """Do a work for each territory alone: one that is refused does not stop the others."""
    done = 0
    for territory in territories(wiring):
        try:
            done += work(wiring, territory)
        except SnpError as refusal:
            log(Event.JOB_SKIPPED, level=logging.WARNING, error=refusal, territory_id=territory.id)
    return done


def _prices(wiring: Wiring, territory: TerritoryView) -> int:
    with wiring.transaction() as session:
        due = live.prices_due(session, territory, now=wiring.clock.now())
    if not due:
        return 0
    live.refresh_prices(wiring.transaction, territory.id, price=_price_apart, clock=wiring.clock.now)
    return 1


def _price_apart(*facts: Any) -> Any:
    return apart("snp.assignment.pricing:price_slots", *facts)


def _promises(wiring: Wiring, territory: TerritoryView) -> int:
    by = system("keep-promises")
    kept = live.keep_promises(
        wiring.transaction, territory.id, keys=wiring.keys, by=by, clock=wiring.clock.now
    )
    return len(kept.named) + len(kept.broken)


def _waiting(wiring: Wiring, territory: TerritoryView) -> int:
    served = live.serve_waiting(
        wiring.transaction,
        territory.id,
        keys=wiring.keys,
        by=system("serve-waiting"),
        clock=wiring.clock.now,
        spare=timedelta(minutes=territory.settings.hold_minutes),
    )
    return len(served)
