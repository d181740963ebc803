"""The use cases of indicators: define, measure, report. Who may is judged at the doors."""

from __future__ import annotations

from regulation.indicators.service.defining import (
    change_indicator,
    create_indicator,
    get_indicator,
    indicator_history,
    list_indicators,
)
from regulation.indicators.service.measuring import measure
from regulation.indicators.service.reporting import draw_report

__all__ = [
    "change_indicator",
    "create_indicator",
    "draw_report",
    "get_indicator",
    "indicator_history",
    "list_indicators",
    "measure",
]
