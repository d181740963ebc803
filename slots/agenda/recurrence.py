"""RFC 5545 recurrence rules: the safe subset an opening needs, read strictly, computed in local days. Pure.

Written here rather than taken from dateutil (the oracle of its property tests): dateutil searches up to the
year 9999 for the next day of a rule that has none, seconds of work that anybody's text could ask for; and it
counts local times that a clock change skips, which the RFC does not. See docs/adr/0020.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count as count_from
from typing import Final

from snp.days import PARIS, Wall, at_local, read_wall
from snp.errors import InvalidValue

MAX_COUNT: Final = 1000
MAX_INTERVAL: Final = 366
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY: Final = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_PARTS: Final = ("FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "COUNT", "UNTIL", "WKST")


class Frequency(StrEnum):
    """How often; finer than a day is refused, and nobody opens once a year."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


class InvalidRecurrence(InvalidValue):
    """The recurrence rule is not one we accept; the reason is French."""

    slug = "invalid-recurrence"

    def __init__(self, reason: str) -> None:
        super().__init__("rrule", reason)


@dataclass(frozen=True, slots=True)
class ByDay:
    """A weekday (0 Monday), every one of them or the `nth` of the month (negative: from its end)."""

    weekday: int
    nth: int | None = None

    def __str__(self) -> str:
        return f"{self.nth or ''}{_DAYS[self.weekday]}"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A parsed rule. `until` is the last local wall instant (naive) an occurrence may start at."""

    frequency: Frequency
    interval: int = 1
    by_day: tuple[ByDay, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    count: int | None = None
    until: datetime | None = None

    def __str__(self) -> str:
        """Return the canonical text; `parse` reads it back to an equal rule."""
        parts = [f"FREQ={self.frequency}"]
        parts += [f"INTERVAL={self.interval}"] if self.interval > 1 else []
        lists = {"BYDAY": self.by_day, "BYMONTHDAY": self.by_month_day, "BYSETPOS": self.by_set_pos}
        parts += [f"{name}={','.join(map(str, values))}" for name, values in lists.items() if values]
        parts += [f"COUNT={self.count}"] if self.count is not None else []
        parts += [f"UNTIL={_until_text(self.until)}"] if self.until is not None else []
        return ";".join(parts)


def parse(text: str) -> Recurrence:
    """Read a rule such as `FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270630`.

    Accepted: FREQ DAILY, WEEKLY, MONTHLY; INTERVAL; BYDAY (with an ordinal only in MONTHLY); BYMONTHDAY
    (not in WEEKLY); BYSETPOS (not in DAILY, beside another BY part); COUNT or UNTIL; WKST=MO. Anything else
    raises `InvalidRecurrence`.

    Source: RFC 5545 §3.3.10.
    """
    parts = _split(text)
    if parts.pop("WKST", "MO") != "MO":
        raise InvalidRecurrence("la semaine commence le lundi (WKST=MO)")
    rule = Recurrence(
        frequency=_frequency(parts),
        interval=_number(parts.get("INTERVAL", "1"), "INTERVAL", 1, MAX_INTERVAL),
        by_day=_by_day(parts.get("BYDAY")),
        by_month_day=_numbers(parts.get("BYMONTHDAY"), "BYMONTHDAY", 31),
        by_set_pos=_numbers(parts.get("BYSETPOS"), "BYSETPOS", 31),
        count=_number(parts["COUNT"], "COUNT", 1, MAX_COUNT) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
    )
    _check_parts_agree(rule)
    return rule


def occurrences(
    rule: Recurrence, first_day: date, starts_at: time, *, start: date, end: date
) -> Iterator[tuple[date, datetime | None]]:
    """Yield, in order, the days of `[start, end)` on which the rule occurs, each with its instant (UTC).

    `first_day` fixes the phase of the rule and is a day of it only if the rule says so. The instant is None
    on a day on which `starts_at` does not exist (spring clock change): such a day is not an occurrence, and
    COUNT does not count it.

    Source: RFC 5545 §3.3.10 ("nonexistent local time … MUST be ignored and MUST NOT be counted").
    """
    counted = 0
    for period in _periods(rule, first_day, from_day=first_day if rule.count else max(start, first_day)):
        if period[0] >= end:
            return
        for day in _occurring(rule, first_day, period):
            if day < first_day:
                continue
            instant = instant_of(day, starts_at)
            counted += instant is not None
            if _is_over(rule, day, starts_at, counted) or day >= end:
                return
            if day >= start:
                yield day, instant


def days(rule: Recurrence, first_day: date, starts_at: time, *, start: date, end: date) -> list[date]:
    """Return the days of `[start, end)` on which the rule really occurs; see `occurrences`."""
    found = occurrences(rule, first_day, starts_at, start=start, end=end)
    return [day for day, instant in found if instant is not None]


def from_day_on(rule: Recurrence, first_day: date, starts_at: time, day: date) -> Recurrence | None:
    """Return what is left of the rule from `day` on: the same one, with COUNT less what came before.

    None when nothing is left.
    """
    if rule.count is None:
        return rule
    left = rule.count - len(days(rule, first_day, starts_at, start=first_day, end=day))
    return replace(rule, count=left) if left > 0 else None


def instant_of(day: date, at: time) -> datetime | None:
    """Return the instant (UTC) of a local wall time, None if it does not happen, the first if it does twice.

    Source: RFC 5545 §3.3.5 (a local time that occurs twice refers to its first occurrence).
    """
    return None if read_wall(day, at) is Wall.NEVER else at_local(day, at)


def _is_over(rule: Recurrence, day: date, starts_at: time, counted: int) -> bool:
    if rule.count is not None and counted > rule.count:
        return True
    return rule.until is not None and datetime.combine(day, starts_at) > rule.until


def _periods(rule: Recurrence, first_day: date, *, from_day: date) -> Iterator[tuple[date, date]]:
    """Yield the days, weeks or months `[first, next)` of the rule, from the one that holds `from_day`."""
    match rule.frequency:
        case Frequency.DAILY:
            skipped = (from_day - first_day).days // rule.interval
            for n in count_from(skipped):
                day = first_day + timedelta(days=n * rule.interval)
                yield day, day + timedelta(days=1)
        case Frequency.WEEKLY:
            monday = first_day - timedelta(days=first_day.weekday())
            skipped = (from_day - monday).days // (7 * rule.interval)
            for n in count_from(skipped):
                day = monday + timedelta(weeks=n * rule.interval)
                yield day, day + timedelta(days=7)
        case Frequency.MONTHLY:
            origin = first_day.year * 12 + first_day.month - 1
            skipped = (from_day.year * 12 + from_day.month - 1 - origin) // rule.interval
            for n in count_from(skipped):
                year, month = divmod(origin + n * rule.interval, 12)
                day = date(year, month + 1, 1)
                yield day, day + timedelta(days=calendar.monthrange(year, month + 1)[1])


def _occurring(rule: Recurrence, first_day: date, period: tuple[date, date]) -> list[date]:
    length = (period[1] - period[0]).days
    candidates = [period[0] + timedelta(days=n) for n in range(length)]
    kept = [day for day in candidates if _is_named(rule, first_day, day, length)]
    if not rule.by_set_pos:
        return kept
    places = {place - 1 if place > 0 else len(kept) + place for place in rule.by_set_pos}
    return [day for place, day in enumerate(kept) if place in places]


def _is_named(rule: Recurrence, first_day: date, day: date, length: int) -> bool:
    if rule.by_month_day:
        in_month = calendar.monthrange(day.year, day.month)[1]
        if not {day.day, day.day - in_month - 1} & set(rule.by_month_day):
            return False
    if rule.by_day:
        return any(_is_weekday(named, day, length) for named in rule.by_day)
    match rule.frequency:
        case Frequency.WEEKLY:
            return day.weekday() == first_day.weekday()
        case Frequency.MONTHLY:
            return bool(rule.by_month_day) or day.day == first_day.day
        case Frequency.DAILY:
            return True


def _is_weekday(named: ByDay, day: date, days_in_month: int) -> bool:
    if day.weekday() != named.weekday:
        return False
    if named.nth is None:
        return True
    from_start, from_end = (day.day - 1) // 7 + 1, (days_in_month - day.day) // 7 + 1
    return named.nth in (from_start, -from_end)


def _split(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, separator, value = part.partition("=")
        if not separator or not value:
            raise InvalidRecurrence(f"« {part} » n’est pas de la forme NOM=valeur")
        if name not in _PARTS:
            raise InvalidRecurrence(f"{name} n’est pas accepté ; seuls le sont {', '.join(_PARTS)}")
        if name in parts:
            raise InvalidRecurrence(f"{name} est donné deux fois")
        parts[name] = value
    return parts


def _frequency(parts: dict[str, str]) -> Frequency:
    if "FREQ" not in parts:
        raise InvalidRecurrence("FREQ manque")
    try:
        return Frequency(parts["FREQ"])
    except ValueError as error:
        raise InvalidRecurrence("FREQ doit être DAILY, WEEKLY ou MONTHLY") from error


def _number(text: str, name: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,4}", text) or not least <= int(text) <= most:
        raise InvalidRecurrence(f"{name} doit être un nombre de {least} à {most}")
    return int(text)


def _numbers(text: str | None, name: str, most: int) -> tuple[int, ...]:
    numbers = {_number(part, name, -most, most) for part in text.split(",")} if text else set()
    if 0 in numbers:
        raise InvalidRecurrence(f"{name} ne peut pas valoir 0")
    return tuple(sorted(numbers))


def _by_day(text: str | None) -> tuple[ByDay, ...]:
    found = set()
    for part in text.split(",") if text else ():
        match = _BY_DAY.fullmatch(part)
        if match is None:
            raise InvalidRecurrence(f"« {part} » n’est pas un jour (MO, TU… ou 1MO, -1FR)")
        found.add(ByDay(_DAYS.index(match[2]), int(match[1]) if match[1] else None))
    return tuple(sorted(found, key=lambda named: (named.nth or 0, named.weekday)))


def _until(text: str) -> datetime:
    """Return the last wall instant: a date means its whole day, an instant must be UTC (`…Z`)."""
    try:
        if "T" not in text:
            return datetime.combine(datetime.strptime(text, "%Y%m%d").date(), time.max)  # noqa: DTZ007 - a day
        instant = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidRecurrence("UNTIL doit être une date (20270630) ou un instant UTC") from error
    return instant.astimezone(PARIS).replace(tzinfo=None)


def _until_text(until: datetime) -> str:
    if until.time() == time.max:
        return f"{until:%Y%m%d}"
    return f"{until.replace(tzinfo=PARIS).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _check_parts_agree(rule: Recurrence) -> None:
    if rule.count is not None and rule.until is not None:
        raise InvalidRecurrence("COUNT et UNTIL s’excluent")
    if rule.frequency is not Frequency.MONTHLY and any(named.nth for named in rule.by_day):
        raise InvalidRecurrence("un rang devant le jour (1MO) demande FREQ=MONTHLY")
    if rule.frequency is Frequency.WEEKLY and rule.by_month_day:
        raise InvalidRecurrence("BYMONTHDAY ne va pas avec FREQ=WEEKLY")
    if rule.by_set_pos and rule.frequency is Frequency.DAILY:
        raise InvalidRecurrence("BYSETPOS ne va pas avec FREQ=DAILY")
    if rule.by_set_pos and not (rule.by_day or rule.by_month_day):
        raise InvalidRecurrence("BYSETPOS demande BYDAY ou BYMONTHDAY")
