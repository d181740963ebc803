"""Secrets come from the settings or from a private key file; production never makes its own."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from snp.platform.crypto import Keyring
from snp.platform.keys import KEY_FILE, MissingKeys, load_keys
from snp.platform.settings import Environment, Settings


def settings(data_dir: Path, **values: object) -> Settings:
    return Settings(_env_file=None, data_dir=data_dir, **values)


def test_development_makes_a_key_file_once(tmp_path: Path):
    first = load_keys(settings(tmp_path / "new"))
    path = tmp_path / "new" / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_keys(settings(tmp_path / "new")) == first
    assert [entry.name for entry in path.parent.iterdir()] == [KEY_FILE]


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path):
    load_keys(settings(tmp_path))
    (tmp_path / KEY_FILE).chmod(0o640)
    with pytest.raises(MissingKeys, match="chmod 600"):
        load_keys(settings(tmp_path))


def test_given_keys_win_and_make_no_file(tmp_path: Path):
    ring = Keyring.generate("a")
    keys = load_keys(
        settings(tmp_path, identity_keys=ring.format(), hash_keys=ring.format(), session_secret="s" * 40)
    )
    assert keys.identity == ring
    assert keys.session_secret == "s" * 40
    assert not (tmp_path / KEY_FILE).exists()


def test_a_key_left_out_comes_from_the_file(tmp_path: Path):
    ring = Keyring.generate("a")
    keys = load_keys(settings(tmp_path, identity_keys=ring.format()))
    stored = json.loads((tmp_path / KEY_FILE).read_text())
    assert keys.identity == ring
    assert keys.hashing == Keyring.parse(stored["hash_keys"])


def test_production_names_the_keys_it_misses(tmp_path: Path):
    with pytest.raises(MissingKeys, match="SNP_IDENTITY_KEYS, SNP_HASH_KEYS, SNP_SESSION_SECRET"):
        load_keys(settings(tmp_path, environment=Environment.PRODUCTION))
    assert not (tmp_path / KEY_FILE).exists()


def test_keys_are_never_printed(tmp_path: Path):
    assert repr(load_keys(settings(tmp_path))) == "Keys()"
