"""What an appointment says of itself is its last status row; only a cancelled or moved one is not live."""

from typing import Final

BROKEN: Final = "Un rendez-vous ne dit pas la même chose que son histoire."

STATEMENT: Final = """
SELECT appointment.id FROM territory
JOIN appointment ON appointment.territory_id = territory.id
JOIN LATERAL (
  SELECT status FROM appointment_status WHERE appointment_id = appointment.id ORDER BY id DESC LIMIT 1
) AS last ON true
WHERE appointment.start_at > CAST(:now AS timestamptz) - interval '7 days'
  AND (last.status <> appointment.status
       OR appointment.live <> (appointment.status NOT IN ('cancelled', 'moved')))
"""
