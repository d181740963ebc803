"""A service reduced to owning its embedded database; run as a program by the tests that kill it.

Usage: `python postgres_owner.py DATA_DIR [own|command] [watchdog]`. Says one line of JSON when ready, then
waits for a line on its standard input to leave in order.
"""

from __future__ import annotations

import json
import signal
import sys
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from snp.platform.postgres import database, doorway
from snp.platform.postgres.server import Server
from snp.platform.settings import Environment, Settings


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite started in the background ignores it
    settings = Settings(_env_file=None, data_dir=Path(sys.argv[1]), environment=Environment.TEST)
    if "watchdog" in sys.argv:
        doorway.Server = partial(Server, watchdog=True)  # what other systems than Linux do
    with database(settings, own="own" in sys.argv) as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE IF NOT EXISTS kept (id bigint PRIMARY KEY)"))
            connection.execute(sa.text("INSERT INTO kept SELECT coalesce(max(id), 0) + 1 FROM kept"))
        engine.dispose()
        told = {"url": url.render_as_string(hide_password=False)}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        sys.stdin.readline()


if __name__ == "__main__":
    main()
