"""Is there a médecin traitant, was he called, can he see the patient in time? Facts in, verdict out."""
