"""`snp demo`: load the invented territory, tell how it stands, begin again."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.opening import fail, one_line_errors, opened_service
from api.demo.result import wide_console
from api.demo.running import ensure_demo, reset_demo, show_demo
from api.demo.service import demo_status
from api.wiring import Wiring
from snp.days import say_instant

demo_app = typer.Typer(no_args_is_help=True, help="Le territoire de démonstration, inventé.")


@demo_app.command("load")
def load() -> None:
    """Charger la démonstration, ou la remettre à l’heure, puis affecter les dossiers ouverts."""
    with one_line_errors(), opened_service() as service:
        changed = ensure_demo(service)
        typer.echo("Démonstration prête." if changed else "Démonstration déjà à l’heure.")
        show_demo(service, wide_console(), _address(service))


@demo_app.command("status")
def status() -> None:
    """Dire si la démonstration est chargée, et ce qui s’y passe."""
    with one_line_errors(), opened_service() as service, service.transaction() as session:
        found = demo_status(session, now=service.clock.now())
        if not found.loaded:
            typer.echo("Démonstration non chargée.")
            return
        last = say_instant(found.last_call) if found.last_call else "jamais"
        typer.echo(f"Démonstration chargée ; dernier appel : {last}.")
        typer.echo(f"{found.open_requests} dossiers ouverts, {found.free_slots} créneaux libres sous 48 h.")


@demo_app.command("reset")
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Tout effacer sans demander.")] = False,
) -> None:
    """Effacer toute la base de démonstration et recommencer."""
    with one_line_errors(), opened_service() as service:
        if not yes and not typer.confirm("Effacer toutes les données de cette base ?"):
            fail("rien n’a été effacé")
        reset_demo(service)
        show_demo(service, wide_console(), _address(service))


def _address(service: Wiring) -> str:
    settings = service.settings
    return settings.public_url or f"http://{settings.host}:{settings.port}"
