"""How a need becomes a row that points at nobody: fresh pseudonyms, coarse times, groups of at least k. Pure.

Rows that agree on period, weekday, part of the day, profession and origin form a group. One smaller than `k`
is told by month instead of week, without weekday and part of the day; one that is still smaller is left out.
Source: L. Sweeney, « k-anonymity », IJUFKBS 10(5), 2002; five is what the CNIL and the SNDS ask for.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from regulation.research.facts import NeedRow, ResearchRow, ResearchTable
from snp.days import local

SMALLEST: Final = 5
_DAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_BANDS: Final = ((5.0, "0-5 km"), (10.0, "5-10 km"), (20.0, "10-20 km"))
_MONTH: Final = "mois "


def research_table(needs: Iterable[NeedRow], *, secret: bytes, k: int = SMALLEST) -> ResearchTable:
    """Return the table. `secret`: made for this table and then thrown away, so that no other can be joined.

    Raises `ValueError` for `k` below 2: a group of one is a person.
    """
    if k < 2:
        raise ValueError("a group holds at least two rows")
    fine = [_fine(need, secret) for need in needs]
    small = _in_small_groups(fine, k)
    mixed = [_coarse(row) if row in small else _week(row) for row in fine]
    lonely = _in_small_groups(mixed, k)
    told = [row for row in mixed if row not in lonely]
    sizes = Counter(map(_group, told))
    return ResearchTable(
        rows=tuple(sorted(told, key=lambda row: row.need)),
        smallest_group=min(sizes.values(), default=0),
        coarsened=sum(1 for row in told if row.period.startswith(_MONTH)),
        left_out=len(fine) - len(told),
    )


def _fine(need: NeedRow, secret: bytes) -> ResearchRow:
    when = local(need.decided_at)
    year, week, weekday = when.isocalendar()
    return ResearchRow(
        need=_pseudonym(secret, b"need", need.request_id.bytes),
        person="" if need.person is None else _pseudonym(secret, b"person", need.person),
        period=f"{year}-S{week:02}|{when:%Y-%m}",
        weekday=_DAYS[weekday - 1],
        part_of_day="matin" if when.hour < 13 else "après-midi",
        origin=need.origin,
        profession=need.profession,
        priority=need.priority,
        outcome=need.outcome,
        delay_class=need.delay_class or "",
        attendance=need.attendance or "",
        no_mt="" if need.no_mt is None else "oui" if need.no_mt else "non",
        travel=_travel(need.km),
    )


def _week(row: ResearchRow) -> ResearchRow:
    return replace(row, period=row.period.partition("|")[0])


def _coarse(row: ResearchRow) -> ResearchRow:
    month = row.period.partition("|")[2]
    return replace(row, period=f"{_MONTH}{month}", weekday="", part_of_day="")


def _group(row: ResearchRow) -> Hashable:
    period = row.period.partition("|")[0]
    return period, row.weekday, row.part_of_day, row.profession, row.origin


def _in_small_groups(rows: Sequence[ResearchRow], k: int) -> frozenset[ResearchRow]:
    sizes = Counter(map(_group, rows))
    return frozenset(row for row in rows if sizes[_group(row)] < k)


def _pseudonym(secret: bytes, kind: bytes, value: bytes) -> str:
    return hmac.new(secret, kind + value, hashlib.sha256).hexdigest()[:16]


def _travel(km: float | None) -> str:
    if km is None:
        return ""
    return next((label for limit, label in _BANDS if km < limit), "20 km et plus")
