"""A hold that ran out is ended within a few minutes."""

from typing import Final

BROKEN: Final = "Une retenue expirée n’a pas été levée : les tâches de fond tournent-elles ?"

STATEMENT: Final = """
SELECT id FROM hold WHERE ended_at IS NULL AND expires_at < CAST(:now AS timestamptz) - interval '10 minutes'
"""
