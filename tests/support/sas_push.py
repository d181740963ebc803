"""A platform that runs, and the settings of a service that pushes appointments to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.certificates import Authority, Certificate
from tests.support.sas_platform import SasPlatform

SYSTEM = "https://agenda.example/rdv"
OPERATOR = "5b0f8f0e-2f8a-4a43-9e57-3d1a2c4b5e6f"


@dataclass(frozen=True)
class Connected:
    """The platform, and what a service needs to reach it."""

    platform: SasPlatform
    authority: Authority
    client: Certificate

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the service, by name."""
        return {
            "sas_url": self.platform.url,
            "sas_client_certificate": self.client.certificate,
            "sas_client_key": self.client.key,
            "sas_ca": self.authority.ca,
            "sas_appointment_system": SYSTEM,
        }

    @property
    def environment(self) -> dict[str, str]:
        """The same as variables."""
        return {f"SNP_{name.upper()}": str(value) for name, value in self.settings.items()}


@contextmanager
def a_connected_platform(folder: Path) -> Iterator[Connected]:
    """A platform that trusts one authority, and a client certificate of it."""
    authority = Authority(folder)
    server = authority.sign("127.0.0.1")
    client = authority.sign("agenda.example", cn="agenda.example", ou="Gestionnaire")
    platform = SasPlatform(folder, certificate=server.both, ca=authority.ca)
    platform.start()
    try:
        yield Connected(platform, authority, client)
    finally:
        platform.kill()
