"""Where the secrets come from: the settings, or a key file made on first use.

A production service never makes its own.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from snp.platform.crypto import Cipher, Keyring
from snp.platform.hashing import KeyedHash
from snp.platform.settings import Environment, Settings

KEY_FILE: Final = "keys.json"
_MODE: Final = 0o600


class MissingKeys(RuntimeError):
    """A production service was started without its secrets."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of this service; never printed."""

    identity: Keyring = field(repr=False)
    hashing: Keyring = field(repr=False)
    session_secret: str = field(repr=False)

    def cipher(self) -> Cipher:
        """What seals and opens patient identities."""
        return Cipher(self.identity)

    def hasher(self) -> KeyedHash:
        """What makes identities and codes findable."""
        return KeyedHash(self.hashing)


def load_keys(settings: Settings) -> Keys:
    """The secrets named by the settings.

    Those left out come from the key file, made with mode 0600 when absent.

    Raises `MissingKeys` in production when one is left out, and when the key file may be read by other
    accounts.
    """
    given = {
        "identity_keys": _reveal(settings.identity_keys),
        "hash_keys": _reveal(settings.hash_keys),
        "session_secret": _reveal(settings.session_secret),
    }
    missing = [name for name, value in given.items() if not value]
    if missing and settings.environment is Environment.PRODUCTION:
        raise MissingKeys("set " + ", ".join(f"SNP_{name.upper()}" for name in missing))
    stored = _key_file(settings.data_dir / KEY_FILE) if missing else {}
    values = {name: value or stored[name] for name, value in given.items()}
    return Keys(
        identity=Keyring.parse(values["identity_keys"]),
        hashing=Keyring.parse(values["hash_keys"]),
        session_secret=values["session_secret"],
    )


def _reveal(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _key_file(path: Path) -> dict[str, str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _create(path)
    if path.stat().st_mode & 0o077:
        raise MissingKeys(
            f"{path} may be read by other accounts: chmod 600 it, and change the keys if it ever was"
        )
    values: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return values


def _create(path: Path) -> None:
    """Write a new key file whole or not at all; of two processes at once, the first one's keys stay."""
    values = {
        "identity_keys": Keyring.generate("k1").format(),
        "hash_keys": Keyring.generate("h1").format(),
        "session_secret": secrets.token_urlsafe(48),
    }
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(values, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
