"""From where a key may be presented: networks in CIDR notation. Pure.

Source: RFC 4632 (IPv4), RFC 4291 §2.3 (IPv6).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable
from typing import Final

from api.security.errors import AddressNotAllowed
from snp.errors import InvalidValue

MOST_NETWORKS: Final = 20


def normalised(texts: Iterable[str]) -> list[str]:
    """Return networks in their one spelling, in order; a single address is a network of one.

    Raises `InvalidValue` for what is none, or for too many.
    """
    found = {_network(text.strip()) for text in texts if text.strip()}
    if len(found) > MOST_NETWORKS:
        raise InvalidValue("allowed_networks", f"{MOST_NETWORKS} réseaux au plus")
    return sorted(found)


def check_address(address: str | None, networks: Collection[str]) -> None:
    """Refuse an address that is in none of the networks; without any, every address will do.

    An IPv4 address that arrives in IPv6 clothes is judged as IPv4. Raises `AddressNotAllowed`.
    """
    if not networks:
        return
    try:
        came = ipaddress.ip_address(address or "")
    except ValueError:
        raise AddressNotAllowed from None
    if isinstance(came, ipaddress.IPv6Address) and came.ipv4_mapped is not None:
        came = came.ipv4_mapped
    if not any(came in ipaddress.ip_network(network) for network in networks):
        raise AddressNotAllowed


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise InvalidValue("allowed_networks", "écrivez une adresse ou un réseau, 192.0.2.0/24") from None
