"""Magic links, calendar feeds and imported calendars.

Magic links of practitioners; the private feeds of their slots; their own calendars, read here.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_0500"
down_revision = "20261126_0410"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_calendar_feed__practitioner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_calendar_feed__secret_hash")),
    )
    op.create_index(
        "uq_calendar_feed__running",
        "calendar_feed",
        ["practitioner_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "imported_calendar",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "fault",
            sa.Enum(
                "not_allowed",
                "unreachable",
                "refused",
                "too_large",
                "too_slow",
                "not_a_calendar",
                name="fault",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_imported_calendar__practitioner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_calendar")),
    )
    op.create_index(
        op.f("ix_imported_calendar__practitioner_id"), "imported_calendar", ["practitioner_id"], unique=False
    )
    op.create_table(
        "magic_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("publish_slots", name="purpose", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("territory_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column(
            "content", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "answer",
            sa.Enum(
                "published", "declined", name="answer", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(used_at IS NULL) = (answer IS NULL)", name=op.f("ck_magic_link__answered")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_magic_link__expiry")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_magic_link__practitioner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_magic_link")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_magic_link__secret_hash")),
    )
    op.create_index(op.f("ix_magic_link__practitioner_id"), "magic_link", ["practitioner_id"], unique=False)
    op.create_table(
        "busy_time",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("end_at > start_at", name=op.f("ck_busy_time__end_after_start")),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["imported_calendar.id"], name=op.f("fk_busy_time__calendar_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_time")),
    )
    op.create_index(op.f("ix_busy_time__calendar_id"), "busy_time", ["calendar_id"], unique=False)
    op.create_table(
        "calendar_absence",
        sa.Column("absence_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["absence_id"], ["absence.id"], name=op.f("fk_calendar_absence__absence_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_calendar_absence__practitioner_id")
        ),
        sa.PrimaryKeyConstraint("absence_id", name=op.f("pk_calendar_absence")),
    )
    op.create_index(
        op.f("ix_calendar_absence__practitioner_id"), "calendar_absence", ["practitioner_id"], unique=False
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index(op.f("ix_calendar_absence__practitioner_id"), table_name="calendar_absence")
    op.drop_table("calendar_absence")
    op.drop_index(op.f("ix_busy_time__calendar_id"), table_name="busy_time")
    op.drop_table("busy_time")
    op.drop_index(op.f("ix_magic_link__practitioner_id"), table_name="magic_link")
    op.drop_table("magic_link")
    op.drop_index(op.f("ix_imported_calendar__practitioner_id"), table_name="imported_calendar")
    op.drop_table("imported_calendar")
    op.drop_index(
        "uq_calendar_feed__running",
        table_name="calendar_feed",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_table("calendar_feed")
