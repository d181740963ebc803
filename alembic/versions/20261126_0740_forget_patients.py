"""Forget patients: since when nobody knows who one was; the data-protection delegate as a role."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_0740"
down_revision = "20261126_0730"
branch_labels = None
depends_on = None

BEFORE = (
    "arm",
    "osnp",
    "regulateur",
    "pharmacy",
    "nurse_practice",
    "practitioner",
    "delegate",
    "coordinator",
    "administrator",
    "patient",
    "system",
)
AFTER = (*BEFORE[:9], "dpo", *BEFORE[9:])
HOLDERS = ("account", "api_key")


def _allow(roles: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{role}'" for role in roles)
    for table in HOLDERS:
        op.drop_constraint(op.f(f"ck_{table}__role"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}__role"), table, f"role IN ({listed})")


def upgrade() -> None:
    """Apply."""
    op.add_column("patient", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_patient__known", "patient", ["created_at"], postgresql_where=sa.text("forgotten_at IS NULL")
    )
    _allow(AFTER)


def downgrade() -> None:
    """Undo; delegates lose their accounts and keys."""
    for table in HOLDERS:
        op.execute(f"DELETE FROM {table} WHERE role = 'dpo'")
    _allow(BEFORE)
    op.drop_index("ix_patient__known", table_name="patient")
    op.drop_column("patient", "forgotten_at")
