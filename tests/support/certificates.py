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
    """Signs; `ca` is the file that others trust."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self.trusted = trustme.CA(organization_name="IGC de test", organization_unit_name=name)
        self._folder = folder
        self.ca = folder / f"{name}.pem"
        self.trusted.cert_pem.write_to_path(self.ca)

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
        made = self.trusted.issue_cert(
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
        """The authority's list of revoked certificates, as a file."""
        authority = x509.load_pem_x509_certificate(self.trusted.cert_pem.bytes())
        key = serialization.load_pem_private_key(self.trusted.private_key_pem.bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        now = datetime.now(UTC)
        listed = x509.CertificateRevocationListBuilder().issuer_name(authority.subject)
        listed = listed.last_update(now - timedelta(days=1)).next_update(now + timedelta(days=30))
        for one in revoked:
            serial = x509.load_pem_x509_certificate(one.certificate.read_bytes()).serial_number
            entry = x509.RevokedCertificateBuilder().serial_number(serial)
            listed = listed.add_revoked_certificate(entry.revocation_date(now - timedelta(hours=1)).build())
        path = self.ca.with_suffix(".crl.pem")
        path.write_bytes(listed.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        return path
