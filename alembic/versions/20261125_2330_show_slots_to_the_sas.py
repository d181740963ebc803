"""Say of each opening and slot how the national platform (SAS) shows it.

Revision ID: 20261125_2330
Revises: 20261125_2315
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_2330"
down_revision = "20261125_2315"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("pattern", "slot"):
        shown = postgresql.ARRAY(sa.Text())
        op.add_column(table, sa.Column("sas", shown, server_default="{cpts,individual}", nullable=False))
        op.create_check_constraint(op.f(f"ck_{table}__sas"), table, "sas <@ ARRAY['individual', 'cpts']")


def downgrade() -> None:
    for table in ("slot", "pattern"):
        op.drop_constraint(op.f(f"ck_{table}__sas"), table, type_="check")
        op.drop_column(table, "sas")
