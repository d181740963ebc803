"""The client certificate of a caller, as the proxy in front hands it on; read and judged here.

The proxy ended TLS and verified chain, dates and revocation; it overwrites these headers in every request and
adds a secret that only the two of them know. From anybody else the headers mean nothing.
Source: ANS, SAS guide, mutual TLS: the CN and the OU of the peer are controlled.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.x509.oid import NameOID

from snp.errors import SnpError
from snp.platform.settings import Settings

PROOF_HEADER: Final = "x-snp-proxy-proof"
VERIFY_HEADER: Final = "x-snp-client-verify"
CERTIFICATE_HEADER: Final = "x-snp-client-certificate"
VERIFIED: Final = "SUCCESS"


class CertificateRequired(SnpError):
    """The caller has not proven to be the platform."""

    slug = "fhir-certificate-required"
    fr = "Présentez le certificat client de la plateforme SAS."


class CertificateRefused(SnpError):
    """The certificate is sound, but its CN or OU is not one that the settings name."""

    slug = "fhir-certificate-refused"
    fr = "Ce certificat n’est pas celui de la plateforme SAS : son CN ou son OU n’est pas autorisé."


def check_certificate(headers: Mapping[str, str], settings: Settings) -> None:
    """Let through who the settings name. Without a secret or names in the settings, that is nobody.

    Raises `CertificateRequired`, `CertificateRefused`.
    """
    secret = settings.proxy_secret.get_secret_value() if settings.proxy_secret else ""
    told = headers.get(PROOF_HEADER, "")
    if not secret or not hmac.compare_digest(told.encode(), secret.encode()):
        raise CertificateRequired
    if headers.get(VERIFY_HEADER) != VERIFIED:
        raise CertificateRequired
    names, units = subject_names(headers.get(CERTIFICATE_HEADER, ""))
    allowed_names, allowed_units = settings.fhir_client_names, settings.fhir_client_units
    if len(names) != 1 or not names <= allowed_names or allowed_units.isdisjoint(units):
        raise CertificateRefused


def subject_names(escaped: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the CN and the OU values of a percent-encoded PEM certificate. Raises `CertificateRequired`.

    The certificate is read rather than its name as text, where a comma in a value looks like the next one.
    """
    try:
        subject = x509.load_pem_x509_certificate(unquote_to_bytes(escaped)).subject
    except ValueError as fault:
        raise CertificateRequired from fault
    return _values(subject, NameOID.COMMON_NAME), _values(subject, NameOID.ORGANIZATIONAL_UNIT_NAME)


def _values(subject: x509.Name, kind: x509.ObjectIdentifier) -> frozenset[str]:
    return frozenset(str(attribute.value) for attribute in subject.get_attributes_for_oid(kind))
