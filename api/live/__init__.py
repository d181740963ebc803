"""Live updates: what the database announces, passed on to the open pages that may know of it."""
