"""The real server for every HTTP test."""

from tests.support.commands import snp
from tests.support.http import furnished, keys, running_server, service, world

__all__ = ["furnished", "keys", "running_server", "service", "snp", "world"]
