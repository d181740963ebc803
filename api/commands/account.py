"""`snp account`: make the accounts that sign in on the pages, and give them passwords."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.naming import GivenRole, organisation_id, practitioner_id, territory_ids
from api.commands.opening import one_line_errors, opened_service
from api.security import service as security
from api.security.facts import NewAccount
from snp.errors import NotFound
from snp.platform.actors import Role, system

account_app = typer.Typer(no_args_is_help=True)
_BY = system("command-line")
Password = Annotated[
    str,
    typer.Option(prompt="Mot de passe", hide_input=True, confirmation_prompt=True, envvar="SNP_PASSWORD"),
]


@account_app.command("create")
def create(  # noqa: PLR0917 - typer passes them by name
    login: Annotated[str, typer.Argument(help="Identifiant de connexion.")],
    role: Annotated[GivenRole, typer.Option(help="Ce que le compte peut faire.")],
    password: Password,
    name: Annotated[str | None, typer.Option(help="Nom affiché.")] = None,
    territory: Annotated[
        list[str] | None, typer.Option(help="Nom court d’un territoire ; répétable.")
    ] = None,
    organisation: Annotated[str | None, typer.Option(help="Identifiant de la structure (comptoirs).")] = None,
    practitioner: Annotated[str | None, typer.Option(help="RPPS, ADELI ou identifiant.")] = None,
) -> None:
    """Créer un compte. Le mot de passe est demandé, ou lu dans SNP_PASSWORD."""
    with one_line_errors(), opened_service() as service:
        now = service.clock.now()
        with service.transaction() as session:
            new = NewAccount(
                login=login,
                display_name=name or login,
                role=Role(role),
                password=password,
                territory_ids=territory_ids(session, territory or ()),
                organisation_id=organisation_id(session, organisation),
                practitioner_id=practitioner_id(session, practitioner, now=now),
            )
            made = security.create_account(session, new, by=_BY, now=now)
        typer.echo(f"Compte {made.login} créé ({made.role}).")


@account_app.command("password")
def change_password(
    login: Annotated[str, typer.Argument(help="Identifiant de connexion.")], password: Password
) -> None:
    """Changer le mot de passe d’un compte ; ses sessions se terminent."""
    with one_line_errors(), opened_service() as service:
        with service.transaction() as session:
            found = security.find_account(session, login)
            if found is None:
                raise NotFound("compte", login)
            security.set_password(session, found.id, password, by=_BY, now=service.clock.now())
        typer.echo(f"Mot de passe de {found.login} changé.")


@account_app.command("reset-second-factor")
def reset_second_factor(login: Annotated[str, typer.Argument(help="Identifiant de connexion.")]) -> None:
    """Remettre à zéro la connexion en deux étapes d’un compte ; ses sessions se terminent."""
    with one_line_errors(), opened_service() as service:
        with service.transaction() as session:
            found = security.find_account(session, login)
            if found is None:
                raise NotFound("compte", login)
            had_one = security.reset_factor(session, found.id, by=_BY, now=service.clock.now())
        told = "est remise à zéro" if had_one else "n’était pas installée"
        typer.echo(f"La connexion en deux étapes de {found.login} {told}.")
