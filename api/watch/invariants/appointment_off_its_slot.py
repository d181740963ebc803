"""A live appointment to come stands on an open slot, at the slot's own time."""

from typing import Final

BROKEN: Final = "Un rendez-vous à venir n’est plus sur un créneau ouvert, ou plus à la même heure."

STATEMENT: Final = """
SELECT appointment.id FROM territory
JOIN appointment ON appointment.territory_id = territory.id
JOIN slot ON slot.id = appointment.slot_id
WHERE appointment.live AND appointment.start_at > :now
  AND (slot.state <> 'open' OR slot.start_at <> appointment.start_at OR slot.end_at <> appointment.end_at
       OR slot.practitioner_id <> appointment.practitioner_id)
"""
