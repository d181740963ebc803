"""An authority of the test's own, and the certificates that it signs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Certificate:
    """A certificate with its chain, and its key, as files."""

    certificate: Path
    key: Path
    both: Path


class Authority:
    """A root, and below it the authority that signs, as IGC-Santé has them; others trust the file `ca`."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._root = trustme.CA(organization_name="IGC de test", organization_unit_name=name)
        self._signer = self._root.create_child_ca()
        self._folder = folder
        self.ca = folder / f"{name}.pem"
        self._root.cert_pem.write_to_path(self.ca)

    def sign(
        self,
        name: str,
        *,
        cn: str | None = None,
        ou: str | None = None,
        o: str = "ANS",
        until: datetime | None = None,
    ) -> Certificate:
        """A certificate for a host or an address (`127.0.0.1`), and its subject."""
        made = self._signer.issue_cert(
            name,
            common_name=cn,
            organization_name=o,
            organization_unit_name=ou or "unit",
            not_before=until - timedelta(days=2) if until else None,
            not_after=until,
        )
        stem = self._folder / f"{name}-{cn or 'host'}-{ou or 'unit'}".replace("/", "_").replace(" ", "_")
        paths = Certificate(*(stem.with_name(f"{stem.name}.{end}") for end in ("crt", "key", "pem")))
        paths.certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        made.private_key_pem.write_to_path(paths.key)
        made.private_key_and_cert_chain_pem.write_to_path(paths.both)
        return paths

    def revoke(self, *revoked: Certificate) -> Path:
        """The lists of revoked certificates of both authorities, as one file."""
        path = self.ca.with_suffix(".crl.pem")
        path.write_bytes(_list_of(self._signer, *revoked) + _list_of(self._root))
        return path


def _list_of(authority: trustme.CA, *revoked: Certificate) -> bytes:
    issuer = x509.load_pem_x509_certificate(authority.cert_pem.bytes()).subject
    key = serialization.load_pem_private_key(authority.private_key_pem.bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    now = datetime.now(UTC)
    listed = x509.CertificateRevocationListBuilder().issuer_name(issuer)
    listed = listed.last_update(now - timedelta(days=1)).next_update(now + timedelta(days=30))
    for one in revoked:
        serial = x509.load_pem_x509_certificate(one.certificate.read_bytes()).serial_number
        entry = x509.RevokedCertificateBuilder().serial_number(serial)
        listed = listed.add_revoked_certificate(entry.revocation_date(now - timedelta(hours=1)).build())
    return listed.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
