"""Traces for a collector that a setting names (OTLP over HTTP): which function took how long.

A span may carry a path with a secret link, the message of a fault that quotes a person, the text of a
statement: only attributes of a short list leave, no event, no description.
Source: OpenTelemetry semantic conventions (HTTP, database).
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Status

from snp.platform.settings import Settings

SPOKEN: Final = frozenset(
    {
        "code.function.name",
        "db.system",
        "db.system.name",
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "network.protocol.version",
        "url.scheme",
    }
)


class Discreet(SpanExporter):
    """Hands spans on with the attributes of the list alone."""

    def __init__(self, behind: SpanExporter) -> None:
        self._behind = behind

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export what may be told of each span."""
        return self._behind.export([_discreet(span) for span in spans])

    def shutdown(self) -> None:
        """Close the exporter behind."""
        self._behind.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what waits."""
        return self._behind.force_flush(timeout_millis)


def start_tracing(settings: Settings) -> TracerProvider | None:
    """Trace this process from now on, where a collector is set; the caller shuts the provider down."""
    if settings.traces_url is None:
        return None
    exporter = OTLPSpanExporter(endpoint=settings.traces_url.rstrip("/") + "/v1/traces", timeout=5)
    provider = TracerProvider(
        resource=Resource({"service.name": "snp", "service.version": version("snp")}),
        sampler=ParentBased(TraceIdRatioBased(settings.traces_ratio)),
    )
    provider.add_span_processor(BatchSpanProcessor(Discreet(exporter)))
    PsycopgInstrumentor().instrument(tracer_provider=provider, skip_dep_check=True)
    return provider


def stop_tracing(provider: TracerProvider | None) -> None:
    """Send what waits, and stop."""
    if provider is not None:
        PsycopgInstrumentor().uninstrument()
        provider.shutdown()


def _discreet(span: ReadableSpan) -> ReadableSpan:
    told = {name: value for name, value in (span.attributes or {}).items() if name in SPOKEN}
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=told,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
