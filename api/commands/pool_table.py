"""The tables that show what a run over a pool did."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from regulation.orientation.facts import PoolReport, UnservedView


def pool_table(reports: Sequence[tuple[str, PoolReport]]) -> Table:
    """Return one row for each territory: requests, slots, served, means; fits eighty columns."""
    table = Table(title="Affectation des demandes ouvertes", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("Territoire")
    for head in ("Dem.", "Crén.", "Servies", "Délai", "Sans", "Attente", "Trajet", "Calcul"):
        table.add_column(head, justify="right", no_wrap=True)
    for name, report in reports:
        figures = report.figures
        table.add_row(
            name,
            str(figures.requests),
            str(figures.slots),
            str(figures.served),
            str(figures.served_within_delay),
            str(figures.unserved),
            _measure(figures.mean_wait_h, "h"),
            _measure(figures.mean_km, "km"),
            _measure(figures.solve_s, "s"),
        )
    table.caption = "Délai : servies dans le délai. Sans : sans créneau. Attente et trajet : moyennes."
    table.caption_justify = "left"
    return table


def unserved_table(unserved: Sequence[UnservedView]) -> Table:
    """Return why some requests got nothing."""
    table = Table("Dossier", "Pourquoi", box=box.SIMPLE_HEAD)
    for view in unserved:
        table.add_row(view.number, " ".join(reason.sentence for reason in view.reasons))
    return table


def _measure(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:.1f} {unit}".replace(".", ",")
