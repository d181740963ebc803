"""Brings the statements of every territory up to date, and closes the months whose time has come.

Each practitioner commits alone: one bad agenda leaves the others theirs.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from api.jobs.work import territories
from api.wiring import Wiring
from regulation.proofs.service import read_proofs
from slots.compensation import service as compensation
from slots.compensation.periods import month_of, next_month
from snp.days import local_day
from snp.directory.facts import TerritoryView
from snp.errors import SnpError
from snp.platform.actors import system
from snp.platform.events import Event
from snp.platform.logs import log

BY = system("statements")


def compute_statements(wiring: Wiring) -> int:
    """Compute the drafts of every practitioner, then close what is due; returns how many changed."""
    changed = 0
    for territory in territories(wiring):
        with wiring.transaction() as session:
            due = compensation.practitioners_due(session, territory.id, now=wiring.clock.now())
        changed += sum(_one_practitioner(wiring, territory.id, one) for one in due)
        changed += _close_due(wiring, territory)
    return changed


def _one_practitioner(wiring: Wiring, territory_id: UUID, practitioner_id: UUID) -> int:
    try:
        with wiring.transaction() as session:
            now = wiring.clock.now()
            made = compensation.compute_statements(
                session, territory_id, practitioner_id, proofs=read_proofs, now=now
            )
    except SnpError as refusal:
        log(Event.JOB_SKIPPED, level=logging.WARNING, error=refusal, practitioner_id=practitioner_id)
        return 0
    return len(made)


def _close_due(wiring: Wiring, territory: TerritoryView) -> int:
    """Close the drafts whose month ended long enough ago, by the setting of its year; earliest first."""
    now = wiring.clock.now()
    today = local_day(now, territory.settings.snp_hours.zone)
    with wiring.transaction() as session:
        drafts = compensation.drafts_before(session, territory.id, month_of(today))
    closed = 0
    for draft in drafts:
        with wiring.transaction() as session:
            terms = compensation.year_settings(session, territory.id, draft.month.year)
            if next_month(draft.month) + timedelta(days=terms.close_after_days) <= today:
                compensation.close_statement(session, draft.id, proofs=read_proofs, by=BY, now=now)
                closed += 1
    return closed
