"""`snp key`: make, list, rotate and revoke the access keys of software."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from sqlmodel import Session

from api.commands.naming import GivenRole, organisation_id, practitioner_id, territory_ids
from api.commands.opening import one_line_errors, opened_service
from api.security import service as security
from api.security.facts import KeyView, NewKey
from snp.errors import NotFound
from snp.platform.actors import Role, system
from snp.platform.events import Event
from snp.platform.logs import log

key_app = typer.Typer(no_args_is_help=True)
_BY = system("command-line")
Prefix = Annotated[str, typer.Argument(help="Préfixe de la clé, tel que listé.")]


@key_app.command("create")
def create(  # noqa: PLR0917 - typer passes them by name
    name: Annotated[str, typer.Argument(help="À qui est la clé, par exemple « logiciel du SAMU 44 ».")],
    role: Annotated[GivenRole, typer.Option(help="Ce que la clé peut faire.")],
    territory: Annotated[
        list[str] | None, typer.Option(help="Nom court d’un territoire ; répétable.")
    ] = None,
    organisation: Annotated[str | None, typer.Option(help="Identifiant de la structure (comptoirs).")] = None,
    practitioner: Annotated[str | None, typer.Option(help="RPPS, ADELI ou identifiant.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Portée ; répétable. Absent : toutes.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Durée de vie en jours.")] = None,
    network: Annotated[
        list[str] | None,
        typer.Option(help="Réseau autorisé, 192.0.2.0/24 ; répétable. Absent : partout."),
    ] = None,
) -> None:
    """Créer une clé ; son texte n’est montré que cette fois."""
    with one_line_errors(), opened_service() as service:
        now = service.clock.now()
        with service.transaction() as session:
            new = NewKey(
                name=name,
                role=Role(role),
                scopes=tuple(scope or ("*",)),
                territory_ids=territory_ids(session, territory or ()),
                organisation_id=organisation_id(session, organisation),
                practitioner_id=practitioner_id(session, practitioner, now=now),
                expires_at=now + timedelta(days=days) if days else None,
                allowed_networks=tuple(network or ()),
            )
            issued = security.create_key(session, new, by=_BY, now=now)
        log(Event.KEY_CREATED, key_id=issued.view.id, role=role)
        typer.echo(issued.text)


@key_app.command("list")
def list_all() -> None:
    """Lister les clés, la plus récente d’abord ; jamais leur secret."""
    with one_line_errors(), opened_service() as service:
        with service.transaction() as session:
            found = security.list_keys(session, by=_BY)
        table = Table("Préfixe", "Nom", "Rôle", "Portées", "Dernier usage", "État")
        for view in found:
            table.add_row(*_row(view))
        Console().print(table)


@key_app.command("rotate")
def rotate(
    prefix: Prefix,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=168, help="Combien de temps l’ancien secret reste accepté.")
    ] = 24,
) -> None:
    """Donner un nouveau secret à une clé ; son texte n’est montré que cette fois."""
    with one_line_errors(), opened_service() as service:
        overlap = timedelta(hours=overlap_hours)
        with service.transaction() as session:
            now = service.clock.now()
            issued = security.rotate_key(session, _named(session, prefix), overlap=overlap, by=_BY, now=now)
        log(Event.KEY_ROTATED, key_id=issued.view.id)
        typer.echo(issued.text)


@key_app.command("networks")
def networks(
    prefix: Prefix,
    network: Annotated[
        list[str] | None, typer.Argument(help="Réseaux autorisés, 192.0.2.0/24. Aucun : partout.")
    ] = None,
) -> None:
    """Dire d’où une clé peut être présentée."""
    with one_line_errors(), opened_service() as service:
        with service.transaction() as session:
            view = security.set_networks(session, _named(session, prefix), network or (), by=_BY)
        told = ", ".join(view.allowed_networks) or "toutes les adresses"
        typer.echo(f"Clé {view.prefix} acceptée depuis : {told}.")


@key_app.command("revoke")
def revoke(prefix: Prefix) -> None:
    """Arrêter une clé dès maintenant."""
    with one_line_errors(), opened_service() as service:
        with service.transaction() as session:
            view = security.revoke_key(session, _named(session, prefix), by=_BY, now=service.clock.now())
        log(Event.KEY_REVOKED, key_id=view.id)
        typer.echo(f"Clé {view.prefix} révoquée.")


def _named(session: Session, prefix: str) -> UUID:
    """Return the key of a prefix. Raises `NotFound`."""
    known = {view.prefix: view.id for view in security.list_keys(session, by=_BY)}
    if prefix not in known:
        raise NotFound("clé", prefix)
    return known[prefix]


def _row(view: KeyView) -> tuple[str, ...]:
    used = view.last_used_at.strftime("%Y-%m-%d %H:%M") if view.last_used_at else "jamais"
    ended = "révoquée" if view.revoked_at else "expire" if view.expires_at else "active"
    return view.prefix, view.name, view.role, " ".join(view.scopes), used, ended
