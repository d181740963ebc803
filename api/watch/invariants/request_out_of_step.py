"""A request stands where its last move left it."""

from typing import Final

BROKEN: Final = "Un dossier n’est pas là où son histoire le laisse."

STATEMENT: Final = """
SELECT request.id FROM territory
JOIN request ON request.territory_id = territory.id
JOIN LATERAL (
  SELECT to_state FROM request_move WHERE request_id = request.id ORDER BY id DESC LIMIT 1
) AS last ON true
WHERE request.created_at > CAST(:now AS timestamptz) - interval '7 days' AND last.to_state <> request.state
"""
