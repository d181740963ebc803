"""Software exchanges its key for a token, rotates it, and is held to the networks that it named."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.security import service as security
from api.security.facts import NewKey
from snp.platform.actors import Role, system
from tests.support.http import World, expect, refused

GRANT = {"grant_type": "client_credentials"}


def a_key(world: World, **terms: Any) -> tuple[str, str]:
    """The text of a fresh key, and its client name."""
    now = world.service.clock.now()
    terms = {"name": "essai", "role": Role.OSNP, "territory_ids": (world.territory.id,)} | terms
    with world.service.session() as session:
        text = security.create_key(session, NewKey(**terms), by=system("tests"), now=now).text
    return text, text.split("_")[1]


def ask(world: World, client: str = "", secret: str = "", **form: Any) -> httpx.Response:
    auth = httpx.BasicAuth(client, secret) if client else None
    return world.service.caller().post("/oauth/token", data=GRANT | form, auth=auth)


def test_a_key_is_exchanged_for_a_token_that_speaks_for_it(world: World) -> None:
    text, client = a_key(world, scopes=("directory:read", "requests:read"))

    answer = ask(world, client, text)

    body = expect(answer, 200)
    assert answer.headers["cache-control"] == "no-store"
    assert {**body, "access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 900,
        "scope": "directory:read requests:read",
    }
    me = expect(world.service.caller(body["access_token"]).get("/api/v1/me"), 200)
    assert me["role"] == "osnp"
    assert me["ident"].startswith("key:")
    assert me["scopes"] == ["directory:read", "requests:read"]


def test_a_client_may_prove_itself_in_the_form_and_by_the_secret_alone(world: World) -> None:
    text, client = a_key(world)

    expect(ask(world, client_id=client, client_secret=text), 200)
    expect(ask(world, client, text.split("_", 2)[2]), 200)


def test_a_token_is_narrowed_to_what_was_asked(world: World) -> None:
    text, client = a_key(world)

    body = expect(ask(world, client, text, scope="directory:read"), 200)

    caller = world.service.caller(body["access_token"])
    expect(caller.get("/api/v1/territories"), 200)
    refused(caller.get("/api/v1/requests"), 403, "scope-missing")


def test_a_token_ends_by_itself_and_with_its_key(world: World) -> None:
    text, client = a_key(world)
    token = expect(ask(world, client, text), 200)["access_token"]
    caller = world.service.caller(token)
    expect(caller.get("/api/v1/me"), 200)

    keys = expect(world.administrator.get("/api/v1/keys"), 200)["items"]
    ident = next(key["id"] for key in keys if key["prefix"] == client)
    expect(world.administrator.delete(f"/api/v1/keys/{ident}"), 200)
    refused(caller.get("/api/v1/me"), 401, "not-signed-in")
    assert ask(world, client, text).status_code == 401

    text, client = a_key(world)
    caller = world.service.caller(expect(ask(world, client, text), 200)["access_token"])
    world.service.later(minutes=15)
    refused(caller.get("/api/v1/me"), 401, "not-signed-in")


def test_a_token_does_not_outlive_its_key(world: World) -> None:
    text, client = a_key(world, expires_at=world.service.clock.now() + timedelta(minutes=5))

    assert expect(ask(world, client, text), 200)["expires_in"] == 300


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ["client_credentials", "x"]}, 400, "invalid_request"),
        ({"scope": "partout"}, 400, "invalid_scope"),
        ({"scope": "admin"}, 400, "invalid_scope"),
        ({"client_secret": "x"}, 400, "invalid_request"),
        ({"client_id": "autre"}, 401, "invalid_client"),
    ],
)
def test_what_cannot_be_granted_is_told_as_the_protocol_says(
    world: World, form: dict[str, Any], status: int, error: str
) -> None:
    text, client = a_key(world, scopes=("directory:read",))

    answer = ask(world, client, text, **form)

    body = expect(answer, status)
    assert body["error"] == error
    assert body["error_description"]
    assert answer.headers["cache-control"] == "no-store"
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    "header", ["Basic !!!", "Basic YWJj", "Bearer x", f"Basic {base64.b64encode(b'a:b').decode()}"]
)
def test_a_client_that_proves_nothing_is_refused(world: World, header: str) -> None:
    answer = world.service.caller().post("/oauth/token", data=GRANT, headers={"authorization": header})

    assert expect(answer, 401)["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("kind", "body"),
    [("application/json", b"{}"), ("application/x-www-form-urlencoded", b"\xff=1"), ("", b"")],
)
def test_a_body_that_is_no_form_is_refused(world: World, kind: str, body: bytes) -> None:
    answer = world.service.caller().post("/oauth/token", content=body, headers={"content-type": kind})

    assert expect(answer, 400)["error"] == "invalid_request"


def test_guesses_of_a_secret_are_slowed_down(world: World) -> None:
    _, client = a_key(world)
    statuses = [ask(world, client, "faux").status_code for _ in range(31)]

    assert set(statuses[:30]) == {401}
    assert statuses[30] == 429


def test_the_server_says_what_it_is(world: World) -> None:
    told = expect(world.service.caller().get("/.well-known/oauth-authorization-server"), 200)

    assert told["token_endpoint"] == told["issuer"] + "/oauth/token"
    assert told["grant_types_supported"] == ["client_credentials"]
    assert "requests:write" in told["scopes_supported"]


# Rotation and networks


def test_a_key_is_renewed_and_the_earlier_secret_goes_on_for_a_while(world: World) -> None:
    made = expect(world.administrator.post("/api/v1/keys", json={"name": "x", "role": "administrator"}), 201)
    path, first = f"/api/v1/keys/{made['key']['id']}", made["text"]

    renewed = expect(world.administrator.post(f"{path}/rotate", json={"overlap_hours": 2}), 201)

    second = renewed["text"]
    assert renewed["key"]["prefix"] == made["key"]["prefix"]
    assert renewed["key"]["previous_until"] == "2026-11-24T11:00:00Z"
    for text in (first, second):
        expect(world.service.caller(text).get("/api/v1/me"), 200)
    world.service.later(hours=2)
    refused(world.service.caller(first).get("/api/v1/me"), 401, "not-signed-in")
    third = expect(world.administrator.post(f"{path}/rotate", json={"overlap_hours": 0}), 201)["text"]
    refused(world.service.caller(second).get("/api/v1/me"), 401, "not-signed-in")
    expect(world.service.caller(third).get("/api/v1/me"), 200)
    expect(world.administrator.delete(path), 200)
    refused(world.administrator.post(f"{path}/rotate", json={}), 409, "key-not-running")
    refused(world.administrator.post(f"{path}/rotate", json={"overlap_hours": 169}), 422, "validation")


def test_a_key_is_held_to_its_networks_and_so_are_its_tokens(world: World) -> None:
    body = {"name": "x", "role": "administrator", "allowed_networks": ["127.0.0.0/8", "::1"]}
    made = expect(world.administrator.post("/api/v1/keys", json=body), 201)
    assert made["key"]["allowed_networks"] == ["127.0.0.0/8", "::1/128"]
    text, client = made["text"], made["key"]["prefix"]
    token = expect(ask(world, client, text), 200)["access_token"]
    callers = [world.service.caller(text), world.service.caller(token)]
    for caller in callers:
        expect(caller.get("/api/v1/me"), 200)

    path = f"/api/v1/keys/{made['key']['id']}/networks"
    expect(world.administrator.put(path, json={"allowed_networks": ["192.0.2.0/24"]}), 200)

    for caller in callers:
        refused(caller.get("/api/v1/me"), 403, "address-not-allowed")
    assert expect(ask(world, client, text), 401)["error"] == "invalid_client"
    refused(world.administrator.put(path, json={"allowed_networks": ["ici"]}), 422, "invalid-value")
    expect(world.administrator.put(path, json={"allowed_networks": []}), 200)
    expect(callers[0].get("/api/v1/me"), 200)


def test_a_coordinator_renews_no_key_beyond_his_territory(world: World) -> None:
    far = {"name": "x", "role": "osnp", "territory_ids": [str(world.neighbour.id)]}
    made = expect(world.administrator.post("/api/v1/keys", json=far), 201)
    path = f"/api/v1/keys/{made['key']['id']}"

    refused(world.coordinator.post(f"{path}/rotate", json={}), 404, "not-found")
    refused(world.coordinator.put(f"{path}/networks", json={"allowed_networks": []}), 404, "not-found")
