"""The table of jobs: what runs, how often. Adding a job is adding a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from api.jobs import calendars, coverage_work, live_work, mt_list, rotas, series_work, statements, work
from api.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Job:
    """One row: the name told in the log, how often it fires, and its work."""

    name: str
    every: timedelta
    run: Callable[[Wiring], int]


JOBS: Final[tuple[Job, ...]] = (
    Job("expire-holds", timedelta(seconds=15), work.expire_holds),
    Job("serve-waiting", timedelta(seconds=15), live_work.serve_waiting),
    Job("keep-promises", timedelta(seconds=30), live_work.keep_promises),
    Job("refresh-prices", timedelta(seconds=30), live_work.refresh_prices),
    Job("release-slots", timedelta(minutes=1), work.release_slots),
    Job("expire-requests", timedelta(minutes=1), work.expire_requests),
    Job("assign-pools", timedelta(minutes=1), work.assign_pools),
    Job("end-sharings", timedelta(hours=1), work.end_sharings),
    Job("tell-carers", timedelta(minutes=10), work.tell_carers),
    Job("alert-coordinators", timedelta(minutes=5), work.alert_coordinators),
    Job("watch-coverage", timedelta(minutes=2), coverage_work.watch_coverage),
    Job("expand-patterns", timedelta(minutes=30), work.expand_patterns),
    Job("solve-rotas", timedelta(seconds=5), rotas.solve_rotas),
    Job("keep-rotas", timedelta(minutes=10), rotas.keep_rotas),
    Job("refresh-calendars", timedelta(minutes=1), calendars.refresh_calendars),
    Job("seal-audit", timedelta(minutes=1), work.seal_audit),
    Job("verify-audit", timedelta(days=1), work.verify_audit),
    Job("watch-invariants", timedelta(minutes=10), work.watch_invariants),
    Job("apply-retention", timedelta(hours=6), work.apply_retention),
    Job("tend-mt-list", timedelta(minutes=10), mt_list.tend),
    Job("compute-statements", timedelta(hours=1), statements.compute_statements),
    Job("ask-for-sheets", timedelta(minutes=15), series_work.ask_for_sheets),
    Job("close-series", timedelta(hours=1), series_work.close_series),
    Job("prune", timedelta(hours=1), work.prune),
)
