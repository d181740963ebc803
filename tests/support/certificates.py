"""An authority of the test's own, and the certificates that it signs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Certificate:
    """A certificate with its chain, and its key, as files."""

    certificate: Path
    key: Path
    both: Path


class Authority:
    """Signs; `ca` is the file that others trust."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self.trusted = trustme.CA(organization_name="IGC de test", organization_unit_name=name)
        self._folder = folder
        self.ca = folder / f"{name}.pem"
        self.trusted.cert_pem.write_to_path(self.ca)

    def sign(self, name: str, *, cn: str | None = None, ou: str | None = None, o: str = "ANS") -> Certificate:
        """A certificate for a host or an address (`127.0.0.1`), and its subject."""
        made = self.trusted.issue_cert(
            name, common_name=cn, organization_name=o, organization_unit_name=ou or "unit"
        )
        stem = self._folder / f"{name}-{cn or 'host'}-{ou or 'unit'}".replace("/", "_").replace(" ", "_")
        paths = Certificate(*(stem.with_name(f"{stem.name}.{end}") for end in ("crt", "key", "pem")))
        paths.certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        made.private_key_pem.write_to_path(paths.key)
        made.private_key_and_cert_chain_pem.write_to_path(paths.both)
        return paths
