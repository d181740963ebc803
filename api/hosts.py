"""By which names the service may be asked: a `Host` header ends up in links and in judgements of origin.

With a public address its names are known. Without one (a trial) a name must be this machine's own, or a
number: whoever makes a browser ask by a name of his (DNS rebinding) is refused.

Source: RFC 9112 §3.2 (a request has one `Host`); OWASP WSTG-INPV-17 (Host header injection).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from snp.errors import SnpError
from snp.platform.settings import Environment, Settings

PROBED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""What monitors ask, by whatever name or number they know: no link is made there."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_FORM: Final = re.compile(r"(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9._-]{1,253}))(?::\d{1,5})?")


class UnknownHost(SnpError):
    """A request names no host, several, or one that is not this service's."""

    slug = "unknown-host"
    fr = "Ce service ne répond pas sous ce nom."


class UnsafePublicUrl(RuntimeError):
    """A production service was started without the https address that its links are made of."""


class Hosts:
    """The names that this service answers to."""

    def __init__(self, settings: Settings) -> None:
        named = (settings.public_url, settings.fhir_base_url)
        self._names = _LOOPBACK | {_name_of(one) for one in named if one} | settings.trusted_host_names
        self._takes_numbers = settings.public_url is None
        if self._takes_numbers:
            self._names |= {settings.host.lower(), socket.gethostname().lower()}
        self._knows = lru_cache(maxsize=256)(self._judge)

    def check(self, headers: Headers, path: str) -> None:
        """Refuse a request asked by another name. Raises `UnknownHost`."""
        if path in PROBED:
            return
        named = headers.getlist("host")
        if len(named) != 1 or not self._knows(named[0]):
            raise UnknownHost

    def _judge(self, host: str) -> bool:
        form = _FORM.fullmatch(host)
        if form is None:
            return False
        name = (form[1] or form[2]).lower().rstrip(".")
        return name in self._names or (self._takes_numbers and _is_number(name))


def check_public_url(settings: Settings) -> None:
    """Refuse to serve in production without an https address of one's own. Raises `UnsafePublicUrl`."""
    if settings.environment is not Environment.PRODUCTION:
        return
    if not (settings.public_url or "").startswith("https://"):
        raise UnsafePublicUrl(
            "SNP_PUBLIC_URL : en production, donnez l’adresse https que voient les gens ; "
            "les liens des pages et des messages en sont faits"
        )


def _name_of(address: str) -> str:
    return (urlsplit(address).hostname or "").lower()


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
