"""The yearly report as plain tables of French text: what every file format lays out. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from regulation.indicators import wording
from regulation.indicators.facts import Cell, Figure, Measure, Part, Report, Statistic
from regulation.indicators.vocabulary import DIMENSIONS
from snp.days import say_instant, say_time

_ABOUT: Final = (
    "Ce rapport accompagne le dialogue annuel avec la CPAM (accord conventionnel interprofessionnel). "
    "Il ne classe et ne nomme aucun professionnel."
)
SUMMARY_HEADINGS: Final = (
    *("Indicateur", "Année", "Année précédente", "Évolution"),
    *("Objectif", "Résultat", "Référence au contrat ACI"),
)
MONTH_HEADINGS: Final = ("Indicateur", *wording.SHORT_MONTHS)
PART_HEADINGS: Final = ("Indicateur", "Répartition", "Ligne", "Valeur", "Part")
METHOD_HEADINGS: Final = ("Indicateur", "Définition", "Méthode")


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as text, and as a number where a spreadsheet can hold one: part of one, hours, kilometres."""

    text: str
    number: float | None = None
    unit: str = ""


def title(report: Report) -> str:
    """The title of a report."""
    return f"Indicateurs des soins non programmés, {report.territory}, {report.year}"


def introduction(report: Report) -> tuple[str, ...]:
    """What a reader must know before any figure: period, date of extraction, sources, masks."""
    whole = f"du 01/01/{report.year} au {report.until:%d/%m/%Y}"
    running = "" if report.until.month == 12 and report.until.day == 31 else " (année en cours)"
    of_when = f", données de {say_time(report.data_of)}" if report.data_of else ""
    return (
        f"Période : {whole}{running}, comparée à {report.year - 1}.",
        f"Extraction : {say_instant(report.drawn_at, year=True)}{of_when}.",
        f"Sources : {wording.SOURCES}",
        f"Secret statistique : {wording.ABOUT_MASKS}",
        _ABOUT,
    )


def shown(figure: Figure, cell: Cell) -> Shown:
    """A cell as text and number."""
    query = figure.indicator.definition.query
    text = wording.say_value(query, cell)
    if cell.masked or cell.value is None:
        return Shown(text)
    if query.statistic is Statistic.SHARE:
        return Shown(text, cell.value / 100, "share")
    if query.measure is Measure.DELAY:
        return Shown(text, cell.value / 60, "h")
    unit = "km" if query.measure is Measure.DISTANCE else ""
    return Shown(text, cell.value, "h" if query.statistic is Statistic.HOURS else unit)


def summary(report: Report) -> Iterator[tuple[Shown, ...]]:
    """One line an indicator."""
    for one in report.figures:
        definition = one.indicator.definition
        (_, earlier), *_ = one.beside
        yield (
            Shown(definition.name),
            shown(one, one.whole),
            shown(one, earlier),
            Shown(wording.say_change(definition.query, one.whole, earlier)),
            Shown(wording.say_target(definition)),
            Shown(wording.say_met(one.met)),
            Shown(definition.contract_ref),
        )


def months(report: Report) -> Iterator[tuple[Shown, ...]]:
    """One line an indicator, one column a month; months to come are empty."""
    for one in report.figures:
        told = {period.first.month: shown(one, cell) for period, cell in one.series}
        line = (told.get(month, Shown("")) for month in range(1, 13))
        yield Shown(one.indicator.definition.name), *line


def parts(report: Report) -> Iterator[tuple[Shown, ...]]:
    """One line for each line of a cut."""
    for one in report.figures:
        if one.split is None:
            continue
        for part in one.parts:
            yield (
                Shown(one.indicator.definition.name),
                Shown(DIMENSIONS[one.split]),
                Shown(wording.say_key(one.split, part.code, report.professions)),
                shown(one, part.cell),
                _share(part),
            )


def _share(part: Part) -> Shown:
    return Shown("") if part.share is None else Shown(wording.percent(part.share), part.share / 100, "share")


def methods(report: Report) -> Iterator[tuple[Shown, ...]]:
    """One line an indicator: what it means, and how it is counted."""
    for one in report.figures:
        definition = one.indicator.definition
        told = wording.say_query(definition.query, report.professions)
        yield Shown(definition.name), Shown(definition.description), Shown(told)
