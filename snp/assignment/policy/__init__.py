"""Live policies: who is given what while the caller is on the line, without knowing the future."""
