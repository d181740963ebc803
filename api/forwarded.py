"""Who a proxy on a Unix socket says is asking: the last address of `X-Forwarded-For`, the one it saw itself.

What stands before it was said by the caller, who may say anything: it opens no key's networks and fills
nobody else's bucket. Only who may write to the socket gets here.

Source: RFC 7239 §8.1 (a header's earlier entries are not to be trusted).
"""

from __future__ import annotations

import ipaddress
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

_SCHEMES: Final = frozenset({"http", "https"})


class ForwardedLast:
    """Gives each request the address and the scheme that the proxy in front tells."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            address = _last(headers.getlist("x-forwarded-for"))
            if address is not None:
                scope["client"] = (address, 0)
            scheme = headers.get("x-forwarded-proto", "").strip().lower()
            if scheme in _SCHEMES:
                scope["scheme"] = scheme
        await self._app(scope, receive, send)


def _last(told: list[str]) -> str | None:
    """Return the last address of the headers; None where there is none, or something else."""
    text = told[-1].rpartition(",")[2].strip() if told else ""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
