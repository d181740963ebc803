"""What a CPTS owes for slots kept free and for coordination, by its own dated terms. Pure and total.

Everything of one practitioner is judged from the first day of the terms on, in order of time, so that the
caps of a week, a month and a year count the same however a period is cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from slots.agenda.facts import SlotState
from slots.compensation.facts import (
    CoordinationTime,
    FundingKind,
    JudgedSlot,
    JudgedTime,
    Reason,
    SlotFact,
    Terms,
)
from slots.compensation.periods import month_of
from slots.compensation.wording import say_euros
from snp.days import say_day, say_delay

_NEVER: Final = {
    SlotState.WITHDRAWN: ("withdrawn", "Créneau retiré par le praticien : il n’était pas disponible."),
    SlotState.HIDDEN: ("hidden", "Créneau masqué par une absence : il n’était pas disponible."),
}
_PERIODS: Final = (("week", "semaine"), ("month", "mois"), ("year", "année"))


class Paid:
    """How much was paid to one practitioner so far, by week, month and year."""

    def __init__(self) -> None:
        self._sums: Counter[tuple[str, date]] = Counter()

    def add(self, day: date, week: date, quantity: int) -> None:
        """Count what was paid for a day."""
        for key in _keys(day, week):
            self._sums[key] += quantity

    def room(self, day: date, week: date, terms: Terms, *, unit: int = 1) -> tuple[int | None, str]:
        """Return how much the caps leave on a day (None: no cap), and the French name of the tightest."""
        caps = (terms.details.cap_week, terms.details.cap_month, terms.details.cap_year)
        left = [
            (max(0, cap * unit - self._sums[key]), name)
            for key, (_, name), cap in zip(_keys(day, week), _PERIODS, caps, strict=True)
            if cap is not None
        ]
        return min(left, default=(None, ""), key=lambda pair: pair[0] or 0)


def _keys(day: date, week: date) -> tuple[tuple[str, date], ...]:
    return ("week", week), ("month", month_of(day)), ("year", date(day.year, 1, 1))


def terms_on(
    terms: Iterable[Terms], kind: FundingKind, day: date, profession: str | None = None
) -> Terms | None:
    """Return the terms of a day: of those that cover it, the ones decided last."""
    covering = [
        one
        for one in terms
        if one.details.kind is kind
        and one.details.profession == profession
        and one.details.valid_from <= day
        and (one.details.valid_until is None or day < one.details.valid_until)
    ]
    return max(covering, key=lambda one: (one.created_at, one.id), default=None)


def source_of(terms: Terms) -> str:
    """Where a figure of terms comes from."""
    return f"Réglage de la CPTS en vigueur le {say_day(terms.details.valid_from, year=True)}"


def judge_slots(slots: Iterable[SlotFact], terms: Sequence[Terms]) -> list[JudgedSlot]:
    """Return what the slots of one practitioner that nobody used are worth, in order of start.

    A slot of a day without terms is left out: nothing was promised for it.
    """
    paid, judged = Paid(), []
    for slot in sorted(slots, key=lambda one: (one.start, one.slot_id)):
        held = terms_on(terms, FundingKind.UNUSED_SLOT, slot.day, slot.profession)
        if held is None or (slot.taken and not slot.no_show):
            continue
        fault = _slot_fault(slot, held, paid)
        if fault is None:
            paid.add(slot.day, slot.week, 1)
            judged.append(JudgedSlot(slot, held.details.rate_cents, (_kept_free(slot, held),), held))
        else:
            judged.append(JudgedSlot(slot, 0, (fault,), held))
    return judged


def _kept_free(slot: SlotFact, terms: Terms) -> Reason:
    why = "patient non venu" if slot.no_show else "publié et non pris"
    told = f"Créneau {why} : {say_euros(terms.details.rate_cents)}."
    return Reason("no_show_paid" if slot.no_show else "kept_free", told, source_of(terms))


def _slot_fault(slot: SlotFact, terms: Terms, paid: Paid) -> Reason | None:
    """Why a slot is not paid, by the first rule that says so."""
    source, details = source_of(terms), terms.details
    if slot.state in _NEVER:
        return Reason(*_NEVER[slot.state], source)
    if details.rate_cents == 0:
        return Reason("not_funded", "La CPTS ne finance pas ces créneaux.", source)
    if slot.state is SlotState.RELEASED and not details.pays_released:
        return Reason("released", "Créneau rendu au praticien avant l’heure : non financé.", source)
    if slot.no_show and not details.pays_no_show:
        return Reason("no_show", "Créneau pris, patient non venu : non financé.", source)
    notice = slot.start - slot.available_since
    if notice < timedelta(hours=details.min_notice_hours):
        told = (
            f"Proposé {say_delay(notice)} avant l’heure : {details.min_notice_hours}\u00a0h sont demandées."
        )
        return Reason("published_too_late", told, source)
    room, period = paid.room(slot.day, slot.week, terms)
    return None if room is None or room >= 1 else _beyond(period, source)


def _beyond(period: str, source: str) -> Reason:
    codes = {name: code for code, name in _PERIODS}
    which = {"semaine": "de la semaine", "mois": "du mois", "année": "de l’année"}[period]
    return Reason(f"beyond_{codes[period]}", f"Le plafond {which} est atteint.", source)


def judge_times(times: Iterable[CoordinationTime], terms: Sequence[Terms]) -> list[JudgedTime]:
    """Return what declared coordination time is worth, in order of day; a cap may leave a part of it.

    Amounts are rounded to the nearest cent, halves up. A day without terms is left out.
    """
    paid, judged = Paid(), []
    for time in sorted(times, key=lambda one: (one.day, one.created_at, one.id)):
        held = terms_on(terms, FundingKind.COORDINATION, time.day)
        if held is None or time.withdrawn_at is not None:
            continue
        judged.append(_judge_time(time, held, paid))
    return judged


def _judge_time(time: CoordinationTime, terms: Terms, paid: Paid) -> JudgedTime:
    source, rate = source_of(terms), terms.details.rate_cents
    if rate == 0:
        told = Reason("not_funded", "La CPTS ne finance pas ce temps.", source)
        return JudgedTime(time, 0, 0, (told,), terms)
    room, period = paid.room(time.day, time.week, terms, unit=60)
    minutes = time.minutes if room is None else min(time.minutes, room)
    paid.add(time.day, time.week, minutes)
    reasons = [Reason("coordination", f"Temps de coordination : {say_euros(rate)} l’heure.", source)]
    if minutes < time.minutes:
        reasons.insert(0, _beyond(period, source))
    return JudgedTime(time, minutes, (minutes * rate * 2 + 60) // 120, tuple(reasons), terms)
