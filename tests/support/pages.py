"""A running service with a small town in it, and a visitor who reads pages as a browser without scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import httpx
import sqlalchemy as sa

from api.main import create_app
from api.security import service as security
from api.security.facts import NewAccount
from api.wiring import Wiring
from slots.agenda import service as agenda
from slots.agenda.facts import Offer
from snp.assignment.facts import Audience, Mode
from snp.directory.facts import OrganisationKind
from snp.platform.actors import Role
from snp.platform.clock import SteppedClock
from snp.platform.db import create_engine
from tests.support import database as support
from tests.support.directory import ADMINISTRATOR, a_practitioner, a_site, a_territory, an_organisation
from tests.support.http import RunningServer

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""Ten in the morning at the counter, within SNP hours."""
PASSWORD = "une phrase assez longue"


@dataclass(slots=True)
class Town:
    """Who and what stands in the small town."""

    territory: UUID
    organisations: dict[Role, UUID] = field(default_factory=dict)
    doctors: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class Service:
    """A service that answers on an address, its parts, and the hands of its clock."""

    address: str
    wiring: Wiring
    clock: SteppedClock
    town: Town
    server: RunningServer

    def restart(self) -> None:
        """Stop answering and start again at the same address, as after an update."""
        self.server.restart()


@contextmanager
def running_service(database: sa.URL, **settings: Any) -> Iterator[Service]:
    """Run the application over a database of its own, on a free port, until the block ends."""
    # A test that moves the clock by hours is not about idle sessions.
    chosen = support.test_settings(**({"session_idle_minutes": 24 * 60} | settings))
    engine = create_engine(database, chosen)
    clock = SteppedClock(TUESDAY)
    app = create_app(chosen, engine=engine, clock=clock)
    wiring = app.state.wiring
    with wiring.transaction() as session:
        town = build_town(session)
    server = RunningServer(app)
    server.start()
    try:
        yield Service(server.url, wiring, clock, town, server)
    finally:
        server.stop()
        engine.dispose()


def build_town(session: Any) -> Town:
    """A pharmacy, a nurse practice, two doctors with sixteen slots each, and a physiotherapist."""
    territory = a_territory(session, name="CPTS Pays de Retz").id
    here = frozenset({territory})
    pharmacy = an_organisation(
        session, OrganisationKind.PHARMACY, name="Pharmacie du Port", territory_ids=here
    ).id
    nurses = an_organisation(
        session, OrganisationKind.NURSE_PRACTICE, name="Cabinet infirmier des Dunes", territory_ids=here
    ).id
    a_site(session, "44131", organisation_id=pharmacy, name="Pharmacie du Port")
    a_site(session, "44012", organisation_id=nurses, name="Cabinet infirmier des Dunes")
    site = a_site(session, "44131", name="Maison de santé du Port", address="12 quai Leray")
    far = a_site(session, "44186", name="Cabinet de la Gare", address="3 rue de la Gare", postal_code="44680")
    town = Town(territory)
    people = (("Dr", "Anne", "Guillou", site.id), ("Dr", "Yann", "Le Bris", far.id))
    for title, given, family, place in people:
        doctor = a_practitioner(
            session,
            site_ids=(place,),
            member_of=(territory,),
            title=title,
            given_name=given,
            family_name=family,
            phone="02 40 82 00 01",
        )
        town.doctors.append(doctor.id)
        offer = Offer(place, Mode.AMB, frozenset({Audience.REGULATION, Audience.DESK}), here, slot_minutes=15)
        start = TUESDAY + timedelta(hours=4)
        agenda.publish_range(
            session, doctor.id, start, start + timedelta(hours=4), offer, by=ADMINISTRATOR, now=TUESDAY
        )
    physio = a_practitioner(
        session,
        site_ids=(site.id,),
        member_of=(territory,),
        given_name="Maël",
        family_name="Riou",
        profession="masseur_kinesitherapeute",
    )
    offer = Offer(site.id, Mode.AMB, frozenset({Audience.PROFESSIONALS}), here)
    for days in range(3):
        agenda.publish_slot(
            session, physio.id, TUESDAY + timedelta(days=days, hours=5), offer, by=ADMINISTRATOR, now=TUESDAY
        )
    town.organisations = {Role.PHARMACY: pharmacy, Role.NURSE_PRACTICE: nurses}
    return town


