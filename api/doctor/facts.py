"""What one look at an installation found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How it stands: well, to be watched, or to be mended before anybody relies on it."""

    WELL = "well"
    WATCH = "watch"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it stands, what was seen, and what to do when it is not well."""

    what: str
    level: Level
    seen: str
    advice: str = ""


def well(what: str, seen: str) -> Finding:
    """Nothing to do."""
    return Finding(what, Level.WELL, seen)


def watch(what: str, seen: str, advice: str) -> Finding:
    """Works today; may not tomorrow, or tells less than it could."""
    return Finding(what, Level.WATCH, seen, advice)


def mend(what: str, seen: str, advice: str) -> Finding:
    """Wrong: something is lost, open or unsafe."""
    return Finding(what, Level.MEND, seen, advice)
