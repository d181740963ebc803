"""Keep the live policy's prices, what was weighed for each answer, and the promises made.

Revision ID: 20261125_2315
Revises: 20261125_2300
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_2315"
down_revision = "20261125_2300"
branch_labels = None
depends_on = None

DECISIONS_ARE_APPEND_ONLY = """
CREATE TRIGGER live_decision_is_append_only BEFORE UPDATE OR DELETE ON live_decision
    FOR EACH ROW EXECUTE FUNCTION story_refuse_change();
"""


def upgrade() -> None:
    op.create_table(
        "price_sheet",
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scenarios", sa.Integer(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("prices", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("wanted", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("own", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_price_sheet__territory_id")),
        sa.PrimaryKeyConstraint("territory_id", "family", name=op.f("pk_price_sheet"))
    )
    op.create_table(
        "live_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("outcome", sa.Enum("offered", "waiting", "promise_offered", "promised", "named", "served", "broken", name="outcome", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("basis", sa.Enum("prices", "contention", "first_come", name="basis", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("fallback", sa.Enum("prices_absent", "prices_stale", "policy_exact", name="fallback", native_enum=False, create_constraint=True, length=40), nullable=True),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("value_now", sa.Float(), nullable=True),
        sa.Column("value_waiting", sa.Float(), nullable=True),
        sa.Column("prices_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scenarios", sa.Integer(), nullable=False),
        sa.Column("alternatives", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("anyway", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_live_decision__request_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_live_decision__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_decision"))
    )
    op.create_index("ix_live_decision__request", "live_decision", ["request_id", "id"], unique=False)
    op.create_index("ix_live_decision__territory_at", "live_decision", ["territory_id", "at"], unique=False)
    op.create_table(
        "promise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("seen_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notice_minutes", sa.Integer(), nullable=False),
        sa.Column("certificate", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.Enum("named", "replaced", "given_up", "broken", name="ending", native_enum=False, create_constraint=True, length=40), nullable=True),
        sa.Column("slot_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name=op.f("ck_promise__ended_with")),
        sa.CheckConstraint("notice_minutes BETWEEN 0 AND 1440", name=op.f("ck_promise__notice_minutes")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_promise__request_id")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_promise__slot_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_promise__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise"))
    )
    op.create_index("ix_promise__open", "promise", ["territory_id"], unique=False, postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index(op.f("ix_promise__request_id"), "promise", ["request_id"], unique=False)
    op.create_index("uq_promise__running", "promise", ["request_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL"))
    op.execute(DECISIONS_ARE_APPEND_ONLY)


def downgrade() -> None:
    op.drop_index("uq_promise__running", table_name="promise", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_promise__request_id"), table_name="promise")
    op.drop_index("ix_promise__open", table_name="promise", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("promise")
    op.drop_index("ix_live_decision__territory_at", table_name="live_decision")
    op.drop_index("ix_live_decision__request", table_name="live_decision")
    op.drop_table("live_decision")
    op.drop_table("price_sheet")
