"""Every route of the service has an expected answer for every role, and gives it; one without fails here.

The routes of the JSON API are judged in `tests/http/test_rights.py`; here stand pages, the FHIR door and
whatever else the application answers. All are walked over one service, role by role.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from api.openapi import action_of
from api.security import service as security
from api.security.facts import NewAccount
from api.security.pages import OPEN, OPEN_PATHS, PAGES, SECRETS, page_name, roles_of_page
from api.security.rights import Action
from snp.platform.actors import ATTENDED_ROLES, Role
from tests.support.directory import ADMINISTRATOR
from tests.support.pages import PASSWORD, Service, Visitor, open_account

pytestmark = pytest.mark.database

NOBODY = "00000000-0000-7000-8000-000000000000"
API = "/api/v1/"
FHIR = "/fhir/"
OUT_OF_REACH = "Vous ne pouvez pas agir pour ce territoire"
"""Said past the door, of a thing: a coordinator makes no new territory."""
STREAM = "live.listen"
"""An open page's stream never ends: its rights are judged in `tests/http/test_live.py`."""


@dataclass(frozen=True)
class Walked:
    """A page's route: its function's name, method, address with nobody's identifiers, and its template."""

    name: str
    method: str
    address: str
    path: str


def contexts(app: FastAPI) -> Iterator[tuple[str, RouteContext]]:
    for route in iter_route_contexts(app.routes):
        yield str(route.path or getattr(route.original_route, "path", "")), route


def name_of(route: RouteContext) -> str | None:
    return page_name(route.original_route.endpoint) if isinstance(route.original_route, APIRoute) else None


def pages(app: FastAPI) -> list[Walked]:
    found = []
    for path, route in contexts(app):
        name = name_of(route)
        if name is not None and name != STREAM:
            address = re.sub(r"\{\w+(:\w+)?\}", NOBODY, path)
            found += [Walked(name, method, address, path) for method in sorted(route.methods or ())]
    return found


def has_expectation(path: str, route: RouteContext) -> bool:
    """Whether somewhere it is said who may use a route."""
    if path in OPEN_PATHS:
        return True
    if not isinstance(route.original_route, APIRoute):
        return False
    name = name_of(route)
    listed = name is not None and (name in PAGES or name in SECRETS or name in OPEN)
    return listed or action_of(route) is not None


@pytest.fixture(scope="module")
def people(service: Service) -> dict[Role, list[str]]:
    """The logins of each role; practitioners and delegates are a doctor's and a physiotherapist's."""
    found: dict[Role, list[str]] = {}
    for role in ATTENDED_ROLES - {Role.DELEGATE}:
        open_account(service, f"un-{role}", role)
        found[role] = [f"un-{role}"]
    with service.wiring.transaction() as session:
        physio = session.connection().scalar(
            sa.text("SELECT id FROM practitioner WHERE profession = 'masseur_kinesitherapeute'")
        )
        new = NewAccount(
            login="un-kine",
            display_name="Maël Riou",
            role=Role.PRACTITIONER,
            password=PASSWORD,
            practitioner_id=physio,
        )
        security.create_account(session, new, by=ADMINISTRATOR, now=service.clock.now())
        for login, practitioner in (("un-secretaire", service.town.doctors[0]), ("un-assistant", physio)):
            new = NewAccount(login=login, display_name=login, role=Role.DELEGATE, password=PASSWORD)
            account = security.create_account(session, new, by=ADMINISTRATOR, now=service.clock.now())
            security.grant_delegation(
                session,
                practitioner_id=practitioner,
                account_id=account.id,
                by=ADMINISTRATOR,
                now=service.clock.now(),
            )
    found[Role.PRACTITIONER].append("un-kine")
    found[Role.DELEGATE] = ["un-secretaire", "un-assistant"]
    return found


def test_every_route_says_who_may_use_it(service: Service) -> None:
    app = service.server.app

    without = [path for path, route in contexts(app) if not has_expectation(path, route)]

    assert without == []


def test_no_line_of_the_tables_of_pages_is_of_another_time(service: Service) -> None:
    names = {name_of(route) for _path, route in contexts(service.server.app)}

    assert (set(PAGES) | set(SECRETS) | OPEN) - names == set()
    assert not set(PAGES) & set(SECRETS)
    assert not set(PAGES) & OPEN


