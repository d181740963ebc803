"""The OpenAPI document is complete: every route, its tags, its refusals, its key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.main import OPENAPI, OPENAPI_ALIASES
from snp.platform.actors import ATTENDED_ROLES
from tests.support.http import RunningServer

METHODS = {"get", "post", "put", "patch", "delete"}
CREATING = {"201"}


@pytest.fixture(scope="module")
def document(running_server: RunningServer) -> dict[str, Any]:
    return running_server.app.openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS and path.startswith("/api/v1"):
                yield f"{method.upper()} {path}", operation


def test_every_operation_has_a_summary_a_tag_and_a_name_of_its_own(document: dict[str, Any]) -> None:
    found = list(operations(document))

    assert all(operation.get("tags") for _, operation in found)
    assert all(operation.get("description") for _, operation in found)
    names = [operation["operationId"] for _, operation in found]
    assert len(names) == len(set(names))


def test_every_operation_tells_its_refusals(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        told = set(operation["responses"])
        assert {"400", "401", "403", "404", "406", "422", "500", "503"} <= told, name
        content = operation["responses"]["404"]["content"]
        assert "application/problem+json" in content, name


def test_every_edit_needs_a_version_and_says_so(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
        if "428" in operation["responses"]:
            assert "If-Match" in headers, name


def test_every_creation_takes_a_key_of_idempotency(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        if set(operation["responses"]) & CREATING:
            headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
            assert "idempotency-key" in headers, name


def test_the_ways_to_prove_oneself_are_documented(document: dict[str, Any]) -> None:
    assert set(document["components"]["securitySchemes"]) == {"ApiKey", "PageSession"}


def test_inputs_refuse_unknown_fields(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("In"):
            assert schema["additionalProperties"] is False, name


def test_the_document_answers_under_its_usual_names(running_server: RunningServer) -> None:
    told = httpx.get(running_server.url + OPENAPI).json()

    for alias in OPENAPI_ALIASES:
        assert httpx.get(running_server.url + alias).json() == told


@pytest.mark.parametrize("form", ["AccountIn", "KeyIn"])
def test_only_roles_with_somebody_behind_them_are_offered(document: dict[str, Any], form: str) -> None:
    offered = document["components"]["schemas"][form]["properties"]["role"]["enum"]

    assert set(offered) == {role.value for role in ATTENDED_ROLES}
