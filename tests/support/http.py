"""A real server on a free port over a real database, and callers with keys of every role.

One server thread serves a whole worker; each test gets a database and a clock of its own behind it.
"""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from api.heads import BoundedHeads
from api.live.hub import Hub
from api.main import create_app
from api.security import service as security
from api.security.facts import NewKey
from api.wiring import Wiring
from snp.directory.facts import (
    OrganisationKind,
    OrganisationView,
    PractitionerView,
    SiteView,
    TerritoryView,
)
from snp.platform.actors import Role, system
from snp.platform.clock import SteppedClock
from snp.platform.db import create_engine, create_session_factory
from snp.platform.keys import Keys, load_keys
from snp.platform.settings import Settings
from tests.support import directory
from tests.support.database import clone_of_template, test_settings

NOW = directory.NOW
"""Tuesday 24 November 2026, 10:00 in Paris: within SNP hours."""


class RunningServer:
    """Uvicorn in a thread, on a port that the system chose, or one that was freed."""

    def __init__(self, app: FastAPI, *, port: int = 0, http: type[BoundedHeads] = BoundedHeads) -> None:
        self.app = app
        self._http = http
        self._listen(port)

    def _listen(self, port: int) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self._port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        config = uvicorn.Config(
            self.app, http=self._http, log_level="warning", access_log=False, lifespan="off"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def start(self) -> None:
        self._thread.start()
        deadline = time.monotonic() + 30
        while not self._server.started:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.01)

    def restart(self) -> None:
        """Stop, and answer again on the same port."""
        self.stop()
        self.app.state.live = Hub(lambda: self.app.state.wiring.engine.url)
        self._listen(self._port)
        self.start()

    def stop(self) -> None:
        self.app.state.live.stop()
        self._server.should_exit = True
        self._thread.join(timeout=30)
        self._socket.close()


@dataclass
class Service:
    """The service as one test sees it: its address, its own database, a clock moved by hand."""

    url: str
    app: FastAPI
    wiring: Wiring
    clock: SteppedClock
    callers: list[httpx.Client] = field(default_factory=list)

    def caller(self, key: str | None = None, **headers: str) -> httpx.Client:
        """A client that presents a key; closed at the end of the test at the latest."""
        if key:
            headers["Authorization"] = f"Bearer {key}"
        caller = httpx.Client(base_url=self.url, headers=headers, timeout=30)
        self.callers.append(caller)
        return caller

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A committed session beside the server."""
        with self.wiring.transaction() as session:
            yield session

    def key(self, role: Role, **details: Any) -> str:
        """The text of a fresh key."""
        with self.session() as session:
            new = NewKey(name=f"essai {role}", role=role, **details)
            return security.create_key(session, new, by=system("tests"), now=self.clock.now()).text

    def at(self, instant: datetime) -> datetime:
        """Move the clock to an instant."""
        self.clock.instant = instant
        return instant

    def later(self, **delta: float) -> datetime:
        """Move the clock forward."""
        return self.clock.advance(timedelta(**delta))


@pytest.fixture(scope="session")
def running_server(database_server: sa.URL) -> Iterator[RunningServer]:
    """The server of this worker; each test puts its own database behind it."""
    settings = test_settings()
    engine = create_engine(database_server, settings)
    server = RunningServer(create_app(settings, engine=engine, clock=SteppedClock(NOW)))
    server.start()
    yield server
    server.stop()
    engine.dispose()


@pytest.fixture(scope="session")
def keys(settings: Settings) -> Keys:
    """The keys of the test service."""
    return load_keys(settings)


@pytest.fixture(scope="session")
def furnished(database_server: sa.URL, worker_name: str) -> Iterator[tuple[sa.URL, Places]]:
    """A database with the small CPTS in it, from which each test gets its own copy; and what is in it."""
    # Fixtures are made once for each directory that imports them: the name must be each one's own.
    with clone_of_template(database_server, f"{worker_name}_furnished_{secrets.token_hex(4)}") as url:
        engine = create_engine(url, test_settings(), poolclass=NullPool)
        with create_session_factory(engine)() as session, session.begin():
            places = furnish(session)
        engine.dispose()
        yield url, places


@pytest.fixture
def service(
    running_server: RunningServer,
    database_server: sa.URL,
    furnished: tuple[sa.URL, Places],
    worker_name: str,
    keys: Keys,
) -> Iterator[Service]:
    """The service over a database of this test's own, with the small CPTS in it."""
    with (
        copy_of(furnished[0], database_server, f"{worker_name}_http") as url,
        service_over(url, running_server, keys) as made,
    ):
        yield made


