"""A service that lies: one acknowledged booking is taken away, or made twice. The campaign must say so."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import psycopg

from bench.faults.crowd import Acknowledged


class Spoil(StrEnum):
    """What is done behind the service's back."""

    LOSE = "lose"
    DOUBLE = "double"


_STATEMENTS = {
    Spoil.LOSE: (
        "SET session_replication_role = replica",
        "DELETE FROM appointment WHERE id = %(appointment)s",
    ),
    Spoil.DOUBLE: (
        "DROP INDEX uq_appointment__live_slot",
        """
        INSERT INTO appointment SELECT * FROM jsonb_populate_record(NULL::appointment,
          (SELECT to_jsonb(a) || jsonb_build_object('id', gen_random_uuid(), 'code_hash', '\\x00')
           FROM appointment a WHERE id = %(appointment)s))
        """,
    ),
}


def spoil(address: str, kind: Spoil, acknowledged: Sequence[Acknowledged]) -> None:
    """Spoil the first booking that was acknowledged."""
    with psycopg.connect(address) as connection:
        for statement in _STATEMENTS[kind]:
            connection.execute(statement, {"appointment": acknowledged[0].appointment})
