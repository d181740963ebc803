"""A slot has at most one live appointment."""

from typing import Final

BROKEN: Final = "Un créneau a plus d’un rendez-vous."

STATEMENT: Final = """
SELECT slot_id AS id FROM appointment WHERE live GROUP BY slot_id HAVING count(*) > 1
"""
