"""Faults injected into the real service while it is booked, and what was left of what it had acknowledged."""
