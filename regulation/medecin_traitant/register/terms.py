"""The table of points and delays that ships with the service, by version and day. Validated when first read.

Each row names its source, or says that the value is our own default. A table that is wrong does not load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

import pydantic

from snp.errors import InvalidValue

_FILES: Final = ("register-2026.1.json",)


class RuleKind(StrEnum):
    """What a row of the table looks at."""

    ALD = "ald"
    AGE = "age"
    PREGNANT = "pregnant"
    DISCHARGED = "discharged"
    HOUSEBOUND = "housebound"
    WAITING = "waiting"
    REFUSALS = "refusals"
    DISTANCE = "distance"


@dataclass(frozen=True, slots=True)
class PointRule:
    """A row: points when the measure lies in `[at_least, at_most]`, or for each whole `per` up to `most`.

    The measure is years for an age, days for a discharge or a wait, a count for refusals, km for a distance.
    """

    code: str
    kind: RuleKind
    points: int
    label: str
    source: str
    at_least: int | None = None
    at_most: int | None = None
    per: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class SettingRule:
    """A delay or count that a territory may change within bounds."""

    code: str
    value: int
    low: int
    high: int
    unit: str
    label: str
    source: str


@dataclass(frozen=True, slots=True)
class RegisterTerms:
    """One version of the table; several may stand side by side."""

    version: str
    valid_from: date
    source: str
    validation: str
    rules: tuple[PointRule, ...]
    settings: tuple[SettingRule, ...]


@dataclass(frozen=True, slots=True)
class Delays:
    """The settings in force in a territory on a day."""

    confirm_hours: int
    call_days: int
    follow_up_days: int
    reconfirm_months: int
    reminders: int
    reminder_days: int
    kept_days: int


def terms_on(day: date) -> RegisterTerms:
    """Return the version in force on a local day; before the first one, the first."""
    versions = sorted(_versions(), key=lambda one: one.valid_from)
    return next((one for one in reversed(versions) if one.valid_from <= day), versions[0])


def delays_of(terms: RegisterTerms, own: Mapping[str, int]) -> Delays:
    """Return the delays of a version with what a territory changed; codes of older versions are left out."""
    return Delays(**{row.code: own.get(row.code, row.value) for row in terms.settings})


def checked_setting(terms: RegisterTerms, code: str, value: int) -> SettingRule:
    """Return the row that a change is for. Raises `InvalidValue`."""
    row = next((row for row in terms.settings if row.code == code), None)
    if row is None:
        raise InvalidValue(code, "réglage inconnu")
    if not row.low <= value <= row.high:
        raise InvalidValue(code, f"entre {row.low} et {row.high} {row.unit}")
    return row


@cache
def _versions() -> tuple[RegisterTerms, ...]:
    folder = files("regulation.medecin_traitant.register") / "data"
    adapter = pydantic.TypeAdapter(RegisterTerms)
    return tuple(adapter.validate_json((folder / name).read_bytes(), extra="forbid") for name in _FILES)
