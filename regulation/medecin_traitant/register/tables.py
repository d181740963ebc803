"""The list of people without a médecin traitant: entries, consents, moves, calls, places, picks."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import regulation.intake.tables  # noqa: F401 - foreign keys point there
from regulation.medecin_traitant.register.facts import (
    CloseReason,
    EntryMove,
    EntryOrigin,
    EntryState,
    PickOutcome,
    PracticeAnswer,
    RefusalReason,
)
from regulation.messages.facts import Medium
from snp.platform.columns import enum_field, id_field, instant_field, json_field, texts_field, version_field

_LIVE = "state IN ('unconfirmed', 'waiting', 'picked', 'agreed')"


def _sealed() -> Any:
    return Field(default=None, sa_column=sa.Column(sa.LargeBinary, nullable=True))


def _hash() -> Any:
    return Field(default=None, sa_column=sa.Column(sa.LargeBinary, nullable=True, index=True))


class MtEntry(SQLModel, table=True):
    """A person on the list. `identity` is sealed as a patient's; year of birth and commune stay in clear.

    Erasure empties everything but instants, origin and how it ended.
    """

    __tablename__ = "mt_entry"
    __table_args__ = (
        sa.CheckConstraint("(state IN ('signed', 'closed')) = (closed_at IS NOT NULL)", name="closed_at"),
        sa.CheckConstraint("(state = 'closed') = (close_reason IS NOT NULL)", name="close_reason"),
        sa.CheckConstraint(
            "(state = 'unconfirmed') = (waiting_since IS NULL) OR state = 'closed'", name="waiting_since"
        ),
        sa.CheckConstraint("(erased_at IS NULL) = (identity IS NOT NULL)", name="identity"),
        sa.CheckConstraint(
            "erased_at IS NULL OR (email IS NULL AND person_hash IS NULL AND phone_hash IS NULL AND"
            " email_hash IS NULL AND insee IS NULL AND birth_year IS NULL AND request_id IS NULL)",
            name="erased",
        ),
        sa.Index("ix_mt_entry__territory_state", "territory_id", "state"),
        sa.Index(
            "uq_mt_entry__live_phone",
            "territory_id",
            "person_hash",
            "phone_hash",
            unique=True,
            postgresql_where=sa.text(_LIVE),
        ),
        sa.Index(
            "uq_mt_entry__live_email",
            "territory_id",
            "person_hash",
            "email_hash",
            unique=True,
            postgresql_where=sa.text(_LIVE),
        ),
    )

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id")
    origin: EntryOrigin = enum_field(EntryOrigin, "origin")
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    request_id: UUID | None = Field(default=None, foreign_key="request.id", index=True)
    state: EntryState = enum_field(EntryState, "state")
    close_reason: CloseReason | None = enum_field(
        CloseReason, "close_reason_list", nullable=True, default=None
    )
    identity: bytes | None = _sealed()
    email: bytes | None = _sealed()
    person_hash: bytes | None = _hash()
    phone_hash: bytes | None = _hash()
    email_hash: bytes | None = _hash()
    insee: str | None = Field(default=None, foreign_key="commune.insee", index=True)
    birth_year: int | None = None
    ald: bool = False
    pregnant_until: date | None = None
    discharged_on: date | None = None
    housebound: bool = False
    medium: Medium | None = enum_field(Medium, "medium", nullable=True, default=None)
    waiting_since: datetime | None = instant_field(nullable=True)
    reconfirmed_at: datetime | None = instant_field(nullable=True)
    asked_at: datetime | None = instant_field(nullable=True)
    asked_count: int = 0
    next_call_on: date | None = None
    created_at: datetime = instant_field()
    created_by: str
    closed_at: datetime | None = instant_field(nullable=True)
    erased_at: datetime | None = instant_field(nullable=True)
    version: int = version_field()


class MtConsent(SQLModel, table=True):
    """That somebody agreed, or no longer does; kept as the proof after the rest is erased; append-only."""

    __tablename__ = "mt_consent"

    id: UUID = id_field()
    entry_id: UUID = Field(foreign_key="mt_entry.id", index=True)
    given: bool
    text_version: str
    by_representative: bool = False
    at: datetime = instant_field()
    author: str
    role: str


class MtMove(SQLModel, table=True):
    """One line of an entry's story: author, time, reasons; append-only."""

    __tablename__ = "mt_move"
    __table_args__ = (sa.Index("ix_mt_move__move_at", "move", "at"),)

    id: UUID = id_field()
    entry_id: UUID = Field(foreign_key="mt_entry.id", index=True)
    move: EntryMove = enum_field(EntryMove, "move")
    from_state: EntryState | None = enum_field(EntryState, "from_state", nullable=True, default=None)
    to_state: EntryState = enum_field(EntryState, "to_state")
    at: datetime = instant_field()
    author: str
    role: str
    reasons: list[dict[str, Any]] = json_field(list)
    data: dict[str, Any] = json_field()


