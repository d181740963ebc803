"""The door of the national SAS platform: FHIR R4 over JSON, as the guide `ans.fhir.fr.sas` describes it."""
