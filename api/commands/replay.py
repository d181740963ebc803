"""`snp replay`: play a stream to a policy, in event order, and print its answers.

Or the clairvoyant bound.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, NoReturn, TextIO

import typer

EXIT_MALFORMED = 2
POLICIES = "fcfs, nearest, sas, live"


def replay(  # noqa: PLR0917 - options of a command, given by name
    stream: Annotated[
        Path, typer.Argument(help="Fichier snp-stream/1 (JSON Lines), - pour l’entrée standard.")
    ],
    policy: Annotated[str | None, typer.Option(help=f"Politique : {POLICIES}. Par défaut live.")] = None,
    promise: Annotated[
        bool,
        typer.Option("--promise", help="Promettre d’abord, nommer le créneau plus tard (politique live)."),
    ] = False,
    clairvoyant: Annotated[
        bool,
        typer.Option("--clairvoyant", help="Calculer aussi la borne : le meilleur plan en sachant tout."),
    ] = False,
    seed: Annotated[int, typer.Option(help="Graine des tirages.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Fichier de sortie ; par défaut la sortie standard.")
    ] = None,
) -> None:
    """Rejoue un flux d’événements et donne les réponses, une par ligne, puis le bilan."""
    from snp.assignment.live_clairvoyant import Clairvoyant  # noqa: PLC0415 - slow to import
    from snp.assignment.live_clairvoyant import clairvoyant as best_plan  # noqa: PLC0415 - slow to import
    from snp.assignment.live_policies import PolicyName, make_policy  # noqa: PLC0415 - slow to import
    from snp.assignment.live_replay import replay as play  # noqa: PLC0415 - slow to import
    from snp.assignment.malformed import MalformedInput  # noqa: PLC0415 - slow to import
    from snp.assignment.stream_reading import read_stream  # noqa: PLC0415 - slow to import
    from snp.assignment.stream_summary import summarize  # noqa: PLC0415 - slow to import
    from snp.assignment.stream_writing import write_answer, write_bound, write_summary  # noqa: PLC0415 - slow to import

    if policy is not None and policy not in set(PolicyName):
        _fail(f"--policy: expected one of {POLICIES}, found {policy!r}")
    try:
        with _lines(stream) as lines:
            day = read_stream(lines)
    except MalformedInput as fault:
        _fail(f"{stream}: {fault}")
    except OSError as error:
        _fail(f"{stream}: {error.strerror}")
    bound: Clairvoyant | None = best_plan(day) if clairvoyant else None
    with _output(out) as sink:
        if policy is None and bound is not None:
            sink.write(write_bound(day, bound))
            return
        chosen = PolicyName(policy or PolicyName.LIVE)
        answers = []
        for answer in play(day, make_policy(chosen, promise=promise, seed=seed)):
            answers.append(answer)
            sink.write(write_answer(answer))
        sink.write(write_summary(summarize(day, chosen, answers, bound)))


@contextmanager
def _lines(path: Path) -> Iterator[Iterator[bytes]]:
    if str(path) == "-":
        yield _bounded(sys.stdin.buffer)
        return
    with path.open("rb") as source:
        yield _bounded(source)


def _bounded(source: BinaryIO) -> Iterator[bytes]:
    """Yield lines; one that does not end is cut where the reader refuses it."""
    from snp.assignment.stream_reading import MAX_LINE_BYTES  # noqa: PLC0415 - slow to import

    return iter(lambda: source.readline(MAX_LINE_BYTES + 1), b"")


@contextmanager
def _output(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    try:
        sink = path.open("w", encoding="utf-8")
    except OSError as error:
        _fail(f"{path}: {error.strerror}")
    with sink:
        yield sink


def _fail(line: str) -> NoReturn:
    typer.echo(f"snp replay: {line}", err=True)
    raise typer.Exit(EXIT_MALFORMED)
