"""The list of people without a médecin traitant: who waits, in which order, and which practice takes whom."""
