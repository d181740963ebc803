"""Plots as SVG text, drawn by hand: bars with intervals, and distributions. No plotting library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from snp.simulation.compare import Figure

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 360, 60, 20, 40, 60
COLOURS = ("#4c6a92", "#b5651d", "#3f8f63", "#8a4f7d", "#7a7a3a", "#a33b3b")


def bars(title: str, figures: Mapping[str, Figure], *, unit: str = "", most: float = float("inf")) -> str:
    """One bar a name, with its 95 % interval as a whisker; the axis goes from zero to `most` at most."""
    top = _top(figures.values(), most)
    step = (WIDTH - LEFT - RIGHT) / max(1, len(figures))
    parts = [_axis(top, unit)]
    for i, (name, figure) in enumerate(figures.items()):
        x, width = LEFT + step * (i + 0.2), step * 0.6
        y = _y(figure.mean, top)
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
            f'height="{HEIGHT - BOTTOM - y:.1f}" fill="{COLOURS[i % len(COLOURS)]}"/>'
        )
        half = _finite(figure.half_width)
        middle = x + width / 2
        parts.append(_line(middle, _y(figure.mean - half, top), middle, _y(figure.mean + half, top), "#222"))
        parts.append(_text(middle, HEIGHT - BOTTOM + 18 + 14 * (i % 2), name, "middle"))
        parts.append(_text(x, y - 4, _number(figure.mean), "start"))
    return _svg(title, parts)


def distributions(
    title: str, samples: Mapping[str, Sequence[float]], *, unit: str = "", bins: int = 24
) -> str:
    """One line a name: the share of the sample in each of `bins` equal bins from zero to the top."""
    top = max((max(values) for values in samples.values() if values), default=1.0) or 1.0
    shares = {name: _histogram(values, top, bins) for name, values in samples.items()}
    peak = max((max(share) for share in shares.values()), default=1.0) or 1.0
    step = (WIDTH - LEFT - RIGHT) / bins
    parts = [_axis(peak, "part")]
    for i, (name, share) in enumerate(shares.items()):
        points = " ".join(
            f"{LEFT + step * (j + 0.5):.1f},{_y(value, peak):.1f}" for j, value in enumerate(share)
        )
        colour = COLOURS[i % len(COLOURS)]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(WIDTH - RIGHT, TOP + 16 * (i + 1), name, "end", colour))
    parts.extend(
        _text(
            LEFT + (WIDTH - LEFT - RIGHT) * q / 4,
            HEIGHT - BOTTOM + 18,
            f"{_number(top * q / 4)} {unit}",
            "middle",
        )
        for q in range(5)
    )
    return _svg(title, parts)


def lines(
    title: str,
    points: Sequence[float],
    figures: Mapping[str, Sequence[Figure]],
    *,
    most: float = float("inf"),
    mark: str = "×",
) -> str:
    """One line a name over rising `points` of the horizontal axis, with its 95 % intervals as whiskers.

    `mark` stands before each point.
    """
    top = _top([figure for series in figures.values() for figure in series], most)
    low, high = (points[0], points[-1]) if points else (0.0, 1.0)
    span = (high - low) or 1.0
    xs = [LEFT + 20 + (WIDTH - LEFT - RIGHT - 200) * (point - low) / span for point in points]
    parts = [_axis(top, "")]
    for i, (name, series) in enumerate(figures.items()):
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(f"{x:.1f},{_y(f.mean, top):.1f}" for x, f in zip(xs, series, strict=True))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, f in zip(xs, series, strict=True):
            half = _finite(f.half_width)
            parts.append(_line(x, _y(f.mean - half, top), x, _y(f.mean + half, top), colour))
        parts.append(_text(WIDTH - RIGHT, TOP + 16 * (i + 1), name, "end", colour))
    parts.extend(
        _text(x, HEIGHT - BOTTOM + 18, f"{mark}{_number(point)}", "middle")
        for x, point in zip(xs, points, strict=True)
    )
    return _svg(title, parts)


def _histogram(values: Sequence[float], top: float, bins: int) -> list[float]:
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, max(0, int(value / top * bins)))] += 1
    return [count / max(1, len(values)) for count in counts]


def _finite(value: float) -> float:
    return 0.0 if value == float("inf") else value


def _top(figures: Iterable[Figure], most: float) -> float:
    """Where the axis ends: the highest whisker, `most` at most."""
    highest = max((f.mean + _finite(f.half_width) for f in figures), default=0.0)
    return min(highest, most) or 1.0


def _number(value: float) -> str:
    return f"{value:.3g}".replace(".", ",")


def _y(value: float, top: float) -> float:
    """Height of a value, kept within the axes."""
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * min(max(value, 0.0), top) / top


def _axis(top: float, unit: str) -> str:
    lines = []
    for q in range(5):
        y = _y(top * q / 4, top)
        lines.append(_line(LEFT, y, WIDTH - RIGHT, y, "#ddd"))
        lines.append(_text(LEFT - 6, y + 4, _number(top * q / 4), "end"))
    lines.append(_text(LEFT, TOP - 8, unit, "start"))
    return "".join(lines)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'


def _svg(title: str, parts: list[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{escape(title)}</title>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    )
    return head + _text(WIDTH / 2, 20, title, "middle") + "".join(parts) + "</svg>\n"
