"""Separate territories: row-level policies, and the role that they bind.

The policies name the role by its name and do not depend on it, so that they are made, dumped and restored on a
server that has no such role. The role belongs to the whole server: who may make roles makes it here, anybody
else gets a warning and goes on with one lock (ADR 105). Old code never takes the role: nothing changes for it.
"""

from alembic import op

revision = "20261126_0820"
down_revision = "20261126_0810"
branch_labels = None
depends_on = None

MINE = "territory_id = ANY ((SELECT current_setting('snp.territories')::uuid[])::uuid[])"
"""The setting is read once a statement; one that was never made, or was forgotten, is an error."""

OWN = (
    "act_verdict",
    "assignment_run",
    "compensation_statement",
    "compensation_year",
    "coordination_time",
    "coverage_sheet",
    "desk_trace",
    "emergency_access",
    "funding_terms",
    "indicator",
    "live_decision",
    "mt_entry",
    "mt_place",
    "mt_setting",
    "patient",
    "physio_relay",
    "physio_series",
    "physio_template",
    "price_sheet",
    "promise",
    "request",
    "slot_call",
    "slot_call_half",
)
"""Read and written in one's own territories alone."""

THROUGH = {
    "compensation_line": ("compensation_statement", "id", "statement_id"),
    "indicator_revision": ("indicator", "id", "indicator_id"),
    "mt_call": ("mt_entry", "id", "entry_id"),
    "mt_consent": ("mt_entry", "id", "entry_id"),
    "mt_move": ("mt_entry", "id", "entry_id"),
    "mt_pick": ("mt_entry", "id", "entry_id"),
    "physio_pass": ("physio_series", "request_id", "request_id"),
    "physio_series_line": ("physio_series", "request_id", "request_id"),
    "physio_sheet": ("physio_series", "request_id", "request_id"),
    "proposal": ("request", "id", "request_id"),
    "request_move": ("request", "id", "request_id"),
    "slot_call_answer": ("slot_call_ask", "id", "ask_id"),
    "slot_call_ask": ("slot_call", "id", "call_id"),
}
"""As the row that it belongs to, whose own policy is asked."""

CLAIMS = ("appointment", "hold")
"""Read by whoever may be offered the slot; made in one's own territory, changed there or on one's own slots."""

ON_MY_SLOT = """EXISTS (SELECT FROM slot WHERE slot.id = slot_id
    AND slot.territory_ids && (SELECT current_setting('snp.territories')::uuid[])::uuid[])"""

TABLES = """
    SELECT c.oid, c.relkind, format('%I.%I', n.nspname, c.relname) AS named
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'reading') AND c.relkind IN ('r', 'p', 'v', 'S')
    AND c.relname <> 'alembic_version' AND pg_has_role(c.relowner, 'MEMBER')
"""
"""What is ours: an extension may keep tables in the same schema."""

OF_A_PERSON = """EXISTS (SELECT FROM patient WHERE patient.id = audit_entry.patient_id)
    OR audit_entry.resource = 'mt_entry'
    AND EXISTS (SELECT FROM mt_entry WHERE mt_entry.id = audit_entry.resource_id)"""
"""A line of the journal belongs to its patient, or to an entry of the list of people without one's own doctor."""

IS_READY = f"""
CREATE FUNCTION snp_near_is_ready() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    near oid := (SELECT oid FROM pg_roles WHERE rolname = 'snp_near');
    taken text := CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END;
BEGIN
    RETURN near IS NOT NULL AND pg_has_role(near, taken) AND has_schema_privilege(near, 'reading', 'USAGE')
        AND NOT EXISTS (
            SELECT FROM ({TABLES}) AS ours WHERE NOT CASE relkind
                WHEN 'S' THEN has_sequence_privilege(near, oid, 'USAGE')
                WHEN 'v' THEN has_table_privilege(near, oid, 'SELECT')
                ELSE has_table_privilege(near, oid, 'SELECT') AND has_table_privilege(near, oid, 'INSERT')
                    AND has_table_privilege(near, oid, 'UPDATE') AND has_table_privilege(near, oid, 'DELETE')
            END
        );
END $$
"""

