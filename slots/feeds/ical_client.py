"""Fetches a calendar from an address that anybody may have typed, and nothing else.

No address of a private, loopback, link-local or otherwise internal network is ever connected to: the name is
resolved here, every address it has is judged, and the connection goes to the very address that was judged, so
that a name which answers differently a moment later (DNS rebinding) changes nothing. Redirects are followed
by hand, each judged like the first address. No proxy, no cookie, no credentials.

Source: OWASP Server-Side Request Forgery Prevention Cheat Sheet; RFC 6890 (special-purpose addresses).
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Collection, Sequence
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from slots.feeds.facts import Fetched, FetchFault
from slots.feeds.refusals import CalendarUnreadable

MAX_BYTES: Final = 3_000_000
MAX_SECONDS: Final = 15.0
MAX_REDIRECTS: Final = 3
MAX_ADDRESS: Final = 2_000
MOST_NUMBERS: Final = 3
_HTTPS: Final = 443
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

Resolve = Callable[[str, int], Collection[str]]


class CalendarClient:
    """Fetches calendars. `allowed_hosts`: `host:port` of internal servers that may be asked all the same."""

    def __init__(
        self,
        *,
        allowed_hosts: Collection[str] = (),
        resolve: Resolve | None = None,
        max_bytes: int = MAX_BYTES,
        max_seconds: float = MAX_SECONDS,
    ) -> None:
        self._allowed = frozenset(host.lower() for host in allowed_hosts)
        self._resolve = resolve or resolve_name
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds

    def fetch(self, address: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
        """Return a calendar's text, or None for a text that has not changed. Raises `CalendarUnreadable`."""
        headers = {"Accept": "text/calendar", "Accept-Encoding": "identity", "User-Agent": "snp-calendars"}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        ends = time.monotonic() + self._max_seconds
        try:
            with httpx.Client(
                trust_env=False, timeout=self._max_seconds / 3, follow_redirects=False
            ) as client:
                return self._follow(client, address, headers, ends)
        except httpx.TimeoutException:
            raise CalendarUnreadable(FetchFault.TOO_SLOW) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError):
            raise CalendarUnreadable(FetchFault.UNREACHABLE) from None

    def _follow(self, client: httpx.Client, address: str, headers: dict[str, str], ends: float) -> Fetched:
        for _ in range(MAX_REDIRECTS + 1):
            found = self._ask(client, address, headers, ends)
            if isinstance(found, Fetched):
                return found
            address = urljoin(address, found)
        raise CalendarUnreadable(FetchFault.REFUSED)

    def _ask(self, client: httpx.Client, address: str, headers: dict[str, str], ends: float) -> Fetched | str:
        """Ask once; returns where a redirect leads."""
        targets, host, name = self._judged(address)
        requests = [
            client.build_request(
                "GET", target, headers=headers | {"Host": host}, extensions={"sni_hostname": name}
            )
            for target in targets
        ]
        answer = _first_to_connect(client, requests)
        try:
            match answer.status_code:
                case 304:
                    return Fetched(None)
                case 301 | 302 | 303 | 307 | 308 if "location" in answer.headers:
                    return answer.headers["location"]
                case 200:
                    return Fetched(
                        self._body(answer, ends),
                        _short(answer.headers.get("etag")),
                        _short(answer.headers.get("last-modified")),
                    )
                case _:
                    raise CalendarUnreadable(FetchFault.REFUSED)
        finally:
            answer.close()

    def _body(self, answer: httpx.Response, ends: float) -> bytes:
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise CalendarUnreadable(FetchFault.NOT_A_CALENDAR)
        parts, size = [], 0
        for part in answer.iter_raw():
            size += len(part)
            if size > self._max_bytes:
                raise CalendarUnreadable(FetchFault.TOO_LARGE)
            if time.monotonic() > ends:
                raise CalendarUnreadable(FetchFault.TOO_SLOW)
            parts.append(part)
        return b"".join(parts)

    def _judged(self, address: str) -> tuple[list[str], str, str]:
        """Return the address once for each host judged, the Host header, and the name."""
        scheme, name, port = check_address(address, allowed_hosts=self._allowed)
        given = ipaddress_of(name)
        numbers = [name] if given else list(self._resolve(name, port))
        if not numbers:
            raise CalendarUnreadable(FetchFault.UNREACHABLE)
        if f"{name}:{port}" not in self._allowed and not all(is_public(one) for one in numbers):
            raise CalendarUnreadable(FetchFault.NOT_ALLOWED)
        parts = urlsplit(address)
        query = f"?{parts.query}" if parts.query else ""
        shown = f"[{name}]" if ":" in name else name
        plain = port == (_HTTPS if scheme == "https" else 80)
        host = shown if plain else f"{shown}:{port}"
        path = f"{parts.path or '/'}{query}"
        literals = [f"[{one}]" if ":" in one else one for one in numbers[:MOST_NUMBERS]]
        return [f"{scheme}://{literal}:{port}{path}" for literal in literals], host, name


def _first_to_connect(client: httpx.Client, requests: Sequence[httpx.Request]) -> httpx.Response:
    """Return the answer of the first server that can be reached: a name may have an address that cannot."""
    *others, last = requests
    for request in others:
        try:
            return client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return client.send(last, stream=True)


def check_address(address: str, *, allowed_hosts: Collection[str] = ()) -> tuple[str, str, int]:
    """Return scheme, host and port of an address that may be fetched; its host is judged later.

    `webcal:` is read as `https:`. Plain `http:` and other ports are only for allowed hosts. Raises
    `CalendarUnreadable`.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise CalendarUnreadable(FetchFault.NOT_ALLOWED) from None
    scheme = {"webcal": "https", "webcals": "https"}.get(parts.scheme.lower(), parts.scheme.lower())
    name = (parts.hostname or "").rstrip(".").lower()
    if (
        scheme not in {"https", "http"}
        or not name
        or parts.username is not None
        or len(address) > MAX_ADDRESS
    ):
        raise CalendarUnreadable(FetchFault.NOT_ALLOWED)
    port = port or (_HTTPS if scheme == "https" else 80)
    if f"{name}:{port}" not in allowed_hosts and (scheme != "https" or port != _HTTPS):
        raise CalendarUnreadable(FetchFault.NOT_ALLOWED)
    number = ipaddress_of(name)
    if number is not None and f"{name}:{port}" not in allowed_hosts and not is_public(str(number)):
        raise CalendarUnreadable(FetchFault.NOT_ALLOWED)
    return scheme, name, port


def is_public(number: str) -> bool:
    """Tell whether an address is one of the public Internet, whatever it is wrapped in."""
    found = ipaddress_of(number.split("%", 1)[0])
    if found is None:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(found.packed[-4:])
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


def ipaddress_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a text writes; None for a name."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def resolve_name(name: str, port: int) -> list[str]:
    """Return the addresses of a name, each once, in the order preferred by this machine."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _short(header: str | None) -> str | None:
    return header if header and len(header) <= 200 else None
