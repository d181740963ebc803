"""Count tries together: tries at the doors, failures at unknown logins, and the pace of callers."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_0830"
down_revision = "20261126_0820"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "door_try",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.CheckConstraint("count >= 0 AND closed >= 0", name=op.f("ck_door_try__counts")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_door_try")),
    )
    op.create_index(op.f("ix_door_try__since"), "door_try", ["since"])
    op.create_table(
        "unknown_login",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_unknown_login")),
    )
    op.create_index(op.f("ix_unknown_login__last_at"), "unknown_login", ["last_at"])
    op.create_table(
        "pace",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pace")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_pace__at"), "pace", ["at"])


def downgrade() -> None:
    """Undo."""
    for table in ("pace", "unknown_login", "door_try"):
        op.drop_table(table)
