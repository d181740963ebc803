"""The indicators that a territory made its own, and how each stood after every edit."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

import snp.directory.tables  # noqa: F401 - foreign keys point there
from snp.platform.columns import id_field, instant_field, json_field, version_field


class Indicator(SQLModel, table=True):
    """An indicator of a territory; one of the ready set that nobody touched has no row."""

    __tablename__ = "indicator"
    __table_args__ = (sa.UniqueConstraint("territory_id", "code", name="uq_indicator__territory_code"),)

    id: UUID = id_field()
    territory_id: UUID = Field(foreign_key="territory.id")
    code: str
    content: dict[str, Any] = json_field()
    retired: bool = False
    version: int = version_field()
    created_at: datetime = instant_field()


class IndicatorRevision(SQLModel, table=True):
    """How an indicator stood after one edit, by whom and when; append-only."""

    __tablename__ = "indicator_revision"

    indicator_id: UUID = Field(foreign_key="indicator.id", primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime = instant_field()
    author: str
    content: dict[str, Any] = json_field()
    retired: bool
