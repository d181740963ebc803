"""The list of people without a médecin traitant.

Entries with their consents and moves, the practices asked, the places declared, the picks, the delays changed.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_0630"
down_revision = "20261126_0740"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "mt_setting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_mt_setting__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mt_setting")),
    )
    op.create_index(op.f("ix_mt_setting__territory_id"), "mt_setting", ["territory_id"], unique=False)
    op.create_table(
        "mt_place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("communes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("age_from", sa.Integer(), nullable=True),
        sa.Column("age_to", sa.Integer(), nullable=True),
        sa.Column("ald_only", sa.Boolean(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "age_from IS NULL OR age_to IS NULL OR age_from <= age_to", name=op.f("ck_mt_place__ages")
        ),
        sa.CheckConstraint("places BETWEEN 1 AND 200", name=op.f("ck_mt_place__places")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_mt_place__practitioner_id")
        ),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_mt_place__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mt_place")),
    )
    op.create_index(op.f("ix_mt_place__practitioner_id"), "mt_place", ["practitioner_id"], unique=False)
    op.create_index(op.f("ix_mt_place__territory_id"), "mt_place", ["territory_id"], unique=False)
    op.create_table(
        "mt_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum(
                "patient",
                "pharmacy",
                "nurse",
                "regulation",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "unconfirmed",
                "waiting",
                "picked",
                "agreed",
                "signed",
                "closed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "close_reason",
            sa.Enum(
                "found",
                "aged_out",
                "withdrawn",
                "duplicate",
                "moved",
                "deceased",
                name="close_reason_list",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("identity", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("person_hash", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=True),
        sa.Column("email_hash", sa.LargeBinary(), nullable=True),
        sa.Column("insee", sa.String(), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("ald", sa.Boolean(), nullable=False),
        sa.Column("pregnant_until", sa.Date(), nullable=True),
        sa.Column("discharged_on", sa.Date(), nullable=True),
        sa.Column("housebound", sa.Boolean(), nullable=False),
        sa.Column(
            "medium",
            sa.Enum("sms", "email", name="medium", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reconfirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_count", sa.Integer(), nullable=False),
        sa.Column("next_call_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (close_reason IS NOT NULL)", name=op.f("ck_mt_entry__close_reason")
        ),
        sa.CheckConstraint(
            "(state = 'unconfirmed') = (waiting_since IS NULL) OR state = 'closed'",
            name=op.f("ck_mt_entry__waiting_since"),
        ),
        sa.CheckConstraint(
            "(state IN ('signed', 'closed')) = (closed_at IS NOT NULL)", name=op.f("ck_mt_entry__closed_at")
        ),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (identity IS NOT NULL)", name=op.f("ck_mt_entry__identity")
        ),
        sa.CheckConstraint(
            "erased_at IS NULL OR (email IS NULL AND person_hash IS NULL AND phone_hash IS NULL AND email_hash IS NULL AND insee IS NULL AND birth_year IS NULL AND request_id IS NULL)",
            name=op.f("ck_mt_entry__erased"),
        ),
        sa.ForeignKeyConstraint(["insee"], ["commune.insee"], name=op.f("fk_mt_entry__insee")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_mt_entry__organisation_id")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_mt_entry__request_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_mt_entry__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mt_entry")),
    )
    op.create_index(op.f("ix_mt_entry__email_hash"), "mt_entry", ["email_hash"], unique=False)
    op.create_index(op.f("ix_mt_entry__insee"), "mt_entry", ["insee"], unique=False)
    op.create_index(op.f("ix_mt_entry__organisation_id"), "mt_entry", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_mt_entry__person_hash"), "mt_entry", ["person_hash"], unique=False)
    op.create_index(op.f("ix_mt_entry__phone_hash"), "mt_entry", ["phone_hash"], unique=False)
    op.create_index(op.f("ix_mt_entry__request_id"), "mt_entry", ["request_id"], unique=False)
    op.create_index("ix_mt_entry__territory_state", "mt_entry", ["territory_id", "state"], unique=False)
    op.create_index(
        "uq_mt_entry__live_email",
        "mt_entry",
        ["territory_id", "person_hash", "email_hash"],
        unique=True,
        postgresql_where=sa.text("state IN ('unconfirmed', 'waiting', 'picked', 'agreed')"),
    )
    op.create_index(
        "uq_mt_entry__live_phone",
        "mt_entry",
        ["territory_id", "person_hash", "phone_hash"],
        unique=True,
        postgresql_where=sa.text("state IN ('unconfirmed', 'waiting', 'picked', 'agreed')"),
    )
    op.create_table(
        "mt_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "refused",
                "no_answer",
                "thinking",
                "accepted",
                name="answer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "full",
                "retiring",
                "out_of_area",
                "no_home_visits",
                "family_only",
                "no_reason",
                "other",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("practice", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("next_call_on", sa.Date(), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.CheckConstraint("(answer = 'refused') = (reason IS NOT NULL)", name=op.f("ck_mt_call__refusal")),
        sa.ForeignKeyConstraint(["entry_id"], ["mt_entry.id"], name=op.f("fk_mt_call__entry_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_mt_call__practitioner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mt_call")),
    )
    op.create_index(op.f("ix_mt_call__at"), "mt_call", ["at"], unique=False)
    op.create_index(op.f("ix_mt_call__entry_id"), "mt_call", ["entry_id"], unique=False)
    op.create_index(op.f("ix_mt_call__practitioner_id"), "mt_call", ["practitioner_id"], unique=False)
    op.create_table(
        "mt_consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("by_representative", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["mt_entry.id"], name=op.f("fk_mt_consent__entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mt_consent")),
    )
    op.create_index(op.f("ix_mt_consent__entry_id"), "mt_consent", ["entry_id"], unique=False)
    op.create_table(
        "mt_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column(
            "move",
            sa.Enum(
                "sign_up",
                "confirm",
                "reconfirm",
                "correct",
                "practice_asked",
                "pick",
                "called",
                "return",
                "sign",
                "close",
                "erase",
                name="move",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "from_state",
            sa.Enum(
                "unconfirmed",
                "waiting",
                "picked",
                "agreed",
                "signed",
                "closed",
                name="from_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_state",
            sa.Enum(
                "unconfirmed",
                "waiting",
                "picked",
                "agreed",
                "signed",
                "closed",
                name="to_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column(
            "reasons", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column(
            "data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["mt_entry.id"], name=op.f("fk_mt_move__entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mt_move")),
    )
    op.create_index(op.f("ix_mt_move__entry_id"), "mt_move", ["entry_id"], unique=False)
    op.create_index("ix_mt_move__move_at", "mt_move", ["move", "at"], unique=False)
    op.create_table(
        "mt_pick",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("picked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("picked_by", sa.String(), nullable=False),
        sa.Column("call_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_count", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "signed",
                "patient_declined",
                "unreachable",
                "not_called",
                "not_signed",
                "practice_gave_up",
                "entry_closed",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_mt_pick__ended")),
        sa.CheckConstraint("call_by > picked_at", name=op.f("ck_mt_pick__call_by")),
        sa.ForeignKeyConstraint(["entry_id"], ["mt_entry.id"], name=op.f("fk_mt_pick__entry_id")),
        sa.ForeignKeyConstraint(["place_id"], ["mt_place.id"], name=op.f("fk_mt_pick__place_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_mt_pick__practitioner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mt_pick")),
    )
    op.create_index(op.f("ix_mt_pick__entry_id"), "mt_pick", ["entry_id"], unique=False)
    op.create_index(op.f("ix_mt_pick__place_id"), "mt_pick", ["place_id"], unique=False)
    op.create_index(op.f("ix_mt_pick__practitioner_id"), "mt_pick", ["practitioner_id"], unique=False)
    op.create_index(
        "uq_mt_pick__running",
        "mt_pick",
        ["entry_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index("uq_mt_pick__running", table_name="mt_pick", postgresql_where=sa.text("outcome IS NULL"))
    op.drop_index(op.f("ix_mt_pick__practitioner_id"), table_name="mt_pick")
    op.drop_index(op.f("ix_mt_pick__place_id"), table_name="mt_pick")
    op.drop_index(op.f("ix_mt_pick__entry_id"), table_name="mt_pick")
    op.drop_table("mt_pick")
    op.drop_index("ix_mt_move__move_at", table_name="mt_move")
    op.drop_index(op.f("ix_mt_move__entry_id"), table_name="mt_move")
    op.drop_table("mt_move")
    op.drop_index(op.f("ix_mt_consent__entry_id"), table_name="mt_consent")
    op.drop_table("mt_consent")
    op.drop_index(op.f("ix_mt_call__practitioner_id"), table_name="mt_call")
    op.drop_index(op.f("ix_mt_call__entry_id"), table_name="mt_call")
    op.drop_index(op.f("ix_mt_call__at"), table_name="mt_call")
    op.drop_table("mt_call")
    op.drop_index(
        "uq_mt_entry__live_phone",
        table_name="mt_entry",
        postgresql_where=sa.text("state IN ('unconfirmed', 'waiting', 'picked', 'agreed')"),
    )
    op.drop_index(
        "uq_mt_entry__live_email",
        table_name="mt_entry",
        postgresql_where=sa.text("state IN ('unconfirmed', 'waiting', 'picked', 'agreed')"),
    )
    op.drop_index("ix_mt_entry__territory_state", table_name="mt_entry")
    op.drop_index(op.f("ix_mt_entry__request_id"), table_name="mt_entry")
    op.drop_index(op.f("ix_mt_entry__phone_hash"), table_name="mt_entry")
    op.drop_index(op.f("ix_mt_entry__person_hash"), table_name="mt_entry")
    op.drop_index(op.f("ix_mt_entry__organisation_id"), table_name="mt_entry")
    op.drop_index(op.f("ix_mt_entry__insee"), table_name="mt_entry")
    op.drop_index(op.f("ix_mt_entry__email_hash"), table_name="mt_entry")
    op.drop_table("mt_entry")
    op.drop_index(op.f("ix_mt_place__territory_id"), table_name="mt_place")
    op.drop_index(op.f("ix_mt_place__practitioner_id"), table_name="mt_place")
    op.drop_table("mt_place")
    op.drop_index(op.f("ix_mt_setting__territory_id"), table_name="mt_setting")
    op.drop_table("mt_setting")
