"""The work of each job. A unit of work commits alone, so that one bad agenda cannot undo the night.

Every job may run twice, late, or not at all for a while: doing it again changes nothing. Each returns how
many things it did.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.idempotency import repository as answers
from api.idempotency.once import REMEMBERED_FOR
from api.persons import asking
from api.persons import service as persons
from api.security import service as security
from api.watch import service as watch
from api.wiring import Wiring
from regulation.emergency import service as emergency
from regulation.intake import service as intake
from regulation.intake.facts import RequestFilter, RequestState
from regulation.messages import service as messages
from regulation.orientation import service as orientation
from slots.agenda import service as agenda
from slots.sharing import service as sharing
from snp.directory import service as directory
from snp.directory.facts import Page, TerritoryView
from snp.directory.paging import MAX_LIMIT, every
from snp.errors import SnpError
from snp.notifications import service as outbox
from snp.platform import audit_chain
from snp.platform.actors import Actor, system
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.leadership import Leadership
from snp.platform.logs import log
from snp.platform.settings import Settings

SESSIONS_KEPT_FOR: Final = timedelta(days=30)
TRIES_KEPT_FOR: Final = timedelta(days=1)
"""Longer than any door stays closed, twice."""
UNKNOWN_LOGINS_KEPT_FOR: Final = timedelta(days=30)
_ROUNDS: Final = 200
"""An emptying job stops after that many units, whatever is left: the next fire goes on."""


def expand_patterns(wiring: Wiring) -> int:
    """Bring every pattern up to the rolling horizon, each in a transaction of its own."""
    by, days = system("expand-patterns"), wiring.settings.horizon_days
    with wiring.transaction() as session:
        due = agenda.patterns_due(session, horizon_days=days, now=wiring.clock.now())
    return sum(_one_pattern(wiring, pattern_id, days, by) for pattern_id in due)


def expire_holds(wiring: Wiring) -> int:
    """End the holds that ran out; their requests seek again."""
    by = system("expire-holds")
    return _drain(wiring, lambda session, now: orientation.expire_holds(session, by=by, now=now))


def release_slots(wiring: Wiring) -> int:
    """Give back to their practitioners the slots whose release time came and that nobody took."""
    by = system("release-slots")
    return _drain(wiring, lambda session, now: agenda.release_due(session, by=by, now=now))


def expire_requests(wiring: Wiring) -> int:
    """Mark as unserved the seeking requests whose deadline passed: they must be called back."""
    by = system("expire-requests")
    return _drain(wiring, lambda session, now: orientation.expire_requests(session, by=by, now=now))


def assign_pools(wiring: Wiring) -> int:
    """Assign the open requests of each territory whose turn came; returns how many were served."""
    return sum(_one_pool(wiring, territory) for territory in territories(wiring))


def end_sharings(wiring: Wiring) -> int:
    """End the agreements between territories, and the offers, whose last day is over."""
    by = system("end-sharings")
    return _drain(wiring, lambda session, now: sharing.end_overdue(session, by=by, now=now))


def tell_carers(wiring: Wiring) -> int:
    """Queue the evening digests of carers; returns how many."""
    with wiring.transaction() as session:
        return len(messages.queue_digests(session, now=wiring.clock.now()))


def alert_coordinators(wiring: Wiring) -> int:
    """Queue what coordinators must know: requests without a slot, messages given up, neighbours' offers."""
    by, told = system("alert-coordinators"), 0
    for territory in territories(wiring):
        with wiring.transaction() as session:
            now = wiring.clock.now()
            told += messages.queue_shortage(session, territory, by=by, now=now)
            told += messages.queue_dead_letters(session, territory, now=now)
            told += messages.queue_offers(session, territory, now=now)
            told += messages.queue_rotas(session, territory, now=now)
    return told


def prune(wiring: Wiring) -> int:
    """Forget answers, dead page sessions, tries and settled messages that nobody may need any more."""
    now = wiring.clock.now()
    with wiring.transaction() as session:
        forgotten = answers.forget(session, before=now - REMEMBERED_FOR)
    with wiring.transaction() as session:
        forgotten += security.prune_sessions(session, before=now - SESSIONS_KEPT_FOR)
        forgotten += security.prune_tokens(session, before=now)
        forgotten += security.prune_logouts(session, before=wiring.telephone_time())
        forgotten += security.prune_tries(
            session, tries_before=now - TRIES_KEPT_FOR, logins_before=now - UNKNOWN_LOGINS_KEPT_FOR
        )
    return forgotten + _drain(wiring, partial(_forget_messages, wiring.settings))


def _forget_messages(settings: Settings, session: Session, now: datetime) -> Sequence[UUID]:
    return outbox.prune(
        session,
        settled_before=now - timedelta(days=settings.outbox_kept_days),
        dead_before=now - timedelta(days=settings.outbox_dead_kept_days),
    )


