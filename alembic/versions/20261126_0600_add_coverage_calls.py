"""Coverage: outlooks, calls for slots, who was asked, and every answer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_0600"
down_revision = "20261126_0620"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "coverage_sheet",
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("profession", sa.String(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "learnt", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "lines", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_coverage_sheet__territory_id")
        ),
        sa.PrimaryKeyConstraint("territory_id", "profession", name=op.f("pk_coverage_sheet")),
    )
    op.create_table(
        "slot_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("profession", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ending",
            sa.Enum(
                "filled",
                "expired",
                "cancelled",
                name="ending",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name=op.f("ck_slot_call__ended_with")),
        sa.CheckConstraint("closes_at > opened_at", name=op.f("ck_slot_call__closing")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_slot_call__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_call")),
    )
    op.create_index(
        "ix_slot_call__running",
        "slot_call",
        ["territory_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_slot_call__territory", "slot_call", ["territory_id", "opened_at"], unique=False)
    op.create_table(
        "slot_call_ask",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "medium",
            sa.Enum("sms", "email", name="medium", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("why", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "moments", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column(
            "offer", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.ForeignKeyConstraint(["call_id"], ["slot_call.id"], name=op.f("fk_slot_call_ask__call_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_slot_call_ask__practitioner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_call_ask")),
        sa.UniqueConstraint("call_id", "practitioner_id", name="uq_slot_call_ask__once"),
    )
    op.create_index(
        "ix_slot_call_ask__practitioner", "slot_call_ask", ["practitioner_id", "leaves_at"], unique=False
    )
    op.create_table(
        "slot_call_half",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_afternoon", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("profession", sa.String(), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.CheckConstraint("wanted BETWEEN 1 AND 50", name=op.f("ck_slot_call_half__wanted")),
        sa.ForeignKeyConstraint(["call_id"], ["slot_call.id"], name=op.f("fk_slot_call_half__call_id")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_slot_call_half__territory_id")
        ),
        sa.PrimaryKeyConstraint("call_id", "day", "is_afternoon", name=op.f("pk_slot_call_half")),
    )
    op.create_index(
        "uq_slot_call_half__running",
        "slot_call_half",
        ["territory_id", "profession", "day", "is_afternoon"],
        unique=True,
        postgresql_where=sa.text("running"),
    )
    op.create_table(
        "slot_call_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ask_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "accepted",
                "declined",
                "not_this_week",
                "stop",
                "resume",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("moment_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slot_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "(kind = 'accepted') = (moment_start IS NOT NULL)", name=op.f("ck_slot_call_answer__moment")
        ),
        sa.ForeignKeyConstraint(["ask_id"], ["slot_call_ask.id"], name=op.f("fk_slot_call_answer__ask_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_call_answer")),
    )
    op.create_index("ix_slot_call_answer__ask", "slot_call_answer", ["ask_id", "at"], unique=False)
    op.create_index(
        "uq_slot_call_answer__moment",
        "slot_call_answer",
        ["ask_id", "moment_start"],
        unique=True,
        postgresql_where=sa.text("kind = 'accepted'"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index(
        "uq_slot_call_answer__moment",
        table_name="slot_call_answer",
        postgresql_where=sa.text("kind = 'accepted'"),
    )
    op.drop_index("ix_slot_call_answer__ask", table_name="slot_call_answer")
    op.drop_table("slot_call_answer")
    op.drop_index(
        "uq_slot_call_half__running", table_name="slot_call_half", postgresql_where=sa.text("running")
    )
    op.drop_table("slot_call_half")
    op.drop_index("ix_slot_call_ask__practitioner", table_name="slot_call_ask")
    op.drop_table("slot_call_ask")
    op.drop_index("ix_slot_call__territory", table_name="slot_call")
    op.drop_index(
        "ix_slot_call__running", table_name="slot_call", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_table("slot_call")
    op.drop_table("coverage_sheet")