@contextmanager
def service_over(url: sa.URL, server: RunningServer, keys: Keys) -> Iterator[Service]:
    """The running service with this database behind it, for the length of the block."""
    settings = test_settings(database_pool_size=10, database_pool_overflow=10)
    engine = create_engine(url, settings)
    clock = SteppedClock(NOW)
    before = server.app.state.wiring
    wiring = Wiring(settings=settings, engine=engine, keys=keys, clock=clock)
    server.app.state.wiring = wiring
    made = Service(server.url, server.app, wiring, clock)
    try:
        yield made
    finally:
        for caller in made.callers:
            caller.close()
        server.app.state.wiring = before
        engine.dispose()


@contextmanager
def copy_of(source: sa.URL, server: sa.URL, name: str) -> Iterator[sa.URL]:
    """A copy of a database that nobody is connected to, for the length of the block."""
    administrator = sa.create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(sa.text(f'CREATE DATABASE "{name}" TEMPLATE "{source.database}"'))
        try:
            yield source.set(database=name)
        finally:
            connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@dataclass(frozen=True)
class Places:
    """What is in the small CPTS and its neighbour."""

    territory: TerritoryView
    neighbour: TerritoryView
    site: SiteView
    gp: PractitionerView
    physio: PractitionerView
    neighbour_gp: PractitionerView
    neighbour_site: SiteView
    pharmacy: OrganisationView
    nurses: OrganisationView


@dataclass
class World:
    """A small CPTS with one of everything, a neighbour CPTS, and a caller for every role."""

    service: Service
    places: Places
    texts: dict[str, str] = field(default_factory=dict)
    callers: dict[str, httpx.Client] = field(default_factory=dict)

    territory = property(lambda self: self.places.territory)
    neighbour = property(lambda self: self.places.neighbour)
    site = property(lambda self: self.places.site)
    gp = property(lambda self: self.places.gp)
    physio = property(lambda self: self.places.physio)
    neighbour_gp = property(lambda self: self.places.neighbour_gp)
    neighbour_site = property(lambda self: self.places.neighbour_site)
    pharmacy = property(lambda self: self.places.pharmacy)
    nurses = property(lambda self: self.places.nurses)

    def key(self, role: str) -> str:
        """The key of a role (`neighbour_<role>` for the other CPTS, `physio` for the physiotherapist)."""
        if role not in self.texts:
            self.texts[role] = self.service.key(*self._terms(role)[:1], **self._terms(role)[1])
        return self.texts[role]

    def caller(self, role: str) -> httpx.Client:
        """The caller of a role; the same one each time."""
        if role not in self.callers:
            self.callers[role] = self.service.caller(self.key(role))
        return self.callers[role]

    def __getattr__(self, role: str) -> httpx.Client:
        if role.startswith("_"):
            raise AttributeError(role)
        return self.caller(role)

    def _terms(self, name: str) -> tuple[Role, dict[str, Any]]:
        home, is_near = self.territory.id, not name.startswith("neighbour_")
        territory = home if is_near else self.neighbour.id
        role = name.removeprefix("neighbour_")
        near: dict[str, Any] = {"territory_ids": (territory,)}
        match role:
            case "administrator":
                return Role.ADMINISTRATOR, {}
            case "pharmacy":
                return Role.PHARMACY, near | {"organisation_id": self.pharmacy.id}
            case "nurse_practice":
                return Role.NURSE_PRACTICE, near | {"organisation_id": self.nurses.id}
            case "practitioner" | "delegate":
                gp = self.gp if is_near else self.neighbour_gp
                return Role(role), {"practitioner_id": gp.id}
            case "physio":
                return Role.PRACTITIONER, {"practitioner_id": self.physio.id}
            case _:
                return Role(role), near


@pytest.fixture
def world(service: Service, furnished: tuple[sa.URL, Places]) -> World:
    """A CPTS with a general practitioner, a physiotherapist, a pharmacy and a nurse practice."""
    return World(service, furnished[1])


