"""The pages of the médecin traitant list: for the person, the professional, the practice."""
