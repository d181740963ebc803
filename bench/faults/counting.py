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
SELECT (SELECT count(*) FROM (SELECT FROM appointment WHERE live GROUP BY slot_id HAVING count(*) > 1) x)
     + (SELECT count(*) FROM (SELECT FROM appointment WHERE live GROUP BY request_id, session_no
                              HAVING count(*) > 1) y)
"""
_LATE_HOLDS = (
    "SELECT count(*) FROM hold WHERE ended_at IS NULL AND expires_at < now() - interval '40 seconds'"
)
_WAITING = "SELECT count(*) FROM outbox_message WHERE state = 'pending' AND due_at <= now()"


@dataclass(frozen=True, slots=True)
class Count:
    """Acknowledged bookings that are there with their story and their message; slots or requests with two."""

    found: int
    doubled: int

    def lost(self, acknowledged: Sequence[Acknowledged]) -> int:
        """Return how many were acknowledged and are not there."""
        return len({one.appointment for one in acknowledged}) - self.found


def count(address: str, acknowledged: Sequence[Acknowledged]) -> Count:
    """Look at the database."""
    with psycopg.connect(address) as connection:
        found = connection.execute(_FOUND, [[one.appointment for one in acknowledged]]).fetchone()
        doubled = connection.execute(_DOUBLED).fetchone()
    assert found is not None
    assert doubled is not None
    return Count(int(str(found[0])), int(str(doubled[0])))


def drained(address: str, *, seconds: float) -> float | None:
    """Wait until no message that is due is left; the seconds it took, None in vain."""
    return _until_none(address, _WAITING, seconds)


def expired(address: str, *, seconds: float) -> float | None:
    """Wait until no hold stands that ran out before the job last came by."""
    return _until_none(address, _LATE_HOLDS, seconds)


def _until_none(address: str, statement: str, seconds: float) -> float | None:
    begun = time.perf_counter()
    with psycopg.connect(address, autocommit=True) as connection:
        while time.perf_counter() - begun < seconds:
            row = connection.execute(statement).fetchone()
            if row == (0,):
                return time.perf_counter() - begun
            time.sleep(0.1)
    return None
