"""Every route names its action, and every role gets the answer that the table of rights says.

The table is walked whole: a route without an action, or an action without an expected answer, fails here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from api.openapi import action_of
from api.security.rights import RIGHTS, SCOPES, Action
from snp.platform.actors import Role
from tests.support.http import (
    RunningServer,
    World,
    a_patient,
    expect,
    open_request,
    publish,
    refused,
    seeking_request,
)

NOBODY = "00000000-0000-7000-8000-000000000000"
ROLES = [role for role in Role if role not in {Role.PATIENT, Role.SYSTEM}]


def json_routes(app: FastAPI) -> Iterator[RouteContext]:
    """The routes of the JSON API, with their methods."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and str(route.path).startswith("/api/v1"):
            yield route


def test_every_route_of_the_api_names_its_action(running_server: RunningServer) -> None:
    routes = list(json_routes(running_server.app))

    without = [f"{route.methods} {route.path}" for route in routes if action_of(route) is None]

    assert len(routes) > 60
    assert without == []


def test_every_action_has_its_line_in_both_tables() -> None:
    assert set(RIGHTS) == set(Action)
    assert set(SCOPES) == set(Action)


def test_the_documentation_says_the_action_of_each_route(running_server: RunningServer) -> None:
    document = running_server.app.openapi()

    told = document["paths"]["/api/v1/requests/{request_id}/decision"]["post"]

    assert told["x-action"] == "request.decide"
    assert told["x-roles"] == {"regulateur": "territory"}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_meets_each_route_as_the_table_says(world: World, role: Role) -> None:
    """A role without the right is refused 403; a role with it gets past the door, to 404 or 422 here."""
    caller = world.caller(role.value)
    for route in json_routes(world.service.app):
        action = action_of(route)
        assert action is not None
        for method in route.methods or ():
            answer = caller.request(method, _filled(str(route.path)), json=_body(method))
            told = f"{role} {method} {route.path} → {answer.status_code} {answer.text[:300]}"
            assert answer.status_code < 500, told
            if action is Action.APPOINTMENT_BY_CODE:
                continue
            is_refused = answer.status_code == 403 and "problem:forbidden" in answer.text
            assert is_refused == (role not in RIGHTS[action]), told


def test_without_a_key_every_route_is_closed(world: World) -> None:
    stranger = world.service.caller()
    for route in json_routes(world.service.app):
        if action_of(route) is Action.APPOINTMENT_BY_CODE:
            continue
        for method in route.methods or ():
            answer = stranger.request(method, _filled(str(route.path)), json=_body(method))
            told = f"{method} {route.path}"
            assert answer.status_code == 401, told
            assert answer.headers["www-authenticate"].startswith("Bearer"), told


def test_a_key_does_only_what_its_scopes_allow(world: World) -> None:
    key = world.service.key(
        Role.OSNP, territory_ids=(world.territory.id,), scopes=("directory:read", "requests:read")
    )
    caller = world.service.caller(key)

    expect(caller.get("/api/v1/territories"), 200)
    expect(caller.get("/api/v1/requests"), 200)
    body = {"territory_id": str(world.territory.id), "patient": a_patient()}
    problem = refused(caller.post("/api/v1/requests", json=body), 403, "scope-missing")
    assert problem["scope"] == "requests:write"


def test_what_stands_next_door_is_not_found(world: World) -> None:
    request = open_request(world)
    slot = publish(world, "2026-11-25T10:00:00+01:00")

    for path in (f"/api/v1/requests/{request['id']}", f"/api/v1/requests/{request['id']}/story"):
        mine = refused(world.neighbour_regulateur.get(path), 404, "not-found")
        nobody = refused(
            world.neighbour_regulateur.get(path.replace(request["id"], NOBODY)), 404, "not-found"
        )
        assert {k: v for k, v in mine.items() if k != "instance"} == {
            k: v for k, v in nobody.items() if k != "instance"
        }
    refused(world.neighbour_osnp.get(f"/api/v1/slots/{slot['id']}"), 404, "not-found")
    refused(world.neighbour_practitioner.get(f"/api/v1/slots/{slot['id']}"), 404, "not-found")
    assert expect(world.neighbour_regulateur.get("/api/v1/requests"), 200)["items"] == []


