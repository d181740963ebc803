"""`snp`: the command line. Each command stands in `api/commands`; only the one asked for is imported.

What a user can act on ends as one line on the error stream and an exit code, never as a traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Annotated, Any, Final

import typer


@dataclass(frozen=True, slots=True)
class CommandRow:
    """A command: its name, the module that holds it, and its line in `snp --help`."""

    name: str
    module: str
    help: str


COMMANDS: Final = (
    CommandRow("run", "run", "Démarrer le service : base de données, API, pages, tâches de fond."),
    CommandRow("demo", "demo", "Le territoire de démonstration."),
    CommandRow("migrate", "migrate", "Mettre la base de données à la dernière version."),
    CommandRow("backup", "backup", "Sauvegarder la base de données, et la ramener."),
    CommandRow("doctor", "doctor", "Examiner l’installation et dire ce qui est à réparer."),
    CommandRow("directory", "directory", "L’annuaire : professionnels, lieux, structures."),
    CommandRow("account", "account", "Les comptes qui se connectent aux pages."),
    CommandRow("key", "key", "Les clés d’accès des logiciels."),
    CommandRow("magic-link", "magic_link", "Proposer des créneaux à un professionnel, par un lien."),
    CommandRow("assign-pool", "assign_pool", "Affecter les demandes ouvertes d’un territoire."),
    CommandRow("rights", "rights", "Qui peut faire quoi, et sur quoi."),
    CommandRow("audit", "audit", "Le journal des accès aux données de patients."),
    CommandRow("person", "person", "Ce qui est gardé d’une personne : le donner, l’effacer."),
    CommandRow("outbox", "outbox", "Les messages qui quittent le service : suivre, renvoyer, retirer."),
    CommandRow("nginx-config", "nginx_config", "La configuration de nginx qui va avec les réglages."),
    CommandRow("prices", "prices", "Les prix des créneaux libres d’un territoire."),
    CommandRow("indicators", "indicators", "Les indicateurs d’un territoire et leur rapport annuel."),
    CommandRow("explain", "explain", "Pourquoi un dossier en est là."),
    CommandRow("identity", "identity", "Les identités chiffrées des patients."),
    CommandRow("fhir", "fhir", "La porte FHIR de la plateforme SAS."),
    CommandRow("research", "research", "Des données pour la recherche, sans personne dedans."),
    CommandRow("solve", "solve", "Résoudre un fichier d’affectation, ou vérifier une réponse."),
    CommandRow("rota", "rota", "Le roulement d’une MSP ou d’un centre de SNP : bâtir, vérifier."),
    CommandRow("replay", "replay", "Rejouer un flux d’événements."),
    CommandRow("simulate", "simulate", "Simuler un territoire et comparer des politiques."),
    CommandRow("version", "version", "La version du logiciel."),
)


def main() -> None:
    """Run the command line of this process."""
    build(sys.argv[1:])(prog_name="snp")


def build(arguments: Sequence[str]) -> typer.Typer:
    """Return the command line with the command that the arguments name; of the others only their help."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Moteur ouvert des soins non programmés.",
    )
    app.callback()(_root)
    wanted = next((argument for argument in arguments if not argument.startswith("-")), None)
    for row in COMMANDS:
        if row.name != wanted:
            app.command(row.name, help=row.help)(_untold)
        elif row.name == "version":
            app.command(row.name, help=row.help)(show_version)
        else:
            _add(app, row, import_module(f"api.commands.{row.module}"))
    return app


def show_version() -> None:
    """Print the version."""
    typer.echo(version("snp"))


def _show_and_leave(value: bool) -> None:
    if value:
        show_version()
        raise typer.Exit


def _root(
    *,
    show: Annotated[
        bool,
        typer.Option("--version", help="La version du logiciel.", is_eager=True, callback=_show_and_leave),
    ] = False,
) -> None:
    del show


def _untold() -> None:
    """Stand in for a command that was not asked for."""


def _add(app: typer.Typer, row: CommandRow, module: ModuleType) -> None:
    """Add a module's group (`<module>_app`) or its one command (a function named like the module)."""
    group: typer.Typer | None = getattr(module, f"{row.module}_app", None)
    if group is None:
        command: Callable[..., Any] = getattr(module, row.module)
        app.command(row.name)(command)
    elif len(group.registered_commands) == 1 and not (group.registered_groups or group.registered_callback):
        only = group.registered_commands[0].callback
        assert only is not None
        app.command(row.name)(only)
    else:
        app.add_typer(group, name=row.name, help=row.help)


if __name__ == "__main__":
    main()
