"""Is the service ready: database reached, schema at the newest revision."""

from __future__ import annotations

from functools import cache
from typing import Literal

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from api.deps import WiringDep
from api.openapi import problem_responses

router = APIRouter(tags=["service"])


class Health(BaseModel):
    """The service is ready."""

    status: Literal["ok"] = "ok"
    revision: str


@router.get("/healthz", responses=problem_responses(503))
def healthz(wiring: WiringDep) -> Health:
    """Answer 200 once the database answers and its schema is the one this version knows; 503 otherwise."""
    try:
        with wiring.engine.connect() as connection:
            revision = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except DBAPIError as error:
        raise HTTPException(503) from error
    if revision not in _known_heads():
        raise HTTPException(503)
    return Health(revision=revision)


@cache
def _known_heads() -> frozenset[str]:
    from api.migrations import heads  # noqa: PLC0415 - Alembic is slow to import, and asked once

    return frozenset(heads())