@pytest.mark.parametrize("role", sorted(ATTENDED_ROLES))
def test_each_role_meets_each_page_as_the_table_says(
    service: Service, people: dict[Role, list[str]], role: Role
) -> None:
    """Who has no right is refused 403 before anything else; who has one gets past the door."""
    faults = []
    let_in: set[tuple[str, str]] = set()
    walked = [one for one in pages(service.server.app) if one.name in PAGES]
    for login in people[role]:
        visitor = Visitor(service)
        form = visitor.sign_in(login).form("/deconnexion")
        for one in _share(walked, login, people[role]):
            answer = _ask(visitor, one, dict(form.fields))
            if answer.status_code >= 500 or "formulaire a expiré" in answer.text:
                faults.append(f"{login} {one.method} {one.path} → {answer.status_code}")
            if answer.status_code != 403 or OUT_OF_REACH in answer.text:
                let_in.add((one.method, one.path))
        visitor.close()

    expected = {(one.method, one.path) for one in walked if role in roles_of_page(one.name, one.path)}

    assert faults == []
    assert let_in - expected == set()
    assert expected - let_in == set()


def test_a_stranger_is_asked_to_sign_in_whatever_he_wants(service: Service, visitor: Visitor) -> None:
    for one in pages(service.server.app):
        if one.name in PAGES:
            answer = _ask(visitor, one, {})
            asked = answer.headers.get("location", "").startswith("/connexion") or answer.status_code == 401
            assert asked, f"{one.method} {one.path} → {answer.status_code}"


def test_no_account_opens_what_a_link_or_the_platform_opens(
    service: Service, people: dict[Role, list[str]]
) -> None:
    visitor = Visitor(service)
    form = visitor.sign_in(people[Role.REGULATEUR][0]).form("/deconnexion")
    for one in pages(service.server.app):
        if one.name in SECRETS and one.name not in _AT_THE_DOOR:
            answer = _ask(visitor, one, dict(form.fields))
            assert answer.status_code in {303, 401, 403, 404, 410, 422}, f"{one.path} → {answer.status_code}"
            assert "rendez-vous confirmé" not in answer.text
    visitor.close()


_AT_THE_DOOR = {"sas.sign_in.go_out", "sas.sign_in.sign_out", "sas.sign_in.terms"}
"""What leads to the platform's own sign-in, or out of it."""


def test_what_is_open_needs_nobody_and_tells_nothing_of_a_patient(service: Service, visitor: Visitor) -> None:
    for one in pages(service.server.app):
        if one.name in OPEN and one.method == "GET":
            assert _ask(visitor, one, {}).status_code in {200, 303, 307, 403, 404, 422}, one.path
    for path in OPEN_PATHS:
        answer = visitor.get(path.replace("{slug}", "forbidden"))
        assert answer.status_code in {200, 307, 404, 405}, path


def test_the_door_of_the_platform_is_open_to_no_account(
    service: Service, people: dict[Role, list[str]]
) -> None:
    """Every FHIR route names an action that no role has, and refuses without the platform's certificate."""
    routes = [(path, route) for path, route in contexts(service.server.app) if path.startswith(FHIR)]
    assert len(routes) > 8
    visitor = Visitor(service)
    visitor.sign_in(people[Role.ADMINISTRATOR][0])
    for path, route in routes:
        assert action_of(route) in {Action.SAS_READ, Action.SAS_ACCOUNTS}, path
        for method in sorted(route.methods or ()):
            answer = _from_afar(visitor, method, path.replace("{ident}", NOBODY))
            assert answer.status_code in {401, 403, 404}, f"{method} {path} → {answer.status_code}"
    visitor.close()


def _share(walked: list[Walked], login: str, logins: list[str]) -> list[Walked]:
    """A physiotherapist walks the pages of series, which are his profession's; the first login the rest."""
    if len(logins) == 1:
        return walked
    return [one for one in walked if one.path.startswith("/series") == (login != logins[0])]


def _ask(visitor: Visitor, one: Walked, fields: dict[str, str]) -> httpx.Response:
    """One request, as a browser sends it, without following where it leads."""
    return visitor.ask(one.method, one.address, fields if one.method == "POST" else None)


def _from_afar(visitor: Visitor, method: str, path: str) -> httpx.Response:
    return visitor.ask(method, path, None, **{"X-Forwarded-For": "203.0.113.7"})
