"""Whatever strangers send, a reader answers or refuses as it says it does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bench.fuzz import seeds
from bench.fuzz.parsers import READERS


@pytest.mark.parametrize("name", READERS)
def test_a_spoiled_document_is_read_or_refused(name: str) -> None:
    reader = READERS[name]

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(given_=reader.spoiled)
    def spoiled(given_: Any) -> None:
        reader.try_once(given_)

    spoiled()


def test_what_is_spoiled_was_good() -> None:
    """Otherwise the readers would stop at the first field and nothing behind it be tried."""
    assert READERS["csv"].try_once(seeds.CSV.encode())
    assert READERS["ical"].try_once(seeds.CALENDAR.encode())
    assert READERS["ical"].try_once(seeds.ZONES.encode())
    assert READERS["instance"].try_once(json.dumps(seeds.INSTANCE))
    assert READERS["assignment"].try_once(json.dumps(seeds.ASSIGNMENT))
    assert READERS["stream"].try_once(seeds.STREAM.encode())
    assert READERS["rota"].try_once(seeds.rota_problem())
    assert READERS["rota-answer"].try_once(json.dumps(seeds.ROTA_ANSWER))
