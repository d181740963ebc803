"""A direct route refuses what an ordinary one does, in the same order; what it cannot ask for is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, Request, Response

from api.deps import Allow, VisitDep
from api.direct import DirectRoute
from api.negotiation import json_only
from api.security.rights import RIGHTS, Action
from snp.platform.actors import Actor, Role
from tests.support.http import World

ROUTES = {"/api/v1/holds": Action.HOLD, "/api/v1/organisations": Action.ORGANISATION_WRITE}
JSON = {"content-type": "application/json"}
REFUSALS = [
    ("stranger", "{", JSON, "malformed-body"),
    ("stranger", "[1, 2", JSON | {"accept": "text/html"}, "malformed-body"),
    ("stranger", "a", {"content-type": "text/plain"}, "unsupported-media-type"),
    ("stranger", "{}", JSON | {"accept": "text/html"}, "not-acceptable"),
    ("stranger", "{}", JSON, "not-signed-in"),
    ("stranger", "{}", JSON | {"authorization": "Bearer snp_none_none"}, "not-signed-in"),
    ("outsider", "{}", JSON, "forbidden"),
    ("insider", "{}", JSON | {"idempotency-key": "a b"}, "idempotency-key-invalid"),
    ("insider", "{}", JSON, "validation"),
    ("insider", "", {}, "validation"),
    ("insider", '{"unknown": 1}', JSON, "validation"),
]


@pytest.mark.parametrize(("who", "body", "headers", "slug"), REFUSALS)
def test_refusals_are_those_of_an_ordinary_route(
    world: World, who: str, body: str, headers: dict[str, str], slug: str
) -> None:
    told = {}
    for path, action in ROUTES.items():
        has_right = who == "insider"
        role = next(role for role in (Role.OSNP, Role.COORDINATOR) if (role in RIGHTS[action]) == has_right)
        caller = world.service.caller() if who == "stranger" else world.caller(role.value)
        answer = caller.post(path, content=body.encode(), headers=headers)
        told[path] = answer.status_code, answer.json()["type"], answer.headers.get("www-authenticate")

    assert len(set(told.values())) == 1, told
    assert {kind for _, kind, _ in told.values()} == {f"urn:snp:problem:{slug}"}


Allowed = Annotated[Actor, Depends(Allow(Action.HOLD))]


def visits(by: Allowed, visit: VisitDep) -> Response: ...


def reads_a_query(by: Allowed, q: str) -> Response: ...


def names_no_action(request: Request) -> Response: ...


def asks_little(request: Request, by: Allowed) -> Response: ...


@pytest.mark.parametrize("endpoint", [visits, reads_a_query, names_no_action])
def test_a_route_that_asks_for_something_else_cannot_be_direct(endpoint: Callable[..., Response]) -> None:
    router = APIRouter(route_class=DirectRoute, dependencies=[Depends(json_only)])

    with pytest.raises(TypeError, match="not a direct route"):
        router.post("/x")(endpoint)

    router.post("/x")(asks_little)
