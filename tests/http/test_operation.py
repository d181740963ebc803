"""What an operator's machines read: liveness, readiness, metrics, traces. Figures and codes, no person."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from api.jobs import work
from api.main import create_app
from api.observing.business import render_business
from api.observing.tracing import SPOKEN, start_tracing, stop_tracing
from snp.platform.clock import SteppedClock
from snp.platform.db import create_engine
from tests.support.database import test_settings
from tests.support.http import NOW, RunningServer, World, book, expect, publish, seeking_request

Sample = tuple[str, frozenset[tuple[str, str]]]


def samples(text: str) -> dict[Sample, float]:
    """Every sample of an exposition, by name and labels."""
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def labelled(name: str, **labels: str) -> Sample:
    return name, frozenset(labels.items())


def test_a_ready_service_says_so(world: World) -> None:
    told = expect(world.service.caller().get("/readyz"), 200)

    assert told == {
        "status": "ready",
        "checks": {"stopping": "ok", "database": "ok", "schema": "ok", "room": "ok"},
    }


def test_a_service_that_stops_takes_no_more_work_and_still_lives(world: World) -> None:
    world.service.app.state.stopping = True
    try:
        told = expect(world.service.caller().get("/readyz"), 503)
        expect(world.service.caller().get("/healthz"), 200)
    finally:
        world.service.app.state.stopping = False
    assert told["status"] == "not_ready"
    assert told["checks"]["stopping"] == "yes"


def test_a_schema_of_another_version_is_told(world: World) -> None:
    with world.service.session() as session:
        session.connection().execute(sa.text("UPDATE alembic_version SET version_num = 'other'"))

    assert expect(world.service.caller().get("/readyz"), 503)["checks"]["schema"] == "unknown"


def test_the_metrics_count_who_waits_what_is_left_and_what_did_not_leave(world: World) -> None:
    publish(world, "2026-11-24T15:00:00+01:00")
    publish(world, "2026-11-26T15:00:00+01:00")
    seeking_request(world, delay_h=12)
    work.watch_invariants(world.service.wiring)

    answer = world.service.caller().get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=")
    told = samples(answer.text)
    near = {"territory": world.territory.slug}
    assert told[labelled("snp_slots_free_24h", profession="medecin_generaliste", **near)] == 1
    assert told[labelled("snp_requests_seeking", time_left="under_24h", **near)] == 1
    assert told[labelled("snp_invariant_broken_rows", code="double_booking")] == 0
    assert told[labelled("snp_jobs_leader")] == 0
    route = {"route": "routers.requests.open_request", "method": "POST", "status": "201"}
    assert told[labelled("snp_http_request_duration_seconds_count", **route)] >= 1


def test_a_deadline_that_passed_is_counted_apart(world: World) -> None:
    seeking_request(world, delay_h=12)
    world.service.later(hours=13)

    told = samples(world.service.caller().get("/metrics").text)

    wanted = labelled("snp_requests_seeking", territory=world.territory.slug, time_left="overdue")
    assert told[wanted] == 1


HISTORY = (
    """
    INSERT INTO outbox_message OVERRIDING SYSTEM VALUE
    SELECT (jsonb_populate_record(NULL::outbox_message, to_jsonb(o) || jsonb_build_object(
            'id', gen_random_uuid(), 'position', -n, 'state', 'delivered', 'settled_at', o.created_at))).*
    FROM (SELECT * FROM outbox_message LIMIT 1) o, generate_series(1, 4000) n
    """,
    """
    INSERT INTO request
    SELECT (jsonb_populate_record(NULL::request, to_jsonb(r) || jsonb_build_object(
            'id', gen_random_uuid(), 'number', 'H-' || n, 'state', 'closed'))).*
    FROM (SELECT * FROM request LIMIT 1) r, generate_series(1, 4000) n
    """,
    """
    INSERT INTO slot
    SELECT (jsonb_populate_record(NULL::slot, to_jsonb(s) || jsonb_build_object(
            'id', gen_random_uuid(), 'start_at', s.start_at - n * interval '1 hour',
            'end_at', s.end_at - n * interval '1 hour',
            'busy_until', s.busy_until - n * interval '1 hour'))).*
    FROM (SELECT * FROM slot ORDER BY start_at LIMIT 1) s, generate_series(100, 4100) n
    """,
    "ANALYZE",
)
"""Thousands of what is over: sent messages, closed requests, slots of the past."""

GROWING = {"outbox_message", "request", "slot"}


def test_no_metric_reads_what_is_over(world: World) -> None:
    """The plan of every statement of a scrape: nothing that grows with the years is read whole."""
    publish(world, "2026-11-24T15:00:00+01:00")
    book(world, seeking_request(world, delay_h=12)["id"])
    asked: list[tuple[str, object]] = []
    engine = world.service.wiring.engine
    with engine.begin() as connection:
        for statement in HISTORY:
            connection.exec_driver_sql(statement)

    @sa.event.listens_for(engine, "before_cursor_execute")
    def keep(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        asked.append((statement, values))

    render_business(world.service.wiring)
    sa.event.remove(engine, "before_cursor_execute", keep)

    assert len(asked) >= 6
    with engine.connect() as connection:
        for statement, values in asked:
            (plans,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).one()
            read_whole = {node["Relation Name"] for node in nodes(plans[0]["Plan"]) if is_whole(node)}
            assert not read_whole & GROWING, (read_whole, statement)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's nodes, itself first."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def is_whole(node: dict[str, Any]) -> bool:
    """Whether a node reads a table from end to end, rows of thousands."""
    return node["Node Type"] == "Seq Scan" and "Relation Name" in node


def test_metrics_are_for_this_machine_or_for_who_has_the_token(world: World) -> None:
    stranger = world.service.caller()
    assert stranger.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 404

    settings = world.service.wiring.settings
    world.service.wiring.settings = settings.model_copy(update={"metrics_token": SecretStr("m" * 16)})
    assert stranger.get("/metrics").status_code == 404
    assert stranger.get("/metrics", headers={"Authorization": f"Bearer {'n' * 16}"}).status_code == 404
    assert stranger.get("/metrics", headers={"Authorization": f"Bearer {'m' * 16}"}).status_code == 200


def test_metrics_name_no_person_and_no_path(world: World) -> None:
    seeking_request(world)
    world.service.caller().get("/rdv/abcdefghij-a-secret")

    told = world.service.caller().get("/metrics").text

    assert "Guérin" not in told
    assert "a-secret" not in told


class Collector(ThreadingHTTPServer):
    """An OTLP collector: keeps what it is sent."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        super().__init__(("127.0.0.1", 0), _Kept)

    @property
    def spans(self) -> list[tuple[str, dict[str, str], int]]:
        """Name, attributes and number of events of each span."""
        return [
            (span.name, {one.key: one.value.string_value for one in span.attributes}, len(span.events))
            for body in self.received
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


class _Kept(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        self.server.received.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def test_traces_reach_the_collector_with_routes_and_without_paths(
    collector: Collector, clean_database: sa.URL
) -> None:
    settings = test_settings(traces_url=f"http://127.0.0.1:{collector.server_port}", traces_ratio=1.0)
    provider = start_tracing(settings)
    engine = create_engine(clean_database, settings)
    server = RunningServer(
        create_app(settings, engine=engine, clock=SteppedClock(NOW), tracer_provider=provider)
    )
    server.start()
    try:
        assert httpx.get(f"{server.url}/rdv/abcdefghij-a-secret?name=Martin", timeout=30).status_code == 404
        assert httpx.get(f"{server.url}/readyz", timeout=30).status_code == 200
    finally:
        server.stop()
        engine.dispose()
        stop_tracing(provider)

    names = {name for name, _attributes, _events in collector.spans}
    assert {"GET /rdv/{secret}", "GET /readyz", "SELECT"} <= names
    assert all(set(attributes) <= SPOKEN for _name, attributes, _events in collector.spans)
    assert all(events == 0 for _name, _attributes, events in collector.spans)
    assert not any(b"a-secret" in body or b"Martin" in body for body in collector.received)
