"""Where the load is played: territories, carers, free slots and requests that seek, in a few statements.

Every booking has a number; the identifiers of its slot, request and patient end with its twelve digits, so
that a client, and pgbench, name them without asking.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import psycopg

from api.security import service as security
from api.security.facts import NewKey
from api.wiring import Wiring
from snp.platform.actors import Role, system

TERRITORIES = 100
"""So that each has about as many free slots and open requests as a busy CPTS, and not thousands."""

FIRST = 100_000_000_000
SLOTS_A_CARER = 80
"""Of a quarter of an hour each: within the 24 hours in which a request may be served."""

_FILL = (
    """
    INSERT INTO territory (id, slug, name, department, size_class, settings, version, created_at)
    SELECT ('00000000-0000-7000-8000-' || (%(first)s::bigint + n))::uuid, 'charge-' || n, 'CPTS ' || n, '44',
           2, '{"policy": "exact", "pool_minutes": 10000}', 1, %(now)s
    FROM generate_series(0, %(territories)s - 1) n
    """,
    """
    INSERT INTO assignment_run (id, territory_id, started_at, finished_at, status, figures, unserved, author)
    SELECT gen_random_uuid(), id, %(now)s, %(now)s, 'optimal',
           '{"requests": 0, "slots": 0, "served": 0, "served_within_delay": 0, "lost": 0, "unserved": 0,
             "mean_wait_h": null, "mean_km": null, "solve_s": 0}', '[]', 'bench' FROM territory
    """,
    """
    INSERT INTO site (id, name, search_name, address, postal_code, insee, lat, lon, active, version,
                      created_at)
    SELECT ('00000000-0000-7000-8004-' || (%(first)s::bigint + n))::uuid, 'Cabinet ' || n, 'cabinet ' || n,
           n || ' rue des Essais', '44210', '44131', 47.1, -1.9, true, 1, %(now)s
    FROM generate_series(0, %(carers)s - 1) n
    """,
    """
    INSERT INTO practitioner (id, rpps, given_name, family_name, search_name, profession, preferences, active,
                              version, created_at)
    SELECT ('00000000-0000-7000-8005-' || (%(first)s::bigint + n))::uuid, (10100000000 + n)::text, 'Camille',
           'Essai ' || n, 'essai ' || n, 'medecin_generaliste', '{}', true, 1, %(now)s
    FROM generate_series(0, %(carers)s - 1) n
    """,
    """
    INSERT INTO slot (id, practitioner_id, site_id, profession, start_at, end_at, busy_until, mode, audiences,
                      territory_ids, reasons, state, closing, version, created_at, created_by)
    SELECT ('00000000-0000-7000-8001-' || (%(first)s::bigint + n))::uuid,
           ('00000000-0000-7000-8005-' || (%(first)s::bigint + n %% %(carers)s))::uuid,
           ('00000000-0000-7000-8004-' || (%(first)s::bigint + n %% %(carers)s))::uuid,
           'medecin_generaliste', start_at, start_at + interval '15 min', start_at + interval '15 min', 'AMB',
           '{desk,regulation}',
           ARRAY[('00000000-0000-7000-8000-' || (%(first)s::bigint + n %% %(territories)s))::uuid],
           '{}', 'open', false, 1, %(now)s, 'bench'
    FROM generate_series(0, %(bookings)s - 1) n
    CROSS JOIN LATERAL (
        SELECT %(now)s + interval '4 hours' + n / %(carers)s * interval '15 min' AS start_at
    ) AS at
    """,
    """
    INSERT INTO patient (id, territory_id, identity, person_hash, phone_hash, insee, version, created_at)
    SELECT ('00000000-0000-7000-8003-' || (%(first)s::bigint + n))::uuid,
           ('00000000-0000-7000-8000-' || (%(first)s::bigint + n %% %(territories)s))::uuid,
           sha256(n::text::bytea), sha256(n::text::bytea), sha256((n || 'p')::bytea), '44131', 1, %(now)s
    FROM generate_series(0, %(bookings)s - 1) n
    """,
    """
    INSERT INTO request (id, number, territory_id, patient_id, origin, state, audience, reason, mt_status, mt,
                         disposition, priority, response_level, professions, modes, earliest, deadline,
                         decided_at, sessions, min_gap_days, max_gap_days, excluded_practitioner_ids, version,
                         created_at, created_by)
    SELECT ('00000000-0000-7000-8002-' || (%(first)s::bigint + n))::uuid, 'B-' || n,
           ('00000000-0000-7000-8000-' || (%(first)s::bigint + n %% %(territories)s))::uuid,
           ('00000000-0000-7000-8003-' || (%(first)s::bigint + n))::uuid, 'osnp', 'seeking', 'regulation',
           NULL, 'unknown', '{}', 'snp_consultation', 'P2', 'R3', '{medecin_generaliste}', '{AMB}',
           %(now)s, %(now)s + interval '48 hours', %(now)s, 1, 1, 7, '{}', 2, %(now)s, 'bench'
    FROM generate_series(0, %(bookings)s - 1) n
    """,
)


def fill(connection: psycopg.Connection[tuple[object, ...]], bookings: int, now: datetime) -> None:
    """Fill a migrated database that holds the reference data with that many bookings to make."""
    carers = -(-bookings // SLOTS_A_CARER // TERRITORIES) * TERRITORIES
    values = {
        "now": now,
        "bookings": bookings,
        "territories": TERRITORIES,
        "carers": carers,
        "first": FIRST,
    }
    for statement in _FILL:
        connection.execute(statement, values)
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE")


def make_key(service: Wiring, now: datetime) -> tuple[UUID, str]:
    """Make the key of a regulation software that serves all the territories; its id and its text."""
    with service.transaction() as session:
        new = NewKey(
            name="charge",
            role=Role.OSNP,
            territory_ids=tuple(territory_id(number) for number in range(TERRITORIES)),
            scopes=("*",),
        )
        issued = security.create_key(session, new, by=system("bench"), now=now)
        return issued.view.id, issued.text


def territory_id(number: int) -> UUID:
    """Return the territory of a booking's number."""
    return UUID(f"00000000-0000-7000-8000-{FIRST + number % TERRITORIES}")


def slot_id(number: int) -> str:
    """Return the slot of a booking."""
    return f"00000000-0000-7000-8001-{FIRST + number}"


def request_id(number: int) -> str:
    """Return the request of a booking."""
    return f"00000000-0000-7000-8002-{FIRST + number}"
