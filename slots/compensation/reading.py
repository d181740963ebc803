"""Read statements, verdicts and the events behind every amount. Changes nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from slots.agenda import service as agenda
from slots.agenda.facts import SlotFilter
from slots.appointments import service as appointments
from slots.compensation import repository, statement_rows
from slots.compensation.computing import get_statement
from slots.compensation.facts import (
    DraftLine,
    EventLine,
    Line,
    LineKind,
    Package,
    PackageCondition,
    Reason,
    Statement,
    StatementPaper,
    StoredVerdict,
    VerdictStatus,
)
from slots.compensation.periods import month_bounds
from slots.compensation.tariffs import national
from snp.assignment.facts import Audience
from snp.days import PARIS, local_day
from snp.directory import service as directory
from snp.errors import NotFound

_LATELY: Final = timedelta(days=90)


def list_statements(session: Session, practitioner_id: UUID) -> list[Statement]:
    """Return the statements of a practitioner in every CPTS, the latest month first."""
    return statement_rows.statements(session, practitioner_id=practitioner_id)


def month_statements(session: Session, territory_id: UUID, month: date) -> list[Statement]:
    """Return the statements of a month in a territory, in no order that ranks anybody."""
    return statement_rows.statements(session, territory_id=territory_id, months=(month, month))


def drafts_before(session: Session, territory_id: UUID, month: date) -> list[Statement]:
    """Return the drafts of a territory up to a month, the earliest first."""
    found = statement_rows.statements(
        session, territory_id=territory_id, months=(date(2020, 1, 1), month), closed=False
    )
    return list(reversed(found))


def paper(session: Session, statement_id: UUID, *, now: datetime) -> StatementPaper:
    """Return a statement with its lines and the names on its head. Raises `NotFound`."""
    statement = get_statement(session, statement_id)
    practitioner = directory.get_practitioner(session, statement.practitioner_id, now=now)
    territory = directory.get_territory(session, statement.territory_id)
    return StatementPaper(
        statement=statement,
        lines=tuple(statement_rows.lines(session, [statement_id])),
        practitioner=practitioner.full_name,
        identifier=practitioner.rpps or practitioner.adeli or "",
        territory=territory.name,
    )


def month_lines(
    session: Session, territory_id: UUID, month: date, *, offset: int = 0, limit: int = 50
) -> tuple[list[Line], int]:
    """Return some lines of the statements of a month in a territory, by day, and how many there are.

    Nobody is named.
    """
    found = statement_rows.month_lines(session, territory_id, month, offset=offset, limit=limit)
    return found, statement_rows.count_lines(session, territory_id, month)


def month_sums(session: Session, territory_id: UUID, month: date) -> dict[LineKind, int]:
    """Return what the statements of a month in a territory add up to, by kind, in cents."""
    sums = dict.fromkeys(LineKind, 0)
    for row in statement_rows.sums(session, territory_id, month, month):
        sums[LineKind(row.kind)] += int(row.cents)
    return sums


def get_line(session: Session, line_id: UUID) -> tuple[Line, Statement]:
    """Return a line and its statement. Raises `NotFound`."""
    line = statement_rows.line_by_id(session, line_id)
    if line is None:
        raise NotFound("ligne", line_id)
    return line, get_statement(session, line.statement_id)


def events_behind(session: Session, line: DraftLine) -> list[EventLine]:
    """Return what happened to the act, slot or declaration of a line, oldest first."""
    match line.kind:
        case LineKind.MAJORATION:
            events = _of_act(session, line.event_id)
        case LineKind.UNUSED_SLOT:
            events = [
                EventLine("slot", one.event.value, one.at, one.author)
                for one in agenda.slot_story(session, line.event_id)
            ]
        case LineKind.COORDINATION:
            events = _of_time(session, line.event_id)
    return sorted(events, key=lambda one: one.at)


def verdicts_of(
    session: Session,
    month: date,
    *,
    territory_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    zone: ZoneInfo = PARIS,
) -> list[StoredVerdict]:
    """Return the last verdict of each act of a month, by time."""
    starts_from, starts_before = month_bounds(month, zone)
    rows = repository.verdicts_between(
        session, starts_from, starts_before, territory_id=territory_id, practitioner_id=practitioner_id
    )
    return [_stored(row) for row in rows]


def package_of(session: Session, practitioner_id: UUID, *, now: datetime) -> Package | None:
    """Return the yearly SAS package and its conditions as the service sees them; None before it exists.

    Source: convention médicale 2024–2029: registered, all or part of the agenda visible.
    """
    today = local_day(now)
    rate = national().at("sas_package", today)
    if rate is None:
        return None
    practitioner = directory.get_practitioner(session, practitioner_id, now=now)
    registered = practitioner.rpps is not None and practitioner.preferences.offer_to_sas
    wanted = SlotFilter(
        practitioner_ids=frozenset({practitioner_id}), starts_from=now - _LATELY, starts_before=now + _LATELY
    )
    slots = agenda.list_slots(session, wanted, limit=200, now=now).items
    visible = any(slot.sas and Audience.REGULATION in slot.audiences for slot in slots)
    return Package(
        today.year,
        rate.number,
        rate.source,
        (
            PackageCondition("Inscrit au SAS : vos créneaux peuvent lui être montrés.", registered),
            PackageCondition("Agenda visible en tout ou partie par le SAS.", visible),
        ),
    )


def _of_act(session: Session, appointment_id: UUID) -> list[EventLine]:
    events = [
        EventLine("appointment", one.status.value, one.at, one.author)
        for one in appointments.story(session, appointment_id)
    ]
    verdict = repository.last_verdicts(session, [appointment_id]).get(appointment_id)
    if verdict is not None and verdict.decided_at is not None:
        number = verdict.request_number or ""
        events.append(EventLine("request", "decide", verdict.decided_at, verdict.decided_by or "", number))
    mark = repository.marks_of(session, [appointment_id]).get(appointment_id)
    if mark is not None:
        events.append(EventLine("act", "marked", mark.at, "", " ".join(sorted(mark.codes))))
    return events


def _of_time(session: Session, ident: UUID) -> list[EventLine]:
    time = repository.time_of(session, ident)
    if time is None:
        return []
    events = [EventLine("coordination", "declared", time.created_at, "", f"{time.minutes}\u00a0min")]
    if time.withdrawn_at is not None:
        events.append(EventLine("coordination", "withdrawn", time.withdrawn_at, ""))
    return events


def _stored(row: sa.Row[Any]) -> StoredVerdict:
    values = {name: getattr(row, name) for name in StoredVerdict.__dataclass_fields__}
    values["billed"] = tuple(row.billed)
    values["status"] = VerdictStatus(row.status)
    values["reasons"] = tuple(map(Reason.from_json, row.reasons))
    return StoredVerdict(**values)
