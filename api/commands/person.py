"""`snp person`: a person's rights over what is kept of him, from a terminal; all of it is in the journal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer
from fastapi.encoders import jsonable_encoder
from sqlmodel import Session

from api.commands.opening import fail, one_line_errors, opened_service
from api.persons import service as persons
from api.persons.kept import Asked
from api.wiring import Wiring
from regulation.intake import service as intake
from snp.platform.actors import system

person_app = typer.Typer(no_args_is_help=True)
Dossier = Annotated[str, typer.Argument(help="Numéro d’un dossier de la personne.")]
Why = Annotated[str, typer.Option(help="Pourquoi ; gardé dans le journal.", prompt="Pourquoi")]
_BY = system("command-line")


@person_app.command("export")
def export(
    dossier: Dossier, why: Why, out: Annotated[Path, typer.Option(help="Fichier JSON à écrire.")]
) -> None:
    """Écrire tout ce qui est gardé d’une personne (RGPD, art. 15 et 20)."""
    with one_line_errors(), opened_service() as service:
        if out.exists():
            fail(f"{out} existe déjà")
        with service.transaction() as session:
            record = persons.record_of(_asked(service, session, dossier, why))
        out.touch(mode=0o600)
        out.write_bytes(orjson.dumps(jsonable_encoder(record), option=orjson.OPT_INDENT_2))
        typer.echo(f"Écrit : {out}. Ce fichier nomme quelqu’un : remettez-le-lui, puis effacez-le.")


@person_app.command("forget")
def forget(
    dossier: Dossier,
    why: Why,
    yes: Annotated[bool, typer.Option("--yes", help="Ne pas demander de confirmation.")] = False,
) -> None:
    """Effacer l’identité d’une personne (RGPD, art. 17) ; les actes restent. Sans retour."""
    if not yes:
        typer.confirm("Effacer cette identité pour toujours ?", abort=True)
    with one_line_errors(), opened_service() as service:
        with service.transaction() as session:
            done = persons.forget(_asked(service, session, dossier, why))
        typer.echo("Identité effacée." if done else "Elle l’était déjà.")


def _asked(service: Wiring, session: Session, dossier: str, why: str) -> Asked:
    now = service.clock.now()
    request = intake.request_of_number(session, dossier, by=_BY, now=now)
    return Asked(session, request.patient_id, service.keys, why, _BY, now)