def _one_pattern(wiring: Wiring, pattern_id: UUID, days: int, by: Actor) -> int:
    try:
        with wiring.transaction() as session:
            made = agenda.expand_pattern(
                session, pattern_id, horizon_days=days, by=by, now=wiring.clock.now()
            )
    except SnpError as refusal:
        log(Event.JOB_SKIPPED, level=logging.WARNING, error=refusal, pattern_id=pattern_id)
        return 0
    return len(made.slots)


def _drain(wiring: Wiring, unit: Callable[[Session, datetime], Sequence[UUID]]) -> int:
    """Repeat a unit of work, each in its own transaction, until one finds nothing."""
    total = 0
    for _ in range(_ROUNDS):
        with wiring.transaction() as session:
            done = len(unit(session, wiring.clock.now()))
        if done == 0:
            break
        total += done
    return total


def territories(wiring: Wiring) -> list[TerritoryView]:
    """Return every territory, by slug."""

    def page_after(cursor: str | None) -> Page[TerritoryView]:
        with wiring.transaction() as session:
            return directory.list_territories(session, cursor=cursor, limit=MAX_LIMIT)

    return list(every(page_after))


def _one_pool(wiring: Wiring, territory: TerritoryView) -> int:
    """Run the engine over a territory, unless it ran lately, nobody seeks, or another run is going on."""
    by, now = system("assign-pool"), wiring.clock.now()
    with wiring.transaction() as session:
        last = orientation.list_runs(session, territory.id, limit=1, by=by, now=now).items
        wanted = RequestFilter(territory_id=territory.id, states=frozenset({RequestState.SEEKING}))
        seeking = intake.list_requests(session, wanted, limit=1, by=by, now=now).items
    fresh = last and now - last[0].started_at < timedelta(minutes=territory.settings.pool_minutes)
    if fresh or not seeking:
        return 0
    with Leadership(wiring.direct_url, pool_turn(territory.id)) as turn:
        if not turn.acquire():
            return 0
        try:
            report = orientation.assign_pool(
                wiring.transaction,
                territory.id,
                keys=wiring.keys,
                by=by,
                clock=wiring.clock.now,
                spare=timedelta(minutes=territory.settings.hold_minutes),
            )
        except SnpError as refusal:
            log(Event.JOB_SKIPPED, level=logging.WARNING, error=refusal, territory_id=territory.id)
            return 0
    return report.figures.served


def pool_turn(territory_id: UUID) -> str:
    """The name under which only one run over a territory goes on, whoever asks."""
    return f"assignment-run:{territory_id}"


def watch_invariants(wiring: Wiring) -> int:
    """Look at what must always hold in the data; returns how many rows do not."""
    seen = watch.look_at_all(wiring.sessions, now=wiring.clock.now())
    return sum(one.count or 0 for one in seen)


def seal_audit(wiring: Wiring) -> int:
    """Seal what the audit holds by now, block by block; returns how many lines were sealed."""
    now, hasher, sealed = wiring.clock.now(), wiring.keys.hasher(), 0
    with wiring.transaction() as session:
        until = audit_chain.settled_until(session)
    for _round in range(_ROUNDS):
        with wiring.transaction() as session:
            lines = audit_chain.seal_block(session, until, hasher=hasher, now=now)
        sealed += lines
        if lines == 0:
            break
    return sealed


def verify_audit(wiring: Wiring) -> int:
    """Follow the chain of seals from end to end; returns how many blocks do not hold, and says each."""
    with wiring.transaction() as session:
        faulty = [one for one in audit_chain.verify(session, hasher=wiring.keys.hasher()) if one.fault]
    for one in faulty:
        log(Event.AUDIT_BROKEN, level=logging.ERROR, code=one.fault, rows=one.lines, count=one.number)
    return len(faulty)


def apply_retention(wiring: Wiring) -> int:
    """Forget patients, and the lines of the audit, whose time to be kept is over; see `docs/guide`."""
    now, settings, by = wiring.clock.now(), wiring.settings, system("apply-retention")
    known_since = now - timedelta(days=settings.identity_kept_days)
    forgotten = _drain(wiring, partial(_forget_some, wiring.keys, known_since, by))
    kept_since, pruned = now - timedelta(days=settings.audit_kept_days), 0
    for _round in range(_ROUNDS):
        with wiring.transaction() as session:
            lines = audit_chain.prune_block(session, before=kept_since, now=now)
        if lines == 0:
            break
        pruned += lines
    with wiring.transaction() as session:
        pruned += emergency.forget_older(session, kept_since)
        pruned += asking.forget_older(session, kept_since)
    if forgotten or pruned:
        log(Event.RETENTION_APPLIED, count=forgotten, rows=pruned)
    return forgotten + pruned


def _forget_some(keys: Keys, before: datetime, by: Actor, session: Session, now: datetime) -> Sequence[UUID]:
    return persons.forget_kept_too_long(session, before=before, keys=keys, by=by, now=now)
