"""Tells every refusal under `/fhir` as an OperationOutcome; `api.problems` decides what it is.

`diagnostics` is for a log (English), `details.text` for a person (French).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

from api.fhir.negotiation import fhir_response
from api.problems import Problem
from snp.errors import SnpError

ISSUE: Final = "issue"
"""The field of a refusal that names its issue code itself, where its slug does not say enough."""

_CODES: Final = {
    "malformed-body": "structure",
    "method-not-allowed": "not-supported",
    "not-acceptable": "not-supported",
    "unsupported-media-type": "not-supported",
    "body-too-large": "too-long",
    "too-many-requests": "throttled",
    "busy": "transient",
    "unavailable": "transient",
    "internal": "exception",
}
_CODES_BY_STATUS: Final = {
    400: "invalid",
    401: "login",
    403: "security",
    404: "not-found",
    409: "conflict",
    412: "conflict",
    422: "business-rule",
}
_STATUSES: Final = {"validation": HTTPStatus.BAD_REQUEST}
"""The guide answers 400 to what is malformed and 422 to what a business rule refuses."""


class FhirRefusal(SnpError):
    """What is sent to the FHIR door cannot be taken; `issue` is a code of the R4 issue-type list.

    Source: http://hl7.org/fhir/R4/valueset-issue-type.html.
    """

    slug = "fhir-malformed"
    fr = "Demande FHIR mal formée : {reason}"

    def __init__(self, reason: str, *, issue: str = "invalid", **fields: object) -> None:
        super().__init__(reason, reason=reason, issue=issue, **fields)


def outcome_response(problem: Problem) -> Response:
    """Return a refusal as an OperationOutcome, with its status and headers."""
    status = _STATUSES.get(problem.kind.slug, problem.status)
    return fhir_response(outcome(problem), status, {**problem.headers, "Content-Language": "fr"})


def outcome(problem: Problem) -> dict[str, Any]:
    """Return the OperationOutcome of a refusal: one issue for each fault that it names, one at least."""
    errors = problem.extensions.get("errors")
    told = (
        [(fault["detail_en"], fault["detail_fr"], fault["pointer"]) for fault in errors]
        if problem.kind.slug == "validation" and errors
        else [(problem.detail_en, problem.detail_fr, None)]
    )
    return {"resourceType": "OperationOutcome", "issue": [_issue(problem, *each) for each in told]}


def _issue(problem: Problem, english: str, french: str, pointer: str | None) -> dict[str, Any]:
    code = problem.extensions.get(ISSUE) or _CODES.get(problem.kind.slug)
    return {
        "severity": "fatal" if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR else "error",
        "code": code or _CODES_BY_STATUS.get(problem.status, "processing"),
        "details": {"text": french},
        "diagnostics": f"{pointer}: {english}" if pointer else english,
    }
