"""A request that is booked has a live appointment."""

from typing import Final

BROKEN: Final = "Un dossier dit « rendez-vous pris » et n’en a pas."

STATEMENT: Final = """
SELECT id FROM request WHERE state = 'booked'
  AND NOT EXISTS (SELECT FROM appointment WHERE appointment.request_id = request.id AND appointment.live)
"""
