"""How the pages show an opening that comes back: in words, and the times to come. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.web import wording
from api.web.agenda.publish_views import Option
from api.web.agenda.reading import WEEKDAYS
from slots.agenda import recurrence
from slots.agenda import service as agenda
from slots.agenda.facts import PatternView, SlotFilter, SlotState
from slots.agenda.recurrence import Recurrence
from snp.days import local_day, say_day, say_time

OCCURRENCES_SHOWN: Final = 8
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Row:
    """An opening as the list shows it."""

    id: UUID
    title: str
    detail: str


def describe(found: PatternView) -> Row:
    """Return an opening in words: « Mardi à 18 h, 2 patients » and until when."""
    rule = recurrence.parse(found.rrule)
    at = f"{found.starts_at.hour}\u00a0h" + (f"\u00a0{found.starts_at:%M}" if found.starts_at.minute else "")
    patients = "1 patient" if found.patients == 1 else f"{found.patients} patients"
    until = f"jusqu’au {say_day(found.last_day, year=True)}" if found.last_day else "sans date de fin"
    return Row(
        found.id, f"{_days(rule)} à {at}, {patients}", f"Créneaux de {found.slot_minutes}\u00a0min, {until}"
    )


def _days(rule: Recurrence) -> str:
    codes = [part for part in str(rule).split(";") if part.startswith("BYDAY=")]
    names = [WEEKDAYS.get(code, code) for code in codes[0][6:].split(",")] if codes else []
    words = wording.capital(", ".join(names)) if names else "Ouverture"
    return words if rule.interval == 1 else f"{words}, une semaine sur {rule.interval}"


def occurrences(session: Session, found: PatternView, now: datetime) -> list[Option]:
    """Return the next occurrences that still have slots, by their own day."""
    query = SlotFilter(
        pattern_id=found.id,
        starts_from=now,
        states=frozenset({SlotState.OPEN, SlotState.HIDDEN}),
    )
    first: dict[date, datetime] = {}
    for slot in agenda.list_slots(session, query, now=now, limit=MOST).items:
        if slot.occurrence_day is not None:
            first.setdefault(slot.occurrence_day, slot.start)
    shown = list(first.items())[:OCCURRENCES_SHOWN]
    return [
        Option(day.isoformat(), wording.capital(say_day(local_day(start))), say_time(start))
        for day, start in shown
    ]
