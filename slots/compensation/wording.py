"""Money, months and lines as French readers say them. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final

from slots.compensation.facts import Activity, LineKind, VerdictStatus

_NBSP: Final = "\u00a0"
_MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
KINDS: Final = {
    LineKind.MAJORATION: "Majoration SNP",
    LineKind.UNUSED_SLOT: "Disponibilité non utilisée",
    LineKind.COORDINATION: "Temps de coordination",
}
STATUSES: Final = {
    VerdictStatus.HOLDS: "Due",
    VerdictStatus.TO_CONFIRM: "À confirmer",
    VerdictStatus.DOES_NOT_HOLD: "Non due",
}
ACTIVITIES: Final = {
    Activity.MEETING: "Réunion",
    Activity.PROTOCOL: "Protocole ou projet",
    Activity.TRAINING: "Formation",
    Activity.OTHER: "Autre",
}
ROLES: Final = {
    "regulateur": "médecin régulateur",
    "pharmacy": "pharmacie",
    "nurse_practice": "cabinet infirmier",
    "practitioner": "professionnel de santé",
}


def plain_euros(cents: int) -> str:
    """An amount for a spreadsheet: « 1234,50 », « -15,00 »."""
    euros, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{euros},{rest:02d}"


def say_euros(cents: int) -> str:
    """An amount in words: « 15,00 € », « 1 234,50 € », « −15,00 € ». Spaces do not break."""
    euros, rest = divmod(abs(cents), 100)
    grouped = f"{euros:,}".replace(",", _NBSP)
    return f"{'−' if cents < 0 else ''}{grouped},{rest:02d}{_NBSP}€"


def say_month(month: date) -> str:
    """A month in words: « novembre 2026 »."""
    return f"{_MONTHS[month.month - 1]} {month.year}"


def say_quantity(kind: LineKind, quantity: int) -> str:
    """How much a line counts: « 1 acte », « 1 créneau », « 90 min »."""
    match kind:
        case LineKind.COORDINATION:
            return f"{quantity}{_NBSP}min"
        case LineKind.MAJORATION:
            return f"{quantity}{_NBSP}acte{'s' if quantity > 1 else ''}"
        case _:
            return f"{quantity}{_NBSP}créneau{'x' if quantity > 1 else ''}"
