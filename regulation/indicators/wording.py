"""How figures, periods and targets are said in French, on pages and in reports. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from regulation.indicators.estimates import EMERGENCY_SHARES
from regulation.indicators.facts import (
    Cell,
    Definition,
    Dimension,
    Measure,
    Period,
    Query,
    Sense,
    Statistic,
    Target,
    Unit,
)
from regulation.indicators.masking import SMALLEST
from regulation.indicators.periods import last_day
from regulation.indicators.vocabulary import CONDITIONS, DIMENSIONS, POSSIBLE, STATISTICS, VALUES
from snp.days import say_delay

_FIXED: Final = "\u00a0"
MASKED: Final = "masqué"
NOTHING: Final = "–"
_MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
SHORT_MONTHS: Final = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
)

ABOUT_MASKS: Final = (
    f"« {MASKED} » : un nombre de 1 à {SMALLEST - 1}, ou un chiffre qui permettrait de le retrouver par "
    "soustraction (autres lignes, totaux, autres périodes du calendrier). Une part est masquée quand son "
    "numérateur ou son complément est petit. Zéro est montré."
)
SOURCES: Final = (
    "Événements enregistrés par le service (créneaux, rendez-vous, dossiers), jamais modifiés après coup, "
    "comptés en heure locale ; aucun nom de patient ni de professionnel n’entre dans un indicateur."
)


def say_value(query: Query, cell: Cell) -> str:
    """A figure with its unit: « 1 234 », « 84,2 % », « 26 h », « 12,3 km », « masqué »."""
    if cell.masked or cell.value is None:
        return MASKED if cell.masked else NOTHING
    return _say_told(query, cell, cell.value)


def _say_told(query: Query, cell: Cell, value: float) -> str:
    if query.measure is Measure.DELAY:
        return say_delay(timedelta(minutes=value))
    told = {
        Statistic.SHARE: percent(value),
        Statistic.HOURS: f"{number(value, 1)}{_FIXED}h",
        Statistic.DAYS: f"{number(value)} sur {number(cell.base)}",
        Statistic.AVOIDED: f"≈{_FIXED}{number(value)} ({_range(cell)})",
        Statistic.MEDIAN: f"{number(value, 1)}{_FIXED}km",
        Statistic.P90: f"{number(value, 1)}{_FIXED}km",
    }
    return told.get(query.statistic, number(value))


def _range(cell: Cell) -> str:
    return f"de {number(cell.low or 0)} à {number(cell.high or 0)}"


def number(value: float, digits: int = 0) -> str:
    """A number as it is written in French: « 1 234,5 »."""
    return f"{value:,.{digits}f}".replace(",", _FIXED).replace(".", ",")


def percent(value: float) -> str:
    """Hundredths: « 84,2 % »."""
    return f"{number(value, 1)}{_FIXED}%"


def say_change(query: Query, now: Cell, then: Cell) -> str:
    """How a figure moved: in points for shares, in hundredths of the other else; empty without both."""
    if now.masked or then.masked or now.value is None or not then.value:
        return ""
    if query.statistic is Statistic.SHARE:
        return f"{now.value - then.value:+.1f}".replace(".", ",").replace("-", "−") + f"{_FIXED}points"
    moved = 100 * (now.value - then.value) / then.value
    return f"{moved:+.0f}".replace("-", "−") + f"{_FIXED}%"


def say_period(period: Period) -> str:
    """A period: « 2026 », « 3e trimestre 2026 », « octobre 2026 », « semaine du 26/10/2026 »."""
    first = period.first
    match period.unit:
        case Unit.YEAR:
            return str(first.year)
        case Unit.QUARTER:
            rank = (first.month + 2) // 3
            return f"{rank}{'er' if rank == 1 else 'e'} trimestre {first.year}"
        case Unit.MONTH:
            return f"{_MONTHS[first.month - 1]} {first.year}"
        case Unit.WEEK:
            return f"semaine du {first:%d/%m/%Y}"
        case _:
            return f"{first:%d/%m/%Y}"


def say_step(period: Period) -> str:
    """A period under a bar: short."""
    match period.unit:
        case Unit.MONTH:
            return SHORT_MONTHS[period.first.month - 1]
        case Unit.WEEK | Unit.DAY:
            return f"{period.first:%d/%m}"
        case _:
            return say_period(period)


def say_days(period: Period) -> str:
    """The days of a period: « du 01/01/2026 au 31/12/2026 »."""
    return f"du {period.first:%d/%m/%Y} au {last_day(period):%d/%m/%Y}"


def say_target(definition: Definition) -> str:
    """A target with its period: « au moins 80 %, par année »; empty without one."""
    target = definition.target
    if target is None:
        return ""
    sense = "au moins" if target.sense is Sense.AT_LEAST else "au plus"
    period = {Unit.YEAR: "par an", Unit.QUARTER: "par trimestre"}.get(definition.period, "par mois")
    return f"{sense} {_target_value(definition.query, target)}, {period}"


def _target_value(query: Query, target: Target) -> str:
    digits = 0 if target.value == int(target.value) else 1
    if query.measure is Measure.DELAY:
        return f"{number(target.value, digits)}{_FIXED}h"
    unit = {Statistic.SHARE: f"{_FIXED}%", Statistic.HOURS: f"{_FIXED}h"}.get(query.statistic, "")
    return f"{number(target.value, digits)}{unit}" + (
        f"{_FIXED}km" if query.measure is Measure.DISTANCE else ""
    )


def say_met(met: bool | None) -> str:
    """Whether a target is met; empty where it cannot be told."""
    return {True: "atteint", False: "non atteint", None: ""}[met]


def say_query(query: Query, professions: Mapping[str, str]) -> str:
    """What is counted, in one sentence: the method of a figure."""
    told = f"{STATISTICS[query.statistic]} : {POSSIBLE[query.population].what}"
    if query.condition is not None:
        told += f" ; {CONDITIONS[query.condition].lower()}"
    for dimension, values in query.filters.items():
        named = ", ".join(sorted(say_key(dimension, value, professions) for value in values))
        told += f" ; {DIMENSIONS[dimension].lower()} : {named}"
    if query.statistic is Statistic.AVOIDED:
        told += f". Source : {EMERGENCY_SHARES.source}"
    return f"{told}."


def say_key(dimension: Dimension, key: str, professions: Mapping[str, str]) -> str:
    """One line of a cut."""
    if dimension is Dimension.PROFESSION:
        return professions.get(key, "Sans profession" if key == "none" else key)
    return VALUES[dimension].get(key, key)