class MtCall(SQLModel, table=True):
    """A practice that was asked outside the list, and what it answered. Its name and the note are sealed."""

    __tablename__ = "mt_call"
    __table_args__ = (sa.CheckConstraint("(answer = 'refused') = (reason IS NOT NULL)", name="refusal"),)

    id: UUID = id_field()
    entry_id: UUID = Field(foreign_key="mt_entry.id", index=True)
    at: datetime = instant_field(index=True)
    answer: PracticeAnswer = enum_field(PracticeAnswer, "answer")
    reason: RefusalReason | None = enum_field(RefusalReason, "reason", nullable=True, default=None)
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id", index=True)
    practice: bytes | None = _sealed()
    note: bytes | None = _sealed()
    next_call_on: date | None = None
    author: str
    role: str


class MtPlace(SQLModel, table=True):
    """Places that a doctor declares: how many, for whom, until when."""

    __tablename__ = "mt_place"
    __table_args__ = (
        sa.CheckConstraint("places BETWEEN 1 AND 200", name="places"),
        sa.CheckConstraint("age_from IS NULL OR age_to IS NULL OR age_from <= age_to", name="ages"),
    )

    id: UUID = id_field()
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    territory_id: UUID = Field(foreign_key="territory.id", index=True)
    places: int
    communes: list[str] = texts_field()
    age_from: int | None = None
    age_to: int | None = None
    ald_only: bool = False
    valid_until: date
    created_at: datetime = instant_field()
    created_by: str
    closed_at: datetime | None = instant_field(nullable=True)


class MtPick(SQLModel, table=True):
    """A person whom a doctor accepted from the list; at most one runs for a person."""

    __tablename__ = "mt_pick"
    __table_args__ = (
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended"),
        sa.CheckConstraint("call_by > picked_at", name="call_by"),
        sa.Index("uq_mt_pick__running", "entry_id", unique=True, postgresql_where=sa.text("outcome IS NULL")),
    )

    id: UUID = id_field()
    entry_id: UUID = Field(foreign_key="mt_entry.id", index=True)
    place_id: UUID = Field(foreign_key="mt_place.id", index=True)
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    picked_at: datetime = instant_field()
    picked_by: str
    call_by: datetime = instant_field()
    called_at: datetime | None = instant_field(nullable=True)
    asked_at: datetime | None = instant_field(nullable=True)
    asked_count: int = 0
    outcome: PickOutcome | None = enum_field(PickOutcome, "outcome", nullable=True, default=None)
    ended_at: datetime | None = instant_field(nullable=True)


class MtSetting(SQLModel, table=True):
    """A delay that a territory changed, from an instant on; the latest counts; append-only."""

    __tablename__ = "mt_setting"

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id", index=True)
    code: str
    value: int
    at: datetime = instant_field()
    author: str
