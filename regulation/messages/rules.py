"""When people are told: reminders, quiet hours, and how an SMS must be written. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final

from regulation.messages.facts import Kind, Reminder
from snp.days import at_local, local, local_day

DAY_BEFORE_AT: Final = time(18, 0)
"""Local time of the reminder of the day before: after work, before the evening."""
HOURS_BEFORE: Final = timedelta(hours=2)
FRESH: Final = timedelta(hours=3)
"""Nobody is reminded of what he was told less than that ago."""
NIGHT_FROM: Final = 20
NIGHT_UNTIL: Final = 8
"""No reminder leaves between these local hours; a confirmation answers who is on the line and always does."""
LAST_USEFUL: Final = timedelta(minutes=45)
"""A reminder later than that before the start helps nobody."""

DIGEST_FROM: Final = time(18, 0)
"""From this local time on, carers are told of their next day."""

SMS_LONGEST: Final = 306
"""Two segments of 153 septets. Source: ETSI TS 123 040 §9.2.3.24.1 (concatenated short messages)."""

_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic character table. Source: 3GPP TS 23.038 §6.2.1."""
_INSTEAD: Final = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "œ": "oe",
        "Œ": "OE",
        "\u202f": " ",
    }
)


def reminders(start: datetime, now: datetime) -> Iterator[Reminder]:
    """Yield the reminders of an appointment that is made at `now`, in order of time.

    The evening before, and two hours before; in the early morning the latter leaves when the night ends, if
    that is still in time. What the patient has just been told is not told again.
    """
    evening = at_local(local_day(start) - timedelta(days=1), DAY_BEFORE_AT)
    if evening - now >= FRESH:
        yield Reminder(Kind.PATIENT_DAY_BEFORE, evening)
    before = out_of_quiet(start - HOURS_BEFORE, NIGHT_FROM, NIGHT_UNTIL)
    if before - now >= FRESH and start - before >= LAST_USEFUL:
        yield Reminder(Kind.PATIENT_HOURS_BEFORE, before)


def out_of_quiet(instant: datetime, quiet_from: int, quiet_until: int) -> datetime:
    """Return the instant, or the end of the quiet hours in which it falls.

    Local hours, 0 to 23; they may span midnight; equal ones mean that there are none.
    """
    hour, day = local(instant).hour, local_day(instant)
    spans_midnight = quiet_from > quiet_until
    after, before = hour >= quiet_from, hour < quiet_until
    if not ((after or before) if spans_midnight else (after and before)):
        return instant
    if spans_midnight and hour >= quiet_from:
        day += timedelta(days=1)
    return at_local(day, time(quiet_until))


def for_carer(now: datetime, start: datetime, quiet_from: int, quiet_until: int) -> datetime:
    """Return when a carer is told: after his quiet hours, unless the appointment begins before they end."""
    later = out_of_quiet(now, quiet_from, quiet_until)
    return later if later < start else now


def gsm(text: str) -> str:
    """Return a text in the alphabet of plain SMS, so that it is neither cut nor paid at double length.

    What the alphabet lacks loses its accent (« ê » is « e »), or is left out.
    """
    written = unicodedata.normalize("NFC", text).replace("\u00a0", " ").translate(_INSTEAD)
    return "".join(_gsm_character(character) for character in written)


def _gsm_character(character: str) -> str:
    if character in _GSM:
        return character
    plain = unicodedata.normalize("NFD", character)[0]
    return plain if plain in _GSM else ""
