"""Looks over an installation and says what is well, what to watch and what to mend. Mends nothing."""
