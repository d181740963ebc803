"""The last look at each invariant."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from snp.platform.columns import instant_field, uuids_field


class InvariantLook(SQLModel, table=True):
    """One row an invariant, written anew at each look. `broken` null: the look itself failed."""

    __tablename__ = "invariant_look"
    __table_args__ = (sa.CheckConstraint("broken >= 0", name="broken"),)

    code: str = Field(primary_key=True)
    at: datetime = instant_field()
    broken: int | None = None
    sample: list[UUID] = uuids_field()
