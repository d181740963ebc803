"""`snp explain`: why a request stands where it stands, in sentences; no identity."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from api.commands.opening import one_line_errors, opened_service
from regulation.intake import service as intake
from regulation.live import service as live
from regulation.live import wording
from snp.days import say_instant
from snp.platform.actors import system


def explain(
    request: Annotated[str, typer.Argument(help="Numéro ou identifiant du dossier.")],
) -> None:
    """Dire pourquoi un dossier en est là, décision par décision, et ce qui suit."""
    by = system("command-line")
    with one_line_errors(), opened_service() as service, service.transaction() as session:
        now = service.clock.now()
        request_id = _identified(request) or intake.request_of_number(session, request, by=by, now=now).id
        told = live.explain(session, request_id, by=by, now=now)
        typer.echo(f"Dossier {told.number}. {told.next_step}")
        if told.promise is not None:
            typer.echo(wording.promise_sentence(told.promise))
        for decision, sentences in told.decisions:
            typer.echo(f"\n{say_instant(decision.at)} ({decision.role})")
            for sentence in sentences:
                typer.echo(f"  {sentence}")


def _identified(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
