"""Drives the FHIR door, which the OpenAPI document leaves out: spoiled queries and spoiled resources.

Every answer must be a resource or an OperationOutcome with a status of the guide, and never a fault of ours.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import hypothesis
from hypothesis import HealthCheck, Phase

from bench.fuzz.driving import Tried
from bench.fuzz.parsers import READERS

PLATFORM = "platform"
NOBODY = "00000000-0000-7000-8000-000000000000"
TYPES = (
    "Practitioner",
    "PractitionerRole",
    "Schedule",
    "HealthcareService",
    "Organization",
    "Location",
    "Slot",
)
STATUSES = frozenset({200, 201, 400, 404, 409, 412, 413, 414, 422})
"""What the guide and `/fhir/metadata` let the door answer to a caller who is let in."""


def drive(address: str, examples: int, seed: int) -> dict[tuple[str, str], Tried]:
    """Ask every route of the door `examples` times."""
    tried: dict[tuple[str, str], Tried] = {}
    with httpx.Client(base_url=f"{address}/fhir", timeout=20) as caller:
        for kind in ("Slot", "Schedule"):
            _each(tried, f"GET /fhir/{kind}", READERS["fhir-query"].spoiled, examples, seed,
                  ask=lambda query, kind=kind: caller.get(f"/{kind}?{_sendable(query)}"))  # fmt: skip
        for kind in TYPES:
            _each(tried, f"GET /fhir/{kind}/{{id}}", READERS["texts"].spoiled, examples, seed,
                  ask=lambda ident, kind=kind: caller.get(f"/{kind}/{_segment(ident)}"))  # fmt: skip
        for method in ("POST", "PUT"):
            _each(tried, f"{method} /fhir/Practitioner", READERS["fhir-practitioner"].spoiled, examples, seed,
                  ask=lambda body, method=method: _send(caller, method, body))  # fmt: skip
    return tried


def _each(
    tried: dict[tuple[str, str], Tried], name: str, strategy: Any, examples: int, seed: int, *, ask: Any
) -> None:
    told = tried.setdefault((PLATFORM, name), Tried())

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(strategy)
    def once(given: Any) -> None:
        answer: httpx.Response = ask(given)
        told.requests += 1
        told.statuses[answer.status_code] += 1
        if answer.status_code not in STATUSES or not _is_fhir(answer):
            told.failures.append(f"{answer.status_code} {answer.text[:200]} | {str(given)[:300]!r}")

    once()


def _is_fhir(answer: httpx.Response) -> bool:
    return answer.headers.get("content-type") == "application/fhir+json" and "resourceType" in answer.json()


def _send(caller: httpx.Client, method: str, body: Any) -> httpx.Response:
    # The standard writer writes NaN and lone surrogates, which is the point.
    return caller.request(
        method,
        "/Practitioner",
        content=json.dumps(body).encode(),
        headers={"Content-Type": "application/fhir+json"},
    )


def _sendable(query: str) -> str:
    """Return a query as a head may carry it: no blank, no control character."""
    return quote(query.encode("latin-1", "replace"), safe="=&:%+|,.-_~!$'()*;/?@")


def _segment(ident: str) -> str:
    return quote(ident.encode("utf-8", "surrogatepass"), safe="") or NOBODY
