"""Every page of the console and the coordination is closed to who has no right to it, whatever the method.

The routes are walked whole, so that a page added later is judged here too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from api.main import create_app
from tests.support.pages import Service, Visitor

pytestmark = pytest.mark.database

SignIn = Callable[[str], Visitor]
NOBODY = "00000000-0000-7000-8000-000000000000"
CONSOLE = ("/regulation",)
COORDINATION = ("/coordination", "/premiers-pas")


def routes(service: Service, prefixes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    app = create_app(service.wiring.settings, engine=service.wiring.engine, keys=service.wiring.keys)
    for route in iter_route_contexts(app.routes):
        path = str(route.path)
        if isinstance(route.original_route, APIRoute) and path.startswith(prefixes):
            for method in route.methods or ():
                yield method, re.sub(r"\{\w+\}", NOBODY, path)


def open_to(visitor: Visitor, walked: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pages that do not say that the role has no access; a good token goes with each form."""
    form, found = visitor.see("/").form("/deconnexion"), []
    for method, path in walked:
        form.action = path
        page = visitor.see(path) if method == "GET" else visitor.send(form)
        assert "formulaire a expiré" not in page.text
        if page.status != 403:
            found.append((method, path))
    return found


@pytest.mark.parametrize("login", ["pharmacie", "infirmiers", "guillou", "coordination", "admin"])
def test_the_console_is_the_regulation_s_alone(signed_in: SignIn, service: Service, login: str) -> None:
    visitor = signed_in(login)
    walked = list(routes(service, CONSOLE))
    assert len(walked) > 15
    assert open_to(visitor, walked) == []


@pytest.mark.parametrize("login", ["pharmacie", "infirmiers", "guillou", "arm", "osnp", "regulateur"])
def test_the_coordination_is_the_coordinator_s_alone(signed_in: SignIn, service: Service, login: str) -> None:
    visitor = signed_in(login)
    walked = list(routes(service, COORDINATION))
    assert len(walked) > 20
    assert open_to(visitor, walked) == []


@pytest.mark.parametrize("prefixes", [CONSOLE, COORDINATION], ids=["console", "coordination"])
def test_a_stranger_meets_the_sign_in_form(
    service: Service, visitor: Visitor, prefixes: tuple[str, ...]
) -> None:
    for method, path in routes(service, prefixes):
        if method == "GET":
            assert visitor.see(path).path == "/connexion", path
