"""What the database holds of what was acknowledged, and what it must not hold."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from bench.faults.crowd import Acknowledged

_FOUND = """
SELECT count(*) FROM appointment a JOIN slot s ON s.id = a.slot_id
WHERE a.id = ANY(%s::uuid[]) AND a.live
  AND EXISTS (SELECT FROM appointment_status t WHERE t.appointment_id = a.id AND t.status = 'booked')
  AND EXISTS (SELECT FROM outbox_message m WHERE m.payload->>'appointment_id' = a.id::text)
"""
_DOUBLED = """
SELECT (SELECT count(*) FROM (SELECT FROM appointment WHERE live AND request_id = ANY(%(requests)s::uuid[])
                              GROUP BY request_id, session_no HAVING count(*) > 1) x)
     + (SELECT count(*) FROM (SELECT FROM appointment WHERE live AND slot_id IN
            (SELECT slot_id FROM appointment WHERE request_id = ANY(%(requests)s::uuid[]))
                              GROUP BY slot_id HAVING count(DISTINCT request_id) > 1) y)
"""
_WAITING = "SELECT count(*) FROM outbox_message WHERE state = 'pending' AND due_at <= now()"


@dataclass(frozen=True, slots=True)
class Count:
    """Bookings acknowledged; those that are there with story and message; requests or slots that have two."""

    acknowledged: int
    found: int
    doubled: int

    @property
    def lost(self) -> int:
        """How many were acknowledged and are not there."""
        return self.acknowledged - self.found


def count(address: str, acknowledged: Sequence[Acknowledged]) -> Count:
    """Look at the database; a booking that was acknowledged twice counts once."""
    appointments = sorted({one.appointment for one in acknowledged})
    with psycopg.connect(address) as connection:
        found = connection.execute(_FOUND, [appointments]).fetchone()
        requests = sorted({one.request for one in acknowledged})
        doubled = connection.execute(_DOUBLED, {"requests": requests}).fetchone()
    assert found is not None
    assert doubled is not None
    return Count(len(appointments), int(str(found[0])), int(str(doubled[0])))


def drained(address: str, *, seconds: float) -> float | None:
    """Wait until no message that is due is left; the seconds it took, None in vain."""
    return until_none(address, _WAITING, seconds=seconds)


def until_none(address: str, statement: str, *values: object, seconds: float) -> float | None:
    """Wait until a statement counts nothing; the seconds it took, None in vain."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                if connection.execute(statement, values).fetchone() == (0,):
                    return time.perf_counter() - begun
        except psycopg.OperationalError:
            pass
        time.sleep(0.1)
    return None
