"""How often an address may try at a door: sign-ins, guesses of a patient's code, tokens, sign-ups.

Counted in the database before the try is judged, so that all processes together hold the limit, exactly.
While the database is away each process counts for itself. An address is kept as a keyed hash.

Source: OWASP Authentication Cheat Sheet (login throttling); ADR 107.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from api.security import try_rows as rows
from api.security.errors import TooManyRequests
from api.security.tries import Terms, Tries, one_less, one_more, seconds_to_wait
from snp.platform.keys import Keys

_REMEMBERED: Final = 10_000
_DOMAIN: Final = "door"


class Door(StrEnum):
    """What is tried."""

    SIGN_IN = "sign_in"
    TOKEN = "token"  # noqa: S105 - a name, no secret
    CODE = "code"
    SIGN_UP = "sign_up"


class Throttle:
    """A door whose tries are counted by address; `terms` may be replaced."""

    def __init__(self, door: Door, terms: Terms, *, sessions: sessionmaker[Session], keys: Keys) -> None:
        self.terms = terms
        self._door = door
        self._sessions = sessions
        self._keys = keys
        self._local: OrderedDict[str, Tries] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, address: str, now: datetime) -> None:
        """Count one try, in a transaction of its own, before it is judged.

        To be called before the request's own session is used, which would hold a second connection. Raises
        `TooManyRequests` when the tries are used up; that one is not counted.
        """
        try:
            wait = self._take_shared(address, now)
        except SQLAlchemyError:
            wait = self._take_local(address, now)
        if wait:
            raise TooManyRequests(retry_after=wait)

    def give_back(self, session: Session, address: str) -> None:
        """Take one try back, with the transaction that it proved itself in: it was no failure.

        Earlier failures of the address stay: whoever has an account does not wash away his guesses at others.
        """
        rows.give_back(session, self._name(address))
        with self._lock:
            if (tries := self._local.get(address)) is not None:
                self._local[address] = one_less(tries)

    def _take_shared(self, address: str, now: datetime) -> int:
        with self._sessions() as session, session.begin():
            name = self._name(address)
            tries = rows.locked(session, name, now)
            if wait := seconds_to_wait(tries, self.terms, now):
                return wait
            rows.write(session, name, one_more(tries, self.terms, now))
        return 0

    def _take_local(self, address: str, now: datetime) -> int:
        with self._lock:
            tries = self._local.get(address, Tries(now))
            if wait := seconds_to_wait(tries, self.terms, now):
                return wait
            self._local[address] = one_more(tries, self.terms, now)
            self._local.move_to_end(address)
            while len(self._local) > _REMEMBERED:
                self._local.popitem(last=False)
        return 0

    def _name(self, address: str) -> bytes:
        return self._keys.hasher().digest(_DOMAIN, f"{self._door}\x00{address}")
