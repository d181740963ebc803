"""What the page of coverage shows: fourteen days by half-day and profession, as table and drawing. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from api.web import wording
from regulation.coverage.facts import Basis, Line, Sheet
from regulation.coverage.halves import HalfDay
from regulation.coverage.wording import basis_sentence
from snp.days import say_relative

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 1000, 220, 34, 12, 34
"""The drawing's own units; it is scaled to the page."""
_NBSP: Final = "\u00a0"
_SHORT_DAYS: Final = ("lu", "ma", "me", "je", "ve", "sa", "di")
_CERTAIN, _SMALL = 0.99, 0.01
_LOW, _HIGH = 0.3, 0.6


@dataclass(frozen=True, slots=True)
class HalfRow:
    """One half-day of the table, in words."""

    field: str
    label: str
    need: str
    interval: str
    published: int
    taken: int
    free: int
    to_come: str
    risk: str
    tone: str
    unserved: str
    wanted: int
    called: int
    may_call: bool
    lent: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One half-day of the drawing: the slots as a bar, the need as a band and its middle."""

    x: float
    width: float
    middle: float
    taken_y: float
    taken_height: float
    free_y: float
    free_height: float
    low_y: float
    high_y: float
    need_y: float
    is_short: bool
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The drawing of one profession, and what it says in a sentence for who does not see it."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, int], ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class ProfessionView:
    """One profession of the page. `at_risk`: its half-days at risk; `wanted`: slots to ask for."""

    code: str
    label: str
    basis: str
    is_weak: bool
    computed: str
    rows: tuple[HalfRow, ...]
    chart: Chart
    at_risk: int
    wanted: int
    level: str
    unserved: str


def profession_view(
    sheet: Sheet,
    label: str,
    *,
    shortage_percent: int,
    today: date,
    now: datetime,
    may_call: Mapping[HalfDay, bool],
) -> ProfessionView:
    """Return one profession of the page."""
    at_risk = [one for one in sheet.lines if one.risk * 100 >= shortage_percent]
    return ProfessionView(
        code=sheet.profession,
        label=label,
        basis=basis_sentence(sheet.basis, days=sheet.days_known, needs=sheet.needs_known),
        is_weak=sheet.basis in {Basis.ASSUMED, Basis.SHORT},
        computed=say_relative(sheet.computed_at, now),
        rows=tuple(_row(one, today, may_call.get(one.half, False), shortage_percent) for one in sheet.lines),
        chart=_chart(sheet.lines, label, len(at_risk), shortage_percent),
        at_risk=len(at_risk),
        wanted=sum(max(one.wanted - one.called, 0) for one in sheet.lines),
        level=decimal(sheet.level),
        unserved=decimal(sum(one.unserved for one in sheet.lines)),
    )


def field_of(half: HalfDay) -> str:
    """The field of a half-day in a form: `n-2026-11-26-am`."""
    return f"n-{half.day.isoformat()}-{'pm' if half.is_afternoon else 'am'}"


def half_of(field: str) -> HalfDay | None:
    """The half-day of a field; None for any other field."""
    if not field.startswith("n-") or field[-3:] not in {"-am", "-pm"}:
        return None
    try:
        return HalfDay(date.fromisoformat(field[2:-3]), field.endswith("pm"))
    except ValueError:
        return None


def percent(share: float) -> str:
    """« 42 % »; never quite 0 nor 100, as nothing here is certain."""
    if share > _CERTAIN:
        return f"plus de 99{_NBSP}%"
    if share < _SMALL:
        return f"moins de 1{_NBSP}%"
    return f"{round(share * 100)}{_NBSP}%"


def slots(count: int) -> str:
    """« 3 créneaux »."""
    return f"{count} créneau{'x' if count > 1 else ''}"


def decimal(number: float) -> str:
    """« 3,5 »."""
    return f"{number:.1f}".replace(".", ",").removesuffix(",0")


def _row(line: Line, today: date, may_call: bool, shortage_percent: int) -> HalfRow:
    low, _, middle, _, high = line.need
    part = "après-midi" if line.half.is_afternoon else "matin"
    tone = "alarm" if line.risk >= _HIGH else "care" if line.risk * 100 >= shortage_percent else ""
    return HalfRow(
        field=field_of(line.half),
        label=f"{wording.day_heading(line.half.day, today)}, {part}",
        need=str(middle),
        interval=f"{low} à {high}",
        published=line.published,
        taken=line.taken,
        free=line.free,
        to_come=decimal(line.to_come),
        risk=percent(line.risk),
        tone=tone,
        unserved=decimal(line.unserved),
        wanted=max(line.wanted - line.called, 0),
        called=line.called,
        may_call=may_call,
        lent=line.lent,
    )


def _chart(lines: Sequence[Line], label: str, at_risk: int, shortage_percent: int) -> Chart:
    top = max([4, *(max(one.need[-1], one.published) for one in lines)])
    step = (WIDTH - LEFT) / max(len(lines), 1)
    ground = HEIGHT - BOTTOM

    def y(count: float) -> float:
        return round(ground - (ground - TOP) * count / top, 1)

    bars = tuple(
        Bar(
            x=round(LEFT + step * n + step * 0.15, 1),
            width=round(step * 0.7, 1),
            middle=round(LEFT + step * (n + 0.5), 1),
            taken_y=y(one.taken),
            taken_height=round(ground - y(one.taken), 1),
            free_y=y(one.published),
            free_height=round(y(one.taken) - y(one.published), 1),
            low_y=y(one.need[0]),
            high_y=y(one.need[-1]),
            need_y=y(one.need[2]),
            is_short=one.risk * 100 >= shortage_percent,
            label=f"{_SHORT_DAYS[one.half.day.weekday()]} {one.half.day.day}" if _heads(lines, n) else "",
        )
        for n, one in enumerate(lines)
    )
    ticks = tuple((y(count), count) for count in _round_counts(top))
    needs, published = sum(one.need[2] for one in lines), sum(one.published for one in lines)
    sentence = (
        f"{label} : {needs} besoins attendus et {published} créneaux publiés en 14 jours ; "
        f" {at_risk} demi-journée{'s' if at_risk > 1 else ''} à risque."
    )
    return Chart(bars, ticks, sentence)


def _heads(lines: Sequence[Line], place: int) -> bool:
    return place == 0 or lines[place - 1].half.day != lines[place].half.day


def _round_counts(top: int) -> list[int]:
    step = max(1, -(-top // 4))
    return list(range(0, top + 1, step))
