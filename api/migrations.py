"""Brings a database to the newest revision, and tells whether it is there.

The revisions stand in `alembic/`.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.pool import NullPool

from alembic import command
from snp.platform.address import normalise_url
from snp.platform.events import Event
from snp.platform.logs import log

_PACKAGES = ("snp", "slots", "regulation", "api")


def migrate(url: sa.URL | str, revision: str = "head") -> str:
    """Bring the database to `revision` in one transaction and tell the revision it stands at.

    Processes that migrate at the same time wait for each other; the later ones find nothing to do.
    """
    with _connect(url) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        reached = _current(connection) or "base"
    log(Event.DATABASE_MIGRATED, revision=reached)
    return reached


def current_revision(url: sa.URL | str) -> str | None:
    """The revision of the database; None when it was never migrated."""
    with _connect(url) as connection:
        return _current(connection)


def current_is_head(url: sa.URL | str) -> bool:
    """Tell whether the database stands at the newest revision this code knows."""
    return current_revision(url) in set(heads())


def heads() -> list[str]:
    """The newest revisions; more than one means that two branches were merged without saying so."""
    return list(scripts().get_heads())


def scripts() -> ScriptDirectory:
    """The revisions that this code knows."""
    return ScriptDirectory.from_config(_config())


@cache
def import_tables() -> None:
    """Import every `tables` module, so that `SQLModel.metadata` knows the whole schema."""
    for name in table_modules():
        importlib.import_module(name)


def table_modules() -> list[str]:
    """The modules that declare tables, found by their file name in the four packages, in order."""
    names: list[str] = []
    for package in _PACKAGES:
        root = Path(next(iter(importlib.import_module(package).__path__)))
        for path in sorted(root.rglob("tables.py")):
            names.append(".".join((package, *path.relative_to(root).with_suffix("").parts)))  # noqa: PERF401
    return names


def is_compared(_item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Leave out of autogenerate what it cannot compare: nothing of ours so far but Alembic's own table."""
    return not (kind == "table" and name == "alembic_version")


def _config() -> Config:
    """Alembic's configuration without a file; `pyproject.toml` repeats it for the `alembic` command."""
    config = Config()
    config.set_main_option("script_location", str(_script_location()).replace("%", "%%"))
    return config


def _script_location() -> Path:
    """`alembic/` at the top of a checkout, or the copy that a wheel carries inside this package."""
    here = Path(__file__).parent
    places = (here / "_alembic", here.parent / "alembic")
    return next(place for place in places if (place / "env.py").is_file())


def _connect(url: sa.URL | str) -> sa.Connection:
    """A connection of its own, without the service's time limits.

    `env.py` sets stricter ones where they matter.
    """
    engine = sa.create_engine(
        normalise_url(url), poolclass=NullPool, connect_args={"application_name": "snp-migrate"}
    )
    return engine.connect()


def _current(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
