"""The one statement of the research table, over the views of `reading` (ADR 87)."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from regulation.research.facts import NeedRow

_NEEDS: Final = sa.text("""
SELECT n.request_id, v.person_key AS person, n.at AS decided_at, n.origin, n.profession, n.priority,
       n.outcome, n.delay_class, v.attendance, v.no_mt, v.km
FROM reading.need n
LEFT JOIN LATERAL (
  SELECT visit.person_key, visit.attendance, visit.no_mt, visit.km
  FROM appointment JOIN reading.visit ON visit.appointment_id = appointment.id
  WHERE appointment.request_id = n.request_id AND appointment.live ORDER BY appointment.start_at LIMIT 1
) AS v ON true
WHERE n.territory_id = :territory AND n.at >= :since AND n.at < :until
""")


def needs(session: Session, territory_id: UUID, since: datetime, until: datetime) -> list[NeedRow]:
    """The needs of a territory that were decided in `[since, until)`."""
    found = session.execute(_NEEDS, {"territory": territory_id, "since": since, "until": until})
    return [NeedRow(**row._asdict()) for row in found]
