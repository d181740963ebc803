"""Builds the application: doors, refusals, headers, documentation, health. No decision is taken here.

The clock is a part like any other: tests hand in one that they move by hand.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from opentelemetry.trace import TracerProvider
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from api import problems
from api.bounding import Bounded
from api.edge import Guarded, Served
from api.fhir.negotiation import SlashTolerant
from api.fhir.outcomes import outcome_response
from api.fhir.routes import router as fhir
from api.fhir.warming import warm
from api.hosts import Hosts, check_public_url
from api.jobs.delivery import Deliverer
from api.jobs.runner import JobRunner
from api.jobs.ways_out import ways_out
from api.limiting import Limited
from api.live.hub import Hub
from api.openapi import DESCRIPTION, TAGS, describe, name_operation
from api.pacing import Paces
from api.routers import health, oauth, problem_pages
from api.routers.api_v1 import api_router, direct_routes, file_router
from api.web.routes import problem_page
from api.web.routes import router as pages
from api.wiring import Wiring
from snp.platform.clock import Clock, SystemClock
from snp.platform.events import Event
from snp.platform.keys import Keys, load_keys
from snp.platform.logs import log
from snp.platform.settings import Settings

DOCS: Final = "/docs"
REDOC: Final = "/redoc"
OPENAPI: Final = "/api/openapi.json"
OPENAPI_ALIASES: Final = ("/openapi.json", "/api/v1/openapi.json")
"""Where generators and gateways look first."""
_STATIC: Final = Path(__file__).parent / "web" / "static"


def create_app(
    settings: Settings,
    *,
    engine: sa.Engine,
    keys: Keys | None = None,
    clock: Clock | None = None,
    jobs: bool = False,
    tracer_provider: TracerProvider | None = None,
) -> FastAPI:
    """Return the application over a migrated database; it disposes of the engine when it ends.

    `keys` default to those of the settings, `clock` to the machine's. With `jobs` the process also delivers
    the outbox and, unless the settings say no, stands for election as the one that runs the jobs. With a
    `tracer_provider` each request is a span. Raises `UnsafePublicUrl`.
    """
    check_public_url(settings)
    wiring = Wiring(
        settings=settings, engine=engine, keys=keys or load_keys(settings), clock=clock or SystemClock()
    )
    paces = Paces(settings)
    app: FastAPI = FastAPIOffline(
        docs_url=DOCS,
        redoc_url=REDOC,
        openapi_url=OPENAPI,
        title="SNP",
        summary="Moteur ouvert des soins non programmés",
        description=DESCRIPTION,
        version=version("snp"),
        openapi_tags=TAGS,
        generate_unique_id_function=name_operation,
        telemetry={
            "tracing": tracer_provider is not None,
            "tracer_provider": tracer_provider,
            "operation_spans": False,
            "metrics": False,
            "logs": False,
        },
        lifespan=_lifespan,
        middleware=[
            Middleware(Guarded, is_https=wiring.is_https, docs_paths=(DOCS, REDOC)),
            Middleware(Served),
            Middleware(Limited, paces=paces),
            Middleware(Bounded, hosts=Hosts(settings)),
            Middleware(SlashTolerant),
        ],
    )
    app.state.wiring = wiring
    app.state.paces = paces
    app.state.stopping = False
    app.state.live = Hub(lambda: wiring.direct_url)
    app.state.unattended = _unattended(wiring) if jobs else ()
    app.state.problem_page = problem_page
    app.state.problem_outcome = outcome_response
    problems.install(app)
    app.router.routes.extend(direct_routes)
    app.include_router(health.router)
    app.include_router(api_router)
    app.include_router(file_router)
    app.include_router(oauth.router)
    app.include_router(problem_pages.router)
    app.include_router(fhir)
    app.include_router(pages)
    describe(app)
    _alias_document(app)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    return app


def _unattended(wiring: Wiring) -> tuple[JobRunner | Deliverer, ...]:
    """What works without being asked: the delivery of messages and, where this process may lead, the jobs."""
    deliverer = Deliverer(wiring, ways_out(wiring))
    return (JobRunner(wiring), deliverer) if wiring.settings.jobs else (deliverer,)


def _alias_document(app: FastAPI) -> None:
    """Serve the OpenAPI document under its usual names too."""
    document = next(route for route in app.routes if getattr(route, "path", None) == OPENAPI)
    assert isinstance(document, Route)
    for alias in OPENAPI_ALIASES:
        app.add_route(alias, document.endpoint, include_in_schema=False)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Say when the service starts and stops; give the connections back at the end."""
    wiring: Wiring = app.state.wiring
    unattended: tuple[JobRunner | Deliverer, ...] = app.state.unattended
    log(Event.SERVICE_STARTED, environment=wiring.settings.environment, version=app.version)
    for runner in unattended:
        runner.start()
    await run_in_threadpool(_warm, wiring)
    gc.collect()
    gc.freeze()  # what was loaded to start lives as long as the service: no need to look through it again
    exchanging = asyncio.create_task(app.state.paces.keep_exchanging(lambda: app.state.wiring))
    yield
    exchanging.cancel()
    with suppress(asyncio.CancelledError):
        await exchanging
    await run_in_threadpool(app.state.live.stop)
    for runner in unattended:
        await run_in_threadpool(runner.stop)
    wiring.dispose()
    log(Event.SERVICE_STOPPED)


def _warm(wiring: Wiring) -> None:
    """Do once what the first search of the platform would wait for; a database that is away is no reason."""
    with suppress(DBAPIError), wiring.transaction() as session:
        warm(session, now=wiring.clock.now())
