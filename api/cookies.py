"""The cookies of the service: out of reach of scripts, sent with no foreign form, by TLS where there is.

Behind TLS their names carry the prefix that browsers hold them to: nobody on another name of the domain, or
on the way, can put one of his own in their place. Knows no route.

Source: draft-ietf-httpbis-rfc6265bis §4.1.3 (`__Host-`, `__Secure-`); OWASP Session Management Cheat Sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi.responses import Response
from starlette.requests import HTTPConnection

from api.wiring import Wiring, wiring_of


@dataclass(frozen=True, slots=True)
class BrowserCookie:
    """A cookie by its plain name, for an address and what is below it."""

    name: str
    path: str = "/"

    def named(self, wiring: Wiring) -> str:
        """Return the name that browsers know it by."""
        if not wiring.is_https:
            return self.name
        return f"__Host-{self.name}" if self.path == "/" else f"__Secure-{self.name}"

    def read(self, connection: HTTPConnection) -> str | None:
        """Return what a browser brought; one under another name is none of ours."""
        return connection.cookies.get(self.named(wiring_of(connection)))

    def put(self, response: Response, value: str, wiring: Wiring, *, max_age: int) -> None:
        """Leave it in the browser for so many seconds: the clock of a counter's machine may be days off."""
        response.set_cookie(
            self.named(wiring),
            value,
            max_age=max_age,
            path=self.path,
            httponly=True,
            secure=wiring.is_https,
            samesite="lax",
        )

    def remove(self, response: Response, wiring: Wiring) -> None:
        """Take it from the browser."""
        response.delete_cookie(
            self.named(wiring), path=self.path, httponly=True, secure=wiring.is_https, samesite="lax"
        )


SESSION: Final = BrowserCookie("snp_session")
