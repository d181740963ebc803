"""Runs the table of jobs in one process among many: the one that holds the advisory lock.

A thread asks for the right every second or two. Who gets it starts a scheduler; who loses it (connection cut,
server in recovery) stops it, and another takes over. Knows no job.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from api.jobs.table import JOBS, Job
from api.observing.meters import JOB_FAILURES, JOB_LAST_SUCCESS, JOB_SECONDS
from api.wiring import Wiring
from snp.platform.events import Event
from snp.platform.leadership import Leadership
from snp.platform.logs import log

LEADERSHIP: Final = "scheduler"
WATCH_SECONDS: Final = 1.5
LATE_SECONDS: Final = 60
WORKERS: Final = 2


class JobRunner:
    """The scheduler of this process; it sleeps while another process leads."""

    def __init__(
        self, wiring: Wiring, jobs: Sequence[Job] = JOBS, *, watch_seconds: float = WATCH_SECONDS
    ) -> None:
        self._wiring = wiring
        self._jobs = jobs
        self._watch_seconds = watch_seconds
        self._leadership = Leadership(wiring.direct_url, LEADERSHIP)
        self._scheduler: BackgroundScheduler | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="snp-jobs", daemon=True)

    @property
    def leads(self) -> bool:
        """True while this process is the one that schedules."""
        return self._scheduler is not None

    def start(self) -> None:
        """Begin to ask for the right to schedule."""
        self._thread.start()

    def stop(self) -> None:
        """Let running jobs end, stop the scheduler and give the right back."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        try:
            while not self._stopping.is_set():
                if self._leadership.acquire():
                    self._lead()
                else:
                    self._step_down(Event.LEADER_LOST)
                self._stopping.wait(self._watch_seconds)
        finally:
            self._step_down(None)
            self._leadership.release()

    def _lead(self) -> None:
        if self._scheduler is not None:
            return
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(WORKERS)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": LATE_SECONDS},
        )
        for job in self._jobs:
            scheduler.add_job(
                self._run,
                "interval",
                seconds=job.every.total_seconds(),
                args=[job],
                id=job.name,
                next_run_time=datetime.now(UTC),
            )
        scheduler.start()
        self._scheduler = scheduler
        log(Event.LEADER_ELECTED)

    def _step_down(self, event: Event | None) -> None:
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is None:
            return
        scheduler.shutdown(wait=True)
        if event is not None:
            log(event, level=logging.WARNING)

    def _run(self, job: Job) -> None:
        """Do a job's work; a failure is said and the next fire tries again."""
        if self._stopping.is_set():
            return
        started = time.monotonic()
        try:
            count = job.run(self._wiring)
        except Exception as error:  # noqa: BLE001 - one job that fails must not end the others
            JOB_FAILURES.labels(job.name).inc()
            log(Event.JOB_FAILED, level=logging.ERROR, job=job.name, error=error)
            return
        seconds = time.monotonic() - started
        JOB_SECONDS.labels(job.name).observe(seconds)
        JOB_LAST_SUCCESS.labels(job.name).set_to_current_time()
        took = round(seconds * 1000, 1)
        level = logging.INFO if count else logging.DEBUG
        log(Event.JOB_FINISHED, level=level, job=job.name, count=count, duration_ms=took)
