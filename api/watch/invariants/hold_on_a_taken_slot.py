"""Nobody holds a slot that an appointment has."""

from typing import Final

BROKEN: Final = "Un créneau déjà pris est encore retenu."

STATEMENT: Final = """
SELECT hold.id FROM hold JOIN appointment ON appointment.slot_id = hold.slot_id
WHERE hold.ended_at IS NULL AND appointment.live
"""
