"""Supply: the only package that may change who holds a slot."""
