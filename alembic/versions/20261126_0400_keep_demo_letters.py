"""Keep the messages of the demonstration, which leave nowhere.

Revision ID: 20261126_0400
Revises: 20261125_2330
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_0400"
down_revision = "20261125_2330"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "demo_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_letter")),
    )
    op.create_index("ix_demo_letter__at", "demo_letter", ["at"])


def downgrade() -> None:
    op.drop_table("demo_letter")
