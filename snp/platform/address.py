"""The address of a database, in the one form that the service uses."""

from __future__ import annotations

import sqlalchemy as sa


def normalise_url(url: sa.URL | str) -> sa.URL:
    """The same address with our driver: `postgres://` and `postgresql://` become `postgresql+psycopg://`.

    Raises `ValueError` for another kind of database.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise ValueError(
            f"{parsed.get_backend_name()} is not PostgreSQL: the database must be PostgreSQL 15 or later"
        )
    return parsed.set(drivername="postgresql+psycopg")
