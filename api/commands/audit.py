"""`snp audit`: whether the journal of accesses is still the one that was written."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.opening import EXIT_REFUSED, fail, one_line_errors, opened_service
from api.jobs.work import seal_audit
from snp.days import local
from snp.platform import audit_chain
from snp.platform.audit_chain import Block, Fault

audit_app = typer.Typer(no_args_is_help=True)

_WORDS = {
    Fault.LINES_DIFFER: "des lignes ont été changées, ajoutées ou retirées",
    Fault.CHAIN_BROKEN: "le bloc ne suit pas celui d’avant : un bloc manque ou a été refait",
}


@audit_app.command("seal")
def seal() -> None:
    """Sceller dès maintenant les lignes qui ne le sont pas encore (le service le fait chaque minute)."""
    with one_line_errors(), opened_service() as service:
        typer.echo(f"Lignes scellées : {seal_audit(service)}.")


@audit_app.command("verify")
def verify(
    head: Annotated[
        str | None,
        typer.Option(help="Sceau noté autrefois : vérifier qu’il est toujours dans la chaîne."),
    ] = None,
) -> None:
    """Vérifier la chaîne des sceaux du premier au dernier ; code de sortie 1 si quelque chose a changé."""
    with one_line_errors(), opened_service() as service, service.transaction() as session:
        hasher = service.keys.hasher()
        blocks = list(audit_chain.verify(session, hasher=hasher))
        waiting = audit_chain.count_unsealed(session)
    if head is not None and not _is_hex(head):
        fail("--head : 64 chiffres hexadécimaux, tels que « audit verify » les donne")
    faults = [one for one in blocks if one.fault is not None]
    for one in faults:
        typer.echo(_fault(one), err=True)
    known = head is None or any(one.digest.hex() == head.lower() for one in blocks)
    if not known:
        typer.echo("Le sceau noté n’est plus dans la chaîne : elle a été refaite depuis.", err=True)
    _summary(blocks, waiting)
    if faults or not known:
        raise typer.Exit(EXIT_REFUSED)


def _summary(blocks: list[Block], waiting: int) -> None:
    kept = sum(one.lines for one in blocks if not one.pruned)
    pruned = sum(one.lines for one in blocks if one.pruned)
    held = sum(1 for one in blocks if one.fault is None)
    typer.echo(
        f"Blocs : {len(blocks)}, intacts : {held}. Lignes scellées : {kept}, effacées à terme : {pruned}."
    )
    typer.echo(f"Lignes pas encore scellées : {waiting}.")
    if blocks:
        typer.echo(f"Dernier sceau, à noter ailleurs : {blocks[-1].digest.hex()}")


def _fault(one: Block) -> str:
    assert one.fault is not None
    when = local(one.sealed_at).strftime("%d/%m/%Y %H:%M")
    return (
        f"Bloc {one.number} (lignes {one.first_id} à {one.last_id}, scellé le {when}) : {_WORDS[one.fault]}."
    )


def _is_hex(text: str) -> bool:
    return len(text) == 64 and all(c in "0123456789abcdefABCDEF" for c in text)
