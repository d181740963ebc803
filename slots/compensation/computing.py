"""Compute the statements of a practitioner: drafts are written anew, closed ones corrected in later ones.

Computing twice changes nothing. A month is corrected for a year after it; later it is settled for good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from slots.appointments import service as appointments
from slots.compensation import funding, repository, statement_rows, stating
from slots.compensation.facts import DraftLine, Statement, Verdict
from slots.compensation.loading import Book, ProofReader, load
from slots.compensation.periods import month_bounds, month_of, months_before, next_month
from slots.compensation.refusals import MonthNotOver
from snp.days import local_day
from snp.directory import service as directory
from snp.errors import NotFound
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.leadership import advisory_key
from snp.platform.logs import log

LOOK_BACK_MONTHS: Final = 12


def practitioners_due(session: Session, territory_id: UUID, *, now: datetime) -> list[UUID]:
    """Return who may have something to state in a territory over the months that may still change, by id.

    Its members of these months, and who else saw patients that were booked there.
    """
    zone = directory.get_territory(session, territory_id).settings.snp_hours.zone
    first = months_before(month_of(local_day(now, zone)), LOOK_BACK_MONTHS)
    memberships = directory.list_memberships(session, territory_ids=[territory_id])
    members = {one.practitioner_id for one in memberships if one.until is None or one.until > first}
    seeing = appointments.practitioners_of(
        session, territory_id, starts_from=month_bounds(first, zone)[0], starts_before=now
    )
    return sorted({*members, *seeing})


def compute_statements(
    session: Session, territory_id: UUID, practitioner_id: UUID, *, proofs: ProofReader, now: datetime
) -> list[Statement]:
    """Bring the drafts of a practitioner in a territory up to date; returns those that changed.

    One at a time for each of them. Raises `NotFound`.
    """
    session.execute(
        sa.text("SELECT pg_advisory_xact_lock(:key)"),
        {"key": advisory_key(f"statements:{territory_id}:{practitioner_id}")},
    )
    territory = directory.get_territory(session, territory_id)
    current = month_of(local_day(now, territory.settings.snp_hours.zone))
    first = months_before(current, LOOK_BACK_MONTHS)
    book = load(session, territory_id, practitioner_id, since=first, proofs=proofs, now=now)
    _store_verdicts(session, book, now)
    found = _lines(book)
    standing = {
        one.month: one
        for one in statement_rows.statements(
            session, territory_id=territory_id, practitioner_id=practitioner_id, months=(first, current)
        )
    }
    carried = _corrections(session, book, standing, found, current)
    changed = []
    for month in _months(first, current):
        drafts = stating.ordered([*stating.in_month(found, month), *carried[month]])
        statement = standing.get(month)
        if (statement is not None and statement.is_closed) or (statement is None and not drafts):
            continue
        draft = statement_rows.lock_month(session, territory_id, practitioner_id, month, now)
        if statement_rows.replace_lines(session, draft, drafts, stating.totals(drafts), now):
            log(Event.STATEMENT_COMPUTED, statement_id=draft.id, territory_id=territory_id, rows=len(drafts))
            changed.append(draft)
    return changed


def close_statement(
    session: Session, statement_id: UUID, *, proofs: ProofReader, by: Actor, now: datetime
) -> Statement:
    """Close the draft of a month that is over, as it stands after one more computation; once.

    Raises `NotFound`, `MonthNotOver`.
    """
    statement = get_statement(session, statement_id)
    territory = directory.get_territory(session, statement.territory_id)
    if month_bounds(statement.month, territory.settings.snp_hours.zone)[1] > now:
        raise MonthNotOver(statement.month)
    if not statement.is_closed:
        compute_statements(session, statement.territory_id, statement.practitioner_id, proofs=proofs, now=now)
        statement_rows.close(session, statement_id, by=by.ident, now=now)
        log(Event.STATEMENT_CLOSED, statement_id=statement_id, territory_id=statement.territory_id)
    return get_statement(session, statement_id)


def get_statement(session: Session, statement_id: UUID) -> Statement:
    """Return a statement. Raises `NotFound`."""
    found = statement_rows.statement_by_id(session, statement_id)
    if found is None:
        raise NotFound("relevé", statement_id)
    return found


def _lines(book: Book) -> list[DraftLine]:
    return stating.lines_of(
        book.verdicts,
        funding.judge_slots(book.slots, book.terms),
        funding.judge_times(book.times, book.terms),
        book.zone,
    )


def _corrections(
    session: Session,
    book: Book,
    standing: dict[date, Statement],
    found: Iterable[DraftLine],
    current: date,
) -> dict[date, list[DraftLine]]:
    """The corrections of closed months, by the open month that carries them."""
    closed = {month: one for month, one in standing.items() if one.is_closed}
    if not closed:
        return defaultdict(list)
    months = {one.id: month for month, one in closed.items()}
    stated: dict[date, list[DraftLine]] = {month: [] for month in closed}
    for line in statement_rows.lines(session, months):
        month = line.content.corrected_month or months[line.statement_id]
        if month in stated:
            stated[month].append(line.content)
    by_month: dict[date, list[DraftLine]] = defaultdict(list)
    for one in found:
        by_month[month_of(one.day)].append(one)
    noted = {month: local_day(at, book.zone) for month, at in book.changed.items()}
    carried: dict[date, list[DraftLine]] = defaultdict(list)
    for correction in stating.corrections(stated, by_month, noted):
        carried[_carrier(correction, closed, current)].append(correction)
    return carried


def _carrier(line: DraftLine, closed: dict[date, Statement], current: date) -> date:
    """The open month that carries a correction: that in which it was noted, or the next one open."""
    assert line.corrected_month is not None
    month = max(month_of(line.day), next_month(line.corrected_month))
    while month in closed and month < current:
        month = next_month(month)
    return min(month, current)


def _months(first: date, last: date) -> Iterator[date]:
    month = first
    while month <= last:
        yield month
        month = next_month(month)


def _store_verdicts(session: Session, book: Book, now: datetime) -> None:
    """Store the verdicts that differ from the last ones stored."""
    all_of_them = [*book.verdicts, *book.missed]
    last = repository.last_verdicts(session, [one.act.appointment_id for one in all_of_them])
    fresh = [one for one in book.verdicts if _is_news(one, last)]
    fresh += [one for one in book.missed if one.act.appointment_id in last and _is_news(one, last)]
    repository.insert_verdicts(session, fresh, now)


def _is_news(verdict: Verdict, last: Mapping[UUID, sa.Row[Any]]) -> bool:
    stored = last.get(verdict.act.appointment_id)
    return stored is None or _differs(repository.verdict_row(verdict), stored)


def _differs(row: dict[str, Any], stored: sa.Row[Any]) -> bool:
    return any(getattr(stored, name) != value for name, value in row.items())
