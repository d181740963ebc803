"""The past of a department, made by PostgreSQL itself: `generate_series`, then the indexes.

A day has so many appointments, a third more slots, and 8 requests for each 3 appointments (38 % of the calls
of a general practice end in one; see docs/GROWTH.md). A third of the appointments are
never said to be over, as in real life. Identifiers are of version 7 and of their own instant, rows lie in the
order of time, as years of work leave them.
"""

from __future__ import annotations

from datetime import datetime

import psycopg
from psycopg import sql

from bench.load.stage import FIRST

TERRITORIES = 10
"""Of the stage's hundred, those that have a past: the CPTS of a department."""

OUTBOX_KEPT_DAYS = 30
"""Settled messages older than that were forgotten (SNP_OUTBOX_KEPT_DAYS)."""

GROWING = (
    "slot",
    "patient",
    "request",
    "request_move",
    "hold",
    "appointment",
    "appointment_status",
    "audit_entry",
    "outbox_message",
)
"""The tables that the years fill."""

_SESSION = (
    "SET session_replication_role = replica",  # neither triggers nor foreign keys: the rows are made to fit
    "SET synchronous_commit = off",
    "SET maintenance_work_mem = '512MB'",
    "SET work_mem = '128MB'",
)
_FILL = (
    """
    CREATE TEMP TABLE past AS
    SELECT uuidv7(at - %(now)s) AS id, n < %(a_day)s AS booked, n < %(a_day)s * 4 / 3 AS offered,
           CASE WHEN n %% 12 = 0 THEN 'cancelled' WHEN n %% 25 = 1 THEN 'no_show'
                WHEN n %% 3 = 2 THEN 'booked' ELSE 'honoured' END AS fate,
           d, n, at,
           ('00000000-0000-7000-8000-' || (%(first)s::bigint + n %% %(territories)s))::uuid AS territory,
           ('00000000-0000-7000-8004-' || (%(first)s::bigint + n %% %(carers)s))::uuid AS site,
           ('00000000-0000-7000-8005-' || (%(first)s::bigint + n %% %(carers)s))::uuid AS carer
    FROM generate_series(%(days)s::int, 1, -1) d, generate_series(0, %(a_day)s * 8 / 3 - 1) n
    CROSS JOIN LATERAL (
        SELECT %(now)s - d * interval '1 day' - interval '8 hours'
               + n / %(carers)s * interval '15 min' AS at
    ) AS moment
    """,
    """
    INSERT INTO slot (id, practitioner_id, site_id, profession, start_at, end_at, busy_until, mode, audiences,
                      territory_ids, reasons, state, closing, version, created_at, created_by)
    SELECT id, carer, site, 'medecin_generaliste', at, at + interval '15 min', at + interval '15 min',
           'AMB', '{desk,regulation}', ARRAY[territory], '{}', 'open', false, 1, at - interval '7 days',
           'bench' FROM past WHERE offered
    """,
    """
    INSERT INTO patient (id, territory_id, identity, person_hash, phone_hash, insee, version, created_at)
    SELECT id, territory, sha256(uuid_send(id)) || sha256(uuid_send(id)), sha256(uuid_send(id)),
           sha256(uuid_send(id) || '\x01'), '44131', 1, at - interval '21 hours' FROM past
    """,
    """
    INSERT INTO request (id, number, territory_id, patient_id, origin, state, audience, mt_status, mt,
                         disposition, priority, response_level, professions, modes, earliest, deadline,
                         decided_at, sessions, min_gap_days, max_gap_days, excluded_practitioner_ids, version,
                         created_at, created_by)
    SELECT id, 'H-' || d || '-' || n, territory, id, 'osnp',
           CASE WHEN NOT booked THEN 'oriented' WHEN fate = 'booked' THEN 'booked'
                WHEN fate = 'cancelled' THEN 'cancelled' ELSE 'closed' END,
           'regulation', 'unknown', '{}', CASE WHEN booked THEN 'snp_consultation' ELSE 'advice' END, 'P2',
           'R3', '{medecin_generaliste}', '{AMB}', at - interval '20 hours', at + interval '28 hours',
           at - interval '20 hours', 1, 1, 7, '{}', 5, at - interval '21 hours', 'bench' FROM past
    """,
    """
    INSERT INTO request_move (id, request_id, move, from_state, to_state, at, author, role, reasons, data)
    SELECT overlay(id::text PLACING step FROM 36)::uuid, id, move, from_state, to_state, past.at - before,
           'bench', 'osnp', '[]', '{}'
    FROM past CROSS JOIN LATERAL (VALUES
        ('0', true, 'open', NULL, 'to_decide', interval '21 hours'),
        ('1', NOT booked, 'advise', 'to_decide', 'oriented', interval '20 hours'),
        ('1', booked, 'decide', 'to_decide', 'seeking', interval '20 hours'),
        ('2', booked, 'hold', 'seeking', 'held', interval '20 hours'),
        ('3', booked, 'book', 'held', 'booked', interval '20 hours'),
        ('4', booked AND fate = 'honoured', 'honour', 'booked', 'closed', interval '0'),
        ('4', booked AND fate = 'no_show', 'no_show', 'booked', 'closed', interval '0'),
        ('4', booked AND fate = 'cancelled', 'cancel', 'booked', 'cancelled', interval '1 hour')
        ) AS moves (step, is_made, move, from_state, to_state, before)
    WHERE is_made
    """,
    """
    INSERT INTO hold (id, bundle_id, slot_id, request_id, territory_id, session_no, created_at, created_by,
                      expires_at, ended_at, ended_as)
    SELECT id, id, id, id, territory, 1, at - interval '20 hours', 'bench', at - interval '19 hours',
           at - interval '20 hours', 'confirmed' FROM past WHERE booked
    """,
    """
    INSERT INTO appointment (id, slot_id, request_id, practitioner_id, site_id, territory_id, session_no,
                             start_at, end_at, mode, live, status, code_hash, version, created_at, created_by)
    SELECT id, id, id, carer, site, territory, 1, at, at + interval '15 min', 'AMB', fate <> 'cancelled',
           fate, sha256(uuid_send(id)), 2, at - interval '20 hours', 'bench' FROM past WHERE booked
    """,
    """
    INSERT INTO appointment_status (id, appointment_id, status, at, author)
    SELECT overlay(id::text PLACING step FROM 36)::uuid, id, told.status, at + told.after, 'bench'
    FROM past CROSS JOIN LATERAL (VALUES
        ('0', true, 'booked', - interval '20 hours'), ('1', fate <> 'booked', fate, interval '0')
        ) AS told (step, is_made, status, after)
    WHERE booked AND is_made
    """,
    """
    INSERT INTO audit_entry (at, actor, role, action, resource, resource_id, patient_id, why, detail)
    SELECT at - interval '20 hours', 'bench', 'osnp', action, resource, past.id, past.id, 'essai', '{}'
    FROM past CROSS JOIN LATERAL (VALUES
        (true, 'create', 'request'), (true, 'read', 'patient'), (booked, 'create', 'appointment'),
        (booked, 'read', 'appointment')) AS line (is_made, action, resource)
    WHERE is_made
    """,
    """
    INSERT INTO outbox_message (id, topic, subject, payload, territory_id, state, created_at, due_at,
                                next_attempt_at, attempts, settled_at)
    SELECT uuidv7(at - %(now)s), topic, 'request:' || past.id,
           jsonb_build_object('request_id', past.id, 'appointment_id', past.id, 'slot_id', past.id),
           territory, 'delivered', at, at, at, 1, at
    FROM past, unnest('{appointment.booked,sms.patient,email.carer,sas.appointment}'::text[]) topic
    WHERE booked AND d <= %(kept)s
    """,
    "DROP TABLE past",
)


def fill(
    connection: psycopg.Connection[tuple[object, ...]], now: datetime, *, days: int, a_day: int, carers: int
) -> None:
    """Give a filled stage that many days of the past; then let the database look at what it has.

    The indexes are told to rest while rows come in and are built at once afterwards, which also checks every
    constraint: an order faster. Needs a superuser, a database that nobody else uses, and PostgreSQL 18.
    """
    values = {"now": now, "days": days, "a_day": a_day, "carers": carers, "first": FIRST}
    values |= {"territories": TERRITORIES, "kept": OUTBOX_KEPT_DAYS}
    for statement in _SESSION:
        connection.execute(statement)
    connection.execute(
        "UPDATE pg_index SET indisready = false WHERE indrelid = ANY(%s::regclass[])", [list(GROWING)]
    )
    for statement in _FILL:
        connection.execute(statement, values)
    for table in GROWING:
        connection.execute(sql.SQL("REINDEX TABLE {}").format(sql.Identifier(table)))
    connection.execute("RESET session_replication_role")
    connection.execute("VACUUM ANALYZE")
