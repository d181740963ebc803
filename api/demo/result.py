"""What the engine did with the open requests, and how to sign in: French tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.demo.accounts import PASSWORD, SIGN_INS
from regulation.orientation.facts import PoolReport

_HEADINGS = (
    *("Territoire", "Dossiers", "Créneaux", "Servis", "Dans le délai", "Sans créneau"),
    *("Attente moyenne", "Distance moyenne"),
)


def print_pool(console: Console, reports: Sequence[tuple[str, PoolReport]]) -> None:
    """Print one line per territory, then why each request that got nothing did not."""
    table = Table(title="Affectation des dossiers ouverts", title_justify="left", highlight=False)
    for heading in _HEADINGS:
        table.add_column(heading, justify="left" if heading == "Territoire" else "right")
    for name, report in reports:
        figures = report.figures
        table.add_row(
            name,
            str(figures.requests),
            str(figures.slots),
            str(figures.served),
            str(figures.served_within_delay),
            str(figures.unserved + figures.lost),
            _unit(figures.mean_wait_h, "h"),
            _unit(figures.mean_km, "km"),
        )
    console.print(table)
    for name, report in reports:
        _print_unserved(console, name, report)


def print_sign_ins(console: Console, address: str) -> None:
    """Print where to sign in, as whom, and with which password."""
    table = Table(title=f"Comptes de démonstration · {address}", title_justify="left", highlight=False)
    for heading in ("Identifiant", "Mot de passe", "Rôle", "Qui"):
        table.add_column(heading)
    for account in SIGN_INS:
        table.add_row(account.login, PASSWORD, account.role_fr, account.display_name)
    console.print(table)


def _print_unserved(console: Console, name: str, report: PoolReport) -> None:
    if not report.unserved:
        return
    console.print(Text(f"{name} : sans créneau, et pourquoi", style="bold"))
    for request in report.unserved:
        why = " ".join(reason.sentence for reason in request.reasons)
        console.print(Text(f"  {request.number}  {why}"), soft_wrap=False)


def _unit(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:.1f} {unit}".replace(".", ",")
