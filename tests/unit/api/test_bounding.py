"""What a request may measure, seen from the application behind the bounds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from api.bounding import MAX_ADDRESS_BYTES, Bounded
from api.hosts import Hosts
from api.limiting import Limited
from api.pacing import Paces
from tests.support.apart import apart
from tests.support.database import test_settings

PART: Message = {"type": "http.request", "body": b"x" * 60, "more_body": True}
LAST: Message = {"type": "http.request", "body": b"{}", "more_body": False}


def bounded(inner: Any, **terms: Any) -> Bounded:
    return Bounded(inner, hosts=Hosts(test_settings()), **terms)


class Asked:
    """An application that reads its body whole, and says that it was asked."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.bodies.append(body)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


def asked(
    app: Any,
    messages: list[Message],
    *,
    path: str = "/api/x",
    query: bytes = b"",
    host: str = "localhost",
    **headers: str,
) -> Any:
    """The status and the problem that a request gets; who sends no more waits for ever."""
    parts: Iterator[Message] = iter(messages)
    sent: list[Message] = []

    async def receive() -> Message:
        try:
            return next(parts)
        except StopIteration:
            await anyio.sleep_forever()
            raise

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": [
            (b"host", host.encode()),
            *((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()),
        ],
        "client": ("192.0.2.7", 1),
        "scheme": "http",
        "server": ("test", 80),
        "app": Starlette(),
        "state": {},
    }
    apart(lambda: anyio.run(app, scope, receive, send))
    if not sent:
        return None
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return (
        sent[0]["status"],
        json.loads(body)["type"].rsplit(":", 1)[-1] if body else "",
        dict(sent[0]["headers"]),
    )


def test_a_body_within_the_bounds_arrives_whole() -> None:
    inner = Asked()

    status, *_ = asked(bounded(inner), [PART, PART, LAST], content_length="122")

    assert status == 204
    assert inner.bodies == [b"x" * 120 + b"{}"]


@pytest.mark.parametrize(
    ("messages", "headers", "expected"),
    [
        ([], {"content_length": "101"}, (413, "body-too-large")),
        ([PART, PART, LAST], {"transfer_encoding": "chunked"}, (413, "body-too-large")),
        ([PART, PART, LAST], {"content_length": "50"}, (413, "body-too-large")),
        ([LAST], {"content_length": "-2"}, (400, "bad-request")),
        ([LAST], {"content_length": "²"}, (400, "bad-request")),
        ([PART], {"content_length": "100"}, (408, "request-too-slow")),
        (
            [{"type": "http.request", "body": b"[" * 90}],
            {"content_length": "90", "content_type": "application/fhir+json"},
            (413, "body-too-complex"),
        ),
    ],
)
def test_a_body_beyond_the_bounds_never_reaches_the_application(
    messages: list[Message], headers: dict[str, str], expected: tuple[int, str]
) -> None:
    inner = Asked()

    status, slug, _ = asked(bounded(inner, max_bytes=100, body_seconds=0.05), messages, **headers)

    assert (status, slug) == expected
    assert inner.bodies == []


def test_a_form_of_too_many_fields_is_refused() -> None:
    inner, form = Asked(), {"type": "http.request", "body": b"a=1&" * 1_000}
    headers = {"content_length": "4000", "content_type": "application/x-www-form-urlencoded; charset=utf-8"}

    assert asked(bounded(inner), [form], **headers)[:2] == (413, "body-too-complex")


def test_who_goes_away_in_the_middle_is_answered_by_nobody() -> None:
    inner = Asked()

    assert asked(bounded(inner), [PART, {"type": "http.disconnect"}], content_length="100") is None
    assert inner.bodies == []


def test_an_address_has_a_length() -> None:
    inner = Asked()

    assert asked(bounded(inner), [LAST], query=b"a" * MAX_ADDRESS_BYTES)[:2] == (414, "address-too-long")
    assert asked(bounded(inner), [LAST], query=b"a" * (MAX_ADDRESS_BYTES - 6))[0] == 204


class Clock:
    """Seconds that a test moves by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def limited(clock: Clock, **settings: int) -> Limited:
    quiet = {"rate_per_key": 0, "rate_per_address": 0, "rate_burst_seconds": 2}
    return Limited(Asked(), paces=Paces(test_settings(**quiet | settings), clock=clock))


def test_a_key_that_asks_too_fast_waits_and_others_do_not() -> None:
    clock = Clock()
    door = limited(clock, rate_per_key=1)
    mine, other = "Bearer snp_aaaaaaaaaa_secret", "Bearer snp_bbbbbbbbbb_secret"

    answers = [asked(door, [LAST], authorization=mine)[0] for _ in range(3)]
    status, slug, headers = asked(door, [LAST], authorization="Bearer snp_aaaaaaaaaa_made-up")

    assert answers == [204, 204, 429]
    assert (status, slug) == (429, "too-many-requests")
    assert headers[b"retry-after"] == b"1"
    assert asked(door, [LAST], authorization=other)[0] == 204
    clock.now = 1.0
    assert asked(door, [LAST], authorization=mine)[0] == 204


def test_an_address_that_asks_too_fast_waits_whatever_key_it_shows() -> None:
    door = limited(Clock(), rate_per_address=1)

    answers = [asked(door, [LAST], authorization=f"Bearer snp_{number:010}_x")[0] for number in range(3)]

    assert answers == [204, 204, 429]
    assert asked(door, [LAST], path="/static/app.css")[0] == 204
    assert asked(door, [LAST], path="/healthz")[0] == 204


def test_no_rate_refuses_nobody() -> None:
    door = limited(Clock())

    assert {asked(door, [LAST], authorization="Bearer x")[0] for _ in range(50)} == {204}
