"""The configuration of nginx in front of the service: pages for everybody, the FHIR door behind certificates.

Pure: facts in, text out. `nginx.conf.j2` beside it is the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import jinja2
import orjson

from api.fhir.certificates import CERTIFICATE_HEADER, PROOF_HEADER, VERIFY_HEADER
from api.fhir.negotiation import MEDIA_TYPE
from snp.platform.settings import Settings

_TEMPLATE: Final = Path(__file__).with_name("nginx.conf.j2")


class NotDeployable(Exception):
    """The settings do not say enough to write a configuration; says what is missing, in French."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where nginx finds its certificates. `client_crl` holds a list for every authority of the chain."""

    certificate: Path
    key: Path
    fhir_certificate: Path
    fhir_key: Path
    client_ca: Path
    client_crl: Path


def nginx_configuration(settings: Settings, files: TlsFiles, *, port: int = 443) -> str:
    """Return the configuration, to be included in `http {}`. It holds the secret: nobody else may read it.

    Raises `NotDeployable`.
    """
    pages, fhir = _host(settings.public_url), _host(settings.fhir_base_url)
    if pages is None or fhir is None or pages == fhir:
        raise NotDeployable(
            "SNP_PUBLIC_URL et SNP_FHIR_BASE_URL doivent être deux adresses https de noms différents"
        )
    if settings.proxy_secret is None:
        raise NotDeployable("SNP_PROXY_SECRET manque : par exemple « openssl rand -hex 32 »")
    secret = settings.proxy_secret.get_secret_value()
    if not (secret.isascii() and secret.isalnum()):
        raise NotDeployable("SNP_PROXY_SECRET ne doit tenir que de lettres et de chiffres")
    socket = settings.unix_socket
    environment = jinja2.Environment(
        autoescape=False,  # noqa: S701 - the text is no HTML
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        upstream=f"unix:{socket}" if socket else f"{settings.host}:{settings.port}",
        pages_host=pages,
        fhir_host=fhir,
        port=port,
        files=files,
        secret=secret,
        proof_header=PROOF_HEADER,
        verify_header=VERIFY_HEADER,
        certificate_header=CERTIFICATE_HEADER,
        media_type=MEDIA_TYPE,
        certificate_refused=_outcome("security", "Certificat client refusé : chaîne, dates ou révocation."),
        unavailable=_outcome("transient", "Le service est momentanément indisponible."),
    )


def _host(url: str | None) -> str | None:
    """Return the host of an https address; None for anything else."""
    parts = urlsplit(url or "")
    return parts.hostname if parts.scheme == "https" else None


def _outcome(code: str, text: str) -> str:
    issue = {"severity": "error", "code": code, "details": {"text": text}, "diagnostics": text}
    return orjson.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).decode()
