"""Two open slots of a practitioner never overlap, buffer included."""

from typing import Final

BROKEN: Final = "Deux créneaux ouverts d’un même professionnel se chevauchent."

STATEMENT: Final = """
SELECT one.id FROM slot AS one JOIN slot AS two
  ON two.practitioner_id = one.practitioner_id AND two.id > one.id
 AND two.start_at < one.busy_until AND one.start_at < two.busy_until
WHERE one.state = 'open' AND two.state = 'open'
  AND one.start_at > CAST(:now AS timestamptz) - interval '1 day'
  AND two.start_at > CAST(:now AS timestamptz) - interval '2 days'
"""
