"""`snp doctor`: look over this installation, and say what to mend; exit code 1 when there is something."""

from __future__ import annotations

from datetime import UTC, datetime

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError

from api.commands.opening import EXIT_REFUSED, one_line_errors, opened_database
from api.doctor import installation, running
from api.doctor.facts import Finding, Level, mend
from snp.platform.postgres import PostgresFailed
from snp.platform.settings import get_settings

_MARKS = {Level.WELL: "bien", Level.WATCH: "à voir", Level.MEND: "à réparer"}
_COLOURS = {Level.WELL: "green", Level.WATCH: "yellow", Level.MEND: "bold red"}


def doctor() -> None:
    """Examiner l’installation : réglages, clés, base de données, tâches, messages, invariants."""
    with one_line_errors():
        settings = get_settings()
        found = list(installation.look(settings, now=datetime.now(UTC)))
        try:
            with opened_database(settings) as url:
                found += running.look(settings, url)
        except (PostgresFailed, OperationalError) as error:
            found.append(mend("Base de données", "ne répond pas", str(error).splitlines()[0]))
        _show(found)
    if any(one.level is Level.MEND for one in found):
        raise typer.Exit(EXIT_REFUSED)


def _show(found: list[Finding]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Examiné", no_wrap=True)
    table.add_column("État", no_wrap=True)
    table.add_column("Vu, et que faire", overflow="fold")
    for one in found:
        mark = f"[{_COLOURS[one.level]}]{_MARKS[one.level]}[/]"
        table.add_row(one.what, mark, f"{one.seen}\n→ {one.advice}" if one.advice else one.seen)
    Console().print(table)
    count = sum(1 for one in found if one.level is Level.MEND)
    typer.echo("Rien à réparer." if count == 0 else f"À réparer : {count}.")
