"""Second factors, delegated sign-in, access tokens, keys that rotate.

What proves an account besides its password, sessions that idle or that a provider ends, and keys exchanged
for short-lived tokens.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_0800"
down_revision = "20261126_0650"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "api_key",
        sa.Column("allowed_networks", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("api_key", sa.Column("previous_secret_hash", sa.LargeBinary(), nullable=True))
    op.add_column("api_key", sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("api_key", sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_api_key__previous_secret"),
        "api_key",
        "(previous_secret_hash IS NULL) = (previous_until IS NULL)",
    )
    op.add_column("page_session", sa.Column("idle_minutes", sa.Integer(), nullable=True))
    op.add_column("page_session", sa.Column("browser", sa.String(), server_default="", nullable=False))
    op.add_column("page_session", sa.Column("sso_issuer", sa.String(), nullable=True))
    op.add_column("page_session", sa.Column("sso_subject", sa.String(), nullable=True))
    op.add_column("page_session", sa.Column("sso_sid", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("ck_page_session__sso"), "page_session", "(sso_issuer IS NULL) = (sso_subject IS NULL)"
    )
    op.create_index(
        "ix_page_session__sso",
        "page_session",
        ["sso_issuer", "sso_subject"],
        unique=False,
        postgresql_where=sa.text("sso_issuer IS NOT NULL"),
    )
    op.create_table(
        "access_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_access_token__expiry")),
        sa.ForeignKeyConstraint(["key_id"], ["api_key.id"], name=op.f("fk_access_token__key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_token__token_hash")),
    )
    op.create_index(op.f("ix_access_token__key_id"), "access_token", ["key_id"], unique=False)
    op.create_index(op.f("ix_access_token__expires_at"), "access_token", ["expires_at"], unique=False)
    op.create_table(
        "totp_secret",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_totp_secret__account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_totp_secret")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code__account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("account_id", "code_hash", name=op.f("uq_recovery_code__account_id_code_hash")),
    )
    op.create_table(
        "federated_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_federated_identity__account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federated_identity")),
        sa.UniqueConstraint(
            "account_id", "issuer", name=op.f("uq_federated_identity__account_id_issuer")
        ),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_federated_identity__issuer_subject")),
    )
    op.create_table(
        "logout_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_logout_token")),
    )
    op.create_index(op.f("ix_logout_token__expires_at"), "logout_token", ["expires_at"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table("logout_token")
    op.drop_table("federated_identity")
    op.drop_table("recovery_code")
    op.drop_table("totp_secret")
    op.drop_table("access_token")
    op.drop_index("ix_page_session__sso", table_name="page_session")
    op.drop_constraint(op.f("ck_page_session__sso"), "page_session", type_="check")
    for column in ("sso_sid", "sso_subject", "sso_issuer", "browser", "idle_minutes"):
        op.drop_column("page_session", column)
    op.drop_constraint(op.f("ck_api_key__previous_secret"), "api_key", type_="check")
    for column in ("rotated_at", "previous_until", "previous_secret_hash", "allowed_networks"):
        op.drop_column("api_key", column)
