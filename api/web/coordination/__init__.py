"""The coordinator's pages: board, people, desks and keys, messages, settings. No patient is named here."""
