"""What somebody is in the middle of typing on a page: sealed, short-lived, never read by anything else."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from snp.platform.columns import id_field, instant_field


class DeskDraft(SQLModel, table=True):
    """A desk request being typed: answers and patient's traits in one AES-GCM envelope, until `expires_at`.

    The pages of an agenda keep there what a finished session interrupted, and what an act has to tell.

    `id` is chosen by the page that serves the form, so that a form sent twice meets the same row.
    `request_id` names the request it became.
    """

    __tablename__ = "desk_draft"

    id: UUID = id_field()
    actor: str
    content: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    request_id: UUID | None = Field(default=None, foreign_key="request.id", unique=True)
    created_at: datetime = instant_field()
    expires_at: datetime = instant_field(index=True)
