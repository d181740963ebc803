"""`snp backup`: keep a copy of the database, judge it, and bring it back, to any instant that was kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from api.commands.opening import fail, one_line_errors, opened_database
from api.migrations import current_revision
from snp.days import at_local, local
from snp.platform.keys import load_keys
from snp.platform.postgres import backup as backups
from snp.platform.postgres.backup import Kind
from snp.platform.settings import get_settings

backup_app = typer.Typer(no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="Dossier d’une sauvegarde.", exists=True, file_okay=False)]


@backup_app.command("create")
def create(
    to: Annotated[Path, typer.Option(help="Dossier qui reçoit la sauvegarde ; créé s’il manque.")],
) -> None:
    """Sauvegarder la base de données, service en marche ou non. Les clés n’en font pas partie."""
    with one_line_errors():
        settings = get_settings()
        # Not through `opened_service`: a backup is taken before an upgrade, and must not make it.
        with opened_database(settings) as url:
            folder = backups.take_backup(
                settings,
                url,
                to.absolute(),
                revision=current_revision(url) or "",
                key_ids=tuple(load_keys(settings).identity.keys),
                now=datetime.now(UTC),
            )
        backups.check_backup(folder)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        typer.echo(f"Sauvegarde faite et relue : {folder} ({size / 1e6:.1f} Mo).")
        typer.echo("Gardez les clés d’identité ailleurs : sans elles, les identités restent scellées.")


@backup_app.command("list")
def list_all(folder: Folder) -> None:
    """Lister les sauvegardes d’un dossier, la plus ancienne d’abord."""
    with one_line_errors():
        found = backups.list_backups(folder)
        if not found:
            typer.echo("Aucune sauvegarde.")
            return
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for head in ("Dossier", "Prise le", "Nature", "Schéma", "Clés"):
            table.add_column(head, overflow="fold")
        for path, one in found:
            taken = local(datetime.fromisoformat(one.taken_at)).strftime("%d/%m/%Y %H:%M:%S")
            kind = "physique" if one.kind is Kind.BASE else "logique"
            table.add_row(path.name, taken, kind, one.revision, ", ".join(one.key_ids))
        Console().print(table)


@backup_app.command("check")
def check(folder: Folder) -> None:
    """Relire une sauvegarde : chaque fichier contre son empreinte."""
    with one_line_errors():
        backups.check_backup(folder)
        typer.echo("La sauvegarde est complète et lisible.")


@backup_app.command("restore")
def restore(
    folder: Folder,
    archive: Annotated[
        Path | None,
        typer.Option(help="Archive du journal (SNP_POSTGRES_ARCHIVE).", exists=True, file_okay=False),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="Revenir à cet instant : 2026-11-26T10:15.")
    ] = None,
) -> None:
    """Ramener une sauvegarde : dans le dossier SNP_DATA_DIR, ou dans la base vide SNP_DATABASE_URL."""
    with one_line_errors():
        settings = get_settings()
        if backups.read_backup(folder).kind is Kind.DUMP:
            if archive is not None or at is not None:
                fail("une sauvegarde logique ne revient qu’à l’instant où elle a été prise")
            if settings.database_url is None:
                fail("une sauvegarde logique revient dans une base : nommez-la par SNP_DATABASE_URL")
            backups.restore_dump(folder, settings.database_url.get_secret_value())
        else:
            backups.restore_base(folder, settings, archive=archive, at=_instant(at))
        with opened_database(settings) as url:
            typer.echo(f"Base de données ramenée, schéma {current_revision(url) or 'absent'}.")
        typer.echo("Remettez les clés d’identité en place, puis : snp doctor.")


def _instant(at: str | None) -> datetime | None:
    """Read an instant; without offset it is local."""
    if at is None:
        return None
    try:
        parsed = datetime.fromisoformat(at)
    except ValueError:
        fail(f"--at : « {at} » n’est pas une date et une heure (exemple : 2026-11-26T10:15)")
    return parsed if parsed.tzinfo else at_local(parsed.date(), parsed.time())
