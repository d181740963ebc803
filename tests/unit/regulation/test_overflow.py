"""When a request may look at its neighbours' slots."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from regulation.intake.facts import CallPriority, RequestView
from regulation.orientation import overflow
from snp.directory.settings_json import settings_from_input, settings_to_json
from snp.directory.territory_settings import TerritorySettings
from snp.errors import InvalidValue

DECIDED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
P1, P2, P3 = CallPriority.P1, CallPriority.P2, CallPriority.P3


class View:
    """What the rule reads of a request."""

    def __init__(self, priority: CallPriority | None, hours: int = 24) -> None:
        self.id = uuid4()
        self.priority, self.decided_at, self.created_at = priority, DECIDED, DECIDED
        self.deadline = DECIDED + timedelta(hours=hours)


def opens(priority: CallPriority | None, hours: int = 24, **settings: Any) -> float | None:
    """Minutes after the decision."""
    view: RequestView = View(priority, hours)  # type: ignore[assignment]  # the four fields that are read
    found = overflow.opens_at(view, replace(TerritorySettings(), **settings))
    return None if found is None else (found - DECIDED).total_seconds() / 60


@pytest.mark.parametrize(
    ("minutes", "priority", "settings"),
    [
        (30, P1, {}),
        (120, P2, {}),
        (120, None, {}),
        (360, P3, {}),
        (0, P1, {"overflow_p1_minutes": 0}),
        (None, P3, {"overflow_p3_minutes": None}),
        (300, P3, {"overflow_before_deadline_minutes": 19 * 60}),
        (360, P3, {"overflow_before_deadline_minutes": None}),
    ],
)
def test_each_priority_has_its_delay_and_the_deadline_comes_before(
    minutes: float | None, priority: CallPriority | None, settings: dict[str, Any]
):
    assert opens(priority, **settings) == minutes


def test_a_deadline_nearer_than_its_margin_opens_at_the_decision():
    assert opens(P3, hours=2, overflow_before_deadline_minutes=240) == 0


def test_who_is_served_together_waits_for_the_last():
    both = [View(P1), View(P3)]
    found = overflow.opens_last(both, TerritorySettings())  # type: ignore[arg-type]
    assert found == DECIDED + timedelta(hours=6)
    never = replace(TerritorySettings(), overflow_p1_minutes=None)
    assert overflow.opens_last(both, never) is None  # type: ignore[arg-type]
    assert overflow.opens_last([], TerritorySettings()) is None


def test_the_settings_are_kept_as_json_and_bounded():
    given = settings_from_input({"overflow_p3_minutes": None}, base=TerritorySettings())
    assert settings_to_json(given)["overflow_p3_minutes"] is None
    assert settings_to_json(given)["overflow_p1_minutes"] == 30
    for value in (-1, 2881, "dix"):
        with pytest.raises(InvalidValue):
            settings_from_input({"overflow_p1_minutes": value}, base=TerritorySettings())
