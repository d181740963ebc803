"""A promise ends before the time it was made for."""

from typing import Final

BROKEN: Final = "Une promesse a dépassé son heure sans être tenue ni levée."

STATEMENT: Final = """
SELECT id FROM promise WHERE ended_at IS NULL
  AND seen_before < CAST(:now AS timestamptz) - interval '15 minutes'
"""
