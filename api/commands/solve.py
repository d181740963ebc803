"""`snp solve`: an assignment problem from a file to its answer, or an answer judged; no server, no database.

Answers go to the standard output or to `--out`, everything else to the error stream. Exit codes: 0 done or
valid, 1 an answer that is not valid, 2 an input or a file that cannot be used, told in one line.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Annotated, Never

import typer

from snp.assignment.checks import violations
from snp.assignment.facts import Assignment, Instance
from snp.assignment.malformed import MalformedInput
from snp.assignment.reading import MAX_DOCUMENT_BYTES, read_assignment, read_instance
from snp.assignment.writing import write_assignment

STDIN = "-"


def solve(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FICHIER",
            help="Le problème (snp-instance/1), « - » pour l’entrée standard ; puis, "
            "avec --check, la réponse (snp-assignment/1).",
            show_default=False,
        ),
    ],
    out: Annotated[str | None, typer.Option(metavar="FICHIER", help="Où écrire la réponse.")] = None,
    time_limit: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDES", help="Temps laissé au calcul.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Vérifier une réponse au lieu de résoudre.")] = False,
) -> None:
    """Résoudre un fichier d’affectation, ou vérifier une réponse."""  # fmt: skip
    if check:
        _judge(files, out, time_limit)
        return
    if len(files) != 1:
        _fail(f"one FILE to solve is expected, {len(files)} given (an answer is judged with --check)")
    if time_limit is not None and not math.isfinite(time_limit):
        _fail("--time-limit: must be a finite number of seconds")
    instance = _instance(files[0])
    if out is not None:
        _check_writable(Path(out))
    try:
        answer = _solved(instance, time_limit)
    except MalformedInput as problem:
        _fail(f"{files[0]}: {problem}")
    _write(write_assignment(answer), out)
    if out is not None:
        _tell(answer, out)


def _solved(instance: Instance, time_limit: float | None) -> Assignment:
    from snp.assignment.solving import solve as assign  # noqa: PLC0415 - OR-Tools takes a second to import

    return assign(instance, time_limit=time_limit)


def _judge(files: list[str], out: str | None, time_limit: float | None) -> None:
    """Judge an answer: exit 0 when it is valid, 1 with one line for each violation when it is not."""
    if len(files) != 2:
        _fail(f"--check expects INSTANCE and ANSWER, {len(files)} given")
    if out is not None or time_limit is not None:
        _fail("--check goes with neither --out nor --time-limit")
    if files[0] == files[1] == STDIN:
        _fail("only one of INSTANCE and ANSWER can be the standard input")
    instance = _instance(files[0])
    try:
        answer = read_assignment(_content(files[1]))
    except MalformedInput as problem:
        _fail(f"{files[1]}: {problem}")
    found = violations(instance, answer)
    for line in found:
        typer.echo(line)
    if found:
        typer.echo(f"not valid: {len(found)} violation{'s' if len(found) > 1 else ''}")
        raise typer.Exit(1)
    served = ", ".join(f"{count} {priority}" for priority, count in answer.served.items())
    typer.echo(f"valid: {answer.status}, served {served}, burden {answer.burden}, spread {answer.spread}")


def _instance(file: str) -> Instance:
    try:
        return read_instance(_content(file))
    except MalformedInput as problem:
        _fail(f"{file}: {problem}")


def _content(file: str) -> bytes:
    try:
        if file == STDIN:
            return sys.stdin.buffer.read(MAX_DOCUMENT_BYTES + 1)
        with Path(file).open("rb") as source:
            return source.read(MAX_DOCUMENT_BYTES + 1)  # one more than is read: the reader says so
    except (OSError, ValueError) as error:
        _fail(f"{file}: {_cause(error)}")


def _check_writable(path: Path) -> None:
    """Refuse early what could not be written after a long calculation."""
    if path.is_dir():
        _fail(f"{path}: is a directory")
    try:
        path.open("ab").close()
    except (OSError, ValueError) as error:
        _fail(f"{path}: {_cause(error)}")


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
    except OSError as error:
        _fail(f"{out or 'standard output'}: {_cause(error)}")


def _tell(answer: Assignment, out: str) -> None:
    served = ", ".join(f"{count} {priority}" for priority, count in answer.served.items())
    typer.echo(
        f"{out}: {answer.status}, served {served}, unserved {len(answer.unserved)}, {answer.wall_s:.3f} s",
        err=True,
    )


def _cause(error: OSError | ValueError) -> str:
    return (error.strerror or "cannot be used") if isinstance(error, OSError) else "is not a file name"


def _fail(message: str) -> Never:
    typer.echo(f"snp solve: {' '.join(message.split())}", err=True)
    raise typer.Exit(2)