def furnish(session: Session) -> Places:
    """Fill an empty database with a small CPTS and its neighbour."""
    home = directory.a_territory(session)
    away = directory.a_territory(
        session, "terres-de-montaigu", department="85", communes=("85146", "85025"), name="Terres de Montaigu"
    )
    cabinet = directory.an_organisation(session, territory_ids=frozenset({home.id}))
    site = directory.a_site(session, organisation_id=cabinet.id, phone="02 40 00 00 01")
    away_site = directory.a_site(session, "85146", postal_code="85600")
    return Places(
        territory=home,
        neighbour=away,
        site=site,
        neighbour_site=away_site,
        gp=directory.a_practitioner(session, site_ids=(site.id,), member_of=(home.id,), title="Dr"),
        physio=directory.a_practitioner(
            session, site_ids=(site.id,), member_of=(home.id,), profession="masseur_kinesitherapeute"
        ),
        neighbour_gp=directory.a_practitioner(session, site_ids=(away_site.id,), member_of=(away.id,)),
        pharmacy=directory.an_organisation(
            session, OrganisationKind.PHARMACY, territory_ids=frozenset({home.id})
        ),
        nurses=directory.an_organisation(
            session, OrganisationKind.NURSE_PRACTICE, territory_ids=frozenset({home.id})
        ),
    )


def expect(response: httpx.Response, status: int) -> Any:
    """The JSON of a response that must have this status; shows the refusal otherwise."""
    assert response.status_code == status, f"{response.status_code}: {response.text[:2000]}"
    return response.json() if response.content else None


def refused(response: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """The members of the problem that must be told with this status."""
    body = expect(response, status)
    assert response.headers["content-type"] == "application/problem+json", response.headers
    assert body["type"] == f"urn:snp:problem:{slug}", body
    assert body["status"] == status
    return dict(body)


def an_offer(world: World, **changes: Any) -> dict[str, Any]:
    """The terms of a slot at the world's site, for everybody."""
    offer = {
        "site_id": str(world.site.id),
        "mode": "AMB",
        "audiences": ["regulation", "desk", "professionals"],
        "territory_ids": [str(world.territory.id)],
    }
    return offer | changes


def publish(
    world: World, start: datetime | str, *, practitioner: UUID | None = None, **offer: Any
) -> dict[str, Any]:
    """A slot published over HTTP by the administrator."""
    body = {
        "kind": "single",
        "practitioner_id": str(practitioner or world.gp.id),
        "start": start if isinstance(start, str) else start.isoformat(),
        "offer": an_offer(world, **offer),
    }
    made = expect(world.caller("administrator").post("/api/v1/slots", json=body), 201)
    slot: dict[str, Any] = made["slots"][0]
    return slot


def a_patient(**changes: Any) -> dict[str, Any]:
    """The minimal traits of a patient in the world's commune."""
    traits = {
        "family_name": "Guérin",
        "given_name": "Maëlle",
        "birth_date": "1987-04-12",
        "sex": "F",
        "insee": "44131",
        "phone": "06 12 34 56 78",
    }
    return traits | changes


def open_request(world: World, **changes: Any) -> dict[str, Any]:
    """A request opened by the ARM."""
    body = {"territory_id": str(world.territory.id), "patient": a_patient()} | changes
    step = expect(world.caller("arm").post("/api/v1/requests", json=body), 201)
    request: dict[str, Any] = step["request"]
    return request


def seeking_request(world: World, *, delay_h: int = 48, **decision: Any) -> dict[str, Any]:
    """A request that the régulateur sent to seek a slot."""
    patient = decision.pop("patient", None) or a_patient()
    path = f"/api/v1/requests/{open_request(world, patient=patient)['id']}"
    expect(world.caller("osnp").post(f"{path}/mt-check", json={"answers": {"has_mt": False}}), 200)
    expect(world.caller("osnp").post(f"{path}/estimate", json={"delay_h": delay_h}), 200)
    wanted = {
        "disposition": "snp_consultation",
        "delay_h": delay_h,
        "urgency": {"priority": "P2", "response_level": "R3"},
    }
    step = expect(world.caller("regulateur").post(f"{path}/decision", json=wanted | decision), 200)
    request: dict[str, Any] = step["request"]
    return request


def book(world: World, request_id: str, *, role: str = "osnp", rank: int = 1) -> dict[str, Any]:
    """The first appointment of a request, by its proposal."""
    caller = world.caller(role)
    found = expect(caller.post(f"/api/v1/requests/{request_id}/proposals", json={"k": 3}), 200)
    proposal = found["proposals"][rank - 1]
    held = expect(caller.post("/api/v1/holds", json={"proposal_id": proposal["id"]}), 201)
    made = expect(caller.post(f"/api/v1/holds/{held['bundle_id']}/confirm"), 201)
    appointment: dict[str, Any] = made["appointments"][0]
    return appointment
