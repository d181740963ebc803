"""A department: 600 practitioners, three months of slots, some taken and some held."""

from __future__ import annotations

from datetime import datetime

import psycopg

PRACTITIONERS = 600
INHABITANTS = 700_000
"""The department that is meant; a SAS of that size counts about one voluntary carer for 1,200 people."""
WEEKDAYS = 65
SLOTS_A_DAY = 4

_FILL = (
    """
    INSERT INTO territory (id, slug, name, finess, department, size_class, settings, version, created_at)
    SELECT gen_random_uuid(), 'cpts-' || n, 'CPTS ' || n, (440000000 + n)::text, '44', 2,
           '{"contact_phone": "+33261910001"}', 1, %(now)s FROM generate_series(1, 9) n
    """,
    """
    INSERT INTO site (id, name, search_name, address, postal_code, insee, lat, lon, phone, finess, active,
                      version, created_at)
    SELECT gen_random_uuid(), 'Cabinet ' || n, 'cabinet ' || n, n || ' rue des Essais', '44210', '44131',
           47.1, -1.9, '+33261910002', (441000000 + n)::text, true, 1, %(now)s FROM generate_series(1, 300) n
    """,
    """
    INSERT INTO practitioner (id, rpps, given_name, family_name, search_name, profession, preferences, active,
                              version, created_at)
    SELECT gen_random_uuid(), (10100000000 + n)::text, 'Camille', 'Essai ' || n, 'essai ' || n,
           'medecin_generaliste', '{}', true, 1, %(now)s FROM generate_series(1, %(practitioners)s) n
    """,
    """
    WITH carer AS (SELECT id, row_number() OVER (ORDER BY rpps) AS n FROM practitioner),
         place AS (SELECT id, row_number() OVER (ORDER BY finess) AS n FROM site),
         cpts AS (SELECT id, row_number() OVER (ORDER BY slug) AS n FROM territory)
    INSERT INTO slot (id, practitioner_id, site_id, profession, start_at, end_at, busy_until, mode, audiences,
                      territory_ids, reasons, state, closing, version, created_at, created_by)
    SELECT gen_random_uuid(), carer.id, place.id, 'medecin_generaliste', start_at,
           start_at + interval '15 min', start_at + interval '15 min', CASE k WHEN 3 THEN 'VR' ELSE 'AMB' END,
           CASE k WHEN 2 THEN '{public,regulation}'::text[] ELSE '{desk,regulation}' END,
           ARRAY[cpts.id], '{}', 'open', false, 1, %(now)s, 'bench'
    FROM carer
    CROSS JOIN generate_series(0, %(days)s - 1) AS weekday
    CROSS JOIN generate_series(0, %(slots)s - 1) AS k
    CROSS JOIN LATERAL (
        SELECT date_trunc('day', %(now)s::timestamptz) + make_interval(days => weekday / 5 * 7 + weekday %% 5)
             + make_interval(hours => 8 + 3 * k, mins => (carer.n %% 12)::int * 5) AS start_at
    ) AS at
    JOIN place ON place.n = 1 + (carer.n + (weekday %% 2) * 7) %% 300
    JOIN cpts ON cpts.n = 1 + carer.n %% 9
    """,
    """
    INSERT INTO appointment (id, slot_id, request_id, practitioner_id, site_id, territory_id, session_no,
                             start_at, end_at, mode, live, status, code_hash, version, created_at, created_by)
    SELECT gen_random_uuid(), id, gen_random_uuid(), practitioner_id, site_id, territory_ids[1], 1, start_at,
           end_at, mode, true, 'booked', uuid_send(id), 1, %(now)s, 'bench'
    FROM slot WHERE get_byte(uuid_send(id), 15) < 40
    """,
    """
    INSERT INTO hold (id, bundle_id, slot_id, request_id, territory_id, session_no, created_at, created_by,
                      expires_at)
    SELECT gen_random_uuid(), gen_random_uuid(), id, gen_random_uuid(), territory_ids[1], 1, %(now)s, 'bench',
           %(now)s + interval '30 days'
    FROM slot WHERE get_byte(uuid_send(id), 15) BETWEEN 40 AND 42
    """,
)

BARE = """
SELECT s.id, s.start_at, s.end_at, s.mode, s.audiences, s.territory_ids, s.reasons, s.sas,
       p.id, p.rpps, p.given_name, p.family_name, coalesce(p.specialty_code, f.specialty_code),
       t.id, t.name, t.address, t.postal_code, c.name, t.lat, t.lon, t.phone, t.finess
FROM slot s
JOIN practitioner p ON p.id = s.practitioner_id AND p.active
JOIN profession f ON f.code = p.profession
JOIN site t ON t.id = s.site_id
JOIN commune c ON c.insee = t.insee
WHERE p.rpps = ANY(%(rpps)s) AND s.start_at BETWEEN %(start)s AND %(until)s AND s.state = 'open'
  AND s.start_at > %(now)s AND NOT s.closing AND (s.release_at IS NULL OR s.release_at > %(now)s)
  AND 'regulation' = ANY(s.audiences) AND s.sas && ARRAY['individual']
  AND NOT EXISTS (SELECT FROM appointment a WHERE a.slot_id = s.id AND a.live)
  AND NOT EXISTS (SELECT FROM hold h WHERE h.slot_id = s.id AND h.ended_at IS NULL AND h.expires_at > %(now)s)
ORDER BY s.start_at, s.id
"""
"""The same rows by one query: what the answer is made of, and nothing else."""


def fill(connection: psycopg.Connection[tuple[object, ...]], now: datetime) -> int:
    """Fill a migrated database that holds the reference data; return how many slots it has."""
    values = {"now": now, "practitioners": PRACTITIONERS, "days": WEEKDAYS, "slots": SLOTS_A_DAY}
    for statement in _FILL:
        connection.execute(statement, values)
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE")
    row = connection.execute("SELECT count(*) FROM slot").fetchone()
    assert row is not None
    return int(str(row[0]))


def an_rpps(number: int) -> str:
    """The RPPS of a practitioner, from 1 on."""
    return str(10_100_000_000 + number)
