"""An OpenID Connect provider whose every word the test chooses: levels, sessions, orders to sign out.

Beside `oidc_provider_mock`, which has neither levels nor orders.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from api.security.logout_tokens import EVENT

CLIENT = "snp-pages"
SECRET = "un secret d’essai"


class SigningIssuer:
    """Its address, what it will say of who comes, and what it was asked."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.key = RSAKey.generate_key(2048, {"kid": "un", "use": "sig", "alg": "RS256"})
        self.told: dict[str, dict[str, Any]] = {}
        self.apart: dict[str, Any] = {}
        self.asked: dict[str, list[str]] = {}

    def answers(self, browser: httpx.Client, asked: httpx.Response, **claims: Any) -> httpx.Response:
        """Answer a question that a browser was sent away with: who came back, by a code."""
        self.asked = parse_qs(urlsplit(asked.headers["location"]).query)
        now, code = int(time.time()), f"code-{len(self.told)}"
        proven = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300}
        self.told[code] = proven | {"nonce": self.asked["nonce"][0]} | claims
        back = httpx.URL(self.asked["redirect_uri"][0])
        query = {"code": code, "state": self.asked["state"][0]}
        return browser.get(back.copy_with(params=query), follow_redirects=True)

    def order(self, **changes: Any) -> str:
        """A signed order to end sessions."""
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": str(now)}
        return self.signed(claims | {"events": {EVENT: {}}} | changes, typ="logout+jwt")

    def signed(self, claims: dict[str, Any], *, typ: str = "JWT") -> str:
        """A token under the provider's key."""
        return jwt.encode({"alg": "RS256", "kid": "un", "typ": typ}, claims, self.key)

    def document(self, path: str) -> dict[str, Any]:
        """What stands at an address of the provider."""
        if path.endswith("-configuration"):
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "userinfo_endpoint": f"{self.address}/userinfo",
            }
        if path == "/userinfo":
            return self.apart
        return KeySet([self.key]).as_dict(private=False)


@contextmanager
def signing_issuer() -> Iterator[SigningIssuer]:
    """Run the provider for the length of the block."""
    issuer: SigningIssuer

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(issuer.document(self.path))

        def do_POST(self) -> None:
            body = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            claims = issuer.told[body["code"][0]]
            self._answer({"id_token": issuer.signed(claims), "access_token": "jeton", "token_type": "Bearer"})

        def _answer(self, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    issuer = SigningIssuer(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
