"""The counters and histograms that this process keeps while it works; names follow Prometheus' conventions.

Source: Prometheus documentation, « Metric and label naming ».
"""

from __future__ import annotations

import os
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.process_collector import ProcessCollector

PROCESS: Final = CollectorRegistry()
GCCollector(PROCESS)
ProcessCollector(registry=PROCESS)

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

HTTP_SECONDS: Final = Histogram(
    "snp_http_request_duration_seconds",
    "Time to answer, by the function that answered; a path may carry a secret and is never a label.",
    ("route", "method", "status"),
    buckets=_SECONDS,
    registry=PROCESS,
)
JOB_SECONDS: Final = Histogram(
    "snp_job_duration_seconds",
    "Time that a job took.",
    ("job",),
    buckets=(*_SECONDS, 30, 60, 300),
    registry=PROCESS,
)
JOB_FAILURES: Final = Counter(
    "snp_job_failures", "Fires of a job that ended in a fault.", ("job",), registry=PROCESS
)
JOB_LAST_SUCCESS: Final = Gauge(
    "snp_job_last_success_timestamp_seconds",
    "When a job last ended well, by the machine's clock.",
    ("job",),
    registry=PROCESS,
    multiprocess_mode="mostrecent",
)


def render_process() -> bytes:
    """What this process counted; with `PROMETHEUS_MULTIPROC_DIR`, what all the workers beside it did."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(PROCESS)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's own
    return generate_latest(registry)
