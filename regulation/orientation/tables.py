"""Proposals made for a request, and runs of the engine over a territory's pool."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from snp.platform.columns import id_field, instant_field, json_field, uuids_field


class Proposal(SQLModel, table=True):
    """One way to serve a request: its slots in time order, and why it stands at this rank.

    `request_ids` says, slot by slot, whose it would be: a household has several requests.
    """

    __tablename__ = "proposal"
    __table_args__ = (sa.UniqueConstraint("round_id", "rank", name="uq_proposal__round_rank"),)

    id: UUID = id_field()
    round_id: UUID
    request_id: UUID = Field(foreign_key="request.id", index=True)
    rank: int
    slot_ids: list[UUID] = uuids_field()
    request_ids: list[UUID] = uuids_field()
    wait_minutes: int
    km: float
    burden: int
    why: list[dict[str, Any]] = json_field(list)
    created_at: datetime = instant_field()
    created_by: str


class AssignmentRun(SQLModel, table=True):
    """One run of the engine over the open requests of a territory: its figures and explanations (ids)."""

    __tablename__ = "assignment_run"

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id", index=True)
    started_at: datetime = instant_field()
    finished_at: datetime = instant_field()
    status: str
    figures: dict[str, Any] = json_field()
    unserved: list[dict[str, Any]] = json_field(list)
    author: str
