"""The real server for every HTTP test."""

from tests.support.http import keys, running_server, service, world

__all__ = ["keys", "running_server", "service", "world"]
