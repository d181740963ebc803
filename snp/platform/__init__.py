"""The machine room: settings, embedded database, sessions, clock, logs and cryptography.

Knows no care and no carer.
"""
