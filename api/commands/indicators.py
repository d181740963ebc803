"""`snp indicators`: the indicators of a territory in the terminal, and the yearly report as a file."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from api.commands.opening import fail, one_line_errors, opened_service
from regulation.indicators import report_files, wording
from regulation.indicators import service as indicators
from regulation.indicators.facts import Asked, Unit
from regulation.indicators.periods import before, period_of
from snp.days import local_day
from snp.directory import service as directory

indicators_app = typer.Typer(
    no_args_is_help=True, help="Les indicateurs d’un territoire et leur rapport annuel."
)

TerritoryOption = Annotated[str, typer.Option("--territory", help="Nom court du territoire.")]


class Written(StrEnum):
    """The formats of the report."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"


@indicators_app.command("show")
def show(
    territory: TerritoryOption,
    unit: Annotated[Unit, typer.Option(help="Période : year, quarter, month, week ou day.")] = Unit.YEAR,
    on: Annotated[
        str | None, typer.Option(help="Un jour de la période (AAAA-MM-JJ) ; aujourd’hui sinon.")
    ] = None,
) -> None:
    """Montrer les indicateurs d’une période, avec la période précédente."""
    with one_line_errors(), opened_service() as service, service.transaction() as session:
        now = service.clock.now()
        found = directory.get_territory_by_slug(session, territory)
        day = local_day(now, found.settings.snp_hours.zone) if on is None else _day(on)
        period = period_of(unit, day)
        asked = Asked(period, beside=(before(period),))
        listed = indicators.list_indicators(session, found.id)
        table = Table(title=f"{found.name} · {wording.say_period(period)}", box=box.SIMPLE_HEAD)
        for heading in ("Indicateur", "Valeur", wording.say_period(before(period)), "Objectif"):
            table.add_column(heading)
        for one in indicators.measure(session, found, listed, asked, now=now):
            query = one.indicator.definition.query
            values = [wording.say_value(query, cell) for cell in (one.whole, one.beside[0][1])]
            target = wording.say_target(one.indicator.definition)
            table.add_row(
                one.indicator.definition.name, *values, " ".join((target, wording.say_met(one.met)))
            )
        Console().print(table)


@indicators_app.command("report")
def report(
    territory: TerritoryOption,
    year: Annotated[int, typer.Option(help="L’année du rapport.")],
    written: Annotated[Written, typer.Option("--format", help="Le format du fichier.")] = Written.PDF,
    out: Annotated[Path | None, typer.Option(help="Où l’écrire ; sinon dans le dossier courant.")] = None,
) -> None:
    """Écrire le rapport annuel destiné au dialogue avec la CPAM."""
    with one_line_errors(), opened_service() as service, service.transaction() as session:
        found = directory.get_territory_by_slug(session, territory)
        drawn = indicators.draw_report(session, found, year, now=service.clock.now())
        path = out or Path(f"indicateurs-{found.slug}-{year}.{written}")
        try:
            path.write_bytes(report_files.FORMATS[written].write(drawn))
        except OSError as failure:
            fail(f"le fichier ne s’écrit pas : {failure.strerror or failure}")
        typer.echo(f"{path} : {len(drawn.figures)} indicateurs.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail("une date AAAA-MM-JJ est attendue")
