"""`snp directory`: read practitioners and sites from CSV files, and print a file to start from."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.commands.opening import EXIT_REFUSED, fail, one_line_errors, opened_service
from api.wiring import Wiring
from snp.directory import service as directory
from snp.directory.importing.csv_file import AUTO, CsvFile, open_csv
from snp.directory.importing.facts import ImportKind, ImportReport, Tally
from snp.directory.importing.service import import_csv
from snp.directory.importing.template import template
from snp.directory.reference import load_reference
from snp.platform.actors import system
from snp.platform.events import Event
from snp.platform.logs import log

directory_app = typer.Typer(no_args_is_help=True, help="L’annuaire : professionnels, lieux, structures.")

_SHOWN_ERRORS = 200
_PHASES = {"check": "Vérification", "write": "Écriture"}


class KindChoice(StrEnum):
    """What the rows of a file describe."""

    AUTO = "auto"
    PRACTITIONERS = "practitioners"
    SITES = "sites"


@directory_app.command("import")
def import_files(  # noqa: PLR0917 - typer passes them by name
    files: Annotated[list[Path], typer.Argument(help="Un ou plusieurs fichiers CSV.", metavar="FILE...")],
    territory: Annotated[
        str | None, typer.Option(help="Nom court du territoire que ces professionnels rejoignent.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tout vérifier et compter, sans rien écrire.")
    ] = False,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Laisser de côté les lignes fausses et écrire les autres.")
    ] = False,
    kind: Annotated[KindChoice, typer.Option(help="Ce que décrit chaque ligne.")] = KindChoice.AUTO,
    encoding: Annotated[str, typer.Option(help="utf-8, cp1252… ou auto.")] = AUTO,
) -> None:
    """Importer des professionnels ou des lieux ; recommencer ne change rien.

    Un fichier est écrit entièrement ou pas du tout. Code de sortie : 0 tout est écrit (ou pourrait l’être),
    1 des lignes sont fausses, 2 un fichier est inutilisable.
    """
    with one_line_errors():
        opened = [open_csv(path, encoding=encoding) for path in files]
        chosen = None if kind is KindChoice.AUTO else ImportKind(kind.value)
        with opened_service() as service:
            reports = [
                _import_one(service, file, chosen, territory, dry_run=dry_run, skip_invalid=skip_invalid)
                for file in opened
            ]
    if any(report.errors for report in reports):
        raise typer.Exit(EXIT_REFUSED)


@directory_app.command("template")
def print_template(
    kind: Annotated[KindChoice, typer.Argument(help="practitioners ou sites.")] = KindChoice.PRACTITIONERS,
) -> None:
    """Afficher un fichier CSV d’exemple, prêt à remplir."""
    if kind is KindChoice.AUTO:
        fail("choisissez practitioners ou sites")
    typer.echo(template(ImportKind(kind.value)), nl=False)


def _import_one(
    service: Wiring,
    file: CsvFile,
    kind: ImportKind | None,
    territory: str | None,
    *,
    dry_run: bool,
    skip_invalid: bool,
) -> ImportReport:
    with service.transaction() as session, _bar(file) as bar:
        load_reference(session)
        joined = directory.get_territory_by_slug(session, territory).id if territory else None
        tasks = {phase: bar.add_task(label, total=None, start=False) for phase, label in _PHASES.items()}

        def progress(phase: str, done: int, total: int) -> None:
            bar.start_task(tasks[phase])
            bar.update(tasks[phase], completed=done, total=total)

        report = import_csv(
            session,
            file,
            kind=kind,
            territory_id=joined,
            dry_run=dry_run,
            skip_invalid=skip_invalid,
            strict=service.settings.strict_identifiers,
            progress=progress,
            by=system("directory-import"),
            now=service.clock.now(),
        )
        if not report.written:
            session.rollback()
    log(Event.DIRECTORY_IMPORTED, rows=report.rows, count=len(report.errors), kind=report.kind.value)
    _print_report(file, report)
    return report


def _bar(file: CsvFile) -> Progress:
    """A bar on the error stream, and nothing at all when nobody is looking."""
    console = Console(stderr=True)
    return Progress(
        TextColumn(f"{file.path.name} · {{task.description}}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _print_report(file: CsvFile, report: ImportReport) -> None:
    console = Console(highlight=False, soft_wrap=True)
    what = "professionnels" if report.kind is ImportKind.PRACTITIONERS else "lieux"
    console.print(
        f"{file.path} : {_some(report.rows, 'ligne')} ({what}, {file.encoding}, « {file.separator} »)"
    )
    if report.ignored_columns:
        console.print(f"Colonnes laissées de côté : {', '.join(report.ignored_columns)}", markup=False)
    if report.errors:
        _print_errors(console, report)
    if report.errors and not report.written and not report.dry_run:
        console.print("Rien n’a été écrit. Corrigez ces lignes, ou ajoutez --skip-invalid.")
        return
    would = "Essai, rien n’a été écrit : " if report.dry_run else ""
    for label, tally in (
        ("professionnels", report.practitioners),
        ("lieux", report.sites),
        ("structures", report.organisations),
    ):
        if tally != Tally():
            console.print(
                f"{would}{label} : {_some(tally.created, 'créé')}, {_some(tally.updated, 'modifié')},"
                f" {_some(tally.unchanged, 'inchangé')}"
            )
    links = _some(report.links, "rattachement")
    console.print(f"{would}{links} à un lieu, {_some(report.memberships, 'adhésion nouvelle')}")


def _print_errors(console: Console, report: ImportReport) -> None:
    table = Table(
        title=f"{_some(len(report.errors), 'erreur')} sur {_some(report.skipped, 'ligne')}",
        title_justify="left",
    )
    for heading in ("Ligne", "Colonne", "Valeur", "Erreur"):
        table.add_column(heading, justify="right" if heading == "Ligne" else "left", overflow="fold")
    shown = report.errors if not console.is_terminal else report.errors[:_SHOWN_ERRORS]
    for error in shown:
        table.add_row(str(error.row), error.column, error.value, error.sentence)
    console.print(table, markup=False)
    if len(shown) < len(report.errors):
        console.print(f"… et {len(report.errors) - len(shown)} autres (redirigez la sortie pour tout voir)")


def _some(count: int, words: str) -> str:
    """Return a count and its words, each in the plural from two on, as French counts."""
    plural = " ".join(f"{word}s" for word in words.split())
    return f"{count} {plural if count > 1 else words}"
