"""The service opened for the length of a command: settings, database brought to the newest revision, keys.

Refusals of the domain leave a command as one line on the error stream, never as a traceback.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import sqlalchemy as sa
import typer
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from api.demo.clock import clock_of
from api.hosts import UnsafePublicUrl
from api.migrations import migrate
from api.wiring import Wiring
from snp.errors import SnpError
from snp.notifications.channels import UnusableChannel
from snp.platform.db import create_engine
from snp.platform.keys import MissingKeys, load_keys
from snp.platform.logs import configure_logs
from snp.platform.postgres import DataDirectoryInUse, PostgresFailed, database
from snp.platform.settings import Settings, get_settings

EXIT_REFUSED: Final = 1
EXIT_UNUSABLE: Final = 2


@contextmanager
def opened_service(settings: Settings | None = None, *, own: bool = False) -> Iterator[Wiring]:
    """Open the service: join or start its database, migrate it, load its keys; close it all at the end.

    With `own` the command means to be the service itself (see `snp.platform.postgres.database`).
    """
    chosen = settings or get_settings()
    spoken = chosen if "log_level" in chosen.model_fields_set else _quieter(chosen)
    configure_logs(spoken)
    with database(chosen, own=own) as url:
        direct = chosen.database_direct_url
        migrate(url if direct is None else direct.get_secret_value())
        engine = create_engine(url, chosen)
        try:
            yield Wiring(settings=chosen, engine=engine, keys=load_keys(chosen), clock=clock_of(chosen))
        finally:
            engine.dispose()


@contextmanager
def opened_database(settings: Settings) -> Iterator[sa.URL]:
    """Join or start the database as it is, whatever its schema; the log holds warnings."""
    configure_logs(_quieter(settings))
    with database(settings) as url:
        yield url


def _quieter(settings: Settings) -> Settings:
    """A command speaks for itself: its log holds warnings, unless the operator asked for more."""
    return settings.model_copy(update={"log_level": "WARNING"})


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn what a user can act on into one line and an exit code; anything else is a fault of ours."""
    try:
        yield
    except SnpError as refusal:
        fail(refusal.sentence)
    except DataDirectoryInUse as used:
        fail(f"une autre instance utilise déjà ces données : arrêtez-la, ou choisissez SNP_DATA_DIR ({used})")
    except (PostgresFailed, MissingKeys, UnusableChannel, UnsafePublicUrl) as failure:
        fail(str(failure))
    except ValidationError as fault:
        first = fault.errors()[0]
        fail(f"réglage SNP_{'_'.join(str(part) for part in first['loc']).upper()} : {first['msg']}")
    except OperationalError as failure:
        fail(f"la base de données ne répond pas : {str(failure.orig).strip().splitlines()[0]}")


def fail(line: str, code: int = EXIT_UNUSABLE) -> NoReturn:
    """Print one line on the error stream and leave with `code`."""
    typer.echo(f"snp : {line}", err=True)
    raise typer.Exit(code)
