"""Several processes over one database hold a limit together; without the database, each for itself."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from api.main import create_app
from api.pacing import Paces
from api.security import service as security
from api.security.errors import TooManyRequests
from api.security.throttle import Throttle
from api.security.tries import Terms
from api.wiring import Wiring
from snp.platform.clock import SteppedClock
from snp.platform.db import create_engine
from snp.platform.keys import Keys, load_keys
from tests.support.apart import run_apart
from tests.support.database import test_settings
from tests.support.directory import NOW
from tests.support.http import RunningServer

pytestmark = pytest.mark.database

TEN_MINUTES = timedelta(minutes=10)
RATES = {"rate_per_key": 5, "rate_per_address": 0, "rate_burst_seconds": 20}


class Seconds:
    """Seconds that a test moves by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def process(url: sa.URL, keys: Keys | None = None) -> Iterator[Wiring]:
    """What a process of the service holds."""
    settings = test_settings(**RATES)
    engine = create_engine(url, settings)
    try:
        yield Wiring(
            settings=settings, engine=engine, keys=keys or load_keys(settings), clock=SteppedClock(NOW)
        )
    finally:
        engine.dispose()


@pytest.fixture
def two(clean_database: sa.URL) -> Iterator[tuple[Wiring, Wiring]]:
    with process(clean_database) as one, process(clean_database) as other:
        yield one, other


@pytest.fixture
def away() -> Iterator[Wiring]:
    """A process whose database does not answer."""
    with process(sa.make_url("postgresql+psycopg://nobody@127.0.0.1:1/nothing")) as one:
        yield one


def is_let_in(throttle: Throttle, address: str = "192.0.2.7", *, minutes: int = 0) -> bool:
    try:
        throttle.take(address, NOW + timedelta(minutes=minutes))
    except TooManyRequests:
        return False
    return True


def test_an_address_has_its_tries_once_whichever_process_it_asks(two: tuple[Wiring, Wiring]) -> None:
    one, other = two
    doors = [one.sign_ins, other.sign_ins]

    let_in = [is_let_in(doors[number % 2]) for number in range(32)]

    assert let_in == [True] * 30 + [False] * 2
    assert is_let_in(one.sign_ins, "192.0.2.8")
    assert is_let_in(one.token_requests)
    assert is_let_in(other.sign_ins, minutes=10)


def test_of_a_hundred_tries_at_once_as_many_get_in_as_are_allowed(two: tuple[Wiring, Wiring]) -> None:
    doors = [one.sign_ins for one in two]

    with ThreadPoolExecutor(8) as crowd:
        let_in = list(crowd.map(lambda number: is_let_in(doors[number % 2]), range(100)))

    assert sum(let_in) == 30


def test_a_proof_gives_its_own_try_back_at_every_process(two: tuple[Wiring, Wiring]) -> None:
    one, other = two
    for door in (one.sign_ins, other.sign_ins):
        door.terms = Terms(allowed=2, per=TEN_MINUTES)
    assert is_let_in(one.sign_ins)
    assert is_let_in(other.sign_ins)

    with other.transaction() as session:
        other.sign_ins.give_back(session, "192.0.2.7")

    assert [is_let_in(one.sign_ins), is_let_in(one.sign_ins)] == [True, False]


def test_no_address_and_no_login_is_kept_in_clear_and_none_for_long(two: tuple[Wiring, Wiring]) -> None:
    one, _ = two
    assert is_let_in(one.sign_ins)
    with one.transaction() as session:
        kept = session.connection().execute(sa.text("SELECT t::text FROM door_try t")).scalar_one()
        later = NOW + timedelta(days=1)
        assert security.prune_tries(session, tries_before=NOW, logins_before=NOW) == 0
        assert security.prune_tries(session, tries_before=later, logins_before=later) == 1

    assert "192.0.2.7" not in kept
    assert b"192.0.2.7".hex() not in kept


def test_without_a_database_a_process_counts_for_itself(away: Wiring) -> None:
    away.sign_ins.terms = Terms(allowed=2, per=TEN_MINUTES)

    assert [is_let_in(away.sign_ins) for _ in range(3)] == [True, True, False]
    assert is_let_in(away.sign_ins, minutes=10)


