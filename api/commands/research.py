"""`snp research`: a table for researchers, nobody in it."""

from __future__ import annotations

import csv
from dataclasses import asdict, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from api.commands.opening import fail, one_line_errors, opened_service
from regulation.research import service as research
from regulation.research.facts import ResearchRow
from snp.days import day_bounds
from snp.directory import service as directory
from snp.platform.actors import system

research_app = typer.Typer(no_args_is_help=True)


@research_app.callback()
def about() -> None:
    """Des données pour la recherche, sans personne dedans."""


@research_app.command("export")
def export(
    *,
    territory: Annotated[str, typer.Option(help="Nom court du territoire.")],
    since: Annotated[str, typer.Option("--from", metavar="JOUR", help="Premier jour : 2026-01-01.")],
    until: Annotated[str, typer.Option("--to", metavar="JOUR", help="Dernier jour, compris.")],
    out: Annotated[Path, typer.Option(help="Fichier CSV à écrire.")],
    why: Annotated[str, typer.Option(help="Pour quelle étude ; gardé dans le journal.", prompt="Pourquoi")],
    k: Annotated[int, typer.Option(min=2, max=100, help="Lignes semblables au moins.")] = 5,
) -> None:
    """Écrire les besoins d’une période : pseudonymes jetables, dates grossies, groupes d’au moins k."""
    first, last = _day(since), _day(until)
    if last < first:
        fail("--to vient avant --from")
    with one_line_errors(), opened_service() as service:
        if out.exists():
            fail(f"{out} existe déjà")
        with service.transaction() as session:
            table = research.export(
                session,
                directory.get_territory_by_slug(session, territory).id,
                day_bounds(first)[0],
                day_bounds(last + timedelta(days=1))[0],
                k=k,
                why=why,
                by=system("command-line"),
                now=service.clock.now(),
            )
        with out.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, [one.name for one in fields(ResearchRow)], delimiter=";")
            writer.writeheader()
            writer.writerows(asdict(row) for row in table.rows)
        typer.echo(
            f"Écrit : {out}. Lignes : {len(table.rows)}, grossies : {table.coarsened}, "
            f"laissées de côté : {table.left_out}, plus petit groupe : {table.smallest_group}."
        )


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        fail(f"« {typed} » n’est pas un jour (exemple : 2026-01-01)")
