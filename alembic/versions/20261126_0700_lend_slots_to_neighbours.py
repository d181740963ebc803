"""Lend slots to neighbours: agreements between territories, their story, and who opts out.

Holds and appointments say under which agreement a neighbour's slot was claimed.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_0700"
down_revision = "20261126_0500"
branch_labels = None
depends_on = None

_STATES = ("offered", "accepted", "declined", "ended")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sharing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("borrower_id", sa.Uuid(), nullable=False),
        sa.Column("professions", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("audiences", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("starts_from", sa.Time(), nullable=True),
        sa.Column("starts_before", sa.Time(), nullable=True),
        sa.Column("most_a_day", sa.Integer(), nullable=True),
        sa.Column("most_percent", sa.Integer(), nullable=True),
        sa.Column("last_hours", sa.Integer(), nullable=True),
        sa.Column("state", _state(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("lender_id <> borrower_id", name=op.f("ck_sharing__two_territories")),
        sa.CheckConstraint("cardinality(professions) > 0", name=op.f("ck_sharing__professions")),
        sa.CheckConstraint(
            "weekdays <@ ARRAY[1,2,3,4,5,6,7]::smallint[]", name=op.f("ck_sharing__weekdays")
        ),
        sa.CheckConstraint(
            "audiences <@ ARRAY['desk','professionals','regulation']", name=op.f("ck_sharing__audiences")
        ),
        sa.CheckConstraint(
            "(starts_from IS NULL) = (starts_before IS NULL)", name=op.f("ck_sharing__hours")
        ),
        sa.CheckConstraint("starts_before > starts_from", name=op.f("ck_sharing__hours_in_order")),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_sharing__last_day")),
        sa.CheckConstraint("most_a_day BETWEEN 1 AND 200", name=op.f("ck_sharing__most_a_day")),
        sa.CheckConstraint("most_percent BETWEEN 1 AND 100", name=op.f("ck_sharing__most_percent")),
        sa.CheckConstraint("last_hours BETWEEN 1 AND 168", name=op.f("ck_sharing__last_hours")),
        sa.CheckConstraint(
            "state <> 'accepted' OR accepted_at IS NOT NULL", name=op.f("ck_sharing__accepted")
        ),
        sa.CheckConstraint(
            "(state IN ('declined', 'ended')) = (ended_at IS NOT NULL)", name=op.f("ck_sharing__ended")
        ),
        sa.ForeignKeyConstraint(["lender_id"], ["territory.id"], name=op.f("fk_sharing__lender_id")),
        sa.ForeignKeyConstraint(["borrower_id"], ["territory.id"], name=op.f("fk_sharing__borrower_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing")),
    )
    op.create_index(op.f("ix_sharing__lender_id"), "sharing", ["lender_id"], unique=False)
    op.create_index(op.f("ix_sharing__borrower_id"), "sharing", ["borrower_id"], unique=False)
    op.create_index(
        "ix_sharing__accepted",
        "sharing",
        ["borrower_id"],
        unique=False,
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_table(
        "sharing_status",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sharing_id", sa.Uuid(), nullable=False),
        sa.Column("state", _state(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["sharing_id"], ["sharing.id"], name=op.f("fk_sharing_status__sharing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_status")),
    )
    op.create_index(op.f("ix_sharing_status__sharing_id"), "sharing_status", ["sharing_id"], unique=False)
    op.create_table(
        "sharing_opt_out",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ended_at >= since", name=op.f("ck_sharing_opt_out__ended_after_since")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_sharing_opt_out__practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_sharing_opt_out__territory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_opt_out")),
    )
    op.create_index(
        op.f("ix_sharing_opt_out__practitioner_id"), "sharing_opt_out", ["practitioner_id"], unique=False
    )
    op.create_index(
        "uq_sharing_opt_out__running",
        "sharing_opt_out",
        ["practitioner_id", "territory_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_sharing_opt_out__territory",
        "sharing_opt_out",
        ["territory_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    for table in ("hold", "appointment"):
        op.add_column(table, sa.Column("sharing_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}__sharing_id"), table, "sharing", ["sharing_id"], ["id"])
        op.create_index(op.f(f"ix_{table}__sharing_id"), table, ["sharing_id"], unique=False)


def downgrade() -> None:
    """Undo."""
    for table in ("appointment", "hold"):
        op.drop_index(op.f(f"ix_{table}__sharing_id"), table_name=table)
        op.drop_constraint(op.f(f"fk_{table}__sharing_id"), table, type_="foreignkey")
        op.drop_column(table, "sharing_id")
    for table in ("sharing_opt_out", "sharing_status", "sharing"):
        op.drop_table(table)


def _state() -> sa.Enum:
    return sa.Enum(*_STATES, name="state", native_enum=False, create_constraint=True, length=40)
