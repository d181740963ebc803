"""What a browser never sends: heads that do not end, two readings of one body, methods in disguise."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy as sa

from api.heads import BoundedHeads
from api.main import create_app
from snp.platform.clock import SteppedClock
from snp.platform.db import create_engine
from tests.support.database import test_settings
from tests.support.http import NOW, RunningServer, World, refused

SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Hurried(BoundedHeads):
    """The protocol of the service with bounds that a test can reach."""

    max_head_bytes = 4_000
    head_seconds = 0.3


@pytest.fixture(scope="module")
def hurried(database_server: sa.URL) -> Iterator[RunningServer]:
    engine = create_engine(database_server, test_settings())
    server = RunningServer(create_app(test_settings(), engine=engine, clock=SteppedClock(NOW)), http=Hurried)
    server.start()
    yield server
    server.stop()
    engine.dispose()


def told(url: str, *parts: bytes) -> bytes:
    """Everything that the server answers on one connection until it closes it."""
    with socket.create_connection(("127.0.0.1", httpx.URL(url).port or 0), timeout=20) as line:
        answer = b""
        try:
            for part in parts:
                line.sendall(part)
            while got := line.recv(65_536):
                answer += got
        except ConnectionError:
            pass
        return answer


def post(*headers: bytes, body: bytes = b"") -> bytes:
    lines = (
        b"POST /api/v1/requests HTTP/1.1",
        b"Host: localhost",
        b"Content-Type: application/json",
        *headers,
    )
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    "sent",
    [
        post(b"Content-Length: 0", b"Content-Length: 35", body=SMUGGLED),
        post(b"Content-Length: 35", b"Content-Length: 0", body=SMUGGLED),
        post(b"Content-Length: 5, 5", body=b"{}   " + SMUGGLED),
        post(b"Content-Length: +5", body=b"{}   " + SMUGGLED),
        post(b"Content-Length: 0x5", body=b"{}   " + SMUGGLED),
        post(b"Content-Length: -1", body=SMUGGLED),
        post(b"Content-Length: 99999999999999999999999", body=SMUGGLED),
        post(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED),
        post(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=b"0\r\n\r\n" + SMUGGLED),
        post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + SMUGGLED),
        post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + SMUGGLED),
        post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n" + SMUGGLED),
        post(b"Transfer-Encoding: chunked", body=b"-1\r\n\r\n" + SMUGGLED),
        post(b"Transfer-Encoding: chunked", body=b"ffffffffffffffff0\r\n" + SMUGGLED),
        post(b"X-A: b\rContent-Length: 0", body=SMUGGLED),
        post(b"X-A: b\x00c", body=SMUGGLED),
        b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_a_request_that_can_be_read_two_ways_is_refused_and_its_connection_closed(
    hurried: RunningServer, sent: bytes
) -> None:
    answer = told(hurried.url, sent)

    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert answer.count(b"HTTP/1.1 ") == 1, answer


def test_a_head_that_never_ends_is_cut(hurried: RunningServer) -> None:
    start = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"

    assert told(hurried.url, start, *(b"X-%d: %s\r\n" % (n, b"a" * 900) for n in range(9))).startswith(
        (b"HTTP/1.1 431 ", b"")
    )
    assert told(hurried.url, start, b"X-A: slow").startswith(b"HTTP/1.1 408 ")
    assert told(hurried.url).startswith(b"HTTP/1.1 408 ")


def test_a_second_head_on_a_connection_has_its_time_too(hurried: RunningServer) -> None:
    answer = told(hurried.url, SMUGGLED.replace(b"healthz", b"nowhere") + b"GET /nowhere HTT")

    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer.count(b"HTTP/1.1 ") == 2, answer
    assert b"HTTP/1.1 408 " in answer


def test_a_large_body_is_no_head(hurried: RunningServer) -> None:
    with httpx.Client(base_url=hurried.url) as caller:
        for _ in range(2):
            answer = caller.post("/api/v1/requests", content=b'"' + b"x" * 600_000 + b'"')
            assert answer.status_code in {401, 415}, answer.text


METHOD_HEADERS = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method")


def test_no_header_or_parameter_changes_the_method(world: World) -> None:
    path = f"/api/v1/territories/{world.territory.id}"

    for header in METHOD_HEADERS:
        seen = world.administrator.get(f"{path}?_method=DELETE", headers={header: "DELETE"})
        assert seen.status_code == 200, header
    assert world.administrator.get(path).status_code == 200


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "LINK", "get"])
def test_a_method_that_is_none_of_ours_is_refused(hurried: RunningServer, method: str) -> None:
    answer = told(hurried.url, f"{method} /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    assert answer.split(b" ")[1] in {b"400", b"405"}, answer


OTHER_MEDIA = (
    *("text/plain", "text/html", "application/xml", "application/jsonx"),
    *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
)


def test_a_body_under_another_name_is_not_read_as_json(world: World) -> None:
    body = b'{"territory_id": "%s"}' % str(world.territory.id).encode()
    for media in OTHER_MEDIA:
        answer = world.arm.post("/api/v1/requests", content=body, headers={"Content-Type": media})
        refused(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "path",
    [
        *("/static/../main.py", "/static/%2e%2e/%2e%2e/main.py", "/static/..%2f..%2fmain.py"),
        *("/static/....//main.py", "/static/%5c..%5c..%5cmain.py", "/static//etc/passwd"),
        *("/static/%252e%252e/main.py", "/static/css/%00", "/static/", "/static/vendor/../../routes.py"),
    ],
)
def test_nothing_outside_the_static_files_is_served(hurried: RunningServer, path: str) -> None:
    answer = told(hurried.url, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    assert answer.split(b" ")[1] in {b"404", b"405", b"400"}, answer[:300]
    assert b"import annotations" not in answer


ODD_JSON = (
    '{"territory_id": NaN}',
    '{"territory_id": Infinity}',
    '{"patient": {"family_name": "\\ud800"}}',
    '{"territory_id": ' + "9" * 5_000 + "}",
    '{"territory_id": 1e999}',
    "[" * 30 + "]" * 30,
    '{"a": 1, "a": 2}',
    "\ufeff{}",
    "nul",
    '"',
)


def test_json_at_the_edge_of_json_is_refused_not_stumbled_over(world: World) -> None:
    headers = {"Content-Type": "application/json"}
    for body in ODD_JSON:
        answer = world.arm.post("/api/v1/requests", content=body.encode(), headers=headers)
        assert answer.status_code in {400, 422}, (body, answer.text)


ODD_TEXTS = (
    "\ud800",
    "a\u0000b",
    "\U0010ffff",
    "\u202e",
    "\r\nX-Injected: 1",
    "%00",
    "{0.__class__}",
    "{{7*7}}",
)


def test_no_text_makes_a_fault_of_ours(world: World) -> None:
    """Lone surrogates and NUL are what PostgreSQL cannot keep; the rest ends in headers or templates."""
    headers = {"Content-Type": "application/json"}
    for text in ODD_TEXTS:
        traits = {"family_name": f"Gu{text}", "given_name": "Maëlle", "birth_date": "1987-04-12", "sex": "F"}
        body = {"territory_id": str(world.territory.id), "patient": traits | {"insee": "44131"}}
        sendable = text.encode("utf-8", "replace").decode()
        answers = (
            world.arm.post("/api/v1/requests", content=json.dumps(body).encode(), headers=headers),
            world.arm.get("/api/v1/requests", params={"cursor": sendable}),
            world.arm.get("/api/v1/communes", params={"search": sendable}),
            world.arm.get(f"/api/v1/requests/{httpx.QueryParams(a=sendable)}"),
            world.arm.get("/api/v1/requests", headers={"Accept-Language": "fr;q=x,,;"}),
        )
        for answer in answers:
            assert answer.status_code < 500, (text, answer.text)
            assert "x-injected" not in answer.headers
