"""Whatever leaves this service has a name that a coordinator reads."""

from __future__ import annotations

from api.jobs.ways_out import ways_out
from api.web.coordination.messages import TOPICS
from api.wiring import Wiring
from regulation.messages.facts import Medium
from tests.support import database


def test_every_subject_has_a_name_in_french() -> None:
    ways = ways_out(Wiring(settings=database.test_settings(), engine=None, keys=None))  # type: ignore[arg-type]
    assert set(ways.splitters) | set(Medium) <= set(TOPICS)
