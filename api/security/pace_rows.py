"""The buckets that all processes share, as they told each other last. Decides nothing, commits nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

_TELL: Final = sa.text("""
    INSERT INTO pace AS shared (name, level, at)
    SELECT told.name, :capacity - told.taken, clock_timestamp()
    FROM unnest(CAST(:names AS bytea[]), CAST(:taken AS integer[])) AS told (name, taken)
    ORDER BY told.name
    ON CONFLICT (name) DO UPDATE SET
        level = least(
            :capacity,
            shared.level + :rate * greatest(0, extract(epoch FROM excluded.at - shared.at))
        ) - (:capacity - excluded.level),
        at = greatest(shared.at, excluded.at)
    RETURNING shared.name, shared.level
""")
"""Locked in the order of their names, so that two processes never wait for each other."""


def tell(session: Session, taken: Mapping[bytes, int], *, rate: float, capacity: float) -> dict[bytes, float]:
    """Take from the shared buckets what was taken here; return what is left in each, below zero at worst."""
    if not taken:
        return {}
    values = {"names": list(taken), "taken": list(taken.values()), "rate": rate, "capacity": capacity}
    return {row.name: row.level for row in session.execute(_TELL, values)}


def forget(session: Session, *, unused_for: timedelta) -> None:
    """Forget buckets that are full again, were it from far below zero."""
    session.execute(
        sa.text("DELETE FROM pace WHERE at < clock_timestamp() - :unused_for"), {"unused_for": unused_for}
    )
