"""From verdicts to the lines of a statement, and what a closed statement must be corrected by. Pure.

A closed statement is never edited: when what it says of an event is no longer so, the difference is a line
of a later one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from slots.compensation.facts import (
    DraftLine,
    JudgedSlot,
    JudgedTime,
    LineKind,
    Reason,
    Verdict,
    VerdictStatus,
)
from slots.compensation.periods import month_of
from slots.compensation.wording import say_month
from snp.days import at_local

_RULE: Final = "Règle des relevés : un relevé clos n’est jamais modifié"
_ORDER: Final = {kind: place for place, kind in enumerate(LineKind)}

Event = tuple[LineKind, UUID]


def lines_of(
    verdicts: Iterable[Verdict], slots: Iterable[JudgedSlot], times: Iterable[JudgedTime], zone: ZoneInfo
) -> list[DraftLine]:
    """Return the line of every event, paid or not, in the order of a statement."""
    lines = [_of_act(one) for one in verdicts]
    lines += [_of_slot(one) for one in slots]
    lines += [_of_time(one, zone) for one in times]
    return ordered(lines)


def ordered(lines: Iterable[DraftLine]) -> list[DraftLine]:
    """Return lines as they stand in a statement: corrections last, then by kind and time."""
    return sorted(
        lines,
        key=lambda one: (
            one.corrected_month is not None,
            one.corrected_month or one.day,
            _ORDER[one.kind],
            one.at,
            one.event_id,
        ),
    )


def corrections(
    stated: Mapping[date, Sequence[DraftLine]],
    found: Mapping[date, Sequence[DraftLine]],
    noted: Mapping[date, date],
) -> list[DraftLine]:
    """Return, for each closed month, the difference between what was stated and what is found now.

    `stated`: the lines about events of a month in closed statements, corrections included. `noted`: the day
    on which each month last changed; the date of its corrections.
    """
    lines = []
    for month in sorted(stated):
        said: dict[Event, int] = defaultdict(int)
        first: dict[Event, DraftLine] = {}
        for line in stated[month]:
            said[line.kind, line.event_id] += line.amount_cents
            first.setdefault((line.kind, line.event_id), line)
        now = {(line.kind, line.event_id): line for line in found.get(month, ())}
        for event in {**said, **dict.fromkeys(now)}:
            amount = (now[event].amount_cents if event in now else 0) - said.get(event, 0)
            if amount:
                line = now.get(event) or first[event]
                lines.append(_correction(line, amount, month, noted.get(month, line.day), event in now))
    return ordered(lines)


def totals(lines: Iterable[DraftLine]) -> tuple[int, int]:
    """Return what the CPTS pays and what the Assurance maladie pays, in cents."""
    sums = {True: 0, False: 0}
    for line in lines:
        sums[line.kind is LineKind.MAJORATION] += line.amount_cents
    return sums[False], sums[True]


def in_month(lines: Iterable[DraftLine], month: date) -> list[DraftLine]:
    """Return the lines of a month's events."""
    return [line for line in lines if month_of(line.day) == month]


def _correction(line: DraftLine, amount: int, month: date, noted: date, still: bool) -> DraftLine:
    what = "Correction du relevé clos de" if still else "Annulation dans le relevé clos de"
    told = Reason("correction", f"{what} {say_month(month)}.", _RULE)
    reasons = (told, *(line.reasons if still else ()))
    return replace(
        line, day=noted, amount_cents=amount, unit_cents=amount, reasons=reasons, corrected_month=month
    )


def _of_act(verdict: Verdict) -> DraftLine:
    act = verdict.act
    return DraftLine(
        kind=LineKind.MAJORATION,
        event_id=act.appointment_id,
        day=act.day,
        at=act.seen_at,
        quantity=1,
        unit_cents=verdict.amount_cents,
        amount_cents=verdict.amount_cents if verdict.status is VerdictStatus.HOLDS else 0,
        reasons=verdict.reasons,
        request_number=verdict.request_number,
        status=verdict.status,
    )


def _of_slot(judged: JudgedSlot) -> DraftLine:
    slot = judged.slot
    return DraftLine(
        kind=LineKind.UNUSED_SLOT,
        event_id=slot.slot_id,
        day=slot.day,
        at=slot.start,
        quantity=1,
        unit_cents=judged.terms.details.rate_cents if judged.terms else 0,
        amount_cents=judged.amount_cents,
        reasons=judged.reasons,
        terms_id=judged.terms.id if judged.terms else None,
    )


def _of_time(judged: JudgedTime, zone: ZoneInfo) -> DraftLine:
    declared = judged.time
    at: datetime = at_local(declared.day, time(0), zone)
    return DraftLine(
        kind=LineKind.COORDINATION,
        event_id=declared.id,
        day=declared.day,
        at=at,
        quantity=judged.paid_minutes,
        unit_cents=judged.terms.details.rate_cents if judged.terms else 0,
        amount_cents=judged.amount_cents,
        reasons=judged.reasons,
        terms_id=judged.terms.id if judged.terms else None,
    )
