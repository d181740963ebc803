"""Whether the service lives, whether it may be sent work, and what its monitors read."""

from __future__ import annotations

import hmac
from functools import cache
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from api.deps import WiringDep
from api.fhir.access import is_local
from api.observing.business import render_business
from api.observing.meters import render_process
from api.openapi import problem_responses
from api.wiring import Wiring
from snp.errors import NotFound

router = APIRouter(tags=["service"])

EXPOSITION = "text/plain; version=1.0.0; charset=utf-8"
"""Source: Prometheus exposition formats, text format 1.0.0."""


class Health(BaseModel):
    """The service is ready."""

    status: Literal["ok"] = "ok"
    revision: str


class Readiness(BaseModel):
    """Whether requests may be sent here; every check that fails says how, in a word."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, str]


@router.get("/healthz", responses=problem_responses(503))
def healthz(wiring: WiringDep) -> Health:
    """Answer 200 once the database answers and its schema is the one this version knows; 503 otherwise."""
    revision = _revision(wiring)
    if revision is None or revision not in _known_heads():
        raise HTTPException(503)
    return Health(revision=revision)


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Pas de travail ici."}})
def readyz(request: Request, wiring: WiringDep, response: Response) -> Readiness:
    """Answer 200 while requests may be sent here: not stopping, database reached, schema known, room left."""
    revision = _revision(wiring)
    turnstile = wiring.turnstile.statistics()
    full = turnstile.tasks_waiting > turnstile.total_tokens
    checks = {
        "stopping": "yes" if getattr(request.app.state, "stopping", False) else "ok",
        "database": "unreachable" if revision is None else "ok",
        "schema": "ok" if revision in _known_heads() else "unknown",
        "room": "full" if full else "ok",
    }
    is_ready = set(checks.values()) == {"ok"}
    if not is_ready:
        response.status_code = 503
    return Readiness(status="ready" if is_ready else "not_ready", checks=checks)


@router.get("/metrics", response_class=Response, responses=problem_responses(404, 503))
def metrics(
    request: Request, wiring: WiringDep, authorization: Annotated[str | None, Header()] = None
) -> Response:
    """Return the metrics, in the text format of Prometheus: to this machine, or to who has the token."""
    if not _may_read_metrics(request, wiring, authorization):
        raise NotFound("metrics")
    try:
        business = render_business(wiring)
    except SQLAlchemyError as error:
        raise HTTPException(503) from error
    return Response(render_process() + business, media_type=EXPOSITION)


def _may_read_metrics(request: Request, wiring: Wiring, authorization: str | None) -> bool:
    token = wiring.settings.metrics_token
    if token is None:
        return is_local(request)
    wanted = f"Bearer {token.get_secret_value()}".encode()
    return hmac.compare_digest(wanted, (authorization or "").encode())


def _revision(wiring: Wiring) -> str | None:
    """The revision of the database; None when it does not answer."""
    try:
        with wiring.engine.connect() as connection:
            revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        return None
    return revision


@cache
def _known_heads() -> frozenset[str]:
    from api.migrations import heads  # noqa: PLC0415 - Alembic is slow to import, and asked once

    return frozenset(heads())
