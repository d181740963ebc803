"""A request that is booked has a live appointment, for a fortnight at least after its deadline.

What nobody ever said to be over stays booked for ever: the watch does not read it again each time.
"""

from typing import Final

BROKEN: Final = "Un dossier dit « rendez-vous pris » et n’en a pas."

STATEMENT: Final = """
SELECT request.id FROM territory JOIN request ON request.territory_id = territory.id
WHERE request.state = 'booked'
  AND (request.deadline IS NULL OR request.deadline > CAST(:now AS timestamptz) - interval '14 days')
  AND NOT EXISTS (SELECT FROM appointment WHERE appointment.request_id = request.id AND appointment.live)
"""
