"""Settings are read from `SNP_*` variables and refuse what cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from snp.platform.settings import Environment, Settings, Strictness


def test_the_defaults_are_those_of_a_first_run(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SNP_DATA_DIR", raising=False)
    settings = Settings(_env_file=None)
    assert settings.environment is Environment.DEVELOPMENT
    assert settings.database_url is None
    assert settings.data_dir.name == "snp"
    assert (settings.host, settings.port, settings.hold_minutes) == ("127.0.0.1", 8000, 5)
    assert settings.identifiers is Strictness.LENIENT
    assert not settings.strict_identifiers


def test_variables_bear_the_prefix(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SNP_PORT", "9000")
    monkeypatch.setenv("SNP_IDENTIFIERS", "strict")
    monkeypatch.setenv("SNP_DATA_DIR", "~/somewhere")
    settings = Settings(_env_file=None)
    assert settings.port == 9000
    assert settings.strict_identifiers
    assert settings.data_dir == Path("~/somewhere").expanduser()


def test_an_env_file_is_read(tmp_path: Path):
    (tmp_path / "settings.env").write_text("SNP_HOLD_MINUTES=7\nOTHER=1\n")
    assert Settings(_env_file=tmp_path / "settings.env").hold_minutes == 7


@pytest.mark.parametrize(
    "value", [{"port": 70_000}, {"hold_minutes": 0}, {"log_level": "loud"}, {"environment": "moon"}]
)
def test_what_cannot_be_meant_is_refused(value: dict[str, object]):
    with pytest.raises(ValidationError):
        Settings(_env_file=None, **value)


def test_secrets_are_not_printed():
    text = repr(Settings(_env_file=None, database_url="postgresql://u:hunter2@h/d", session_secret="hunter3"))
    assert "hunter" not in text
