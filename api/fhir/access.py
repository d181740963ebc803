"""Who may knock at the FHIR door: the platform, known by its client certificate, or this machine in a trial.

`SNP_FHIR_ACCESS` decides. No account and no key opens this door. TLS ends before the service; what the proxy
says of the certificate is judged in `certificates`.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Final

from fastapi import Depends, Request

from api.fhir.certificates import CertificateRequired, check_certificate
from api.security.rights import Action, reach_of
from api.wiring import wiring_of
from snp.errors import NotFound
from snp.platform.actors import Actor, system
from snp.platform.settings import FhirAccess

PLATFORM: Final = system("sas")
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip")


async def fhir_caller(request: Request) -> None:
    """Let the platform in.

    Raises `CertificateRequired`, `CertificateRefused`, and `NotFound` where the door is off.
    """
    settings = wiring_of(request).settings
    match settings.fhir_access_mode:
        case FhirAccess.OFF:
            raise NotFound("FHIR")
        case FhirAccess.LOOPBACK if is_local(request):
            return
        case FhirAccess.PROXY:
            check_certificate(request.headers, settings)
        case _:
            raise CertificateRequired


def is_local(request: Request) -> bool:
    """Tell whether the caller sits on this machine, and no proxy speaks for somebody farther away."""
    if any(header in request.headers for header in _FORWARDED) or request.client is None:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class AllowPlatform:
    """The action of a FHIR route, as a dependency; `fhir_caller` has let the platform in before."""

    action: Action

    async def __call__(self, request: Request) -> Actor:
        """Return the platform as an actor."""
        reach_of(PLATFORM, self.action)
        request.state.actor = PLATFORM
        return PLATFORM


ReaderDep = Annotated[Actor, Depends(AllowPlatform(Action.SAS_READ))]
"""The platform, who reads."""
