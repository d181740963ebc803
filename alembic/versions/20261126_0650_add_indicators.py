"""Read events by documented views, and let territories define their indicators.

Revision ID: 20261126_0650
Revises: 20261126_0500
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_0650"
down_revision = "20261126_0600"
branch_labels = None
depends_on = None

ORIGIN = """CASE WHEN r.origin IN ('arm', 'osnp', 'regulateur') THEN 'regulation'
         WHEN r.origin IN ('doctor', 'physio') THEN 'professional' ELSE r.origin END"""

KM = """2 * 6371.0088 * asin(sqrt(least(1.0,
            sin(radians(i.lat - c.lat) / 2) ^ 2
            + cos(radians(c.lat)) * cos(radians(i.lat)) * sin(radians(i.lon - c.lon) / 2) ^ 2)))"""

VIEWS = {
    "slot": """
SELECT s.id AS slot_id, t.territory_id, s.start_at AS at, s.profession, s.mode,
       extract(epoch FROM s.end_at - s.start_at) / 60 AS minutes,
       CASE WHEN s.state = 'released' THEN 'released'
            WHEN a.id IS NULL THEN 'lost'
            WHEN a.territory_id = t.territory_id THEN 'taken'
            ELSE 'taken_elsewhere' END AS fate
FROM slot s
CROSS JOIN LATERAL unnest(s.territory_ids) AS t(territory_id)
LEFT JOIN appointment a ON a.slot_id = s.id AND a.live
WHERE s.state IN ('open', 'released')""",
    "taken_back": """
SELECT s.id AS slot_id, t.territory_id, s.start_at AS at, s.profession, s.mode
FROM slot s CROSS JOIN LATERAL unnest(s.territory_ids) AS t(territory_id)
WHERE s.state IN ('withdrawn', 'hidden')""",
    "request": f"""
SELECT r.id AS request_id, r.territory_id, r.created_at AS at, {ORIGIN} AS origin,
       coalesce(r.disposition, 'undecided') AS disposition,
       r.origin IN ('arm', 'osnp', 'regulateur') AND coalesce(r.disposition IN ('advice', 'teleconsultation',
           'snp_consultation', 'back_to_mt', 'keep_appointment', 'emergency'), false) AS day_call
FROM request r""",
    "need": f"""
SELECT r.id AS request_id, r.territory_id, d.at, r.created_at AS opened_at, {ORIGIN} AS origin,
       coalesce(r.professions[1], 'none') AS profession, coalesce(r.priority, 'none') AS priority,
       v.seen_at,
       (extract(epoch FROM v.seen_at - d.at) / 60)::double precision AS delay_minutes,
       CASE WHEN v.seen_at <= d.at + interval '24 hours' THEN 'within_24'
            WHEN v.seen_at <= d.at + interval '48 hours' THEN 'within_48'
            WHEN v.seen_at IS NOT NULL THEN 'later' END AS delay_class,
       CASE WHEN v.seen_at <= d.at + make_interval(hours => d.delay_h) THEN 'in_time'
            WHEN v.seen_at IS NOT NULL THEN 'too_late' END AS deadline_class,
       CASE WHEN v.seen_at IS NOT NULL THEN 'served'
            WHEN r.state = 'unserved' THEN 'unserved'
            WHEN r.state = 'cancelled' THEN 'given_up'
            WHEN r.state IN ('oriented', 'closed') THEN 'elsewhere'
            ELSE 'waiting' END AS outcome
FROM request r
CROSS JOIN LATERAL (
    SELECT m.at, (m.data ->> 'delay_h')::integer AS delay_h FROM request_move m
    WHERE m.request_id = r.id AND m.move = 'decide' ORDER BY m.at, m.id LIMIT 1) AS d
LEFT JOIN LATERAL (
    SELECT min(a.start_at) AS seen_at FROM appointment a WHERE a.request_id = r.id AND a.live) AS v ON true""",
    "visit": f"""
SELECT a.id AS appointment_id, a.territory_id, a.start_at AS at, s.profession, a.mode, {ORIGIN} AS origin,
       CASE a.status WHEN 'honoured' THEN 'honoured' WHEN 'no_show' THEN 'no_show' ELSE 'untold' END AS attendance,
       r.mt_status = 'none' AS no_mt,
       p.person_hash AS person_key,
       CASE WHEN a.mode = 'AMB' THEN {KM} END AS km
FROM appointment a
JOIN slot s ON s.id = a.slot_id
JOIN request r ON r.id = a.request_id
JOIN patient p ON p.id = r.patient_id
JOIN commune c ON c.insee = p.insee
JOIN site i ON i.id = a.site_id
WHERE a.live""",
    "late_freed": """
SELECT a.id AS appointment_id, a.territory_id, a.start_at AS at, s.profession, t.at AS freed_at,
       CASE WHEN EXISTS (SELECT 1 FROM appointment b
                         WHERE b.slot_id = a.slot_id AND b.id <> a.id AND b.created_at >= t.at)
            THEN 'yes' ELSE 'no' END AS refilled
FROM appointment a
JOIN slot s ON s.id = a.slot_id
JOIN appointment_status t ON t.appointment_id = a.id
WHERE (t.status = 'moved' OR (t.status = 'cancelled' AND t.cancelled_by IS DISTINCT FROM 'practitioner'))
  AND t.at > a.start_at - interval '24 hours' AND t.at < a.start_at""",
    "offered_by": """
SELECT s.practitioner_id, s.territory_ids, s.start_at AS at FROM slot s WHERE s.state IN ('open', 'released')""",
    "membership": """
SELECT m.territory_id, m.practitioner_id, p.profession, m.since, m.until
FROM membership m JOIN practitioner p ON p.id = m.practitioner_id""",
}
"""One row an event, in the schema `reading`; each column is told in ADR 87. No identity, no free text."""


def upgrade() -> None:
    op.create_table(
        "indicator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "content", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_indicator__territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("territory_id", "code", name="uq_indicator__territory_code"),
    )
    op.create_table(
        "indicator_revision",
        sa.Column("indicator_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column(
            "content", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_indicator_revision__indicator_id")
        ),
        sa.PrimaryKeyConstraint("indicator_id", "version", name=op.f("pk_indicator_revision")),
    )
    op.create_index("ix_slot__start", "slot", ["start_at"])
    op.create_index("ix_request__territory_created", "request", ["territory_id", "created_at"])
    op.execute("CREATE SCHEMA reading")
    for name, question in VIEWS.items():
        op.execute(f"CREATE VIEW reading.{name} AS {question}")


def downgrade() -> None:
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW reading.{name}")
    op.execute("DROP SCHEMA reading")
    op.drop_index("ix_request__territory_created", table_name="request")
    op.drop_index("ix_slot__start", table_name="slot")
    op.drop_table("indicator_revision")
    op.drop_table("indicator")
