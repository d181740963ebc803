"""Compensation: dated terms, marks and verdicts of acts, statements that close for good.

Revision ID: 20261126_0640
Revises: 20261126_0500
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_0640"
down_revision = "20261126_0630"
branch_labels = None
depends_on = None

APPEND_ONLY = ("funding_terms", "compensation_year", "act_mark", "act_verdict")

CLOSED_STAYS = """
CREATE FUNCTION refuse_closed_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'statement % is closed', OLD.id;
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE FUNCTION refuse_line_of_closed_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM compensation_statement
               WHERE id IN (OLD.statement_id, NEW.statement_id) AND closed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'statement of line % is closed', COALESCE(NEW.id, OLD.id);
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER compensation_statement_stays_closed BEFORE UPDATE OR DELETE ON compensation_statement
    FOR EACH ROW EXECUTE FUNCTION refuse_closed_statement();
CREATE TRIGGER compensation_line_stays_closed BEFORE INSERT OR UPDATE OR DELETE ON compensation_line
    FOR EACH ROW EXECUTE FUNCTION refuse_line_of_closed_statement();
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "compensation_year",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("envelope_cents", sa.Integer(), nullable=False),
        sa.Column("close_after_days", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "close_after_days BETWEEN 1 AND 90", name=op.f("ck_compensation_year__close_after")
        ),
        sa.CheckConstraint(
            "envelope_cents BETWEEN 0 AND 1000000000", name=op.f("ck_compensation_year__envelope")
        ),
        sa.CheckConstraint("year BETWEEN 2020 AND 2099", name=op.f("ck_compensation_year__year")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_compensation_year__territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compensation_year")),
    )
    op.create_index(
        "ix_compensation_year__territory",
        "compensation_year",
        ["territory_id", "year", "created_at"],
        unique=False,
    )
    op.create_table(
        "funding_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "unused_slot",
                "coordination",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("profession", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("rate_cents", sa.Integer(), nullable=False),
        sa.Column("cap_week", sa.Integer(), nullable=True),
        sa.Column("cap_month", sa.Integer(), nullable=True),
        sa.Column("cap_year", sa.Integer(), nullable=True),
        sa.Column("min_notice_hours", sa.Integer(), nullable=False),
        sa.Column("pays_released", sa.Boolean(), nullable=False),
        sa.Column("pays_no_show", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'unused_slot') = (profession IS NOT NULL)",
            name=op.f("ck_funding_terms__profession_of_slots"),
        ),
        sa.CheckConstraint(
            "cap_week >= 0 AND cap_month >= 0 AND cap_year >= 0", name=op.f("ck_funding_terms__caps")
        ),
        sa.CheckConstraint("min_notice_hours BETWEEN 0 AND 720", name=op.f("ck_funding_terms__notice")),
        sa.CheckConstraint("rate_cents BETWEEN 0 AND 100000", name=op.f("ck_funding_terms__rate")),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from", name=op.f("ck_funding_terms__period")
        ),
        sa.ForeignKeyConstraint(
            ["profession"], ["profession.code"], name=op.f("fk_funding_terms__profession")
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_funding_terms__territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_terms")),
    )
    op.create_index(op.f("ix_funding_terms__profession"), "funding_terms", ["profession"], unique=False)
    op.create_index(
        "ix_funding_terms__territory", "funding_terms", ["territory_id", "kind", "valid_from"], unique=False
    )
    op.create_table(
        "compensation_statement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("cpts_cents", sa.Integer(), nullable=False),
        sa.Column("cpam_cents", sa.Integer(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_compensation_statement__closed")
        ),
        sa.CheckConstraint("EXTRACT(day FROM month) = 1", name=op.f("ck_compensation_statement__month")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_compensation_statement__practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_compensation_statement__territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compensation_statement")),
        sa.UniqueConstraint(
            "territory_id", "practitioner_id", "month", name="uq_compensation_statement__month"
        ),
    )
    op.create_index(
        "ix_compensation_statement__practitioner",
        "compensation_statement",
        ["practitioner_id", "month"],
        unique=False,
    )
    op.create_index(
        "ix_compensation_statement__territory_month",
        "compensation_statement",
        ["territory_id", "month"],
        unique=False,
    )
    op.create_table(
        "coordination_time",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column(
            "activity",
            sa.Enum(
                "meeting",
                "protocol",
                "training",
                "other",
                name="activity",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("minutes BETWEEN 5 AND 720", name=op.f("ck_coordination_time__minutes")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_coordination_time__practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_coordination_time__territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coordination_time")),
    )
    op.create_index(
        "ix_coordination_time__practitioner_day",
        "coordination_time",
        ["practitioner_id", "day"],
        unique=False,
    )
    op.create_index(
        "ix_coordination_time__territory_day", "coordination_time", ["territory_id", "day"], unique=False
    )
    op.create_table(
        "act_mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("codes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("is_mt", sa.Boolean(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_act_mark__appointment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_mark")),
    )
    op.create_index("ix_act_mark__appointment", "act_mark", ["appointment_id", "at"], unique=False)
    op.create_table(
        "act_verdict",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("request_number", sa.String(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_role", sa.String(), nullable=True),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("billed", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "holds",
                "to_confirm",
                "does_not_hold",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column(
            "reasons", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_act_verdict__amount")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_act_verdict__appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_act_verdict__practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_act_verdict__territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act_verdict")),
    )
    op.create_index("ix_act_verdict__appointment", "act_verdict", ["appointment_id", "id"], unique=False)
    op.create_index(
        "ix_act_verdict__practitioner_seen", "act_verdict", ["practitioner_id", "seen_at"], unique=False
    )
    op.create_index(
        "ix_act_verdict__territory_seen", "act_verdict", ["territory_id", "seen_at"], unique=False
    )
    op.create_table(
        "compensation_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "majoration",
                "unused_slot",
                "coordination",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("slot_id", sa.Uuid(), nullable=True),
        sa.Column("coordination_id", sa.Uuid(), nullable=True),
        sa.Column("terms_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_cents", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "holds",
                "to_confirm",
                "does_not_hold",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("request_number", sa.String(), nullable=True),
        sa.Column(
            "reasons", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("corrected_month", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "CASE kind WHEN 'majoration' THEN appointment_id IS NOT NULL WHEN 'unused_slot' THEN slot_id IS NOT NULL ELSE coordination_id IS NOT NULL END",
            name=op.f("ck_compensation_line__event_of_kind"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(appointment_id, slot_id, coordination_id) = 1",
            name=op.f("ck_compensation_line__one_event"),
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_compensation_line__appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["coordination_id"], ["coordination_time.id"], name=op.f("fk_compensation_line__coordination_id")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_compensation_line__slot_id")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["compensation_statement.id"], name=op.f("fk_compensation_line__statement_id")
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"], ["funding_terms.id"], name=op.f("fk_compensation_line__terms_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compensation_line")),
        sa.UniqueConstraint("statement_id", "position", name="uq_compensation_line__position"),
    )
    op.create_index(
        op.f("ix_compensation_line__appointment_id"), "compensation_line", ["appointment_id"], unique=False
    )
    op.create_index(
        op.f("ix_compensation_line__coordination_id"), "compensation_line", ["coordination_id"], unique=False
    )
    op.create_index(op.f("ix_compensation_line__slot_id"), "compensation_line", ["slot_id"], unique=False)
    op.create_index(op.f("ix_compensation_line__terms_id"), "compensation_line", ["terms_id"], unique=False)
    op.create_index(
        "uq_compensation_line__appointment",
        "compensation_line",
        ["appointment_id"],
        unique=True,
        postgresql_where=sa.text("corrected_month IS NULL"),
    )
    op.create_index(
        "uq_compensation_line__coordination",
        "compensation_line",
        ["coordination_id"],
        unique=True,
        postgresql_where=sa.text("corrected_month IS NULL"),
    )
    op.create_index(
        "uq_compensation_line__slot",
        "compensation_line",
        ["slot_id"],
        unique=True,
        postgresql_where=sa.text("corrected_month IS NULL"),
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION story_refuse_change()"
        )
    op.execute(CLOSED_STAYS)


def downgrade() -> None:
    """Undo."""
    op.drop_index(
        "uq_compensation_line__slot",
        table_name="compensation_line",
        postgresql_where=sa.text("corrected_month IS NULL"),
    )
    op.drop_index(
        "uq_compensation_line__coordination",
        table_name="compensation_line",
        postgresql_where=sa.text("corrected_month IS NULL"),
    )
    op.drop_index(
        "uq_compensation_line__appointment",
        table_name="compensation_line",
        postgresql_where=sa.text("corrected_month IS NULL"),
    )
    op.drop_index(op.f("ix_compensation_line__terms_id"), table_name="compensation_line")
    op.drop_index(op.f("ix_compensation_line__slot_id"), table_name="compensation_line")
    op.drop_index(op.f("ix_compensation_line__coordination_id"), table_name="compensation_line")
    op.drop_index(op.f("ix_compensation_line__appointment_id"), table_name="compensation_line")
    op.drop_table("compensation_line")
    op.drop_index("ix_act_verdict__territory_seen", table_name="act_verdict")
    op.drop_index("ix_act_verdict__practitioner_seen", table_name="act_verdict")
    op.drop_index("ix_act_verdict__appointment", table_name="act_verdict")
    op.drop_table("act_verdict")
    op.drop_index("ix_act_mark__appointment", table_name="act_mark")
    op.drop_table("act_mark")
    op.drop_index("ix_coordination_time__territory_day", table_name="coordination_time")
    op.drop_index("ix_coordination_time__practitioner_day", table_name="coordination_time")
    op.drop_table("coordination_time")
    op.drop_index("ix_compensation_statement__territory_month", table_name="compensation_statement")
    op.drop_index("ix_compensation_statement__practitioner", table_name="compensation_statement")
    op.drop_table("compensation_statement")
    op.drop_index("ix_funding_terms__territory", table_name="funding_terms")
    op.drop_index(op.f("ix_funding_terms__profession"), table_name="funding_terms")
    op.drop_table("funding_terms")
    op.drop_index("ix_compensation_year__territory", table_name="compensation_year")
    op.drop_table("compensation_year")
    op.execute("DROP FUNCTION refuse_line_of_closed_statement()")
    op.execute("DROP FUNCTION refuse_closed_statement()")