@contextmanager
def two_services(url: sa.URL) -> Iterator[list[RunningServer]]:
    """Two services that answer over one database, as two workers or two machines do."""
    settings = test_settings(rate_per_key=5, rate_burst_seconds=2)
    engines = [create_engine(url, settings) for _ in range(2)]
    servers = [
        RunningServer(create_app(settings, engine=engine, clock=SteppedClock(NOW))) for engine in engines
    ]
    for server in servers:
        server.start()
    try:
        yield servers
    finally:
        for server, engine in zip(servers, engines, strict=True):
            server.stop()
            engine.dispose()


def test_two_services_hold_the_limits_of_sign_ins_and_of_keys_together(clean_database: sa.URL) -> None:
    typed = {"identifiant": "personne", "mot_de_passe": "faux mot de passe"}
    with two_services(clean_database) as servers, httpx.Client(timeout=60) as caller:
        signed = [caller.post(f"{servers[n % 2].url}/connexion", data=typed).status_code for n in range(33)]
        key = {"Authorization": "Bearer snp_aaaaaaaaaa_x"}
        first = [caller.get(f"{servers[0].url}/api/v1/me", headers=key).status_code for _ in range(11)]
        caller.get(f"{servers[1].url}/api/v1/me", headers=key)
        for server in servers:
            paces = server.app.state.paces
            assert run_apart(paces.exchange(server.app.state.wiring))
        second = caller.get(f"{servers[1].url}/api/v1/me", headers=key)

    assert signed == [422] * 30 + [429] * 3
    assert set(first[:10]) == {401}
    assert second.status_code == 429
    assert int(second.headers["retry-after"]) >= 1


# The pace of requests


def taken(paces: Paces, times: int) -> int:
    """How many of so many requests of one key are let pass."""
    return sum(paces.wait("192.0.2.7", "a key") == 0 for _ in range(times))


def test_a_key_has_one_burst_for_all_processes_and_owes_what_it_took_beyond(
    two: tuple[Wiring, Wiring],
) -> None:
    """Capacity 100, 5 a second: what both let pass before they spoke is owed, at 5 a second."""
    clock = Seconds()
    paces = [Paces(one.settings, clock=clock) for one in two]

    async def all_exchange() -> list[bool]:
        return [await pace.exchange(wiring) for pace, wiring in zip(paces, two, strict=True)]

    assert taken(paces[0], 60) == 60
    assert run_apart(all_exchange()) == [True, True]
    assert taken(paces[1], 90) == 90, "it was never told of the first process's sixty"
    assert run_apart(all_exchange()) == [True, True]

    assert taken(paces[1], 10) == 0
    clock.now = 5.0
    assert taken(paces[1], 10) == 0, "fifty were let pass beyond the burst: they are owed"
    clock.now = 11.0
    assert taken(paces[1], 10) in {4, 5}, "fifty at five a second take ten seconds"
    assert taken(paces[0], 40) == 40, "the first process had told before: it hears when it tells again"
    assert run_apart(all_exchange()) == [True, True]
    assert taken(paces[0], 10) == 0


def test_without_a_database_the_pace_is_kept_and_told_later(away: Wiring, clean_database: sa.URL) -> None:
    paces = Paces(away.settings, clock=Seconds())
    assert taken(paces, 120) == 100

    assert not run_apart(paces.exchange(away))

    assert taken(paces, 1) == 0
    with process(clean_database) as back, process(clean_database) as other:
        assert run_apart(paces.exchange(back))
        elsewhere = Paces(other.settings, clock=Seconds())
        assert taken(elsewhere, 1) == 1
        assert run_apart(elsewhere.exchange(other))
        assert taken(elsewhere, 10) <= 1, "the other one hears that the burst is used up"


def test_the_shared_pace_costs_no_log_of_the_database(two: tuple[Wiring, Wiring]) -> None:
    with two[0].transaction() as session:
        kind = session.connection().scalar(
            sa.text("SELECT relpersistence FROM pg_class WHERE relname = 'pace'")
        )

    assert kind == "u"
