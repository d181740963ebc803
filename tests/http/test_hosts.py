"""Whatever a request says of names and addresses, links, redirects and rights are made of the settings."""

from __future__ import annotations

import http.client
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.http.test_magic_links import body
from tests.support.commands import Command, snp
from tests.support.http import Service, World, expect, refused

__all__ = ["snp"]

pytestmark = pytest.mark.database

OURS = "https://rdv.example"
FORGED = {
    "X-Forwarded-Host": "ailleurs.example",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Prefix": "/ailleurs",
    "X-Forwarded-Port": "1",
    "X-Original-URL": "/ailleurs",
    "X-Rewrite-URL": "/ailleurs",
    "Forwarded": 'host="ailleurs.example";proto=gopher;for=192.0.2.7',
    "X-Host": "ailleurs.example",
    "X-HTTP-Method-Override": "DELETE",
}


def ask(
    service: Service, path: str, hosts: tuple[str, ...], **headers: str
) -> tuple[int, dict[str, str], str]:
    """The answer to a request whose `Host` lines are these, as they stand."""
    line = http.client.HTTPConnection("127.0.0.1", httpx.URL(service.url).port or 0, timeout=20)
    line.putrequest("GET", path, skip_host=True)
    for name, value in [*(("Host", host) for host in hosts), *headers.items()]:
        line.putheader(name, value)
    line.endheaders()
    answer = line.getresponse()
    text = answer.read().decode()
    line.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text


@pytest.mark.parametrize(
    "path", ["/connexion", "/", "/api/v1/me", "/fhir/metadata", "/static/snp.css", "/docs"]
)
@pytest.mark.parametrize("hosts", [("ailleurs.example",), (), ("localhost", "ailleurs.example"), ("[::1",)])
def test_nothing_is_answered_under_another_name(service: Service, path: str, hosts: tuple[str, ...]) -> None:
    status, headers, text = ask(service, path, hosts, Accept="application/json")

    assert status == 400
    assert "ailleurs" not in text + str(headers)
    assert headers["x-content-type-options"] == "nosniff"


def test_a_refused_name_is_told_as_a_problem_and_monitors_are_answered(service: Service) -> None:
    caller = service.caller()

    refused(caller.get("/api/v1/me", headers={"Host": "ailleurs.example"}), 400, "unknown-host")
    assert caller.get("/readyz", headers={"Host": "ailleurs.example"}).status_code == 200


def told_addresses(world: World, **headers: str) -> list[str]:
    """Every absolute address that the service makes, over the API, the pages and the FHIR door."""
    coordinator, stranger = world.caller("coordinator"), world.service.caller()
    link = expect(coordinator.post("/api/v1/magic-links", json=body(world), headers=headers), 201)
    about = expect(stranger.get("/.well-known/oauth-authorization-server", headers=headers), 200)
    unsaid = {name: value for name, value in headers.items() if name != "Forwarded"}  # no trial door then
    capable = expect(stranger.get("/fhir/metadata", headers=unsaid), 200)
    return [
        link["address"],
        about["issuer"],
        about["token_endpoint"],
        capable["implementation"]["url"],
    ]


@pytest.mark.parametrize("host", [None, "127.0.0.1:1", "localhost"])
def test_links_are_made_of_the_setting_whatever_a_request_says(world: World, host: str | None) -> None:
    wiring = world.service.wiring
    wiring.settings = wiring.settings.model_copy(update={"public_url": OURS})

    for address in told_addresses(world, **FORGED, **({"Host": host} if host else {})):
        assert f"{address}/".startswith(f"{OURS}/"), address


def test_in_a_trial_no_other_header_than_host_counts(world: World) -> None:
    for address in told_addresses(world, **FORGED):
        assert f"{address}/".startswith(f"{world.service.url}/"), address


@pytest.fixture
def env(world: World, tmp_path: Path) -> dict[str, str]:
    """Commands find the database of the test."""
    url = world.service.wiring.engine.url.render_as_string(hide_password=False)
    return {"SNP_DATA_DIR": str(tmp_path), "SNP_DATABASE_URL": url}


@pytest.mark.parametrize("address", ["", "http://rdv.example", "https://rdv.example/\r\nX: 1", "rdv.example"])
def test_production_does_not_start_without_an_https_address(snp: Command, address: str) -> None:
    result = snp("run", "--port", "0", "--no-demo", SNP_ENVIRONMENT="production", SNP_PUBLIC_URL=address)

    assert result.exit_code == 2
    assert "SNP_PUBLIC_URL" in result.stderr


# Where a request comes from


def networks_of(world: World, *networks: str) -> Any:
    made = {"name": "x", "role": "administrator", "allowed_networks": list(networks)}
    return world.service.caller(expect(world.administrator.post("/api/v1/keys", json=made), 201)["text"])


@pytest.mark.parametrize(
    ("forwarded", "is_let_in"),
    [
        ("192.0.2.7", True),
        ("198.51.100.1, 192.0.2.7", True),
        ("192.0.2.7, 198.51.100.1", False),
        ("192.0.2.7, ailleurs", False),
        ("", False),
        ("127.0.0.1", False),
    ],
)
def test_a_key_s_networks_are_judged_by_what_the_proxy_saw(
    world: World, forwarded: str, is_let_in: bool
) -> None:
    caller = networks_of(world, "192.0.2.0/24")

    answer = caller.get(
        "/api/v1/me", headers={"X-Forwarded-For": forwarded} | FORGED | {"X-Real-IP": "192.0.2.7"}
    )

    assert answer.status_code == (200 if is_let_in else 403)
