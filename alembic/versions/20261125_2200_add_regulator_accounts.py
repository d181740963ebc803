"""Add regulator accounts of the national platform, their sessions, and the appointments that it is told of.

Revision ID: 20261125_2200
Revises: 20261122_0800
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_2200"
down_revision = "20261122_0800"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
