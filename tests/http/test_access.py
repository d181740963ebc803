"""Keys and sessions: who proves himself gets in, for as long as it holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.cookies import SESSION
from api.deps import CSRF_HEADER
from api.security import service as security
from api.security.facts import Browser, NewAccount, NewKey, SignedIn
from api.security.tokens import csrf_token
from snp.platform.actors import Role, system
from tests.support.http import World, an_offer, expect, refused

PASSWORD = "un mot de passe long"


def _signed_in(world: World, role: Role, **details: Any) -> tuple[httpx.Client, SignedIn]:
    """A browser with a session cookie, and the session behind it."""
    now = world.service.clock.now()
    with world.service.session() as session:
        new = NewAccount(login="essai", display_name="Essai", role=role, password=PASSWORD, **details)
        security.create_account(session, new, by=system("tests"), now=now)
        opened = security.sign_in(
            session,
            "Essai ",
            PASSWORD,
            now=now,
            browser=Browser(timedelta(hours=10)),
            keys=world.service.wiring.keys,
        )
    assert isinstance(opened, SignedIn)
    browser = world.service.caller()
    browser.cookies.set(SESSION.name, opened.token)
    return browser, opened


@pytest.mark.parametrize("text", ["nonsense", "snp_abc_def", "snp_abcdefghjk_" + "x" * 43])
def test_a_key_that_is_none_of_ours_is_refused(world: World, text: str) -> None:
    answer = world.service.caller(text).get("/api/v1/me")

    refused(answer, 401, "not-signed-in")


def test_a_key_tells_who_it_speaks_for(world: World) -> None:
    me = expect(world.practitioner.get("/api/v1/me"), 200)

    assert me["role"] == "practitioner"
    assert me["practitioner_id"] == str(world.gp.id)
    assert me["profession"] == "medecin_generaliste"
    assert me["territory_ids"] == [str(world.territory.id)]


def test_a_revoked_key_stops_at_once(world: World) -> None:
    made = expect(world.administrator.post("/api/v1/keys", json={"name": "x", "role": "administrator"}), 201)
    caller = world.service.caller(made["text"])
    expect(caller.get("/api/v1/me"), 200)

    expect(world.administrator.delete(f"/api/v1/keys/{made['key']['id']}"), 200)

    refused(caller.get("/api/v1/me"), 401, "not-signed-in")


def test_a_key_stops_when_it_expires(world: World) -> None:
    now = world.service.clock.now()
    with world.service.session() as session:
        new = NewKey(name="courte", role=Role.ADMINISTRATOR, expires_at=now + timedelta(hours=1))
        text = security.create_key(session, new, by=system("tests"), now=now).text
    caller = world.service.caller(text)
    expect(caller.get("/api/v1/me"), 200)

    world.service.later(hours=1)

    refused(caller.get("/api/v1/me"), 401, "not-signed-in")


def test_the_last_use_of_a_key_is_known(world: World) -> None:
    world.service.later(minutes=10)
    expect(world.coordinator.get("/api/v1/me"), 200)

    keys = expect(world.administrator.get("/api/v1/keys"), 200)["items"]

    used = {key["name"]: key["last_used_at"] for key in keys}
    assert used["essai coordinator"] == "2026-11-24T09:10:00Z"


def test_a_session_reads_with_its_cookie_and_writes_with_its_form_token(world: World) -> None:
    browser, opened = _signed_in(world, Role.PRACTITIONER, practitioner_id=world.gp.id)
    body = {
        "kind": "single",
        "practitioner_id": str(world.gp.id),
        "start": "2026-11-25T10:00:00+01:00",
        "offer": an_offer(world),
    }

    expect(browser.get("/api/v1/slots"), 200)
    refused(browser.post("/api/v1/slots", json=body), 403, "csrf-refused")
    wrong = {CSRF_HEADER: csrf_token("another cookie")}
    refused(browser.post("/api/v1/slots", json=body, headers=wrong), 403, "csrf-refused")
    right = {CSRF_HEADER: csrf_token(opened.token)}
    expect(browser.post("/api/v1/slots", json=body, headers=right), 201)


def test_a_session_ends_in_time(world: World) -> None:
    browser, _ = _signed_in(world, Role.ADMINISTRATOR)
    expect(browser.get("/api/v1/me"), 200)

    world.service.later(hours=10)

    refused(browser.get("/api/v1/me"), 401, "not-signed-in")


def test_a_closed_account_is_out_at_once(world: World) -> None:
    browser, opened = _signed_in(world, Role.ADMINISTRATOR)

    closed = world.administrator.put(f"/api/v1/accounts/{opened.account.id}/active", json={"active": False})

    assert closed.status_code == 204
    refused(browser.get("/api/v1/me"), 401, "not-signed-in")


def test_a_delegate_acts_on_the_agenda_of_who_let_him_until_it_is_taken_back(world: World) -> None:
    browser, opened = _signed_in(world, Role.DELEGATE, territory_ids=(world.territory.id,))
    refused(browser.get("/api/v1/slots"), 403, "out-of-reach")
    body = {"account_id": str(opened.account.id), "practitioner_id": str(world.gp.id)}

    granted = expect(world.practitioner.post("/api/v1/delegations", json=body), 201)

    assert expect(browser.get("/api/v1/slots"), 200)["items"] == []
    assert expect(browser.get("/api/v1/me"), 200)["practitioner_id"] == str(world.gp.id)
    expect(world.practitioner.delete(f"/api/v1/delegations/{granted['id']}"), 200)
    refused(browser.get("/api/v1/slots"), 403, "out-of-reach")


def test_nobody_grants_the_agenda_of_another(world: World) -> None:
    _, opened = _signed_in(world, Role.DELEGATE, territory_ids=(world.territory.id,))
    body = {"account_id": str(opened.account.id), "practitioner_id": str(world.physio.id)}

    refused(world.practitioner.post("/api/v1/delegations", json=body), 403, "out-of-reach")


def test_an_account_is_made_once_and_gets_a_new_password(world: World) -> None:
    body = {
        "login": "M.Durand",
        "display_name": "M. Durand",
        "role": "osnp",
        "password": PASSWORD,
        "territory_ids": [str(world.territory.id)],
    }
    made = expect(world.coordinator.post("/api/v1/accounts", json=body), 201)
    assert made["login"] == "m.durand"

    refused(world.coordinator.post("/api/v1/accounts", json=body), 409, "login-taken")
    refused(world.neighbour_coordinator.get(f"/api/v1/accounts/{made['id']}"), 404, "not-found")
    path = f"/api/v1/accounts/{made['id']}/password"
    refused(world.coordinator.put(path, json={"password": "court"}), 422, "invalid-value")
    assert world.coordinator.put(path, json={"password": "un autre bien long"}).status_code == 204
    with world.service.session() as session:
        opened = security.sign_in(
            session,
            "m.durand",
            "un autre bien long",
            now=world.service.clock.now(),
            browser=Browser(timedelta(hours=1)),
            keys=world.service.wiring.keys,
        )
    assert isinstance(opened, SignedIn)
