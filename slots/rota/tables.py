"""Rotas: who takes part on what terms, the dated shifts, who holds them, plans, exchanges, volunteers."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import slots.agenda.tables  # noqa: F401 - foreign keys point there
from slots.rota.facts import Half, Status
from slots.rota.school_holidays import Zone
from slots.rota.terms import Cause, Decision, Purpose, Reply, WishKind
from snp.platform.columns import enum_field, id_field, instant_field, json_field, texts_field, version_field

_WEEKDAY = "weekday BETWEEN 0 AND 6"
_CARERS = "least >= 0 AND most >= least AND most BETWEEN 1 AND 20"


def _running(name: str, *columns: str, until: str) -> sa.Index:
    """At most one row of these columns while `until` is null."""
    return sa.Index(name, *columns, unique=True, postgresql_where=sa.text(f"{until} IS NULL"))


class Rota(SQLModel, table=True):
    """The rota of an MSP or of centres de SNP: its rules, and the terms on which its slots are offered."""

    __tablename__ = "rota"
    __table_args__ = (
        sa.CheckConstraint("rest_minutes BETWEEN 0 AND 10080", name="rest_minutes"),
        sa.CheckConstraint(
            "most_per_day BETWEEN 1 AND 4 AND most_per_week BETWEEN 1 AND 20 "
            "AND most_days_in_a_row BETWEEN 1 AND 31",
            name="limits",
        ),
        sa.CheckConstraint("publish_days BETWEEN 1 AND 84", name="publish_days"),
        sa.CheckConstraint("release_minutes IS NULL OR release_minutes >= 0", name="release_minutes"),
    )

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id", index=True)
    name: str
    zone: Zone = enum_field(Zone, "zone")
    rest_minutes: int
    most_per_day: int
    most_per_week: int
    most_days_in_a_row: int
    gaps: bool
    publish_days: int
    takes_volunteers: bool
    repairs_alone: bool
    audiences: list[str] = texts_field()
    sas: list[str] = texts_field()
    release_minutes: int | None = None
    closed_at: datetime | None = instant_field(nullable=True)
    version: int = version_field()
    created_at: datetime = instant_field()
    created_by: str


class RotaPlace(SQLModel, table=True):
    """A place of a rota and its rooms."""

    __tablename__ = "rota_place"
    __table_args__ = (sa.CheckConstraint("rooms IS NULL OR rooms BETWEEN 1 AND 50", name="rooms"),)

    rota_id: UUID = Field(foreign_key="rota.id", primary_key=True)
    site_id: UUID = Field(foreign_key="site.id", primary_key=True, index=True)
    rooms: int | None = None


class RotaOpening(SQLModel, table=True):
    """A half-day of the week that a rota holds at a place, in local wall time."""

    __tablename__ = "rota_opening"
    __table_args__ = (
        sa.CheckConstraint(_WEEKDAY, name="weekday"),
        sa.CheckConstraint("ends_at > starts_at", name="end_after_start"),
        sa.CheckConstraint(_CARERS, name="carers"),
        sa.CheckConstraint("patients BETWEEN 1 AND 60", name="patients"),
        sa.UniqueConstraint("rota_id", "site_id", "weekday", "half", name="uq_rota_opening__half"),
    )

    id: UUID = id_field()
    rota_id: UUID = Field(foreign_key="rota.id")
    site_id: UUID = Field(foreign_key="site.id", index=True)
    weekday: int
    half: Half = enum_field(Half, "half")
    starts_at: time
    ends_at: time
    least: int
    most: int
    patients: int


class RotaMember(SQLModel, table=True):
    """Who takes part in a rota; `share`: working time in per cent. Who left stays for what he held."""

    __tablename__ = "rota_member"
    __table_args__ = (
        sa.CheckConstraint("share BETWEEN 0 AND 200", name="share"),
        sa.CheckConstraint("most_per_week IS NULL OR most_per_week BETWEEN 0 AND 20", name="most_per_week"),
    )

    rota_id: UUID = Field(foreign_key="rota.id", primary_key=True)
    practitioner_id: UUID = Field(foreign_key="practitioner.id", primary_key=True, index=True)
    share: int
    most_per_week: int | None = None
    joined_at: datetime = instant_field()
    left_at: datetime | None = instant_field(nullable=True)


class RotaWish(SQLModel, table=True):
    """How a carer stands to a half-day of the week."""

    __tablename__ = "rota_wish"
    __table_args__ = (
        sa.CheckConstraint(_WEEKDAY, name="weekday"),
        sa.CheckConstraint("points BETWEEN -3 AND 3 AND (points <> 0) = (kind = 'prefer')", name="points"),
        sa.ForeignKeyConstraint(
            ["rota_id", "practitioner_id"],
            ["rota_member.rota_id", "rota_member.practitioner_id"],
            name="fk_rota_wish__member",
        ),
    )

    rota_id: UUID = Field(primary_key=True)
    practitioner_id: UUID = Field(primary_key=True)
    weekday: int = Field(primary_key=True)
    half: Half = enum_field(Half, "half", primary_key=True)
    kind: WishKind = enum_field(WishKind, "kind")
    points: int = 0


class RotaShift(SQLModel, table=True):
    """A dated half-day of a rota `[start_at, end_at)`; `kinds`: the unloved ones it counts among."""

    __tablename__ = "rota_shift"
    __table_args__ = (
        sa.CheckConstraint("end_at > start_at", name="end_after_start"),
        sa.CheckConstraint(_CARERS, name="carers"),
        sa.UniqueConstraint("rota_id", "site_id", "start_at", name="uq_rota_shift__start"),
        sa.Index("ix_rota_shift__rota_start", "rota_id", "start_at"),
    )

    id: UUID = id_field()
    rota_id: UUID = Field(foreign_key="rota.id")
    site_id: UUID = Field(foreign_key="site.id", index=True)
    day: date
    half: Half = enum_field(Half, "half")
    start_at: datetime = instant_field()
    end_at: datetime = instant_field()
    least: int
    most: int
    patients: int
    kinds: list[str] = texts_field()


class RotaPlan(SQLModel, table=True):
    """A plan that was asked for, solved outside any transaction, then decided on; one at a time."""

    __tablename__ = "rota_plan"
    __table_args__ = (
        sa.CheckConstraint("last_day >= first_day", name="last_day"),
        sa.CheckConstraint("(solved_at IS NULL) = (status IS NULL)", name="solved"),
        sa.CheckConstraint("(decided_at IS NULL) = (decision IS NULL)", name="decided"),
        sa.Index("ix_rota_plan__rota", "rota_id", "id"),
        _running("uq_rota_plan__undecided", "rota_id", until="decided_at"),
    )

    id: UUID = id_field()
    rota_id: UUID = Field(foreign_key="rota.id")
    purpose: Purpose = enum_field(Purpose, "purpose")
    first_day: date
    last_day: date
    time_limit_s: int
    asked_at: datetime = instant_field()
    asked_by: str
    started_at: datetime | None = instant_field(nullable=True)
    solved_at: datetime | None = instant_field(nullable=True)
    status: Status | None = enum_field(Status, "status", nullable=True, default=None)
    problem: dict[str, Any] = json_field()
    answer: dict[str, Any] = json_field()
    decision: Decision | None = enum_field(Decision, "decision", nullable=True, default=None)
    decided_at: datetime | None = instant_field(nullable=True)
    decided_by: str | None = None


class RotaTurn(SQLModel, table=True):
    """A carer on a shift; ended when it changes hands, and told of what was published for it."""

    __tablename__ = "rota_turn"
    __table_args__ = (
        _running("uq_rota_turn__running", "shift_id", "practitioner_id", until="ended_at"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
    )

    id: UUID = id_field()
    shift_id: UUID = Field(foreign_key="rota_shift.id", index=True)
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    cause: Cause = enum_field(Cause, "cause")
    plan_id: UUID | None = Field(default=None, foreign_key="rota_plan.id", index=True)
    since: datetime = instant_field()
    created_by: str
    published_at: datetime | None = instant_field(nullable=True)
    trouble: str | None = None
    ended_at: datetime | None = instant_field(nullable=True)
    ended_by: str | None = None


class RotaTurnSlot(SQLModel, table=True):
    """A slot that was published for a turn."""

    __tablename__ = "rota_turn_slot"

    slot_id: UUID = Field(foreign_key="slot.id", primary_key=True)
    turn_id: UUID = Field(foreign_key="rota_turn.id", index=True)


class RotaSwap(SQLModel, table=True):
    """An exchange that one carer proposed to another; one running a turn."""

    __tablename__ = "rota_swap"
    __table_args__ = (
        sa.CheckConstraint("(replied_at IS NULL) = (reply IS NULL)", name="replied"),
        sa.CheckConstraint("from_id <> to_id", name="two_people"),
        _running("uq_rota_swap__running", "turn_id", until="replied_at"),
    )

    id: UUID = id_field()
    rota_id: UUID = Field(foreign_key="rota.id", index=True)
    turn_id: UUID = Field(foreign_key="rota_turn.id", index=True)
    for_turn_id: UUID | None = Field(default=None, foreign_key="rota_turn.id", index=True)
    from_id: UUID = Field(foreign_key="practitioner.id", index=True)
    to_id: UUID = Field(foreign_key="practitioner.id", index=True)
    proposed_at: datetime = instant_field()
    proposed_by: str
    reply: Reply | None = enum_field(Reply, "reply", nullable=True, default=None)
    replied_at: datetime | None = instant_field(nullable=True)
    replied_by: str | None = None


class RotaVolunteer(SQLModel, table=True):
    """A carer who offers to hold a shift that is short; one running offer a shift and carer."""

    __tablename__ = "rota_volunteer"
    __table_args__ = (
        sa.CheckConstraint("(replied_at IS NULL) = (reply IS NULL)", name="replied"),
        _running("uq_rota_volunteer__running", "shift_id", "practitioner_id", until="replied_at"),
    )

    id: UUID = id_field()
    shift_id: UUID = Field(foreign_key="rota_shift.id", index=True)
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    offered_at: datetime = instant_field()
    reply: Reply | None = enum_field(Reply, "reply", nullable=True, default=None)
    replied_at: datetime | None = instant_field(nullable=True)
    replied_by: str | None = None
