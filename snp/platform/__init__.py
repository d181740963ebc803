"""The machine room: settings, database, clock, logs, encryption."""
