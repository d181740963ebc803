"""Seal audit: blocks of lines chained by keyed hashes; a line leaves only with its whole sealed block."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_0730"
down_revision = "20261126_0720"
branch_labels = None
depends_on = None

A_LINE_STAYS = """
CREATE OR REPLACE FUNCTION audit_entry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM audit_seal WHERE pruned_at IS NOT NULL AND OLD.id BETWEEN first_id AND last_id
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit is append-only';
END $$;
CREATE FUNCTION audit_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END $$;
CREATE TRIGGER audit_entry_is_kept BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_truncate();
CREATE FUNCTION audit_seal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.pruned_at IS NULL AND NEW.pruned_at IS NOT NULL
        AND (NEW.number, NEW.first_id, NEW.last_id, NEW.lines, NEW.previous, NEW.digest, NEW.sealed_at)
          = (OLD.number, OLD.first_id, OLD.last_id, OLD.lines, OLD.previous, OLD.digest, OLD.sealed_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a seal of the audit does not change';
END $$;
CREATE TRIGGER audit_seal_is_append_only BEFORE UPDATE OR DELETE ON audit_seal
    FOR EACH ROW EXECUTE FUNCTION audit_seal_refuse_change();
"""

A_LINE_STAYED = """
DROP TRIGGER audit_entry_is_kept ON audit_entry;
DROP FUNCTION audit_refuse_truncate();
CREATE OR REPLACE FUNCTION audit_entry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END $$;
"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pruned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("last_id >= first_id AND lines > 0", name=op.f("ck_audit_seal__block")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("first_id", name=op.f("uq_audit_seal__first_id")),
    )
    op.execute(A_LINE_STAYS)


def downgrade() -> None:
    """Undo."""
    op.execute(A_LINE_STAYED)
    op.drop_table("audit_seal")
    op.execute("DROP FUNCTION audit_seal_refuse_change()")
