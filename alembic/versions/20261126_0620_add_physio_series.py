"""Series of physiotherapy: their rows and story, sheets, templates, offers to colleagues, relays."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_0620"
down_revision = "20261126_0610"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "physio_template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("indication", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("min_gap_days", sa.Integer(), nullable=False),
        sa.Column("max_gap_days", sa.Integer(), nullable=False),
        sa.Column(
            "sections",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "min_gap_days >= 1 AND max_gap_days >= min_gap_days", name=op.f("ck_physio_template__gap_days")
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_physio_template__territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_physio_template")),
        sa.UniqueConstraint("territory_id", "indication", "revision", name="uq_physio_template__revision"),
    )
    op.create_table(
        "physio_relay",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("colleague_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_physio_relay__days")),
        sa.CheckConstraint("practitioner_id <> colleague_id", name=op.f("ck_physio_relay__two_people")),
        sa.ForeignKeyConstraint(
            ["colleague_id"], ["practitioner.id"], name=op.f("fk_physio_relay__colleague_id")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_physio_relay__practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_physio_relay__territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_physio_relay")),
    )
    op.create_index(op.f("ix_physio_relay__colleague_id"), "physio_relay", ["colleague_id"], unique=False)
    op.create_index(
        op.f("ix_physio_relay__practitioner_id"), "physio_relay", ["practitioner_id"], unique=False
    )
    op.create_index(op.f("ix_physio_relay__territory_id"), "physio_relay", ["territory_id"], unique=False)
    op.create_table(
        "physio_terms",
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("takes_patients", sa.Boolean(), nullable=True),
        sa.Column("direct_access_since", sa.Date(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_physio_terms__practitioner_id")
        ),
        sa.PrimaryKeyConstraint("practitioner_id", name=op.f("pk_physio_terms")),
    )
    op.create_table(
        "physio_series",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("indication", sa.String(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("usual_practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("diagnosed", sa.Boolean(), nullable=False),
        sa.Column("diagnosed_on", sa.Date(), nullable=True),
        sa.Column("sessions_elsewhere", sa.Integer(), nullable=False),
        sa.Column("first_elsewhere_on", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "closed_as",
            sa.Enum(
                "handed_over",
                "returned",
                "to_doctor",
                "no_more_care",
                "given_up",
                "lapsed",
                name="closed_as",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("chosen_practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "chosen_practitioner_id IS NULL OR closed_as IN ('handed_over', 'returned')",
            name=op.f("ck_physio_series__chosen"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_as IS NULL)", name=op.f("ck_physio_series__closed")
        ),
        sa.CheckConstraint(
            "sessions_elsewhere BETWEEN 0 AND 99", name=op.f("ck_physio_series__sessions_elsewhere")
        ),
        sa.ForeignKeyConstraint(
            ["chosen_practitioner_id"],
            ["practitioner.id"],
            name=op.f("fk_physio_series__chosen_practitioner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_physio_series__practitioner_id")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_physio_series__request_id")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_physio_series__territory_id")
        ),
        sa.ForeignKeyConstraint(
            ["usual_practitioner_id"],
            ["practitioner.id"],
            name=op.f("fk_physio_series__usual_practitioner_id"),
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_physio_series")),
    )
    op.create_index(
        op.f("ix_physio_series__chosen_practitioner_id"),
        "physio_series",
        ["chosen_practitioner_id"],
        unique=False,
    )
    op.create_index(
        "ix_physio_series__open",
        "physio_series",
        ["request_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        op.f("ix_physio_series__practitioner_id"), "physio_series", ["practitioner_id"], unique=False
    )
    op.create_index(
        "ix_physio_series__territory", "physio_series", ["territory_id", "opened_at"], unique=False
    )
    op.create_index(
        op.f("ix_physio_series__usual_practitioner_id"),
        "physio_series",
        ["usual_practitioner_id"],
        unique=False,
    )
    op.create_table(
        "physio_pass",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("from_practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("to_practitioner_id", sa.Uuid(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "absence",
                "skill",
                "place",
                "patient",
                "load",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column(
            "answer",
            sa.Enum(
                "accepted",
                "declined",
                "withdrawn",
                name="answer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name=op.f("ck_physio_pass__answered")),
        sa.CheckConstraint(
            "from_practitioner_id <> to_practitioner_id", name=op.f("ck_physio_pass__two_people")
        ),
        sa.ForeignKeyConstraint(
            ["from_practitioner_id"], ["practitioner.id"], name=op.f("fk_physio_pass__from_practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["physio_series.request_id"], name=op.f("fk_physio_pass__request_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_practitioner_id"], ["practitioner.id"], name=op.f("fk_physio_pass__to_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_physio_pass")),
    )
    op.create_index(
        op.f("ix_physio_pass__from_practitioner_id"), "physio_pass", ["from_practitioner_id"], unique=False
    )
    op.create_index(op.f("ix_physio_pass__request_id"), "physio_pass", ["request_id"], unique=False)
    op.create_index(
        op.f("ix_physio_pass__to_practitioner_id"), "physio_pass", ["to_practitioner_id"], unique=False
    )
    op.create_index(
        "uq_physio_pass__running",
        "physio_pass",
        ["request_id"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "physio_series_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column(
            "event",
            sa.Enum(
                "opened",
                "booked",
                "session_added",
                "rest_cancelled",
                "sheet_finished",
                "offered",
                "offer_accepted",
                "offer_declined",
                "offer_withdrawn",
                "relayed",
                "closed",
                name="event",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_physio_series_line__practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["physio_series.request_id"], name=op.f("fk_physio_series_line__request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_physio_series_line")),
    )
    op.create_index(
        op.f("ix_physio_series_line__practitioner_id"),
        "physio_series_line",
        ["practitioner_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_physio_series_line__request_id"), "physio_series_line", ["request_id"], unique=False
    )
    op.create_table(
        "physio_sheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column(
            "sections",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_physio_sheet__practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["physio_series.request_id"], name=op.f("fk_physio_sheet__request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_physio_sheet")),
        sa.UniqueConstraint("request_id", "revision", name="uq_physio_sheet__revision"),
    )
    op.create_index(
        op.f("ix_physio_sheet__practitioner_id"), "physio_sheet", ["practitioner_id"], unique=False
    )
    op.create_index(
        "uq_physio_sheet__draft",
        "physio_sheet",
        ["request_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index(
        "uq_physio_sheet__draft", table_name="physio_sheet", postgresql_where=sa.text("finished_at IS NULL")
    )
    op.drop_index(op.f("ix_physio_sheet__practitioner_id"), table_name="physio_sheet")
    op.drop_table("physio_sheet")
    op.drop_index(op.f("ix_physio_series_line__request_id"), table_name="physio_series_line")
    op.drop_index(op.f("ix_physio_series_line__practitioner_id"), table_name="physio_series_line")
    op.drop_table("physio_series_line")
    op.drop_index(
        "uq_physio_pass__running", table_name="physio_pass", postgresql_where=sa.text("answered_at IS NULL")
    )
    op.drop_index(op.f("ix_physio_pass__to_practitioner_id"), table_name="physio_pass")
    op.drop_index(op.f("ix_physio_pass__request_id"), table_name="physio_pass")
    op.drop_index(op.f("ix_physio_pass__from_practitioner_id"), table_name="physio_pass")
    op.drop_table("physio_pass")
    op.drop_index(op.f("ix_physio_series__usual_practitioner_id"), table_name="physio_series")
    op.drop_index("ix_physio_series__territory", table_name="physio_series")
    op.drop_index(op.f("ix_physio_series__practitioner_id"), table_name="physio_series")
    op.drop_index(
        "ix_physio_series__open", table_name="physio_series", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index(op.f("ix_physio_series__chosen_practitioner_id"), table_name="physio_series")
    op.drop_table("physio_series")
    op.drop_table("physio_terms")
    op.drop_index(op.f("ix_physio_relay__territory_id"), table_name="physio_relay")
    op.drop_index(op.f("ix_physio_relay__practitioner_id"), table_name="physio_relay")
    op.drop_index(op.f("ix_physio_relay__colleague_id"), table_name="physio_relay")
    op.drop_table("physio_relay")
    op.drop_table("physio_template")
