"""A slot has at most one live appointment, of the last week or to come."""

from typing import Final

BROKEN: Final = "Un créneau a plus d’un rendez-vous."

STATEMENT: Final = """
SELECT slot_id AS id FROM territory JOIN appointment ON appointment.territory_id = territory.id
WHERE appointment.live AND appointment.start_at > CAST(:now AS timestamptz) - interval '7 days'
GROUP BY slot_id HAVING count(*) > 1
"""