def open_account(service: Service, login: str, role: Role, *, display_name: str = "") -> None:
    """Open an account of a role in the town."""
    town = service.town
    new = NewAccount(
        login=login,
        display_name=display_name or login.capitalize(),
        role=role,
        password=PASSWORD,
        territory_ids=() if role is Role.ADMINISTRATOR else (town.territory,),
        organisation_id=town.organisations.get(role),
        practitioner_id=town.doctors[0] if role is Role.PRACTITIONER else None,
    )
    with service.wiring.transaction() as session:
        security.create_account(session, new, by=ADMINISTRATOR, now=service.clock.now())


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes, what it holds, what its buttons say."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self.inside: Form | None = None
        self.skipped = 0
        self.select = ""
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in {"script", "style"}:
            self.skipped += 1
        if tag == "form":
            self.inside = Form(found["action"])
            self.forms.append(self.inside)
        if self.inside is None:
            return
        if tag == "button" and found.get("name"):
            self.inside.buttons.append((found["name"], found.get("value", "")))
        if tag == "input" and found.get("name"):
            self._field(found)
        if tag == "select":
            self.select = found["name"]
        if tag == "option" and self.select:
            self._option(found)
        if tag == "textarea":
            self.area = found["name"]
            self.inside.fields.append((self.area, ""))

    def _option(self, found: Mapping[str, str]) -> None:
        """A list holds its chosen option, the first one when none is."""
        assert self.inside is not None
        options = self.inside.choices.setdefault(self.select, [])
        options.append(found.get("value", ""))
        if len(options) == 1 or "selected" in found:
            self.inside.fields = [pair for pair in self.inside.fields if pair[0] != self.select]
            self.inside.fields.append((self.select, options[-1]))

    def _field(self, found: Mapping[str, str]) -> None:
        assert self.inside is not None
        name, value = found["name"], found.get("value", "")
        if found.get("type") in {"radio", "checkbox"}:
            self.inside.choices.setdefault(name, []).append(value)
            if "checked" not in found:
                return
        if found.get("type") == "file":
            return
        self.inside.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        if tag == "select":
            self.select = ""
        if tag == "textarea":
            self.area = ""
        if tag in {"script", "style"}:
            self.skipped -= 1

    def handle_data(self, data: str) -> None:
        if self.area and self.inside is not None:
            self.inside.fields[-1] = (self.area, data)
        if not self.skipped:
            self.words.append(data)


@dataclass(slots=True)
class Page:
    """What a visitor sees after an act."""

    status: int
    path: str
    html: str
    text: str
    forms: list[Form]
    headers: httpx.Headers

    def form(self, ending: str) -> Form:
        """The form that goes to an address with that ending."""
        return next(form for form in self.forms if form.action.endswith(ending))


class Visitor:
    """Somebody who follows links and fills forms; no script runs."""

    def __init__(self, service: Service) -> None:
        self._client = httpx.Client(base_url=service.address, follow_redirects=True, timeout=20)

    def close(self) -> None:
        """Leave."""
        self._client.close()

    def see(self, address: str) -> Page:
        """Open an address."""
        return _page(self._client.get(address, headers={"Accept": "text/html"}))

    def ask(
        self, method: str, address: str, fields: Mapping[str, str] | None, **headers: str
    ) -> httpx.Response:
        """One request with the cookie, its answer as it is; what it leads to is not followed."""
        told = {"Accept": "text/html", **headers}
        return self._client.request(method, address, data=fields, headers=told, follow_redirects=False)

    def send(self, form: Form, *, ticked: tuple[str, ...] = (), **typed: str) -> Page:
        """Send a form with fields typed over those it holds; radios are given by value, buttons by name."""
        pairs = [(name, value) for name, value in form.fields if name not in typed]
        for name, value in typed.items():
            assert name not in form.choices or value in form.choices[name], (name, value, form.choices[name])
        pairs += [*typed.items(), *(("signe", sign) for sign in ticked)]
        body = httpx.QueryParams(pairs)
        return _page(
            self._client.post(
                form.action,
                content=str(body),
                headers={"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"},
            )
        )

    def send_file(self, form: Form, name: str, file_name: str, content: bytes) -> Page:
        """Send a form with a file in it."""
        files = {name: (file_name, content, "text/csv")}
        answer = self._client.post(
            form.action, data=dict(form.fields), files=files, headers={"Accept": "text/html"}
        )
        return _page(answer)

    def get(self, address: str, **headers: str) -> httpx.Response:
        """Ask for an address as software does, without the cookie."""
        return httpx.get(f"{self._client.base_url}".rstrip("/") + address, headers=headers, timeout=20)

    def sign_in(self, login: str, password: str = PASSWORD) -> Page:
        """Sign in and arrive on the home page."""
        page = self.see("/connexion")
        return self.send(page.form("/connexion"), identifiant=login, mot_de_passe=password)

    def forget_session(self) -> None:
        """Lose the cookie."""
        self._client.cookies.clear()

    @property
    def cookies(self) -> httpx.Cookies:
        """What the browser keeps."""
        return self._client.cookies


def _page(response: httpx.Response) -> Page:
    reader = _Reader()
    reader.feed(response.text)
    text = " ".join(" ".join(reader.words).replace("\u00a0", " ").split())
    return Page(response.status_code, response.url.path, response.text, text, reader.forms, response.headers)
