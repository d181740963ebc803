"""Opening patterns, exceptions, absences, and their expansion into dated slots."""
