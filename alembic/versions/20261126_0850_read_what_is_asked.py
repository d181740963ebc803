"""Read a territory's years by its own indexes, not by everybody's.

`reading.slot`, `reading.taken_back` and `reading.need` tell, as a last column, what an index can be asked for:
the territories of a slot, the instant of a request's last decision (never before the first, which is counted).

Revision ID: 20261126_0850
Revises: 20261126_0830
"""

from alembic import op

revision = "20261126_0850"
down_revision = "20261126_0830"
branch_labels = None
depends_on = None

ORIGIN = """CASE WHEN r.origin IN ('arm', 'osnp', 'regulateur') THEN 'regulation'
         WHEN r.origin IN ('doctor', 'physio') THEN 'professional' ELSE r.origin END"""

VIEWS = {
    "slot": """
SELECT s.id AS slot_id, t.territory_id, s.start_at AS at, s.profession, s.mode,
       extract(epoch FROM s.end_at - s.start_at) / 60 AS minutes,
       CASE WHEN s.state = 'released' THEN 'released'
            WHEN a.id IS NULL THEN 'lost'
            WHEN a.territory_id = t.territory_id THEN 'taken'
            ELSE 'taken_elsewhere' END AS fate{more}
FROM slot s
CROSS JOIN LATERAL unnest(s.territory_ids) AS t(territory_id)
LEFT JOIN appointment a ON a.slot_id = s.id AND a.live
WHERE s.state IN ('open', 'released')""",
    "taken_back": """
SELECT s.id AS slot_id, t.territory_id, s.start_at AS at, s.profession, s.mode{more}
FROM slot s CROSS JOIN LATERAL unnest(s.territory_ids) AS t(territory_id)
WHERE s.state IN ('withdrawn', 'hidden')""",
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
            ELSE 'waiting' END AS outcome{{more}}
FROM request r
CROSS JOIN LATERAL (
    SELECT m.at, (m.data ->> 'delay_h')::integer AS delay_h FROM request_move m
    WHERE m.request_id = r.id AND m.move = 'decide' ORDER BY m.at, m.id LIMIT 1) AS d
LEFT JOIN LATERAL (
    SELECT min(a.start_at) AS seen_at FROM appointment a WHERE a.request_id = r.id AND a.live) AS v ON true""",
}
MORE = {"slot": ", s.territory_ids", "taken_back": ", s.territory_ids", "need": ", r.decided_at"}


def upgrade() -> None:
    op.create_index("ix_slot__territories", "slot", ["territory_ids"], postgresql_using="gin")
    op.create_index("ix_request__territory_decided", "request", ["territory_id", "decided_at"])
    for name, question in VIEWS.items():
        op.execute(f"CREATE OR REPLACE VIEW reading.{name} AS {question.format(more=MORE[name])}")


def downgrade() -> None:
    for name, question in VIEWS.items():
        op.execute(f"DROP VIEW reading.{name}")
        op.execute(f"CREATE VIEW reading.{name} AS {question.format(more='')}")
    op.drop_index("ix_request__territory_decided", table_name="request")
    op.drop_index("ix_slot__territories", table_name="slot")
