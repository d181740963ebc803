"""`snp outbox`: what leaves the service, what did not, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from sqlmodel import Session

from api.commands.opening import fail, one_line_errors, opened_service
from snp.days import local
from snp.notifications import service as outbox
from snp.notifications.facts import MessageState, MessageView, TopicFigures
from snp.platform.events import Event
from snp.platform.logs import log

outbox_app = typer.Typer(no_args_is_help=True)

_WORDS = {
    MessageState.PENDING: "en attente",
    MessageState.DELIVERED: "remis",
    MessageState.DEAD: "abandonné",
    MessageState.UNSENT: "sans objet",
    MessageState.DROPPED: "retiré",
}
Ident = Annotated[UUID, typer.Argument(help="Identifiant du message, tel que listé.")]


@outbox_app.command("list")
def list_all(
    state: Annotated[
        list[MessageState] | None,
        typer.Option(help="État ; répétable. Absent : en attente et abandonnés."),
    ] = None,
    topic: Annotated[str | None, typer.Option(help="Sujet, par exemple sas.appointment.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Nombre de messages au plus.")] = 50,
) -> None:
    """Compter les messages par sujet, puis lister ceux qui ne sont pas partis, le plus ancien d’abord."""
    states = frozenset(state or (MessageState.PENDING, MessageState.DEAD))
    with one_line_errors(), opened_service() as service:
        now = service.clock.now()
        with service.transaction() as session:
            figures = outbox.figures(session)
            found = outbox.list_messages(session, states=states, topic=topic, limit=limit)
        console = Console()
        if not figures:
            console.print("Aucun message.")
            return
        console.print(_figures_table([row for row in figures if topic in {None, row.topic}], now))
        if found:
            console.print(_messages_table(found))


@outbox_app.command("show")
def show(message_id: Ident) -> None:
    """Montrer un message : identifiants et codes, jamais de données personnelles."""
    with one_line_errors(), opened_service() as service:
        with service.transaction() as session:
            view = outbox.get_message(session, message_id)
        for label, value in _lines(view):
            typer.echo(f"{label:<20} {value}")


@outbox_app.command("replay")
def replay(
    message_id: Annotated[UUID | None, typer.Argument(help="Identifiant ; absent : avec --topic.")] = None,
    topic: Annotated[str | None, typer.Option(help="Renvoyer tous les messages de ce sujet.")] = None,
    state: Annotated[MessageState, typer.Option(help="Avec --topic : dans cet état.")] = MessageState.DEAD,
) -> None:
    """Renvoyer un message abandonné, retiré ou sans objet ; ou tous ceux d’un sujet."""
    if (message_id is None) == (topic is None):
        fail("donnez un identifiant, ou --topic")
    with one_line_errors(), opened_service() as service:
        now = service.clock.now()
        with service.transaction() as session:
            wanted = [message_id] if message_id else _every(session, topic, state)
            for ident in wanted:
                outbox.replay(session, ident, now=now)
        for ident in wanted:
            log(Event.OUTBOX_REPLAYED, message_id=ident, actor="system:command-line")
        typer.echo(f"Messages à renvoyer : {len(wanted)}.")


@outbox_app.command("drop")
def drop(message_id: Ident) -> None:
    """Retirer un message en attente ou abandonné : il ne partira plus."""
    with one_line_errors(), opened_service() as service:
        with service.transaction() as session:
            outbox.drop(session, message_id, now=service.clock.now())
        log(Event.OUTBOX_DROPPED, message_id=message_id, actor="system:command-line")
        typer.echo("Message retiré.")


def _figures_table(figures: list[TopicFigures], now: datetime) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Sujet", overflow="fold")
    for head in ("Attente", "Remis", "Abandon", "Sans obj.", "Retiré", "Depuis"):
        table.add_column(head, justify="right")
    table.caption = (
        "Depuis : depuis quand le plus ancien attend. Sans objet : rien à envoyer, ou pas d’envoi réglé."
    )
    table.caption_justify = "left"
    for row in figures:
        counts = (str(getattr(row, state.value)) for state in MessageState)
        table.add_row(row.topic, *counts, _since(row.oldest_due_at, now))
    return table


def _messages_table(found: Sequence[MessageView]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Message", no_wrap=True)  # it is copied into the other commands
    table.add_column("Sujet, essais, dernière erreur", overflow="fold")
    table.add_column("État", no_wrap=True)
    for view in found:
        tried = f"{view.attempts} × {view.last_error}" if view.last_error else f"{view.attempts} essai"
        table.add_row(str(view.id), f"{view.topic}\n{tried}", _WORDS[view.state])
    return table


def _lines(view: MessageView) -> list[tuple[str, str]]:
    payload = " ".join(f"{name}={value}" for name, value in view.payload.items())
    return [
        ("Message", str(view.id)),
        ("Sujet", view.topic),
        ("À propos de", view.subject),
        ("Contenu", payload or "–"),
        ("Territoire", str(view.territory_id or "–")),
        ("État", _WORDS[view.state]),
        ("Créé le", _instant(view.created_at)),
        ("Essais", str(view.attempts)),
        ("Prochain essai", _instant(view.next_attempt_at) if view.settled_at is None else "–"),
        ("Réglé le", _instant(view.settled_at) if view.settled_at else "–"),
        ("Dernière erreur", view.last_error or "–"),
    ]


def _every(session: Session, topic: str | None, state: MessageState) -> list[UUID]:
    """Return every message of a topic in a state, oldest first."""
    found: list[MessageView] = []
    while page := outbox.list_messages(
        session, states={state}, topic=topic, after=found[-1].position if found else None, limit=500
    ):
        found.extend(page)
    return [view.id for view in found]


def _since(due: datetime | None, now: datetime) -> str:
    if due is None or due > now:
        return "–"
    minutes = int((now - due).total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} j"


def _instant(instant: datetime) -> str:
    return local(instant).strftime("%d/%m/%Y %H:%M:%S")
