"""Import a CSV file: check every row, then write chunk by chunk, all or nothing unless told otherwise.

The file is read twice (once to check, once to write) so that its length does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final, Protocol, TypeVar
from uuid import UUID

from sqlmodel import Session

from snp.directory.importing import rules
from snp.directory.importing.chunks import Chunk, Outcomes, write_chunk
from snp.directory.importing.columns import Layout, read_header
from snp.directory.importing.csv_file import CsvFile
from snp.directory.importing.facts import ImportKind, ImportReport, Lexicon, ParsedRow, RowError
from snp.directory.importing.seen import Seen
from snp.directory.repository import communes as repository
from snp.platform.actors import Actor

T = TypeVar("T")

CHUNK_ROWS: Final = 1_000


class Progress(Protocol):
    """Told how far an import is: bytes of the file read while checking, rows while writing."""

    def __call__(self, phase: str, done: int, total: int) -> None:
        """`phase` is `check` or `write`."""


@dataclass(slots=True)
class _Checked:
    rows: int = 0
    bad: set[int] = field(default_factory=set)
    errors: list[RowError] = field(default_factory=list)


def import_csv(
    session: Session,
    file: CsvFile,
    *,
    kind: ImportKind | None = None,
    territory_id: UUID | None = None,
    dry_run: bool = False,
    skip_invalid: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
    chunk_rows: int = CHUNK_ROWS,
    by: Actor,
    now: datetime,
) -> ImportReport:
    """Bring the practitioners or sites of a file into the directory; doing it twice changes nothing.

    Entries are found by national identifier, else (sites) by name, address and commune. An empty cell
    changes nothing. With `territory_id`, practitioners who are not members join it today, and organisations
    take part in it. With an error in any row nothing is written, unless `skip_invalid` leaves those rows out.
    A dry run does everything and takes it back, so its figures are those of the real one. Raises `BadFile`.
    """
    del by
    layout = read_header(file.header, kind)
    words = rules.lexicon(repository.all_communes(session), repository.professions(session, active=True))
    checked = _check(file, layout, words, strict=strict, progress=progress)
    good = _good_rows(file, layout, words, checked.bad, strict=strict)
    outcomes = Outcomes()
    stop = bool(checked.errors) and not skip_invalid
    savepoint = session.begin_nested()
    for chunk in () if stop else _chunks(good, chunk_rows):
        write_chunk(session, Chunk(chunk, territory_id), outcomes, now=now)
        if progress is not None:
            progress("write", outcomes.rows, checked.rows - len(checked.bad))
    errors = sorted([*checked.errors, *outcomes.errors], key=lambda e: e.row)
    written = not dry_run and (skip_invalid or not errors)
    if written:
        savepoint.commit()
    else:
        savepoint.rollback()
    return ImportReport(
        kind=layout.kind,
        rows=checked.rows,
        skipped=len({error.row for error in errors}),
        dry_run=dry_run,
        written=written,
        practitioners=outcomes.tally(outcomes.practitioners),
        sites=outcomes.tally(outcomes.sites),
        organisations=outcomes.tally(outcomes.organisations),
        links=outcomes.links,
        memberships=outcomes.memberships,
        errors=tuple(errors),
        ignored_columns=layout.ignored,
    )


def _check(
    file: CsvFile, layout: Layout, words: Lexicon, *, strict: bool, progress: Progress | None
) -> _Checked:
    checked, seen = _Checked(), Seen()
    for number, cells, done in file.rows():
        checked.rows += 1
        parsed = rules.parse_row(layout, number, cells, words=words, strict=strict)
        errors = seen.faults(parsed) if isinstance(parsed, ParsedRow) else parsed
        if errors:
            checked.bad.add(number)
            checked.errors.extend(errors)
        if progress is not None and checked.rows % 100 == 0:
            progress("check", done, file.size)
    if progress is not None:
        progress("check", file.size, file.size)
    return checked


def _good_rows(
    file: CsvFile, layout: Layout, words: Lexicon, bad: set[int], *, strict: bool
) -> Iterator[ParsedRow]:
    for number, cells, _ in file.rows():
        if number in bad:
            continue
        parsed = rules.parse_row(layout, number, cells, words=words, strict=strict)
        if isinstance(parsed, ParsedRow):
            yield parsed


def _chunks(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    iterator = iter(items)
    while chunk := tuple(islice(iterator, size)):
        yield chunk
