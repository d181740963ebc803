"""Rotas of MSP and centres de SNP.

Who takes part on what terms, plans, dated shifts, who holds them, exchanges and volunteers.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_0610"
down_revision = "20261126_0640"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "rota",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "zone",
            sa.Enum("A", "B", "C", name="zone", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("rest_minutes", sa.Integer(), nullable=False),
        sa.Column("most_per_day", sa.Integer(), nullable=False),
        sa.Column("most_per_week", sa.Integer(), nullable=False),
        sa.Column("most_days_in_a_row", sa.Integer(), nullable=False),
        sa.Column("gaps", sa.Boolean(), nullable=False),
        sa.Column("publish_days", sa.Integer(), nullable=False),
        sa.Column("takes_volunteers", sa.Boolean(), nullable=False),
        sa.Column("repairs_alone", sa.Boolean(), nullable=False),
        sa.Column("audiences", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("sas", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("release_minutes", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "most_per_day BETWEEN 1 AND 4 AND most_per_week BETWEEN 1 AND 20 "
            "AND most_days_in_a_row BETWEEN 1 AND 31",
            name=op.f("ck_rota__limits"),
        ),
        sa.CheckConstraint("publish_days BETWEEN 1 AND 84", name=op.f("ck_rota__publish_days")),
        sa.CheckConstraint(
            "release_minutes IS NULL OR release_minutes >= 0", name=op.f("ck_rota__release_minutes")
        ),
        sa.CheckConstraint("rest_minutes BETWEEN 0 AND 10080", name=op.f("ck_rota__rest_minutes")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_rota__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota")),
    )
    op.create_index(op.f("ix_rota__territory_id"), "rota", ["territory_id"], unique=False)
    op.create_table(
        "rota_member",
        sa.Column("rota_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("most_per_week", sa.Integer(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "most_per_week IS NULL OR most_per_week BETWEEN 0 AND 20",
            name=op.f("ck_rota_member__most_per_week"),
        ),
        sa.CheckConstraint("share BETWEEN 0 AND 200", name=op.f("ck_rota_member__share")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_rota_member__practitioner_id")
        ),
        sa.ForeignKeyConstraint(["rota_id"], ["rota.id"], name=op.f("fk_rota_member__rota_id")),
        sa.PrimaryKeyConstraint("rota_id", "practitioner_id", name=op.f("pk_rota_member")),
    )
    op.create_index(op.f("ix_rota_member__practitioner_id"), "rota_member", ["practitioner_id"], unique=False)
    op.create_table(
        "rota_opening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rota_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column(
            "half",
            sa.Enum(
                "morning",
                "afternoon",
                "evening",
                name="half",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("patients", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_rota_opening__end_after_start")),
        sa.CheckConstraint(
            "least >= 0 AND most >= least AND most BETWEEN 1 AND 20", name=op.f("ck_rota_opening__carers")
        ),
        sa.CheckConstraint("patients BETWEEN 1 AND 60", name=op.f("ck_rota_opening__patients")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_rota_opening__weekday")),
        sa.ForeignKeyConstraint(["rota_id"], ["rota.id"], name=op.f("fk_rota_opening__rota_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_rota_opening__site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_opening")),
        sa.UniqueConstraint("rota_id", "site_id", "weekday", "half", name="uq_rota_opening__half"),
    )
    op.create_index(op.f("ix_rota_opening__site_id"), "rota_opening", ["site_id"], unique=False)
    op.create_table(
        "rota_place",
        sa.Column("rota_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("rooms", sa.Integer(), nullable=True),
        sa.CheckConstraint("rooms IS NULL OR rooms BETWEEN 1 AND 50", name=op.f("ck_rota_place__rooms")),
        sa.ForeignKeyConstraint(["rota_id"], ["rota.id"], name=op.f("fk_rota_place__rota_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_rota_place__site_id")),
        sa.PrimaryKeyConstraint("rota_id", "site_id", name=op.f("pk_rota_place")),
    )
    op.create_index(op.f("ix_rota_place__site_id"), "rota_place", ["site_id"], unique=False)
    op.create_table(
        "rota_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rota_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("build", "repair", name="purpose", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("time_limit_s", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "optimal",
                "feasible",
                "infeasible",
                "unknown",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "problem", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "answer", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "decision",
            sa.Enum(
                "confirmed",
                "discarded",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (decision IS NULL)", name=op.f("ck_rota_plan__decided")),
        sa.CheckConstraint("(solved_at IS NULL) = (status IS NULL)", name=op.f("ck_rota_plan__solved")),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_rota_plan__last_day")),
        sa.ForeignKeyConstraint(["rota_id"], ["rota.id"], name=op.f("fk_rota_plan__rota_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_plan")),
    )
    op.create_index("ix_rota_plan__rota", "rota_plan", ["rota_id", "id"], unique=False)
    op.create_index(
        "uq_rota_plan__undecided",
        "rota_plan",
        ["rota_id"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "rota_shift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rota_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "half",
            sa.Enum(
                "morning",
                "afternoon",
                "evening",
                name="half",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("patients", sa.Integer(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("end_at > start_at", name=op.f("ck_rota_shift__end_after_start")),
        sa.CheckConstraint(
            "least >= 0 AND most >= least AND most BETWEEN 1 AND 20", name=op.f("ck_rota_shift__carers")
        ),
        sa.ForeignKeyConstraint(["rota_id"], ["rota.id"], name=op.f("fk_rota_shift__rota_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_rota_shift__site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_shift")),
        sa.UniqueConstraint("rota_id", "site_id", "start_at", name="uq_rota_shift__start"),
    )
    op.create_index("ix_rota_shift__rota_start", "rota_shift", ["rota_id", "start_at"], unique=False)
    op.create_index(op.f("ix_rota_shift__site_id"), "rota_shift", ["site_id"], unique=False)
    op.create_table(
        "rota_turn",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "plan",
                "repair",
                "swap",
                "volunteer",
                name="cause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_rota_turn__ended")),
        sa.ForeignKeyConstraint(["plan_id"], ["rota_plan.id"], name=op.f("fk_rota_turn__plan_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_rota_turn__practitioner_id")
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["rota_shift.id"], name=op.f("fk_rota_turn__shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_turn")),
    )
    op.create_index(op.f("ix_rota_turn__plan_id"), "rota_turn", ["plan_id"], unique=False)
    op.create_index(op.f("ix_rota_turn__practitioner_id"), "rota_turn", ["practitioner_id"], unique=False)
    op.create_index(op.f("ix_rota_turn__shift_id"), "rota_turn", ["shift_id"], unique=False)
    op.create_index(
        "uq_rota_turn__running",
        "rota_turn",
        ["shift_id", "practitioner_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "rota_volunteer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "reply",
            sa.Enum(
                "accepted",
                "declined",
                "withdrawn",
                "lapsed",
                name="reply",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_by", sa.String(), nullable=True),
        sa.CheckConstraint("(replied_at IS NULL) = (reply IS NULL)", name=op.f("ck_rota_volunteer__replied")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_rota_volunteer__practitioner_id")
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["rota_shift.id"], name=op.f("fk_rota_volunteer__shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_volunteer")),
    )
    op.create_index(
        op.f("ix_rota_volunteer__practitioner_id"), "rota_volunteer", ["practitioner_id"], unique=False
    )
    op.create_index(op.f("ix_rota_volunteer__shift_id"), "rota_volunteer", ["shift_id"], unique=False)
    op.create_index(
        "uq_rota_volunteer__running",
        "rota_volunteer",
        ["shift_id", "practitioner_id"],
        unique=True,
        postgresql_where=sa.text("replied_at IS NULL"),
    )
    op.create_table(
        "rota_wish",
        sa.Column("rota_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column(
            "half",
            sa.Enum(
                "morning",
                "afternoon",
                "evening",
                name="half",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "never", "always", "prefer", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "points BETWEEN -3 AND 3 AND (points <> 0) = (kind = 'prefer')", name=op.f("ck_rota_wish__points")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_rota_wish__weekday")),
        sa.ForeignKeyConstraint(
            ["rota_id", "practitioner_id"],
            ["rota_member.rota_id", "rota_member.practitioner_id"],
            name="fk_rota_wish__member",
        ),
        sa.PrimaryKeyConstraint("rota_id", "practitioner_id", "weekday", "half", name=op.f("pk_rota_wish")),
    )
    op.create_table(
        "rota_swap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rota_id", sa.Uuid(), nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("for_turn_id", sa.Uuid(), nullable=True),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column(
            "reply",
            sa.Enum(
                "accepted",
                "declined",
                "withdrawn",
                "lapsed",
                name="reply",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_by", sa.String(), nullable=True),
        sa.CheckConstraint("(replied_at IS NULL) = (reply IS NULL)", name=op.f("ck_rota_swap__replied")),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_rota_swap__two_people")),
        sa.ForeignKeyConstraint(["for_turn_id"], ["rota_turn.id"], name=op.f("fk_rota_swap__for_turn_id")),
        sa.ForeignKeyConstraint(["from_id"], ["practitioner.id"], name=op.f("fk_rota_swap__from_id")),
        sa.ForeignKeyConstraint(["rota_id"], ["rota.id"], name=op.f("fk_rota_swap__rota_id")),
        sa.ForeignKeyConstraint(["to_id"], ["practitioner.id"], name=op.f("fk_rota_swap__to_id")),
        sa.ForeignKeyConstraint(["turn_id"], ["rota_turn.id"], name=op.f("fk_rota_swap__turn_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_swap")),
    )
    op.create_index(op.f("ix_rota_swap__for_turn_id"), "rota_swap", ["for_turn_id"], unique=False)
    op.create_index(op.f("ix_rota_swap__from_id"), "rota_swap", ["from_id"], unique=False)
    op.create_index(op.f("ix_rota_swap__rota_id"), "rota_swap", ["rota_id"], unique=False)
    op.create_index(op.f("ix_rota_swap__to_id"), "rota_swap", ["to_id"], unique=False)
    op.create_index(op.f("ix_rota_swap__turn_id"), "rota_swap", ["turn_id"], unique=False)
    op.create_index(
        "uq_rota_swap__running",
        "rota_swap",
        ["turn_id"],
        unique=True,
        postgresql_where=sa.text("replied_at IS NULL"),
    )
    op.create_table(
        "rota_turn_slot",
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_rota_turn_slot__slot_id")),
        sa.ForeignKeyConstraint(["turn_id"], ["rota_turn.id"], name=op.f("fk_rota_turn_slot__turn_id")),
        sa.PrimaryKeyConstraint("slot_id", name=op.f("pk_rota_turn_slot")),
    )
    op.create_index(op.f("ix_rota_turn_slot__turn_id"), "rota_turn_slot", ["turn_id"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_index(op.f("ix_rota_turn_slot__turn_id"), table_name="rota_turn_slot")
    op.drop_table("rota_turn_slot")
    op.drop_index(
        "uq_rota_swap__running", table_name="rota_swap", postgresql_where=sa.text("replied_at IS NULL")
    )
    op.drop_index(op.f("ix_rota_swap__turn_id"), table_name="rota_swap")
    op.drop_index(op.f("ix_rota_swap__to_id"), table_name="rota_swap")
    op.drop_index(op.f("ix_rota_swap__rota_id"), table_name="rota_swap")
    op.drop_index(op.f("ix_rota_swap__from_id"), table_name="rota_swap")
    op.drop_index(op.f("ix_rota_swap__for_turn_id"), table_name="rota_swap")
    op.drop_table("rota_swap")
    op.drop_table("rota_wish")
    op.drop_index(
        "uq_rota_volunteer__running",
        table_name="rota_volunteer",
        postgresql_where=sa.text("replied_at IS NULL"),
    )
    op.drop_index(op.f("ix_rota_volunteer__shift_id"), table_name="rota_volunteer")
    op.drop_index(op.f("ix_rota_volunteer__practitioner_id"), table_name="rota_volunteer")
    op.drop_table("rota_volunteer")
    op.drop_index(
        "uq_rota_turn__running", table_name="rota_turn", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index(op.f("ix_rota_turn__shift_id"), table_name="rota_turn")
    op.drop_index(op.f("ix_rota_turn__practitioner_id"), table_name="rota_turn")
    op.drop_index(op.f("ix_rota_turn__plan_id"), table_name="rota_turn")
    op.drop_table("rota_turn")
    op.drop_index(op.f("ix_rota_shift__site_id"), table_name="rota_shift")
    op.drop_index("ix_rota_shift__rota_start", table_name="rota_shift")
    op.drop_table("rota_shift")
    op.drop_index(
        "uq_rota_plan__undecided", table_name="rota_plan", postgresql_where=sa.text("decided_at IS NULL")
    )
    op.drop_index("ix_rota_plan__rota", table_name="rota_plan")
    op.drop_table("rota_plan")
    op.drop_index(op.f("ix_rota_place__site_id"), table_name="rota_place")
    op.drop_table("rota_place")
    op.drop_index(op.f("ix_rota_opening__site_id"), table_name="rota_opening")
    op.drop_table("rota_opening")
    op.drop_index(op.f("ix_rota_member__practitioner_id"), table_name="rota_member")
    op.drop_table("rota_member")
    op.drop_index(op.f("ix_rota__territory_id"), table_name="rota")
    op.drop_table("rota")
