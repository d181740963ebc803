"""The tables of the agenda as Core tables, with those of the directory that a search joins on (read only)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import SQLModel

from slots.agenda import tables  # noqa: F401 - declares the tables that are looked up below
from slots.agenda.facts import LockedSlot, Occupancy, SasView, SlotState, SlotView
from slots.appointments.statements import Instant, is_held, is_taken
from snp.assignment.facts import Audience, Mode

_TABLES = SQLModel.metadata.tables
slot: Final = _TABLES["slot"]
slot_event: Final = _TABLES["slot_event"]
pattern: Final = _TABLES["pattern"]
pattern_exception: Final = _TABLES["pattern_exception"]
absence: Final = _TABLES["absence"]
practitioner: Final = _TABLES["practitioner"]
site: Final = _TABLES["site"]


def occupancy(now: datetime) -> sa.ColumnElement[str]:
    """Who has the slot of the enclosing row."""
    return sa.case(
        (is_taken(slot.c.id), Occupancy.TAKEN),
        (is_held(slot.c.id, now), Occupancy.HELD),
        else_=Occupancy.FREE,
    ).label("occupancy")


def is_offered(now: Instant) -> sa.ColumnElement[bool]:
    """The slot of the enclosing row may be claimed at `now`.

    Live, ahead, not closing, not due for release.
    """
    return sa.and_(
        slot.c.state == SlotState.OPEN.value,
        slot.c.start_at > now,
        sa.not_(slot.c.closing),
        sa.or_(slot.c.release_at.is_(None), slot.c.release_at > now),
    )


def is_free(now: Instant) -> sa.ColumnElement[bool]:
    """Nobody has the slot of the enclosing row."""
    return sa.and_(sa.not_(is_taken(slot.c.id)), sa.not_(is_held(slot.c.id, now)))


def same_practitioner(practitioner_id: Any) -> sa.ColumnElement[bool]:
    """The slots of a practitioner, so that the index behind the exclusion constraint serves."""
    own = sa.func.uuidrange(slot.c.practitioner_id, slot.c.practitioner_id, "[]")
    return own.op("&&")(sa.func.uuidrange(practitioner_id, practitioner_id, "[]"))


def any_of(column: sa.ColumnElement[Any], values: Iterable[Any], kind: sa.types.TypeEngine[Any]) -> Any:
    """The array column and these values have one in common."""
    return column.op("&&")(sa.literal(list(values), ARRAY(kind)))


def slot_view(row: sa.Row[Any]) -> SlotView:
    """A slot as read, with its occupancy."""
    return SlotView(
        id=row.id,
        practitioner_id=row.practitioner_id,
        site_id=row.site_id,
        profession=row.profession,
        pattern_id=row.pattern_id,
        occurrence_day=row.occurrence_day,
        start=row.start_at,
        end=row.end_at,
        busy_until=row.busy_until,
        mode=Mode(row.mode),
        audiences=frozenset(map(Audience, row.audiences)),
        territory_ids=frozenset(row.territory_ids),
        reasons=frozenset(row.reasons),
        sas=frozenset(map(SasView, row.sas)),
        release_at=row.release_at,
        state=SlotState(row.state),
        occupancy=Occupancy(row.occupancy),
        closing=row.closing,
        hidden_by_id=row.hidden_by_id,
        version=row.version,
        created_at=row.created_at,
    )


def locked_slot(row: sa.Row[Any]) -> LockedSlot:
    """A slot as read under its lock."""
    return LockedSlot(
        id=row.id,
        practitioner_id=row.practitioner_id,
        site_id=row.site_id,
        start=row.start_at,
        end=row.end_at,
        mode=Mode(row.mode),
        audiences=frozenset(map(Audience, row.audiences)),
        territory_ids=frozenset(row.territory_ids),
        release_at=row.release_at,
        state=SlotState(row.state),
        closing=row.closing,
        hidden_by_id=row.hidden_by_id,
        version=row.version,
    )
