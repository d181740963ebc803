"""What can keep the embedded database from running; sentences for whoever started the service."""

from __future__ import annotations


class PostgresFailed(RuntimeError):
    """The embedded database cannot be prepared, started or kept running; the message says what to do."""
