"""The headers of every answer, behind TLS and without."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from api.edge import Guarded
from tests.support.apart import run_apart


def headers_of(*, is_https: bool) -> httpx.Headers:
    app = FastAPI(middleware=[])

    @app.get("/")
    def nothing() -> None:
        """Answer."""

    async def ask() -> httpx.Headers:
        transport = httpx.ASGITransport(Guarded(app, is_https=is_https))
        async with httpx.AsyncClient(transport=transport, base_url="http://essai") as client:
            return (await client.get("/")).headers

    return run_apart(ask())


@pytest.mark.parametrize("is_https", [True, False])
def test_browsers_are_told_to_keep_to_tls_where_there_is_tls(is_https: bool) -> None:
    told = headers_of(is_https=is_https).get("strict-transport-security", "")

    assert told == ("max-age=31536000; includeSubDomains" if is_https else "")


def test_pages_run_no_foreign_script_and_stand_in_no_frame() -> None:
    headers = headers_of(is_https=True)
    policy = headers["content-security-policy"]

    assert "unsafe" not in policy
    assert all(
        part in policy for part in ("default-src 'none'", "frame-ancestors 'none'", "form-action 'self'")
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
