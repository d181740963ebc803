"""`snp rota`: a rota from a file to its answer, or an answer judged; no server, no database.

Answers go to the standard output or to `--out`, everything else to the error stream. Exit codes: 0 a rota was
found, or is valid; 1 no rota holds the rules, or an answer is not valid; 2 an input or a file that cannot be
used, told in one line; 3 the time ran out before anything was known.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Annotated, Never

import typer

from slots.rota.checks import judge
from slots.rota.facts import RotaAnswer, RotaProblem, Status
from slots.rota.reading import read_answer, read_problem
from slots.rota.writing import write_answer
from snp.assignment.malformed import MalformedInput
from snp.assignment.reading import MAX_DOCUMENT_BYTES

STDIN = "-"

rota_app = typer.Typer(
    no_args_is_help=True, help="Le roulement d’une MSP ou d’un centre de SNP, en fichiers."
)


@rota_app.command("solve")
def solve(
    file: Annotated[
        str,
        typer.Argument(metavar="FICHIER", help="Le roulement à bâtir (snp-rota/1), « - » : entrée standard."),
    ],
    out: Annotated[str | None, typer.Option(metavar="FICHIER", help="Où écrire la réponse.")] = None,
    time_limit: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDES", help="Temps laissé au calcul.")
    ] = 60.0,
) -> None:
    """Bâtir un roulement."""  # fmt: skip
    if not math.isfinite(time_limit):
        _fail("solve", "--time-limit: must be a finite number of seconds")
    problem = _problem("solve", file)
    if out is not None:
        _check_writable(Path(out))
    from slots.rota.solving import solve as build  # noqa: PLC0415 - OR-Tools takes a second to import

    answer = build(problem, time_limit=time_limit, progress=_progress)
    _write(write_answer(answer), out)
    typer.echo(f"{out or 'answer'}: {_told(answer)}", err=True)
    for each in answer.conflicts:
        typer.echo(f"  {each.sentence}", err=True)
    if answer.cost is None:
        raise typer.Exit(1 if answer.status is Status.INFEASIBLE else 3)


@rota_app.command("check")
def check(
    file: Annotated[str, typer.Argument(metavar="FICHIER", help="Le roulement à bâtir (snp-rota/1).")],
    answer: Annotated[str, typer.Argument(metavar="RÉPONSE", help="La réponse à juger (snp-rota-answer/1).")],
) -> None:
    """Juger une réponse, sans solveur : règles dures et coût recalculés."""  # fmt: skip
    if file == answer == STDIN:
        _fail("check", "only one of FILE and ANSWER can be the standard input")
    problem = _problem("check", file)
    try:
        told = read_answer(_content("check", answer))
    except MalformedInput as fault:
        _fail("check", f"{answer}: {fault}")
    broken = judge(problem, told)
    for each in broken:
        typer.echo(f"{each.rule}: {each.sentence}")
    if broken:
        typer.echo(f"not valid: {len(broken)} violation{'s' if len(broken) > 1 else ''}")
        raise typer.Exit(1)
    typer.echo(f"valid: {_told(told)}")


def _told(answer: RotaAnswer) -> str:
    if answer.cost is None:
        return f"{answer.status}, {len(answer.conflicts)} rules in conflict, {answer.wall_s:.1f} s"
    gap = 100 * (answer.gap or 0)
    told = f"{answer.status}, cost {answer.cost.total}, bound {answer.bound} (gap {gap:.2f} %)"
    return f"{told}, {answer.wall_s:.1f} s"


def _progress(seconds: float, cost: int, bound: int) -> None:
    typer.echo(f"{seconds:6.1f} s  cost {cost}  bound {bound}", err=True)


def _problem(command: str, file: str) -> RotaProblem:
    try:
        return read_problem(_content(command, file))
    except MalformedInput as fault:
        _fail(command, f"{file}: {fault}")


def _content(command: str, file: str) -> bytes:
    try:
        if file == STDIN:
            return sys.stdin.buffer.read(MAX_DOCUMENT_BYTES + 1)
        with Path(file).open("rb") as source:
            return source.read(MAX_DOCUMENT_BYTES + 1)  # one more than is read: the reader says so
    except (OSError, ValueError) as fault:
        _fail(command, f"{file}: {_cause(fault)}")


def _check_writable(path: Path) -> None:
    """Refuse early what could not be written after a long calculation."""
    if path.is_dir():
        _fail("solve", f"{path}: is a directory")
    try:
        path.open("ab").close()
    except (OSError, ValueError) as fault:
        _fail("solve", f"{path}: {_cause(fault)}")


def _write(text: str, out: str | None) -> None:
    try:
        if out is None:
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            Path(out).write_text(text, encoding="utf-8")
    except BrokenPipeError:
        sys.stderr.close()  # whoever read the answer has seen enough
        raise typer.Exit(1) from None
    except OSError as fault:
        _fail("solve", f"{out or 'standard output'}: {_cause(fault)}")


def _cause(fault: OSError | ValueError) -> str:
    return (fault.strerror or "cannot be used") if isinstance(fault, OSError) else "is not a file name"


def _fail(command: str, message: str) -> Never:
    typer.echo(f"snp rota {command}: {' '.join(message.split())}", err=True)
    raise typer.Exit(2)
