"""Bars drawn on the server as SVG: where each stands, how high. Pure; a table beside them says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 320
HEIGHT: Final = 72
GAP: Final = 0.2
"""The part of a step that stays empty between two bars."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One step, in the units of the drawing; `masked` ones are a low band, those without a value nothing."""

    x: float
    y: float
    width: float
    height: float
    masked: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing: its bars, and the line of a target where there is one."""

    bars: tuple[Bar, ...]
    target_y: float | None
    width: int = WIDTH
    height: int = HEIGHT


def bars(values: Sequence[float | None], masked: Sequence[bool], target: float | None = None) -> Chart:
    """Return bars from zero up, the highest value or the target reaching the top; as many steps as values."""
    top = max((*(value for value in values if value is not None), target or 0.0, 0.0))
    step = WIDTH / max(1, len(values))
    drawn = []
    for number, value in enumerate(values):
        kept_back = masked[number]
        height = HEIGHT / 6 if kept_back else HEIGHT * (value or 0.0) / top if top else 0.0
        if height > 0:
            x, width = number * step + step * GAP / 2, step * (1 - GAP)
            drawn.append(
                Bar(round(x, 1), round(HEIGHT - height, 1), round(width, 1), round(height, 1), kept_back)
            )
    line = None if target is None or not top else round(HEIGHT - HEIGHT * target / top, 1)
    return Chart(tuple(drawn), line)
