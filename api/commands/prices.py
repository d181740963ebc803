"""`snp prices`: compute the prices of a territory's free slots now, and print them."""

from __future__ import annotations

from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from api.commands.opening import one_line_errors, opened_service
from regulation.live import service as live
from regulation.live.facts import PriceSheet
from snp.days import say_instant
from snp.directory import service as directory


def prices(
    territory: Annotated[str, typer.Argument(help="Nom court du territoire.")],
    most: Annotated[int, typer.Option(min=1, max=500, help="Créneaux montrés par profession.")] = 20,
) -> None:
    """Calculer et montrer ce que vaut chaque créneau libre pour les demandes attendues."""
    with one_line_errors(), opened_service() as service:
        with service.transaction() as session:
            found = directory.get_territory_by_slug(session, territory)
        sheets = live.refresh_prices(service.transaction, found.id, clock=service.clock.now)
        console = Console()
        if not sheets:
            console.print("Aucun créneau libre : rien à évaluer.")
        for sheet in sheets:
            console.print(_table(sheet, most))


def _table(sheet: PriceSheet, most: int) -> Table:
    facts = sheet.facts
    table = Table(title=f"{sheet.family} · {say_instant(sheet.computed_at)}", box=box.SIMPLE_HEAD)
    table.add_column("Créneau", no_wrap=True)
    table.add_column("Prix", justify="right")
    table.add_column("Recherché par", justify="right")
    means = {slot_id: sum(row) / max(1, len(row)) for slot_id, row in sheet.prices.items()}
    for slot_id in sorted(means, key=lambda ident: (-means[ident], ident))[:most]:
        wanted = sheet.wanted.get(slot_id, 0.0)
        table.add_row(slot_id, f"{means[slot_id]:.2f}".replace(".", ","), f"{wanted:.1f}".replace(".", ","))
    table.caption = (
        f"{len(means)} créneaux libres, {sheet.scenarios} futurs ; {facts.requests_seen} demandes vues sur "
        f"{facts.days_seen:.1f} jours, {facts.expected_24h:.0f} attendues sous 24 h."
    ).replace(".", ",", 1)
    return table
