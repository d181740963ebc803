"""One of the processes of `snp run --workers`: it gets its socket from the parent and prepares nothing."""

from __future__ import annotations

import socket
import sys
from typing import Final

from api.commands.opening import one_line_errors
from api.commands.run import interruptible, serve
from api.commands.workers import end_with_parent
from api.demo.clock import clock_of
from api.wiring import Wiring
from snp.platform.db import create_engine
from snp.platform.keys import load_keys
from snp.platform.logs import configure_logs
from snp.platform.settings import get_settings

ACCEPTED_AT_ONCE: Final = 1
"""Connections that a worker takes in one go: were it more, the first to wake would take them all."""


def main() -> None:
    """Answer on the socket whose number is the first argument, as long as the pipe of the second is open."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    with one_line_errors(), interruptible():
        end_with_parent(int(sys.argv[2]))
        settings = get_settings()
        configure_logs(settings)
        assert settings.database_url is not None
        engine = create_engine(settings.database_url.get_secret_value(), settings)
        service = Wiring(settings=settings, engine=engine, keys=load_keys(settings), clock=clock_of(settings))
        serve(service, listener, backlog=ACCEPTED_AT_ONCE)
