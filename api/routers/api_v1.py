"""Puts the routers of the JSON API together, under one prefix and with the refusals that they share."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends

from api.negotiation import json_only
from api.openapi import OF_THE_API, problem_responses
from api.routers import (
    absences,
    access,
    appointments,
    communes,
    compensation,
    coverage,
    desk,
    emergencies,
    holds,
    indicators,
    links,
    live,
    mt_list,
    mt_places,
    organisations,
    outbox,
    patients,
    patterns,
    pool,
    practitioners,
    protection,
    requests,
    rota_turns,
    rotas,
    series,
    series_sharing,
    sharings,
    sites,
    slots,
    statements,
    steps,
    territories,
)

PREFIX = "/api/v1"

api_router = APIRouter(
    prefix=PREFIX,
    dependencies=[Depends(json_only)],
    responses=problem_responses(*OF_THE_API),
)
for module in (
    holds,
    territories,
    indicators,
    communes,
    organisations,
    sites,
    practitioners,
    slots,
    patterns,
    absences,
    rotas,
    rota_turns,
    requests,
    steps,
    appointments,
    patients,
    pool,
    outbox,
    live,
    sharings,
    coverage,
    access,
    links,
    protection,
    emergencies,
    mt_list,
    mt_places,
    compensation,
    series,
    series_sharing,
):
    api_router.include_router(module.router)
for desk_router in desk.routers:
    api_router.include_router(desk_router)

file_router = APIRouter(
    prefix=PREFIX, responses=problem_responses(400, 401, 403, 404, 405, 406, 414, 422, 429, 500, 503)
)
"""Routes that answer a file: what a reader accepts is not JSON."""
file_router.include_router(statements.router)

direct_routes: Final = tuple(holds.direct.routes)
"""Routes that stand before all others, since most calls are theirs: they are tried first."""

__all__ = ["PREFIX", "api_router", "direct_routes", "file_router"]
