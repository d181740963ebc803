"""`snp rights`: who may do what, over what, as `docs/RIGHTS.md` says it."""

from __future__ import annotations

import csv
import sys
from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How the table is written."""

    MD = "md"
    CSV = "csv"


def rights(
    written: Annotated[
        Format, typer.Option("--format", help="md : le document entier ; csv : la table des actions.")
    ] = Format.MD,
) -> None:
    """Écrire la table des droits : rôles, actions, portée, pages et routes."""
    from api.rights_document import rights_columns, rights_document, rights_rows  # noqa: PLC0415 - imports all routes

    if written is Format.MD:
        typer.echo(rights_document(), nl=False)
        return
    writer = csv.writer(sys.stdout)
    writer.writerow(rights_columns())
    writer.writerows(rights_rows())
