"""Add regulator accounts of the national platform, their sessions, and the appointments that it is told of.

Revision ID: 20261125_2200
Revises: 20261122_0800
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_2200"
down_revision = "20261122_0800"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "regulator",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("emails", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("sso_subject", sa.String(), nullable=True),
        sa.Column("terms_version", sa.String(), nullable=True),
        sa.Column("terms_accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(terms_version IS NULL) = (terms_accepted_at IS NULL)", name=op.f("ck_regulator__terms")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_regulator__account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_regulator")),
    )
    op.create_table(
        "regulator_identifier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("held_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "released_at IS NULL OR released_at >= held_from", name=op.f("ck_regulator_identifier__release")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["regulator.account_id"], name=op.f("fk_regulator_identifier__account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regulator_identifier")),
    )
    op.create_index(
        op.f("ix_regulator_identifier__account_id"), "regulator_identifier", ["account_id"], unique=False
    )
    op.create_index(
        "uq_regulator_identifier__held",
        "regulator_identifier",
        ["system", "value"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.add_column(
        "page_session",
        sa.Column("came_from_platform", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("page_session", sa.Column("regulator_identifier_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_page_session__regulator_identifier_id"),
        "page_session",
        "regulator_identifier",
        ["regulator_identifier_id"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("ck_page_session__platform_identifier"),
        "page_session",
        "came_from_platform = (regulator_identifier_id IS NOT NULL)",
    )
    op.create_table(
        "sas_appointment",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("operator_system", sa.String(), nullable=False),
        sa.Column("operator_value", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "operator_system <> '' AND operator_value <> ''", name=op.f("ck_sas_appointment__operator")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_sas_appointment__appointment_id")
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_sas_appointment")),
    )


def downgrade() -> None:
    op.drop_table("sas_appointment")
    op.drop_constraint(op.f("ck_page_session__platform_identifier"), "page_session", type_="check")
    op.drop_constraint(op.f("fk_page_session__regulator_identifier_id"), "page_session", type_="foreignkey")
    op.drop_column("page_session", "regulator_identifier_id")
    op.drop_column("page_session", "came_from_platform")
    op.drop_table("regulator_identifier")
    op.drop_table("regulator")