def test_nobody_acts_for_a_territory_that_is_not_his(world: World) -> None:
    body = {"territory_id": str(world.territory.id), "patient": a_patient()}

    refused(world.neighbour_arm.post("/api/v1/requests", json=body), 403, "out-of-reach")
    listed = world.neighbour_osnp.get(f"/api/v1/slots?territory_id={world.territory.id}")
    refused(listed, 403, "out-of-reach")


def test_nobody_touches_what_was_kept_or_booked_next_door(world: World) -> None:
    slot = publish(world, "2026-11-25T10:00:00+01:00")
    request = seeking_request(world)
    wanted = {"request_id": request["id"], "slot_ids": [slot["id"]]}
    refused(world.neighbour_osnp.post("/api/v1/holds", json=wanted), 404, "not-found")
    held = expect(world.osnp.post("/api/v1/holds", json=wanted), 201)
    path = f"/api/v1/holds/{held['bundle_id']}"

    for stranger in (world.neighbour_osnp, world.caller("pharmacy"), world.practitioner):
        refused(stranger.get(path), 404, "not-found")
        refused(stranger.post(f"{path}/confirm"), 404, "not-found")
        refused(stranger.delete(path), 404, "not-found")
    booked = expect(world.osnp.post(f"{path}/confirm"), 201)["appointments"][0]

    appointment = f"/api/v1/appointments/{booked['id']}"
    for stranger in (world.neighbour_osnp, world.caller("pharmacy"), world.caller("physio")):
        refused(stranger.get(appointment), 404, "not-found")
        refused(stranger.get(f"{appointment}/patient?why=essai"), 404, "not-found")
        refused(stranger.post(f"{appointment}/cancel", json={"reason": "essai"}), 404, "not-found")


def test_a_practitioner_publishes_on_his_own_agenda_only(world: World) -> None:
    body: dict[str, Any] = {
        "kind": "single",
        "practitioner_id": str(world.physio.id),
        "start": "2026-11-25T10:00:00+01:00",
        "offer": {"site_id": str(world.site.id), "territory_ids": [str(world.territory.id)]},
    }

    refused(world.practitioner.post("/api/v1/slots", json=body), 403, "out-of-reach")
    expect(world.caller("physio").post("/api/v1/slots", json=body), 201)


def test_a_coordinator_sees_requests_but_no_identity(world: World) -> None:
    request = open_request(world)
    path = f"/api/v1/requests/{request['id']}"

    seen = world.coordinator.get(path)

    expect(seen, 200)
    assert "Guérin" not in seen.text
    assert "0612345678" not in seen.text.replace(" ", "")
    refused(world.coordinator.get(f"{path}/patient?why=curiosité"), 403, "forbidden")


def test_a_regulator_opens_an_identity_and_leaves_a_trace(world: World) -> None:
    request = open_request(world)

    opened = expect(
        world.regulateur.get(f"/api/v1/requests/{request['id']}/patient?why=rappel du patient"), 200
    )

    assert opened["patient"]["family_name"].casefold() == "guérin"
    lines = _audit(world, request["id"])
    assert ("read", "rappel du patient") in lines


def test_a_coordinator_makes_no_key_beyond_his_territory(world: World) -> None:
    far = {"name": "x", "role": "osnp", "territory_ids": [str(world.neighbour.id)]}
    high = {"name": "x", "role": "administrator"}

    refused(world.coordinator.post("/api/v1/keys", json=far), 403, "out-of-reach")
    refused(world.coordinator.post("/api/v1/keys", json=high), 403, "out-of-reach")
    near = far | {"territory_ids": [str(world.territory.id)]}
    made = expect(world.coordinator.post("/api/v1/keys", json=near), 201)
    assert expect(world.service.caller(made["text"]).get("/api/v1/me"), 200)["role"] == "osnp"


def _filled(path: str) -> str:
    filled = path.replace("{insee}", "44131").replace("{code}", "AAAAA-22222")
    filled = re.sub(r"\{[a-z_]+\}", NOBODY, filled)
    return f"{filled}?search=a&why=essai&territory_id={NOBODY}&practitioner_id={NOBODY}&until=2026-12-01"


def _body(method: str) -> Any:
    return {} if method in {"POST", "PUT", "PATCH"} else None


def _audit(world: World, resource_id: str) -> set[tuple[str, str]]:
    with world.service.session() as session:
        rows = session.execute(
            sa.text("SELECT action, why FROM audit_entry WHERE resource_id = :ident"), {"ident": resource_id}
        )
        return {(row.action, row.why) for row in rows}
