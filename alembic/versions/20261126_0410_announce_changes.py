"""Announce what changes to who listens: slots and requests, by territory.

Revision ID: 20261126_0410
Revises: 20261126_0400
"""

from alembic import op

revision = "20261126_0410"
down_revision = "20261126_0400"
branch_labels = None
depends_on = None

CHANNEL = "snp_live"

ANNOUNCE = f"""
CREATE FUNCTION announce_slots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{CHANNEL}', 'slots ' || t) FROM
        (SELECT DISTINCT unnest(territory_ids) AS t FROM changed) AS told;
    RETURN NULL;
END $$;
CREATE FUNCTION announce_claims() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{CHANNEL}', 'slots ' || t) FROM
        (SELECT DISTINCT unnest(s.territory_ids) AS t FROM changed c JOIN slot s ON s.id = c.slot_id) AS told;
    RETURN NULL;
END $$;
CREATE FUNCTION announce_requests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{CHANNEL}', 'requests ' || t) FROM
        (SELECT DISTINCT territory_id AS t FROM changed) AS told;
    RETURN NULL;
END $$;
"""
"""One notification a statement, kind and territory, whatever the number of rows. Only names of kinds and ids."""

FUNCTIONS = {
    "slot": "announce_slots",
    "hold": "announce_claims",
    "appointment": "announce_claims",
    "request": "announce_requests",
}


def upgrade() -> None:
    op.execute(ANNOUNCE)
    for table, function in FUNCTIONS.items():
        for act in ("insert", "update"):
            op.execute(
                f"CREATE TRIGGER {table}_announces_{act} AFTER {act} ON {table} "
                f"REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )


def downgrade() -> None:
    for table in FUNCTIONS:
        for act in ("insert", "update"):
            op.execute(f"DROP TRIGGER {table}_announces_{act} ON {table}")
    for function in sorted(set(FUNCTIONS.values())):
        op.execute(f"DROP FUNCTION {function}()")
