"""What the engine did with the open requests, and how to sign in: French tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.commands.pool_table import pool_table, unserved_table
from api.demo.accounts import PASSWORD, SIGN_INS
from regulation.orientation.facts import PoolReport

_WIDTH: Final = 120


def wide_console() -> Console:
    """Return a console as wide as its terminal, or wide enough for the tables where there is none."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def print_pool(console: Console, reports: Sequence[tuple[str, PoolReport]]) -> None:
    """Print one line per territory, then why each request that got nothing did not."""
    console.print(pool_table(reports))
    for name, report in reports:
        if report.unserved:
            console.print(Text(name, style="bold"))
            console.print(unserved_table(report.unserved))


def print_sign_ins(console: Console, address: str) -> None:
    """Print where to sign in, as whom, and with which password."""
    table = Table(title=f"Comptes de démonstration · {address}", title_justify="left", highlight=False)
    for heading in ("Identifiant", "Mot de passe", "Rôle", "Qui"):
        table.add_column(heading)
    for account in SIGN_INS:
        table.add_row(account.login, PASSWORD, account.role_fr, account.display_name)
    console.print(table)
