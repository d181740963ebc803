"""`snp migrate`: bring the database to the newest revision."""

from __future__ import annotations

import typer

from api.commands.opening import one_line_errors
from api.migrations import migrate as bring_to_head
from snp.platform.postgres import database
from snp.platform.settings import get_settings


def migrate() -> None:
    """Mettre la base de données à la dernière version ; recommencer ne change rien."""
    with one_line_errors(), database(get_settings()) as url:
        typer.echo(f"Base de données à la version {bring_to_head(url)}.")
