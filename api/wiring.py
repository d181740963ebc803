"""What a running service holds: settings, database, keys, clock, and the turnstile in front of the database.

Made once by `create_app` (or a command) and reached through `app.state.wiring`; nothing below `api` sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import anyio
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session
from starlette.requests import HTTPConnection

from api.security.oidc_client import OidcClient, platform_terms, provider_terms
from api.security.throttle import Door, Throttle
from api.security.tries import Terms
from api.separation import SecondLock
from snp.platform.actors import Actor
from snp.platform.address import normalise_url
from snp.platform.clock import Clock, ShiftedClock, SystemClock
from snp.platform.db import create_session_factory
from snp.platform.keys import Keys
from snp.platform.replica import Replica, replica_of
from snp.platform.settings import Settings

RESERVED_CONNECTIONS: Final = 4
"""Left to health checks and jobs: requests never drain the pool."""


_TEN_MINUTES: Final = timedelta(minutes=10)
_GUESSES: Final = Terms(allowed=20, per=_TEN_MINUTES)
_PROOFS: Final = Terms(allowed=30, per=_TEN_MINUTES, longest=timedelta(hours=1))
_SIGN_UPS: Final = Terms(allowed=10, per=_TEN_MINUTES)


@dataclass(slots=True)
class Wiring:
    """The parts of a running service.

    `turnstile`: how many requests may be inside a transaction at once. A request that waits for a connection
    while it holds one of the worker threads can stop every other request from giving its connection back;
    waiting in front of the turnstile holds neither. Nor are there more than the pool keeps: a connection made
    for one request and closed after it costs more than the request.
    """

    settings: Settings
    engine: sa.Engine
    keys: Keys
    clock: Clock = field(default_factory=SystemClock)
    sessions: sessionmaker[Session] = field(init=False)
    turnstile: anyio.CapacityLimiter = field(init=False)
    second_lock: SecondLock = field(init=False)
    code_guesses: Throttle = field(init=False)
    sign_ins: Throttle = field(init=False)
    sign_ups: Throttle = field(init=False)
    token_requests: Throttle = field(init=False)
    sso: OidcClient = field(init=False)
    replica: Replica | None = field(init=False)
    providers: dict[str, OidcClient] = field(init=False)

    def __post_init__(self) -> None:
        self.sessions = create_session_factory(self.engine)
        self.replica = replica_of(self.settings, self.engine)
        self.second_lock = SecondLock(wanted=self.settings.row_security)
        kept = self.settings.database_pool_size
        capacity = kept + self.settings.database_pool_overflow
        self.turnstile = anyio.CapacityLimiter(max(1, min(kept, capacity - RESERVED_CONNECTIONS)))
        self.code_guesses = self._throttle(Door.CODE, _GUESSES)
        self.sign_ins = self._throttle(Door.SIGN_IN, _PROOFS)
        self.sign_ups = self._throttle(Door.SIGN_UP, _SIGN_UPS)
        self.token_requests = self._throttle(Door.TOKEN, _PROOFS)
        self.sso = OidcClient(platform_terms(self.settings))
        self.providers = {
            one.name: OidcClient(provider_terms(one, self.settings))
            for one in self.settings.delegated_sign_ins
        }

    def _throttle(self, door: Door, terms: Terms) -> Throttle:
        return Throttle(door, terms, sessions=self.sessions, keys=self.keys)

    @property
    def is_https(self) -> bool:
        """True when users reach the service through TLS."""
        return (self.settings.public_url or "").startswith("https://")

    @property
    def direct_url(self) -> sa.URL:
        """The address of the server itself, where a pooler stands in between."""
        direct = self.settings.database_direct_url
        return self.engine.url if direct is None else normalise_url(direct.get_secret_value())

    def dispose(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
        if self.replica is not None:
            self.replica.dispose()

    def telephone_time(self) -> datetime:
        """The instant that telephones tell: the machine's own where the demonstration's clock runs ahead."""
        return SystemClock().now() if isinstance(self.clock, ShiftedClock) else self.clock.now()

    @contextmanager
    def transaction_of(self, actor: Actor) -> Iterator[Session]:
        """Open a session that sees no further than an actor may, as `transaction` otherwise."""
        with self.transaction() as session:
            self.second_lock.close(session, actor)
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session, commit it at the end of the block, roll it back when the block raises."""
        with self.sessions() as session, session.begin():
            yield session


def wiring_of(connection: HTTPConnection) -> Wiring:
    """Return the parts of the service that answers this request."""
    wiring = connection.app.state.wiring
    assert isinstance(wiring, Wiring)
    return wiring
