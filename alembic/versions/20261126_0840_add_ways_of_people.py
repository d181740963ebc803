"""Add what people decide of their own: providers detached, reminders chosen, rights asked for."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_0840"
down_revision = "20261126_0850"
branch_labels = None
depends_on = None


MINE = "territory_id = ANY ((SELECT current_setting('snp.territories')::uuid[])::uuid[])"
OF_A_REQUEST = "EXISTS (SELECT FROM request WHERE request.id = reminder_choice.request_id)"
CLOSED = {"right_asked": MINE, "reminder_choice": OF_A_REQUEST}
"""What the second lock holds between territories, as the tables beside them (ADR 105)."""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "detached_provider",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("detached_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_detached_provider__account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "issuer", name=op.f("pk_detached_provider")),
    )
    op.create_table(
        "reminder_choice",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(way = 'email') = (address IS NOT NULL)", name=op.f("ck_reminder_choice__address")
        ),
        sa.CheckConstraint("way IN ('sms', 'email', 'none')", name=op.f("ck_reminder_choice__way")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_reminder_choice__request_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_reminder_choice")),
    )
    op.create_table(
        "right_asked",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("wanted", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_right_asked__answered")
        ),
        sa.CheckConstraint("wanted IN ('access', 'rectify', 'erase')", name=op.f("ck_right_asked__wanted")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_right_asked__patient_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_right_asked__request_id")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_right_asked__territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_right_asked")),
    )
    op.create_index(op.f("ix_right_asked__patient_id"), "right_asked", ["patient_id"])
    op.create_index(op.f("ix_right_asked__request_id"), "right_asked", ["request_id"])
    op.create_index("ix_right_asked__territory_asked", "right_asked", ["territory_id", "asked_at", "id"])
    op.create_index(
        "uq_right_asked__open",
        "right_asked",
        ["patient_id", "wanted"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    for table, condition in CLOSED.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY near ON {table} USING (current_user <> 'snp_near' OR ({condition}))")


def downgrade() -> None:
    """Undo."""
    op.drop_table("right_asked")
    op.drop_table("reminder_choice")
    op.drop_table("detached_provider")
