"""The configuration of nginx is written from settings that say enough, and from no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.deploy.nginx import NotDeployable, TlsFiles, nginx_configuration
from tests.support.database import test_settings as settings_with

FILES = TlsFiles(*(Path(f"/etc/snp/tls/{name}") for name in ("a", "b", "c", "d", "e", "f")))
ENOUGH: dict[str, Any] = {
    "public_url": "https://rdv.example",
    "fhir_base_url": "https://fhir.example/fhir",
    "proxy_secret": "0123456789abcdef" * 4,
}


def written(**changes: Any) -> str:
    return nginx_configuration(settings_with(**(ENOUGH | changes)), FILES, port=8443)


def test_it_names_the_hosts_the_files_and_the_service() -> None:
    text = written(unix_socket=Path("/run/snp/snp.sock"))
    assert "server unix:/run/snp/snp.sock;" in text
    assert "server_name rdv.example;" in text
    assert "server_name fhir.example;" in text
    assert text.count("listen 8443 ssl") == 3
    assert "ssl_crl /etc/snp/tls/f;" in text
    assert f'"{ENOUGH["proxy_secret"]}"' in text
    assert "server 127.0.0.1:8000;" in written()


@pytest.mark.parametrize(
    "changes",
    [
        {"public_url": None},
        {"public_url": "http://rdv.example"},
        {"fhir_base_url": None},
        {"fhir_base_url": "https://rdv.example/fhir"},
        {"proxy_secret": None},
        {"proxy_secret": '" ; evil; ' + "x" * 40},
    ],
)
def test_what_is_missing_is_said(changes: dict[str, Any]) -> None:
    with pytest.raises(NotDeployable, match="SNP_"):
        written(**changes)


def test_a_short_secret_is_no_secret() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        settings_with(proxy_secret="short")
