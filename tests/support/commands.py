"""`snp` as a test types it, in this process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest
import structlog
from typer.testing import CliRunner, Result

from api.cli import build
from snp.platform.settings import get_settings

Command = Callable[..., Result]


@pytest.fixture
def snp(env: dict[str, str]) -> Iterator[Command]:
    """`snp` with its arguments: the settings are read anew from `env`, the log is left as it was."""
    root = logging.getLogger()
    handlers, level, structure = root.handlers[:], root.level, structlog.get_config()

    def run(*arguments: str, **changes: str) -> Result:
        get_settings.cache_clear()
        return CliRunner().invoke(build(arguments), list(arguments), env=env | changes)

    yield run
    get_settings.cache_clear()
    root.handlers, root.level = handlers, level
    structlog.configure(**structure)
