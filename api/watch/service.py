"""Look at every invariant and remember what was seen; each in a transaction of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from api.watch import repository
from api.watch.facts import Invariant, Look
from api.watch.invariants import INVARIANTS
from snp.platform.events import Event
from snp.platform.logs import log


def look_at_all(
    sessions: sessionmaker[Session], *, now: datetime, invariants: Iterable[Invariant] = INVARIANTS
) -> list[Look]:
    """Look at each invariant in turn; one that breaks is said, and one that could not be looked at too."""
    seen = []
    for invariant in invariants:
        found = _look(sessions, invariant, now=now)
        with sessions() as session, session.begin():
            repository.remember(session, found)
        seen.append(found)
    return seen


def last_looks(session: Session) -> list[Look]:
    """What was seen last of the invariants that are still watched, by code."""
    watched = {one.code for one in INVARIANTS}
    return [one for one in repository.looks(session) if one.code in watched]


def _look(sessions: sessionmaker[Session], invariant: Invariant, *, now: datetime) -> Look:
    try:
        with sessions() as session, session.begin():
            found = repository.look(session, invariant, now=now)
    except DBAPIError as error:
        log(Event.INVARIANT_UNSEEN, level=logging.WARNING, code=invariant.code, error=error)
        return Look(invariant.code, now, None)
    if found.count:
        log(Event.INVARIANT_BROKEN, level=logging.ERROR, code=invariant.code, rows=found.count)
    return found
