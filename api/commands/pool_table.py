"""The tables that show what a run over a pool did."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from regulation.orientation.facts import PoolReport, UnservedView


def pool_table(reports: Sequence[tuple[str, PoolReport]]) -> Table:
    """Return one row for each territory: requests, slots, served, means."""
    table = Table(title="Affectation des demandes ouvertes")
    table.add_column("Territoire")
    heads = ("Demandes", "Créneaux", "Servies", "Dans le délai", "Sans créneau", "Attente", "Distance")
    for head in (*heads, "Calcul"):
        table.add_column(head, justify="right")
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
            f"{figures.solve_s:.2f} s",
        )
    return table


def unserved_table(unserved: Sequence[UnservedView]) -> Table:
    """Return why some requests got nothing."""
    table = Table("Dossier", "Pourquoi", title="Demandes sans créneau")
    for view in unserved:
        table.add_row(view.number, " ".join(reason.sentence for reason in view.reasons))
    return table


def _measure(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:.1f} {unit}".replace(".", ",")
