"""Which sessions go together, what a sheet and a template may hold, when a series ends. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from regulation.series.facts import Choice, Section, SeriesTerms, SheetContent
from slots.appointments.facts import AppointmentStatusKind, AppointmentView
from snp.errors import InvalidValue

MOST_GAP_DAYS: Final = 30
LONGEST_TEXT: Final = 2_000
LONGEST_LABEL: Final = 80
LONGEST_HINT: Final = 200
SECTIONS: Final = ("findings", "exercises", "advice", "next")
REQUIRED: Final = ("findings", "next")
"""What a finished sheet must say: what was found, and what comes next."""
LONGEST_RELAY: Final = timedelta(days=183)
SHEET_DUE: Final = timedelta(days=1)
"""How long after its last session a sheet is asked for."""
LAPSE: Final = timedelta(days=30)
"""How long after its last session a series that nobody closed is over. [GK] a habit, not a rule."""

COUNTED: Final = frozenset({AppointmentStatusKind.BOOKED, AppointmentStatusKind.HONOURED})
"""Sessions that a patient has or had; one that he missed may be given again."""

_EMAIL: Final = re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]{1,190}\.[^\s@<>,;:\"]{2,63}")


def breaks_spacing(days: Iterable[date], min_gap_days: int, max_gap_days: int) -> bool:
    """Whether local days of sessions are too close or too far from each other."""
    return any(
        not max(1, min_gap_days) <= (after - before).days <= max_gap_days
        for before, after in pairwise(sorted(days))
    )


def counted(sessions: Iterable[AppointmentView]) -> tuple[AppointmentView, ...]:
    """The sessions that a patient has or had."""
    return tuple(one for one in sessions if one.status in COUNTED)


def to_come(sessions: Iterable[AppointmentView], now: datetime) -> tuple[AppointmentView, ...]:
    """The sessions that have not begun, by start."""
    return tuple(
        sorted(
            (one for one in sessions if one.status is AppointmentStatusKind.BOOKED and one.start > now),
            key=lambda one: (one.start, one.id),
        )
    )


def begun(sessions: Iterable[AppointmentView], now: datetime) -> tuple[AppointmentView, ...]:
    """The sessions that took place, or must have: begun and not said to have been missed."""
    return tuple(one for one in counted(sessions) if one.start <= now)


def checked_terms(terms: SeriesTerms, today: date) -> SeriesTerms:
    """Terms fit to be kept; raises `InvalidValue` naming what to revise."""
    if terms.diagnosed is None:
        raise InvalidValue("diagnosed", "dites s’il y a une prescription ou un diagnostic médical préalable.")
    if terms.diagnosed_on is not None and terms.diagnosed_on > today:
        raise InvalidValue("diagnosed_on", "cette date est dans le futur.")
    if not 0 <= terms.sessions_elsewhere <= 99:
        raise InvalidValue("sessions_elsewhere", "de 0 à 99 séances.")
    if terms.sessions_elsewhere and terms.first_elsewhere_on is None:
        raise InvalidValue("first_elsewhere_on", "indiquez la date de la première de ces séances.")
    if terms.first_elsewhere_on is not None and terms.first_elsewhere_on > today:
        raise InvalidValue("first_elsewhere_on", "cette date est dans le futur.")
    return terms


def check_spacing(min_gap_days: int, max_gap_days: int) -> None:
    """Raise `InvalidValue` unless sessions may be that far apart."""
    if not 1 <= min_gap_days <= MOST_GAP_DAYS:
        raise InvalidValue("min_gap_days", f"de 1 à {MOST_GAP_DAYS} jours")
    if not min_gap_days <= max_gap_days <= MOST_GAP_DAYS:
        raise InvalidValue("max_gap_days", f"de {min_gap_days} à {MOST_GAP_DAYS} jours")


def checked_sections(sections: Sequence[Section]) -> tuple[Section, ...]:
    """The sections of a template in their order; raises `InvalidValue` naming the section."""
    given = {one.code: one for one in sections}
    if len(given) != len(sections) or set(given) != set(SECTIONS):
        raise InvalidValue("sections", f"les parties {', '.join(SECTIONS)}, une fois chacune")
    for one in sections:
        if not one.label.strip() or len(one.label) > LONGEST_LABEL:
            raise InvalidValue(one.code, f"un titre de {LONGEST_LABEL} caractères au plus")
        if len(one.hint) > LONGEST_HINT:
            raise InvalidValue(one.code, f"une aide de {LONGEST_HINT} caractères au plus")
        if len(one.text) > LONGEST_TEXT:
            raise InvalidValue(one.code, f"un texte de {LONGEST_TEXT} caractères au plus")
    return tuple(
        Section(code, given[code].label.strip(), given[code].hint.strip(), given[code].text.strip())
        for code in SECTIONS
    )


def checked_content(texts: Mapping[str, str], email: str | None, *, whole: bool) -> SheetContent:
    """What a sheet says, bounded; raises `InvalidValue` naming the section. `whole`: it is being finished."""
    kept = {code: clean(texts.get(code, "")) for code in SECTIONS}
    for code, text in kept.items():
        if len(text) > LONGEST_TEXT:
            raise InvalidValue(code, f"{LONGEST_TEXT} caractères au plus ({len(text)} saisis)")
    if whole:
        for code in REQUIRED:
            if not kept[code]:
                raise InvalidValue(code, "à remplir avant de terminer la fiche")
    address = (email or "").strip()
    if address and not _EMAIL.fullmatch(address):
        raise InvalidValue("email", "cette adresse électronique n’est pas valable")
    return SheetContent(kept, address or None)


def clean(text: str) -> str:
    """A text as it is kept: one kind of line end, no control character, nothing around it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in {"\n", "\t"} or (ord(c) >= 32 and c != "\x7f")).strip()


def in_plain_order(choices: Sequence[Choice], seed: UUID) -> tuple[Choice, ...]:
    """Who says that he takes no patients left out; the nearest first, to the kilometre.

    At one distance the order is drawn anew for each series: nobody is favoured by his name.
    """
    return tuple(
        sorted(
            (one for one in choices if one.takes_patients is not False),
            key=lambda one: (
                round(one.km),
                hashlib.sha256(seed.bytes + one.practitioner_id.bytes).digest(),
            ),
        )
    )


def check_relay(starts_on: date, ends_on: date, today: date) -> None:
    """Raise `InvalidValue` unless a colleague may stand in for that long."""
    if ends_on < starts_on:
        raise InvalidValue("ends_on", "la fin est avant le début")
    if ends_on < today:
        raise InvalidValue("ends_on", "cette absence est déjà finie")
    if ends_on - starts_on > LONGEST_RELAY:
        raise InvalidValue("ends_on", f"{LONGEST_RELAY.days} jours au plus")
