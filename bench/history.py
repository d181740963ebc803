"""Whether what is asked all day grows dearer as the years pass: over a day, a month, three years.

`python -m bench.history` fills a database of its own with the past: a day, then a month, then three years of
it, and times the same work over each: it prints the medians and their ratio to the first day, and writes
`bench/out/history.json`. What stands open today is the same each time. A French department has 600
appointments a day at the national rate (60,000 over 100); 200 fit in a few minutes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg
from sqlmodel import Session

from api.web.console import queue_views
from api.web.coordination import board_views
from api.wiring import Wiring
from bench.load.served import plain, staged
from bench.load.stage import FIRST, TERRITORIES, request_id, slot_id, territory_id
from bench.tables import Row, as_table
from regulation.live import service as live
from regulation.orientation import service as orientation
from slots.agenda import service as agenda
from slots.agenda.facts import FreeSlotQuery
from slots.appointments import service as appointments
from snp.directory import service as directory
from snp.notifications import service as outbox
from snp.platform.actors import Actor, Role
from snp.platform.columns import new_id

OUT = Path(__file__).parent / "out" / "history.json"
A_DAY = 200
OPEN_TODAY = 6_000
SPANS = (("1 day", 1), ("1 month", 30), ("3 years", 1_095))
KEPT_DAYS = 30
"""How long settled messages are kept (SNP_OUTBOX_KEPT_DAYS); older ones were forgotten."""

FLAT = 2.0
"""The ratio up to which a cost is said not to grow: three years hold a thousand times a day."""

_FILL = (
    """
    CREATE TEMP TABLE past ON COMMIT DROP AS
    SELECT gen_random_uuid() AS slot, gen_random_uuid() AS request, gen_random_uuid() AS patient,
           gen_random_uuid() AS appointment, d, n, %(now)s - d * interval '1 day'
             + n / %(carers)s * interval '15 min' - interval '8 hours' AS at,
           ('00000000-0000-7000-8000-' || (%(first)s::bigint + n %% 10))::uuid AS territory,
           ('00000000-0000-7000-8004-' || (%(first)s::bigint + n %% %(carers)s))::uuid AS site,
           ('00000000-0000-7000-8005-' || (%(first)s::bigint + n %% %(carers)s))::uuid AS carer
    FROM generate_series(%(from)s::int, %(until)s::int) d, generate_series(0, %(a_day)s * 4 / 3 - 1) n
    """,
    """
    INSERT INTO slot (id, practitioner_id, site_id, profession, start_at, end_at, busy_until, mode, audiences,
                      territory_ids, reasons, state, closing, version, created_at, created_by)
    SELECT slot, carer, site, 'medecin_generaliste', at, at + interval '15 min', at + interval '15 min',
           'AMB', '{desk,regulation}', ARRAY[territory], '{}', 'open', false, 1, at - interval '7 days',
           'bench' FROM past
    """,
    """
    INSERT INTO patient (id, territory_id, identity, person_hash, phone_hash, insee, version, created_at)
    SELECT patient, territory, sha256(uuid_send(patient)), sha256(uuid_send(patient)),
           sha256(uuid_send(request)), '44131', 1, at FROM past WHERE n < %(a_day)s
    """,
    """
    INSERT INTO request (id, number, territory_id, patient_id, origin, state, audience, mt_status, mt,
                         disposition, priority, response_level, professions, modes, earliest, deadline,
                         decided_at, sessions, min_gap_days, max_gap_days, excluded_practitioner_ids, version,
                         created_at, created_by)
    SELECT request, 'H-' || d || '-' || n, territory, patient, 'osnp', 'closed', 'regulation', 'unknown',
           '{}', 'snp_consultation', 'P2', 'R3', '{medecin_generaliste}', '{AMB}', at - interval '20 hours',
           at + interval '28 hours', at - interval '20 hours', 1, 1, 7, '{}', 5, at - interval '21 hours',
           'bench' FROM past WHERE n < %(a_day)s
    """,
    """
    INSERT INTO request_move (id, request_id, move, from_state, to_state, at, author, role, reasons, data)
    SELECT gen_random_uuid(), request, move, 'seeking', 'seeking', at - interval '20 hours', 'bench', 'osnp',
           '[]', '{}' FROM past, unnest('{open,decide,hold,book,honour}'::text[]) move WHERE n < %(a_day)s
    """,
    """
    INSERT INTO hold (id, bundle_id, slot_id, request_id, territory_id, session_no, created_at, created_by,
                      expires_at, ended_at, ended_as)
    SELECT gen_random_uuid(), gen_random_uuid(), slot, request, territory, 1, at - interval '20 hours',
           'bench', at - interval '19 hours', at - interval '20 hours', 'confirmed'
    FROM past WHERE n < %(a_day)s
    """,
    """
    INSERT INTO appointment (id, slot_id, request_id, practitioner_id, site_id, territory_id, session_no,
                             start_at, end_at, mode, live, status, code_hash, version, created_at, created_by)
    SELECT appointment, slot, request, carer, site, territory, 1, at, at + interval '15 min', 'AMB', true,
           'honoured', uuid_send(appointment), 2, at - interval '20 hours', 'bench'
    FROM past WHERE n < %(a_day)s
    """,
    """
    INSERT INTO appointment_status (id, appointment_id, status, at, author)
    SELECT gen_random_uuid(), appointment, status, at, 'bench'
    FROM past, unnest('{booked,honoured}'::text[]) status WHERE n < %(a_day)s
    """,
    """
    INSERT INTO audit_entry (at, actor, role, action, resource, resource_id, patient_id, why, detail)
    SELECT at, 'bench', 'osnp', action, 'request', request, patient, 'essai', '{}'
    FROM past, unnest('{create,read,create}'::text[]) action WHERE n < %(a_day)s
    """,
    """
    INSERT INTO outbox_message (id, topic, subject, payload, territory_id, state, created_at, due_at,
                                next_attempt_at, attempts, settled_at)
    SELECT gen_random_uuid(), topic, 'request:' || request, '{}', territory, 'delivered', at, at, at, 1, at
    FROM past, unnest('{appointment.booked,sms.patient}'::text[]) topic
    WHERE n < %(a_day)s AND d <= %(kept)s
    """,
)
Work = Callable[[Session, int], object]


def fill(
    connection: psycopg.Connection[tuple[object, ...]], now: datetime, *, days: range, a_day: int
) -> None:
    """Add days of the past, the youngest first; then let the database look at what it has."""
    carers = -(-OPEN_TODAY // 80 // TERRITORIES) * TERRITORIES
    for first in range(days.start, days.stop, 100):
        values = {"now": now, "from": first, "until": min(first + 100, days.stop) - 1, "a_day": a_day}
        values |= {"carers": carers, "first": FIRST, "kept": KEPT_DAYS}
        with connection.transaction():
            for statement in _FILL:
                connection.execute(statement, values)
    connection.execute("VACUUM ANALYZE")


def works(service: Wiring, by: Actor) -> dict[str, Work]:
    """What is asked all day, by name; each gets a session that is rolled back, and the number of the turn."""
    here = territory_id(0)
    clock = service.clock.now
    keys = service.keys

    def book(session: Session, turn: int) -> None:
        number = turn * TERRITORIES
        wanted = type(here)(request_id(number)), type(here)(slot_id(number))
        held = orientation.hold_slots(session, wanted[0], [wanted[1]], by=by, now=clock())
        orientation.confirm(session, held.bundle_id, keys=keys, by=by, now=clock())

    def search(session: Session, _turn: int) -> None:
        until = clock() + timedelta(hours=48)
        agenda.free_slots(
            session, FreeSlotQuery(starts_until=until, territory_ids=frozenset({here})), clock()
        )

    def board(session: Session, _turn: int) -> None:
        board_views.board(session, directory.get_territory(session, here), by=by, now=clock())

    def queue(session: Session, _turn: int) -> None:
        wanted = queue_views.wanted_of("", "", "", here, None)
        queue_views.queue(session, wanted, by=by, now=clock())

    def lease(session: Session, _turn: int) -> None:
        outbox.enqueue(session, "bench", f"bench:{new_id()}", {}, clock())
        outbox.claim(session, ["bench"], now=clock())

    return {
        "search of free slots, 48 h": search,
        "booking: hold and confirm": book,
        "coordinator's board": board,
        "regulation's queue": queue,
        "outbox: queue one, lease one": lease,
        "waiting list": lambda session, _turn: live.waiting_list(session, here, by=by),
        "holds that ran out": lambda session, _turn: appointments.expire_holds(session, now=clock()),
        "slots to give back": lambda session, _turn: agenda.release_due(session, by=by, now=clock()),
    }


def timed(service: Wiring, work: Work, turns: int) -> float:
    """The median of a work, in milliseconds, plans and caches warm."""
    taken = []
    for turn in range(turns + 5):
        with service.sessions() as session:
            begun = time.perf_counter()
            work(session, turn)
            taken.append(time.perf_counter() - begun)
            session.rollback()
    return float(np.median(taken[5:])) * 1e3


def run(*, a_day: int, turns: int) -> dict[str, object]:
    """The table."""
    found: dict[str, dict[str, float]] = {}
    sizes = []
    with (
        staged(OPEN_TODAY, durable=False) as at,
        psycopg.connect(plain(at.url), autocommit=True) as connection,
    ):
        by = Actor("bench", Role.OSNP, territories=frozenset(map(territory_id, range(TERRITORIES))))
        now, before = datetime.now(UTC), 0
        for name, days in SPANS:
            fill(connection, now, days=range(before + 1, days + 1), a_day=a_day)
            before = days
            size = connection.execute("SELECT pg_database_size(current_database())").fetchone()
            assert size is not None
            sizes.append({"history": name, "appointments": days * a_day, "MiB": int(str(size[0])) >> 20})
            print(sizes[-1], flush=True)
            for work, do in works(at.service, by).items():
                found.setdefault(work, {})[name] = timed(at.service, do, turns)
    first, *_, last = (name for name, _ in SPANS)
    rows: list[Row] = [
        {"work": work}
        | {f"{name}, ms": round(value, 2) for name, value in taken.items()}
        | {"ratio": round(taken[last] / taken[first], 2)}
        for work, taken in found.items()
    ]
    print(as_table(rows), flush=True)
    return {"a_day": a_day, "flat": FLAT, "sizes": sizes, "rows": rows}


def main() -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.history", description=__doc__)
    parser.add_argument("--a-day", type=int, default=A_DAY, help="appointments a day")
    parser.add_argument("--turns", type=int, default=40)
    given = parser.parse_args()
    found = run(a_day=given.a_day, turns=given.turns)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
