"""`snp assign-pool`: run the engine over the open requests of a territory, and print what came of it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from api.commands.opening import fail, one_line_errors, opened_service
from api.commands.pool_table import pool_table, unserved_table
from api.jobs.work import pool_turn
from regulation.orientation import service as orientation
from snp.directory import service as directory
from snp.platform.actors import system
from snp.platform.leadership import Leadership


def assign_pool(
    territory: Annotated[str, typer.Option(help="Nom court du territoire.")],
    time_limit: Annotated[float, typer.Option(min=0.1, max=3600, help="Secondes laissées au moteur.")] = 30.0,
) -> None:
    """Affecter les demandes ouvertes d’un territoire ; aucun rendez-vous n’est déplacé."""
    with one_line_errors(), opened_service() as service:
        with service.transaction() as session:
            found = directory.get_territory_by_slug(session, territory)
        with Leadership(service.direct_url, pool_turn(found.id)) as turn:
            if not turn.acquire():
                fail("une affectation est déjà en cours pour ce territoire")
            report = orientation.assign_pool(
                service.transaction,
                found.id,
                keys=service.keys,
                by=system("command-line"),
                clock=service.clock.now,
                time_limit_s=time_limit,
            )
        console = Console()
        console.print(pool_table([(found.name, report)]))
        if report.unserved:
            console.print(unserved_table(report.unserved))
