"""What the service is for, as figures: who waits, what is left, what did not leave, what does not hold.

Read from the database when asked, in a handful of statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlmodel import Session

from api.jobs.runner import LEADERSHIP
from api.watch import service as watch
from api.wiring import Wiring
from regulation.intake import service as intake
from slots.agenda import service as agenda
from snp.directory import service as directory
from snp.directory.paging import MAX_LIMIT, every
from snp.notifications import service as outbox
from snp.platform.leadership import is_held_by_anyone

SOON: Final = timedelta(hours=24)


@dataclass(frozen=True, eq=False)
class _Facts(Collector):
    """Families that were read already."""

    families: tuple[GaugeMetricFamily, ...]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give them one by one."""
        yield from self.families


def render_business(wiring: Wiring) -> bytes:
    """The figures of the database as text of the exposition format. Raises `DBAPIError`."""
    now = wiring.clock.now()
    with wiring.transaction() as session:
        names = _slugs(session)
        families = (
            _requests(session, names, now),
            _slots(session, names, now),
            *_outbox(session, now),
            *_invariants(session),
            _leader(session),
            *_pool(wiring),
        )
    registry = CollectorRegistry()
    registry.register(_Facts(families))
    return generate_latest(registry)


def _slugs(session: Session) -> dict[UUID, str]:
    """The short name of every territory."""
    found = every(lambda cursor: directory.list_territories(session, cursor=cursor, limit=MAX_LIMIT))
    return {one.id: one.slug for one in found}


def _requests(session: Session, names: dict[UUID, str], now: datetime) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "snp_requests_seeking",
        "Requests that seek a slot, by time left to their deadline.",
        labels=("territory", "time_left"),
    )
    for one in intake.count_open(session, now=now):
        family.add_metric((names.get(one.territory_id, "?"), one.time_left), one.count)
    return family


def _slots(session: Session, names: dict[UUID, str], now: datetime) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "snp_slots_free_24h",
        "Slots that may still be taken and start within 24 hours.",
        labels=("territory", "profession"),
    )
    for one in agenda.count_free(session, now + SOON, now=now):
        family.add_metric((names.get(one.territory_id, "?"), one.profession), one.count)
    return family


def _outbox(session: Session, now: datetime) -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
    counts = GaugeMetricFamily(
        "snp_outbox_messages", "Messages that did not leave, by topic and state.", labels=("topic", "state")
    )
    ages = GaugeMetricFamily(
        "snp_outbox_oldest_due_seconds", "Since when the oldest due message waits.", labels=("topic",)
    )
    for one in outbox.undelivered(session):
        counts.add_metric((one.topic, "pending"), one.pending)
        counts.add_metric((one.topic, "dead"), one.dead)
        waits = (now - one.oldest_due_at).total_seconds() if one.oldest_due_at else 0.0
        ages.add_metric((one.topic,), max(0.0, waits))
    return counts, ages


def _invariants(session: Session) -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
    broken = GaugeMetricFamily(
        "snp_invariant_broken_rows", "Rows that break what must always hold.", labels=("code",)
    )
    seen = GaugeMetricFamily(
        "snp_invariant_look_timestamp_seconds", "When each invariant was last looked at.", labels=("code",)
    )
    for one in watch.last_looks(session):
        seen.add_metric((one.code,), one.at.timestamp())
        if one.count is not None:
            broken.add_metric((one.code,), one.count)
    return broken, seen


def _leader(session: Session) -> GaugeMetricFamily:
    held = is_held_by_anyone(session, LEADERSHIP)
    return GaugeMetricFamily("snp_jobs_leader", "1 while a process runs the jobs.", value=float(held))


def _pool(wiring: Wiring) -> Iterator[GaugeMetricFamily]:
    turnstile = wiring.turnstile.statistics()
    yield GaugeMetricFamily(
        "snp_requests_in_transaction", "Requests inside a transaction.", value=turnstile.borrowed_tokens
    )
    yield GaugeMetricFamily(
        "snp_requests_waiting_for_database",
        "Requests that wait before the turnstile.",
        value=turnstile.tasks_waiting,
    )
