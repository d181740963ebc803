"""Renders every refusal as an RFC 9457 problem; the table of slugs and statuses is `api.problem_types`.

Decides nothing. A fault of ours answers 500 without a word of what happened; the log has the request's id.
Under `/fhir`, `app.state.problem_outcome` makes an OperationOutcome of it. Under `/api`, answers are JSON;
elsewhere who accepts HTML gets the page that `app.state.problem_page` makes, and who reads a page without a
session is led to the sign-in form unless he asked for JSON.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic_core import to_jsonable_python
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.fhir.negotiation import is_fhir
from api.languages import prefers_french
from api.problem_types import ProblemType, problem_type
from api.validation_words import french
from snp.errors import NotFound, SnpError
from snp.platform.db import sqlstate
from snp.platform.events import Event
from snp.platform.logs import log

MEDIA_TYPE: Final = "application/problem+json"
BUSY_STATES: Final = frozenset({"55P03", "40001", "40P01", "57014"})
"""PostgreSQL: lock not available, serialization failure, deadlock, statement timeout."""
RETRY_SECONDS: Final = 2

_HTTP_SLUGS: Final = {
    400: "bad-request",
    401: "not-signed-in",
    403: "forbidden",
    404: "no-such-route",
    405: "method-not-allowed",
    406: "not-acceptable",
    408: "request-too-slow",
    413: "body-too-large",
    414: "address-too-long",
    415: "unsupported-media-type",
    429: "too-many-requests",
    503: "unavailable",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal ready to be told: its kind, a sentence in each language, typed fields, headers."""

    kind: ProblemType
    detail_en: str
    detail_fr: str
    extensions: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.kind.status


PageMaker = Callable[[Request, Problem], Response]
OutcomeMaker = Callable[[Problem], Response]


def problem_of(error: Exception) -> Problem:
    """Return the problem that an exception is told as; `internal` for what nobody foresaw."""
    match error:
        case SnpError():
            return _refusal(error)
        case RequestValidationError():
            return _validation(error.errors())
        case HTTPException():
            return _http(error)
        case DBAPIError() if sqlstate(error) in BUSY_STATES:
            return _plain("busy", headers={"Retry-After": str(RETRY_SECONDS)})
        case OperationalError() | PoolTimeout():
            return _plain("unavailable", headers={"Retry-After": str(RETRY_SECONDS)})
        case _:
            return _plain("internal")


def problem_response(
    request: Request, problem: Problem, *, more: Mapping[str, Any] | None = None
) -> Response:
    """Return a problem in the reader's language and form; `more` adds members (fresh proposals)."""
    headers = dict(problem.headers)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="snp"'
    if is_fhir(request.scope["path"]):
        tell: OutcomeMaker = request.app.state.problem_outcome
        return tell(problem)
    page: PageMaker | None = getattr(request.app.state, "problem_page", None)
    if page is not None and _wants_page(request, problem):
        response = page(request, problem)
        response.headers.update(headers)
        return response
    body = problem_json(request, problem) | to_jsonable_python(dict(more or {}))
    headers["Content-Language"] = "fr" if prefers_french(request.headers.get("accept-language")) else "en"
    headers["Link"] = f'</problems/{problem.kind.slug}>; rel="help"'
    return Response(orjson.dumps(body), problem.status, headers, MEDIA_TYPE)


def problem_json(request: Request, problem: Problem) -> dict[str, Any]:
    """Return the members of a problem (RFC 9457 §3.1), the typed fields of the refusal among them."""
    is_french = prefers_french(request.headers.get("accept-language"))
    extensions: dict[str, Any] = to_jsonable_python(dict(problem.extensions), fallback=str)
    return extensions | {
        "type": problem.kind.urn,
        "title": problem.kind.title,
        "title_fr": problem.kind.title_fr,
        "status": problem.status,
        "detail": problem.detail_fr if is_french else problem.detail_en,
        "instance": f"urn:uuid:{getattr(request.state, 'request_id', UUID(int=0))}",
    }


def install(app: FastAPI) -> None:
    """Make the application tell every refusal and fault as a problem."""

    def answer(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log(Event.HTTP_FAILED, level=logging.ERROR, error=error, slug=problem.kind.slug)
        elif problem.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            log(Event.ACCESS_REFUSED, level=logging.WARNING, slug=problem.kind.slug)
        return problem_response(request, problem)

    for kind in (SnpError, RequestValidationError, HTTPException, DBAPIError, PoolTimeout):
        app.add_exception_handler(kind, answer)


def _refusal(error: SnpError) -> Problem:
    if isinstance(error, NotFound):
        return _plain("not-found")  # the same words whether it does not exist or is somebody else's
    kind = _kind_of(type(error))
    headers = {}
    if "retry_after" in error.fields:
        headers["Retry-After"] = str(error.fields["retry_after"])
    elif kind.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_SECONDS)
    return Problem(kind, _sentence(str(error)), error.sentence, error.fields, headers)


def _kind_of(error: type[SnpError]) -> ProblemType:
    """Return the row of a refusal, or of the nearest refusal that it is a kind of."""
    for ancestor in error.__mro__:
        slug = getattr(ancestor, "slug", None)
        if slug is None:
            break
        try:
            return problem_type(slug)
        except KeyError:
            continue
    return problem_type("refused")


def _http(error: HTTPException) -> Problem:
    slug = _HTTP_SLUGS.get(
        error.status_code,
        "bad-request" if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR else "internal",
    )
    return _plain(slug, headers=error.headers or {})


def _plain(slug: str, *, headers: Mapping[str, str] | None = None) -> Problem:
    kind = problem_type(slug)
    return Problem(kind, f"{kind.title}.", f"{kind.title_fr}. {kind.advice}", {}, headers or {})


def _validation(errors: Sequence[Any]) -> Problem:
    if any(error["type"] == "json_invalid" for error in errors):
        return _plain("malformed-body")
    told = [_fault(error) for error in errors]
    return Problem(
        problem_type("validation"),
        "; ".join(f"{fault['pointer']}: {fault['detail_en']}" for fault in told),
        " ; ".join(f"{fault['pointer']} : {fault['detail_fr']}" for fault in told),
        {"errors": told},
    )


def _fault(error: Mapping[str, Any]) -> dict[str, Any]:
    """Return one fault: where (JSON pointer or parameter), its code, two sentences; never the value."""
    place, *rest = error["loc"]
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in rest)
    code = str(error["type"])
    context = error.get("ctx", {})
    cause = context.get("error") if isinstance(context, Mapping) else None
    message = str(cause) if code == "value_error" and cause is not None else str(error["msg"])
    return {
        "in": str(place),
        "pointer": f"#{pointer}" if place == "body" else str(rest[0]) if rest else str(place),
        "code": code,
        "detail_en": message,
        "detail_fr": french(code, context, message),
    }


def _wants_page(request: Request, problem: Problem) -> bool:
    if request.scope["path"].startswith("/api/"):
        return False
    accepted = request.headers.get("accept", "")
    if "text/html" in accepted:
        return True
    is_reading = request.method in {"GET", "HEAD"} and "json" not in accepted
    return is_reading and problem.status == HTTPStatus.UNAUTHORIZED


def _sentence(text: str) -> str:
    capital = text[:1].upper() + text[1:]
    return capital if capital.endswith((".", "!", "?")) else f"{capital}."
