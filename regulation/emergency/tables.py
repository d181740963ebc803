"""Who opened which dossier of another territory, why and until when; append-only."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import regulation.intake.tables  # noqa: F401 - foreign keys point there
import snp.directory.tables  # noqa: F401 - foreign keys point there
from snp.platform.columns import id_field, instant_field


class EmergencyAccessRow(SQLModel, table=True):
    """One access, of `[opened_at, expires_at)`; `territory_id` is the dossier's, `opened_by` an ident."""

    __tablename__ = "emergency_access"
    __table_args__ = (
        sa.CheckConstraint("expires_at > opened_at", name="expires"),
        sa.CheckConstraint("role IN ('osnp', 'regulateur')", name="role"),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 200", name="reason"),
        sa.Index("ix_emergency_access__territory_opened", "territory_id", "opened_at", "id"),
        sa.Index("ix_emergency_access__request", "request_id", "opened_by"),
    )

    id: UUID = id_field()
    request_id: UUID = Field(foreign_key="request.id")
    territory_id: UUID = Field(foreign_key="territory.id")
    opened_by: str
    role: str
    reason: str
    opened_at: datetime = instant_field()
    expires_at: datetime = instant_field()
