"""`snp nginx-config`: print the configuration of nginx that goes with the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.opening import fail, one_line_errors
from api.deploy.nginx import NotDeployable, TlsFiles, nginx_configuration
from snp.platform.settings import get_settings

_FOLDER = Path("/etc/snp/tls")


def nginx_config(  # noqa: PLR0917 - typer passes them by name
    certificate: Annotated[Path, typer.Option(help="Certificat des pages.")] = _FOLDER / "pages.pem",
    key: Annotated[Path, typer.Option(help="Sa clé.")] = _FOLDER / "pages.key",
    fhir_certificate: Annotated[Path, typer.Option(help="Certificat serveur FHIR.")] = _FOLDER / "fhir.pem",
    fhir_key: Annotated[Path, typer.Option(help="Sa clé.")] = _FOLDER / "fhir.key",
    client_ca: Annotated[Path, typer.Option(help="Autorités des certificats clients (IGC-Santé).")] = _FOLDER
    / "client-ca.pem",
    client_crl: Annotated[
        Path, typer.Option(help="Leurs listes de révocation, une par autorité de la chaîne.")
    ] = _FOLDER / "client-crl.pem",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port d’écoute.")] = 443,
) -> None:
    """Écrire la configuration de nginx : pages, porte FHIR à certificat client, secret partagé."""
    with one_line_errors():
        files = TlsFiles(
            certificate=certificate,
            key=key,
            fhir_certificate=fhir_certificate,
            fhir_key=fhir_key,
            client_ca=client_ca,
            client_crl=client_crl,
        )
        try:
            text = nginx_configuration(get_settings(), files, port=port)
        except NotDeployable as missing:
            fail(str(missing))
        typer.echo(text, nl=False)
