"""Add emergency access: who opened which dossier of another territory, why and until when."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_0810"
down_revision = "20261126_0800"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "emergency_access",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("expires_at > opened_at", name=op.f("ck_emergency_access__expires")),
        sa.CheckConstraint("role IN ('osnp', 'regulateur')", name=op.f("ck_emergency_access__role")),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 200", name=op.f("ck_emergency_access__reason")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_emergency_access__request_id")
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_emergency_access__territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_access")),
    )
    op.create_index(
        "ix_emergency_access__territory_opened", "emergency_access", ["territory_id", "opened_at", "id"]
    )
    op.create_index("ix_emergency_access__request", "emergency_access", ["request_id", "opened_by"])
    op.execute(
        "CREATE TRIGGER emergency_access_never_changes BEFORE UPDATE ON emergency_access "
        "FOR EACH ROW EXECUTE FUNCTION story_refuse_change()"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("emergency_access")
