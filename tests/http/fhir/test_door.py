"""The frame of the FHIR door: who may knock, which spellings are taken, how every refusal is told."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from api.openapi import action_of
from snp.platform.settings import FhirAccess
from tests.support.http import RunningServer, Service, expect

TOO_LARGE = b"{" + b" " * 2_000_000 + b"}"


def told(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The one issue of the OperationOutcome that must be answered with this status."""
    body = expect(response, status)
    assert response.headers["content-type"] == "application/fhir+json"
    assert body["resourceType"] == "OperationOutcome"
    (issue,) = body["issue"]
    assert issue["severity"] in {"error", "fatal"}
    assert issue["code"] == code
    assert issue["details"]["text"]
    return dict(issue)


@pytest.fixture
def platform(service: Service) -> httpx.Client:
    return service.caller()


def with_access(service: Service, access: FhirAccess) -> httpx.Client:
    """A caller of the service with another setting of the door."""
    settings = service.wiring.settings.model_copy(update={"fhir_access": access})
    service.app.state.wiring = replace_settings(service, settings)
    return service.caller()


def replace_settings(service: Service, settings: Any) -> Any:
    wiring = service.wiring
    return type(wiring)(settings=settings, engine=wiring.engine, keys=wiring.keys, clock=wiring.clock)


def test_every_route_names_its_action(running_server: RunningServer) -> None:
    routes = [
        route
        for route in iter_route_contexts(running_server.app.routes)
        if isinstance(route.original_route, APIRoute) and str(route.path).startswith("/fhir")
    ]

    assert routes
    assert [str(route.path) for route in routes if action_of(route) is None] == []


def test_the_platform_is_asked_for_its_certificate_where_a_proxy_stands(service: Service) -> None:
    issue = told(with_access(service, FhirAccess.PROXY).get("/fhir/metadata"), 403, "security")

    assert "certificat" in issue["details"]["text"]


def test_a_door_that_is_off_is_not_there(service: Service) -> None:
    told(with_access(service, FhirAccess.OFF).get("/fhir/metadata"), 404, "not-found")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_proxy_on_this_machine_is_not_this_machine(platform: httpx.Client, header: str) -> None:
    told(platform.get("/fhir/metadata", headers={header: "203.0.113.9"}), 403, "security")


@pytest.mark.parametrize(
    "accept",
    [
        "application/json+fhir",
        "application/fhir+json; fhirVersion=4.0",
        "application/fhir+json;charset=utf-8",
        "application/json",
        "*/*",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "text/plain",
        "",
    ],
)
def test_no_spelling_of_accept_is_refused(platform: httpx.Client, accept: str) -> None:
    headers = {"Accept": accept, "Content-Type": "application/json"}

    answer = platform.get("/fhir/metadata", headers=headers)

    assert expect(answer, 200)["resourceType"] == "CapabilityStatement"
    assert answer.headers["content-type"] == "application/fhir+json"


@pytest.mark.parametrize("wanted", ["json", "application/fhir%2Bjson", "application/fhir+json", "text/json"])
def test_a_format_in_the_address_counts_before_accept(platform: httpx.Client, wanted: str) -> None:
    headers = {"Accept": "application/fhir+xml"}

    expect(platform.get(f"/fhir/metadata?_format={wanted}", headers=headers), 200)


def test_another_format_of_fhir_is_not_acceptable(platform: httpx.Client) -> None:
    told(platform.get("/fhir/metadata?_format=xml"), 406, "not-supported")
    told(platform.get("/fhir/metadata", headers={"Accept": "application/fhir+xml"}), 406, "not-supported")


def test_a_slash_at_the_end_is_tolerated(platform: httpx.Client) -> None:
    expect(platform.get("/fhir/metadata/"), 200)


def test_head_answers_as_get_does_without_a_body(platform: httpx.Client) -> None:
    answer = platform.head("/fhir/metadata")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/fhir+json"
    assert answer.content == b""


def test_refusals_of_the_door_itself_are_outcomes(platform: httpx.Client) -> None:
    told(platform.get("/fhir/Nothing"), 404, "not-found")
    told(platform.get("/fhir"), 404, "not-found")
    told(platform.delete("/fhir/metadata"), 405, "not-supported")
    told(platform.post("/fhir/metadata", content=TOO_LARGE), 413, "too-long")


def test_a_fault_of_ours_is_an_outcome_without_a_word_of_it(service: Service, platform: httpx.Client) -> None:
    service.app.state.wiring = None  # nothing works any more

    issue = told(platform.get("/fhir/metadata"), 500, "exception")

    assert issue["severity"] == "fatal"
    assert "wiring" not in str(issue).lower()