LET_IN = f"""
CREATE FUNCTION snp_near_let_in() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    taken text := CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END;
    ours record;
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'snp_near') THEN
            CREATE ROLE snp_near NOLOGIN;
        END IF;
        IF NOT pg_has_role('snp_near', taken) THEN
            EXECUTE format('GRANT snp_near TO %I', current_user);
        END IF;
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL;  -- another database made it at the same time
        WHEN insufficient_privilege THEN
            RAISE WARNING 'row security is away: % may not make or grant the role snp_near', current_user;
    END;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'snp_near') THEN
        RETURN false;
    END IF;
    GRANT USAGE ON SCHEMA reading TO snp_near;
    FOR ours IN {TABLES} LOOP
        EXECUTE format(
            CASE ours.relkind
                WHEN 'S' THEN 'GRANT USAGE ON SEQUENCE %s TO snp_near'
                WHEN 'v' THEN 'GRANT SELECT ON %s TO snp_near'
                ELSE 'GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO snp_near'
            END, ours.named);
    END LOOP;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO snp_near;
    ALTER DEFAULT PRIVILEGES IN SCHEMA reading GRANT SELECT ON TABLES TO snp_near;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO snp_near;
    RETURN snp_near_is_ready();
END $$
"""
"""Safe to call again: by whoever owns the tables, after a restore or after somebody else made the role."""

SHUT_OUT = f"""
DO $$
DECLARE
    ours record;
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'snp_near') THEN
        ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM snp_near;
        ALTER DEFAULT PRIVILEGES IN SCHEMA reading REVOKE ALL ON TABLES FROM snp_near;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM snp_near;
        FOR ours IN {TABLES} LOOP
            EXECUTE format(
                CASE ours.relkind WHEN 'S' THEN 'REVOKE ALL ON SEQUENCE %s FROM snp_near'
                ELSE 'REVOKE ALL ON %s FROM snp_near' END, ours.named);
        END LOOP;
        REVOKE USAGE ON SCHEMA reading FROM snp_near;
    END IF;
END $$
"""
"""The role itself stays: other databases of the server may use it."""


def _near(condition: str) -> str:
    """Bind one role alone, whoever else reads: as before for the owner, reports and old code."""
    return f"current_user <> 'snp_near' OR ({condition})"


def _policies() -> dict[str, tuple[str, ...]]:
    own = {table: (f"USING ({_near(MINE)})",) for table in OWN}
    through = {
        table: (f"USING ({_near(f'EXISTS (SELECT FROM {of} WHERE {of}.{key} = {table}.{column})')})",)
        for table, (of, key, column) in THROUGH.items()
    }
    claims = {
        table: (
            "FOR SELECT USING (true)",
            f"FOR INSERT WITH CHECK ({_near(MINE)})",
            f"FOR UPDATE USING ({_near(f'{MINE} OR {ON_MY_SLOT}')})",
            f"FOR DELETE USING ({_near(MINE)})",
        )
        for table in CLAIMS
    }
    told = (
        "FOR INSERT WITH CHECK (true)",
        *(f"FOR {act} USING ({_near(MINE)})" for act in ("SELECT", "UPDATE", "DELETE")),
    )
    audit = (
        "FOR INSERT WITH CHECK (true)",
        *(f"FOR {act} USING ({_near(OF_A_PERSON)})" for act in ("SELECT", "UPDATE", "DELETE")),
    )
    return {**own, **through, **claims, "outbox_message": told, "audit_entry": audit}


def _name(rule: str) -> str:
    """`near`, or with the act that it is about."""
    return f"near_{rule.split()[1].lower()}" if rule.startswith("FOR ") else "near"


def upgrade() -> None:
    """Apply."""
    op.execute(IS_READY)
    op.execute(LET_IN)
    for table, rules in _policies().items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for rule in rules:
            op.execute(f"CREATE POLICY {_name(rule)} ON {table} {rule}")
    op.execute("SELECT snp_near_let_in()")


def downgrade() -> None:
    """Undo."""
    op.execute(SHUT_OUT)
    for table, rules in _policies().items():
        for rule in rules:
            op.execute(f"DROP POLICY {_name(rule)} ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION snp_near_let_in()")
    op.execute("DROP FUNCTION snp_near_is_ready()")
