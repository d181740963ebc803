"""Create the foundation: directory, agenda, claims, requests, traces, proposals, accounts, outbox, audit.

Revision ID: 20261122_0800
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_0800"
down_revision = None
branch_labels = None
depends_on = None

AUDIT_IS_APPEND_ONLY = """
CREATE FUNCTION audit_entry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END $$;
CREATE TRIGGER audit_entry_is_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse_change();
"""

STORIES_ARE_APPEND_ONLY = """
CREATE FUNCTION story_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER slot_event_is_append_only BEFORE UPDATE OR DELETE ON slot_event
    FOR EACH ROW EXECUTE FUNCTION story_refuse_change();
CREATE TRIGGER appointment_status_is_append_only BEFORE UPDATE OR DELETE ON appointment_status
    FOR EACH ROW EXECUTE FUNCTION story_refuse_change();
"""


def upgrade() -> None:
    op.execute("CREATE TYPE uuidrange AS RANGE (subtype = uuid)")
    op.execute("CREATE SEQUENCE request_number AS bigint")
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry__at"), "audit_entry", ["at"], unique=False)
    op.create_index(op.f("ix_audit_entry__patient_id"), "audit_entry", ["patient_id"], unique=False)
    op.create_index(op.f("ix_audit_entry__resource_id"), "audit_entry", ["resource_id"], unique=False)
    op.create_table(
        "commune",
        sa.Column("insee", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("search_name", sa.String(), nullable=False),
        sa.Column("postal_codes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("insee", name=op.f("pk_commune")),
    )
    op.create_index(op.f("ix_commune__name"), "commune", ["name"], unique=False)
    op.create_table(
        "idempotency_record",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotency_record")),
    )
    op.create_index(op.f("ix_idempotency_record__created_at"), "idempotency_record", ["created_at"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "msp",
                "cabinet",
                "centre_snp",
                "centre_sante",
                "pharmacy",
                "nurse_practice",
                "sos_medecins",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("search_name", sa.String(), nullable=False),
        sa.Column("finess", sa.String(), nullable=True),
        sa.Column("siret", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("finess", name=op.f("uq_organisation__finess")),
        sa.UniqueConstraint("siret", name=op.f("uq_organisation__siret")),
    )
    op.create_index(op.f("ix_organisation__search_name"), "organisation", ["search_name"], unique=False)
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
    )
    op.create_index(
        "ix_outbox_message__due", "outbox_message", ["due_at"], unique=False, postgresql_where=sa.text("delivered_at IS NULL AND failed_at IS NULL")
    )
    op.create_index("ix_outbox_message__subject", "outbox_message", ["subject", "id"], unique=False)
    op.create_table(
        "profession",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("mos_code", sa.String(), nullable=False),
        sa.Column("specialty_code", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("short_label", sa.String(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_profession")),
    )
    op.create_table(
        "territory",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("finess", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("size_class", sa.Integer(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size_class BETWEEN 1 AND 4", name=op.f("ck_territory__size_class")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory")),
        sa.UniqueConstraint("finess", name=op.f("uq_territory__finess")),
        sa.UniqueConstraint("slug", name=op.f("uq_territory__slug")),
    )
    op.create_table(
        "assignment_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("unserved", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_assignment_run__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_run")),
    )
    op.create_index(op.f("ix_assignment_run__territory_id"), "assignment_run", ["territory_id"], unique=False)
    op.create_table(
        "organisation_territory",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_territory__organisation_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_organisation_territory__territory_id")),
        sa.PrimaryKeyConstraint("organisation_id", "territory_id", name=op.f("pk_organisation_territory")),
    )
    op.create_index(op.f("ix_organisation_territory__territory_id"), "organisation_territory", ["territory_id"], unique=False)
    op.create_table(
        "patient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=True),
        sa.Column("person_hash", sa.LargeBinary(), nullable=False),
        sa.Column("insee", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["insee"], ["commune.insee"], name=op.f("fk_patient__insee")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_patient__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
    )
    op.create_index(op.f("ix_patient__person_hash"), "patient", ["person_hash"], unique=False)
    op.create_index(op.f("ix_patient__phone_hash"), "patient", ["phone_hash"], unique=False)
    op.create_index(op.f("ix_patient__territory_id"), "patient", ["territory_id"], unique=False)
    op.create_table(
        "practitioner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rpps", sa.String(), nullable=True),
        sa.Column("adeli", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("search_name", sa.String(), nullable=False),
        sa.Column("profession", sa.String(), nullable=False),
        sa.Column("specialty_code", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("preferences", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rpps IS NOT NULL OR adeli IS NOT NULL", name=op.f("ck_practitioner__identified")),
        sa.ForeignKeyConstraint(["profession"], ["profession.code"], name=op.f("fk_practitioner__profession")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practitioner")),
        sa.UniqueConstraint("adeli", name=op.f("uq_practitioner__adeli")),
        sa.UniqueConstraint("rpps", name=op.f("uq_practitioner__rpps")),
    )
    op.create_index(op.f("ix_practitioner__family_name"), "practitioner", ["family_name"], unique=False)
    op.create_index(op.f("ix_practitioner__profession"), "practitioner", ["profession"], unique=False)
    op.create_index(op.f("ix_practitioner__search_name"), "practitioner", ["search_name"], unique=False)
    op.create_table(
        "site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("search_name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("postal_code", sa.String(), nullable=False),
        sa.Column("insee", sa.String(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("finess", sa.String(), nullable=True),
        sa.Column("siret", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_site__coordinates")
        ),
        sa.ForeignKeyConstraint(["insee"], ["commune.insee"], name=op.f("fk_site__insee")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_site__organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("finess", name=op.f("uq_site__finess")),
        sa.UniqueConstraint("siret", name=op.f("uq_site__siret")),
    )
    op.create_index(op.f("ix_site__insee"), "site", ["insee"], unique=False)
    op.create_index(op.f("ix_site__organisation_id"), "site", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_site__search_name"), "site", ["search_name"], unique=False)
    op.create_table(
        "territory_commune",
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("insee", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["insee"], ["commune.insee"], name=op.f("fk_territory_commune__insee")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_territory_commune__territory_id")),
        sa.PrimaryKeyConstraint("territory_id", "insee", name=op.f("pk_territory_commune")),
    )
    op.create_index(op.f("ix_territory_commune__insee"), "territory_commune", ["insee"], unique=False)
    op.create_table(
        "territory_revision",
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_territory_revision__territory_id")),
        sa.PrimaryKeyConstraint("territory_id", "version", name=op.f("pk_territory_revision")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint("end_at > start_at", name=op.f("ck_absence__end_after_start")),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_absence__practitioner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence__practitioner_id"), "absence", ["practitioner_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
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
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("territory_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_account__organisation_id")),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_account__practitioner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account__login")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
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
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("territory_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_api_key__organisation_id")),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_api_key__practitioner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key__prefix")),
    )
    op.create_table(
        "membership",
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_membership__practitioner_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_membership__territory_id")),
        sa.CheckConstraint("until IS NULL OR until > since", name=op.f("ck_membership__until_after_since")),
        sa.PrimaryKeyConstraint("practitioner_id", "territory_id", "since", name=op.f("pk_membership")),
    )
    op.create_index(
        "uq_membership__running",
        "membership",
        ["practitioner_id", "territory_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index(op.f("ix_membership__territory_id"), "membership", ["territory_id"], unique=False)
    op.create_table(
        "pattern",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("rrule", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("patients", sa.Integer(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("release_minutes", sa.Integer(), nullable=True),
        sa.Column("mode", sa.Enum("AMB", "HH", "VR", name="mode", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("audiences", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("territory_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expanded_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint("buffer_minutes BETWEEN 0 AND 120", name=op.f("ck_pattern__buffer_minutes")),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("ck_pattern__last_day")),
        sa.CheckConstraint("patients BETWEEN 1 AND 60", name=op.f("ck_pattern__patients")),
        sa.CheckConstraint("release_minutes IS NULL OR release_minutes >= 0", name=op.f("ck_pattern__release_minutes")),
        sa.CheckConstraint("slot_minutes BETWEEN 5 AND 240", name=op.f("ck_pattern__slot_minutes")),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_pattern__practitioner_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["pattern.id"], name=op.f("fk_pattern__replaces_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_pattern__site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pattern")),
    )
    op.create_index(op.f("ix_pattern__practitioner_id"), "pattern", ["practitioner_id"], unique=False)
    op.create_table(
        "practitioner_site",
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("rpps_rang", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_practitioner_site__practitioner_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_practitioner_site__site_id")),
        sa.PrimaryKeyConstraint("practitioner_id", "site_id", name=op.f("pk_practitioner_site")),
    )
    op.create_index(op.f("ix_practitioner_site__site_id"), "practitioner_site", ["site_id"], unique=False)
    op.create_table(
        "request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum(
                "arm",
                "osnp",
                "regulateur",
                "pharmacy",
                "nurse",
                "doctor",
                "physio",
                "sas",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("caller", sa.LargeBinary(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "waiting_mt",
                "to_estimate",
                "to_decide",
                "seeking",
                "held",
                "booked",
                "oriented",
                "closed",
                "cancelled",
                "unserved",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum("regulation", "desk", "professionals", "public", name="audience", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column(
            "mt_status",
            sa.Enum(
                "unknown",
                "none",
                "not_called",
                "unavailable",
                "too_late",
                "available",
                "already_booked",
                name="mt_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("mt", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("estimated_delay_h", sa.Integer(), nullable=True),
        sa.Column(
            "disposition",
            sa.Enum(
                "advice",
                "teleconsultation",
                "snp_consultation",
                "back_to_mt",
                "emergency",
                "smur",
                "pdsa",
                "pharmacist",
                "transport",
                "call_15",
                "call_116117",
                "keep_appointment",
                name="disposition",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("priority", sa.Enum("P0", "P1", "P2", "P3", name="priority", native_enum=False, create_constraint=True, length=40), nullable=True),
        sa.Column(
            "response_level",
            sa.Enum("R1", "R2", "R3", "R4", name="response_level", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("professions", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("modes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("max_km", sa.Float(), nullable=True),
        sa.Column("earliest", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("min_gap_days", sa.Integer(), nullable=False),
        sa.Column("max_gap_days", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("excluded_practitioner_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("only_practitioner_ids", sa.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint("deadline IS NULL OR earliest IS NULL OR deadline >= earliest", name=op.f("ck_request__deadline")),
        sa.CheckConstraint("household_id IS NULL OR sessions = 1", name=op.f("ck_request__household_or_sessions")),
        sa.CheckConstraint("max_km IS NULL OR max_km >= 0", name=op.f("ck_request__max_km")),
        sa.CheckConstraint("sessions BETWEEN 1 AND 3", name=op.f("ck_request__sessions")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_request__organisation_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_request__patient_id")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_request__practitioner_id")
        ),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_request__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("number", name="uq_request__number"),
    )
    op.create_index(op.f("ix_request__household_id"), "request", ["household_id"], unique=False)
    op.create_index(op.f("ix_request__organisation_id"), "request", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_request__patient_id"), "request", ["patient_id"], unique=False)
    op.create_index(op.f("ix_request__practitioner_id"), "request", ["practitioner_id"], unique=False)
    op.create_index("ix_request__territory_state", "request", ["territory_id", "state", "deadline"], unique=False)
    op.create_table(
        "delegation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_delegation__account_id")),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_delegation__practitioner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(op.f("ix_delegation__account_id"), "delegation", ["account_id"], unique=False)
    op.create_index(op.f("ix_delegation__practitioner_id"), "delegation", ["practitioner_id"], unique=False)
    op.create_table(
        "desk_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_desk_draft__request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_draft")),
        sa.UniqueConstraint("request_id", name=op.f("uq_desk_draft__request_id")),
    )
    op.create_index(op.f("ix_desk_draft__expires_at"), "desk_draft", ["expires_at"], unique=False)
    op.create_table(
        "desk_trace",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("list_version", sa.String(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("red_flags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("eligible", "red_flag", "not_eligible", "pharmacist", name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_desk_trace__organisation_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_desk_trace__request_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_desk_trace__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_trace")),
    )
    op.create_index(op.f("ix_desk_trace__organisation_id"), "desk_trace", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_desk_trace__request_id"), "desk_trace", ["request_id"], unique=False)
    op.create_index(op.f("ix_desk_trace__territory_id"), "desk_trace", ["territory_id"], unique=False)
    op.create_table(
        "page_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_page_session__account_id")),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_page_session__practitioner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_page_session__token_hash")),
    )
    op.create_index(op.f("ix_page_session__account_id"), "page_session", ["account_id"], unique=False)
    op.create_table(
        "pattern_exception",
        sa.Column("pattern_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Enum("cancelled", "moved", name="kind", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("moved_day", sa.Date(), nullable=True),
        sa.Column("moved_starts_at", sa.Time(), nullable=True),
        sa.Column("patients", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["pattern_id"], ["pattern.id"], name=op.f("fk_pattern_exception__pattern_id")),
        sa.PrimaryKeyConstraint("pattern_id", "day", name=op.f("pk_pattern_exception")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("slot_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("request_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("wait_minutes", sa.Integer(), nullable=False),
        sa.Column("km", sa.Float(), nullable=False),
        sa.Column("burden", sa.Integer(), nullable=False),
        sa.Column("why", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_proposal__request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("round_id", "rank", name="uq_proposal__round_rank"),
    )
    op.create_index(op.f("ix_proposal__request_id"), "proposal", ["request_id"], unique=False)
    op.create_table(
        "request_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column(
            "move",
            sa.Enum(
                "open",
                "check_mt",
                "wait_mt",
                "resume",
                "estimate",
                "decide",
                "stop",
                "orient",
                "advise",
                "hold",
                "hold_ended",
                "book",
                "reopen",
                "honour",
                "no_show",
                "cancel",
                "give_up",
                "correct",
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
                "received",
                "waiting_mt",
                "to_estimate",
                "to_decide",
                "seeking",
                "held",
                "booked",
                "oriented",
                "closed",
                "cancelled",
                "unserved",
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
                "received",
                "waiting_mt",
                "to_estimate",
                "to_decide",
                "seeking",
                "held",
                "booked",
                "oriented",
                "closed",
                "cancelled",
                "unserved",
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
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_request_move__request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_move")),
    )
    op.create_index(op.f("ix_request_move__request_id"), "request_move", ["request_id"], unique=False)
    op.create_table(
        "slot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("profession", sa.String(), nullable=False),
        sa.Column("pattern_id", sa.Uuid(), nullable=True),
        sa.Column("occurrence_day", sa.Date(), nullable=True),
        sa.Column("occurrence_no", sa.Integer(), nullable=True),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mode", sa.Enum("AMB", "HH", "VR", name="mode", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("audiences", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("territory_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum("open", "hidden", "withdrawn", "released", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("hidden_by_id", sa.Uuid(), nullable=True),
        sa.Column("closing", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("uuidrange(practitioner_id, practitioner_id, '[]')"), "&&"),
            (sa.text("tstzrange(start_at, busy_until)"), "&&"),
            where=sa.text("state = 'open'"),
            using="gist",
            name="ex_slot__no_overlap",
        ),
        sa.CheckConstraint("busy_until >= end_at", name=op.f("ck_slot__buffer_after_end")),
        sa.CheckConstraint("end_at > start_at", name=op.f("ck_slot__end_after_start")),
        sa.ForeignKeyConstraint(["hidden_by_id"], ["absence.id"], name=op.f("fk_slot__hidden_by_id")),
        sa.ForeignKeyConstraint(["pattern_id"], ["pattern.id"], name=op.f("fk_slot__pattern_id")),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_slot__practitioner_id")),
        sa.ForeignKeyConstraint(["profession"], ["profession.code"], name=op.f("fk_slot__profession")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_slot__site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("pattern_id", "occurrence_day", "occurrence_no", name="uq_slot__occurrence"),
    )
    op.create_index(op.f("ix_slot__hidden_by_id"), "slot", ["hidden_by_id"], unique=False)
    op.create_index("ix_slot__open_start", "slot", ["start_at"], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index("ix_slot__practitioner_start", "slot", ["practitioner_id", "start_at"], unique=False)
    op.create_index("ix_slot__release", "slot", ["release_at"], unique=False, postgresql_where=sa.text("state = 'open' AND release_at IS NOT NULL"))
    op.create_index(op.f("ix_slot__site_id"), "slot", ["site_id"], unique=False)
    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("session_no", sa.Integer(), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mode", sa.Enum("AMB", "HH", "VR", name="mode", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("booked", "moved", "cancelled", "honoured", "no_show", name="status", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint("session_no >= 1", name=op.f("ck_appointment__session_no")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_appointment__organisation_id")),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_appointment__practitioner_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["appointment.id"], name=op.f("fk_appointment__replaces_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_appointment__site_id")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_appointment__slot_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_appointment__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_appointment__code_hash")),
    )
    op.create_index(op.f("ix_appointment__organisation_id"), "appointment", ["organisation_id"], unique=False)
    op.create_index("ix_appointment__territory_start", "appointment", ["territory_id", "start_at"], unique=False)
    op.create_index("ix_appointment__practitioner_start", "appointment", ["practitioner_id", "start_at"], unique=False)
    op.create_index(op.f("ix_appointment__request_id"), "appointment", ["request_id"], unique=False)
    op.create_index(op.f("ix_appointment__slot_id"), "appointment", ["slot_id"], unique=False)
    op.create_index("uq_appointment__live_slot", "appointment", ["slot_id"], unique=True, postgresql_where=sa.text("live"))
    op.create_table(
        "hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bundle_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("session_no", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ended_as",
            sa.Enum("confirmed", "expired", "dropped", name="ended_as", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_as IS NULL)", name=op.f("ck_hold__ended")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_hold__expiry")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_hold__slot_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_hold__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold__bundle_id"), "hold", ["bundle_id"], unique=False)
    op.create_index("ix_hold__expiry", "hold", ["expires_at"], unique=False, postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index(op.f("ix_hold__request_id"), "hold", ["request_id"], unique=False)
    op.create_index(op.f("ix_hold__slot_id"), "hold", ["slot_id"], unique=False)
    op.create_index("uq_hold__running", "hold", ["slot_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL"))
    op.create_table(
        "slot_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column(
            "event",
            sa.Enum(
                "published",
                "changed",
                "hidden",
                "restored",
                "withdrawn",
                "released",
                name="event",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_slot_event__slot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_event")),
    )
    op.create_index(op.f("ix_slot_event__slot_id"), "slot_event", ["slot_id"], unique=False)
    op.create_table(
        "appointment_status",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("booked", "moved", "cancelled", "honoured", "no_show", name="status", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column(
            "cancelled_by",
            sa.Enum("patient", "desk", "regulation", "practitioner", name="cancelled_by", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name=op.f("fk_appointment_status__appointment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_status")),
    )
    op.create_index(op.f("ix_appointment_status__appointment_id"), "appointment_status", ["appointment_id"], unique=False)
    op.execute(AUDIT_IS_APPEND_ONLY)
    op.execute(STORIES_ARE_APPEND_ONLY)


def downgrade() -> None:
    op.drop_index(op.f("ix_appointment_status__appointment_id"), table_name="appointment_status")
    op.drop_table("appointment_status")
    op.drop_index(op.f("ix_slot_event__slot_id"), table_name="slot_event")
    op.drop_table("slot_event")
    op.drop_index("uq_hold__running", table_name="hold", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_hold__slot_id"), table_name="hold")
    op.drop_index(op.f("ix_hold__request_id"), table_name="hold")
    op.drop_index("ix_hold__expiry", table_name="hold", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_hold__bundle_id"), table_name="hold")
    op.drop_table("hold")
    op.drop_index("uq_appointment__live_slot", table_name="appointment", postgresql_where=sa.text("live"))
    op.drop_index(op.f("ix_appointment__slot_id"), table_name="appointment")
    op.drop_index(op.f("ix_appointment__request_id"), table_name="appointment")
    op.drop_index("ix_appointment__territory_start", table_name="appointment")
    op.drop_index("ix_appointment__practitioner_start", table_name="appointment")
    op.drop_index(op.f("ix_appointment__organisation_id"), table_name="appointment")
    op.drop_table("appointment")
    op.drop_index(op.f("ix_slot__site_id"), table_name="slot")
    op.drop_index("ix_slot__release", table_name="slot", postgresql_where=sa.text("state = 'open' AND release_at IS NOT NULL"))
    op.drop_index("ix_slot__practitioner_start", table_name="slot")
    op.drop_index("ix_slot__open_start", table_name="slot", postgresql_where=sa.text("state = 'open'"))
    op.drop_index(op.f("ix_slot__hidden_by_id"), table_name="slot")
    op.drop_table("slot")
    op.drop_index(op.f("ix_request_move__request_id"), table_name="request_move")
    op.drop_table("request_move")
    op.drop_index(op.f("ix_proposal__request_id"), table_name="proposal")
    op.drop_table("proposal")
    op.drop_table("pattern_exception")
    op.drop_index(op.f("ix_page_session__account_id"), table_name="page_session")
    op.drop_table("page_session")
    op.drop_index(op.f("ix_desk_draft__expires_at"), table_name="desk_draft")
    op.drop_table("desk_draft")
    op.drop_index(op.f("ix_desk_trace__territory_id"), table_name="desk_trace")
    op.drop_index(op.f("ix_desk_trace__request_id"), table_name="desk_trace")
    op.drop_index(op.f("ix_desk_trace__organisation_id"), table_name="desk_trace")
    op.drop_table("desk_trace")
    op.drop_index(op.f("ix_delegation__practitioner_id"), table_name="delegation")
    op.drop_index(op.f("ix_delegation__account_id"), table_name="delegation")
    op.drop_table("delegation")
    op.drop_index("ix_request__territory_state", table_name="request")
    op.drop_index(op.f("ix_request__practitioner_id"), table_name="request")
    op.drop_index(op.f("ix_request__patient_id"), table_name="request")
    op.drop_index(op.f("ix_request__organisation_id"), table_name="request")
    op.drop_index(op.f("ix_request__household_id"), table_name="request")
    op.drop_table("request")
    op.drop_index(op.f("ix_practitioner_site__site_id"), table_name="practitioner_site")
    op.drop_table("practitioner_site")
    op.drop_index(op.f("ix_pattern__practitioner_id"), table_name="pattern")
    op.drop_table("pattern")
    op.drop_index("uq_membership__running", table_name="membership")
    op.drop_index(op.f("ix_membership__territory_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_table("api_key")
    op.drop_table("account")
    op.drop_index(op.f("ix_absence__practitioner_id"), table_name="absence")
    op.drop_table("absence")
    op.drop_table("territory_revision")
    op.drop_index(op.f("ix_territory_commune__insee"), table_name="territory_commune")
    op.drop_table("territory_commune")
    op.drop_index(op.f("ix_site__search_name"), table_name="site")
    op.drop_index(op.f("ix_site__organisation_id"), table_name="site")
    op.drop_index(op.f("ix_site__insee"), table_name="site")
    op.drop_table("site")
    op.drop_index(op.f("ix_practitioner__search_name"), table_name="practitioner")
    op.drop_index(op.f("ix_practitioner__profession"), table_name="practitioner")
    op.drop_index(op.f("ix_practitioner__family_name"), table_name="practitioner")
    op.drop_table("practitioner")
    op.drop_index(op.f("ix_patient__territory_id"), table_name="patient")
    op.drop_index(op.f("ix_patient__phone_hash"), table_name="patient")
    op.drop_index(op.f("ix_patient__person_hash"), table_name="patient")
    op.drop_table("patient")
    op.drop_index(op.f("ix_organisation_territory__territory_id"), table_name="organisation_territory")
    op.drop_table("organisation_territory")
    op.drop_index(op.f("ix_assignment_run__territory_id"), table_name="assignment_run")
    op.drop_table("assignment_run")
    op.drop_table("territory")
    op.drop_table("profession")
    op.drop_index("ix_outbox_message__subject", table_name="outbox_message")
    op.drop_index("ix_outbox_message__due", table_name="outbox_message", postgresql_where=sa.text("delivered_at IS NULL AND failed_at IS NULL"))
    op.drop_table("outbox_message")
    op.drop_index(op.f("ix_organisation__search_name"), table_name="organisation")
    op.drop_table("organisation")
    op.drop_index(op.f("ix_idempotency_record__created_at"), table_name="idempotency_record")
    op.drop_table("idempotency_record")
    op.drop_index(op.f("ix_commune__name"), table_name="commune")
    op.drop_table("commune")
    op.drop_index(op.f("ix_audit_entry__resource_id"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry__patient_id"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry__at"), table_name="audit_entry")
    op.drop_table("audit_entry")
    op.execute("DROP FUNCTION story_refuse_change()")
    op.execute("DROP FUNCTION audit_entry_refuse_change()")
    op.execute("DROP SEQUENCE request_number")
    op.execute("DROP TYPE uuidrange")
