"""Ports for processes that must find theirs again: below those lent to outgoing connections."""

from __future__ import annotations

import random
import socket


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port in two hundred")
