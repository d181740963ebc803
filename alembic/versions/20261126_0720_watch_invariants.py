"""Watch invariants: what the last look at each of them found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_0720"
down_revision = "20261126_0700"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "invariant_look",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("broken", sa.Integer(), nullable=True),
        sa.Column("sample", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.CheckConstraint("broken >= 0", name=op.f("ck_invariant_look__broken")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_invariant_look")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("invariant_look")
