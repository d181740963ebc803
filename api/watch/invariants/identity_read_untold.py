"""A patient's identity that is still known was written by somebody whom the audit names."""

from typing import Final

BROKEN: Final = "Une identité de patient n’a pas de trace dans le journal."

STATEMENT: Final = """
SELECT patient.id FROM patient
WHERE patient.created_at > CAST(:now AS timestamptz) - interval '2 days' AND patient.forgotten_at IS NULL
  AND NOT EXISTS (SELECT FROM audit_entry WHERE audit_entry.patient_id = patient.id)
"""
