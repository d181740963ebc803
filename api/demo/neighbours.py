"""What the two territories of the demonstration lend each other: an agreement, and an offer to answer."""

from __future__ import annotations

from datetime import datetime, time
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.sharing import service as sharing
from slots.sharing.facts import Terms
from snp.assignment.facts import Audience
from snp.days import local_day
from snp.platform.actors import Actor

_WORKING_DAYS: Final = frozenset(range(1, 6))
_CARE: Final = frozenset({Audience.REGULATION, Audience.DESK})


def lend(
    session: Session, lender: UUID, borrower: UUID, *, by: Actor, since: datetime, now: datetime
) -> None:
    """Let `borrower` use what `lender` has left four hours before, and have it offer its mornings in turn."""
    left_over = Terms(
        professions=frozenset({"medecin_generaliste"}),
        weekdays=_WORKING_DAYS,
        audiences=_CARE,
        first_day=local_day(since),
        most_a_day=4,
        last_hours=4,
    )
    agreed = sharing.offer(session, lender, borrower, left_over, by=by, now=since)
    sharing.accept(session, agreed.id, by=by, now=since)
    mornings = Terms(
        professions=frozenset({"masseur_kinesitherapeute"}),
        weekdays=_WORKING_DAYS,
        audiences=frozenset({*_CARE, Audience.PROFESSIONALS}),
        first_day=local_day(now),
        starts_from=time(8),
        starts_before=time(12),
        most_percent=20,
    )
    sharing.offer(session, borrower, lender, mornings, by=by, now=now)
