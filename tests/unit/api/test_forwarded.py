"""Of what a proxy on a socket tells, the last address counts."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from starlette.types import Receive, Scope, Send

from api.forwarded import ForwardedLast
from tests.support.apart import apart


def seen(*headers: tuple[str, str]) -> tuple[Any, str]:
    found: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        found.append(scope)

    raw = [(name.encode(), value.encode()) for name, value in headers]
    scope: Scope = {"type": "http", "headers": raw, "client": None, "scheme": "http"}
    apart(lambda: anyio.run(ForwardedLast(app), scope, None, None))
    return found[0]["client"], found[0]["scheme"]


@pytest.mark.parametrize(
    ("told", "address"),
    [
        (["192.0.2.7"], "192.0.2.7"),
        (["198.51.100.1, 192.0.2.7"], "192.0.2.7"),
        (["198.51.100.1", "192.0.2.7"], "192.0.2.7"),
        (["198.51.100.1,2001:db8::7"], "2001:db8::7"),
    ],
)
def test_the_last_address_is_who_asks(told: list[str], address: str) -> None:
    client, _ = seen(*(("x-forwarded-for", one) for one in told))

    assert client == (address, 0)


@pytest.mark.parametrize("told", [[], [""], ["192.0.2.7, "], ["192.0.2.7, ailleurs"], ["192.0.2.7:80"]])
def test_what_is_no_address_is_nobody(told: list[str]) -> None:
    assert seen(*(("x-forwarded-for", one) for one in told))[0] is None


@pytest.mark.parametrize(("told", "scheme"), [("https", "https"), ("gopher", "http"), ("", "http")])
def test_the_scheme_is_one_of_two(told: str, scheme: str) -> None:
    assert seen(("x-forwarded-proto", told))[1] == scheme
