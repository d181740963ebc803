"""A calendar is fetched from the public Internet, or from nowhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from slots.feeds.facts import FetchFault
from slots.feeds.ical_client import CalendarClient, check_address, is_public
from slots.feeds.refusals import CalendarUnreadable

TEXT = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


class Answers(BaseHTTPRequestHandler):
    """A server of calendars, and of what a hostile one answers."""

    def do_GET(self) -> None:
        self.server.seen.append(dict(self.headers))  # type: ignore[attr-defined]
        port = self.server.server_address[1]
        match self.path:
            case "/known" if self.headers.get("If-None-Match") == '"7"':
                self._answer(304)
            case "/known":
                self._answer(200, TEXT, ETag='"7"', **{"Last-Modified": "Tue, 24 Nov 2026 09:00:00 GMT"})
            case "/big":
                self._answer(200, b"x" * 5_000)
            case "/slow":
                self._drip()
            case "/packed":
                self._answer(200, TEXT, **{"Content-Encoding": "gzip"})
            case "/moved":
                self._answer(302, Location=f"http://calendrier.test:{port}/known")
            case "/inward":
                self._answer(302, Location="http://169.254.169.254/latest/meta-data")
            case "/around":
                self._answer(302, Location="/around")
            case "/file":
                self._answer(302, Location="file:///etc/passwd")
            case _:
                self._answer(404)

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "500")
        self.end_headers()
        try:
            for _ in range(500):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.02)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    """A server on a free port of this machine."""
    running = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    running.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def at(server: ThreadingHTTPServer) -> str:
    """The address of the server, by name."""
    return f"http://calendrier.test:{server.server_address[1]}"


def client(at: str, **options: Any) -> CalendarClient:
    options = {"allowed_hosts": {at.removeprefix("http://")}, "resolve": lambda *_: ["127.0.0.1"]} | options
    return CalendarClient(**options)


def fault(call: Any) -> FetchFault:
    with pytest.raises(CalendarUnreadable) as refusal:
        call()
    return refusal.value.fault


def test_a_calendar_is_fetched_by_name_at_the_address_that_was_judged(server: Any, at: str) -> None:
    found = client(at).fetch(f"{at}/known")
    assert (found.text, found.etag) == (TEXT, '"7"')
    assert server.seen[-1]["Host"] == at.removeprefix("http://")


def test_what_has_not_changed_is_not_sent_again(at: str) -> None:
    assert client(at).fetch(f"{at}/known", etag='"7"').text is None


def test_a_redirect_is_followed_and_judged(at: str) -> None:
    assert client(at).fetch(f"{at}/moved").text == TEXT
    assert fault(lambda: client(at).fetch(f"{at}/inward")) is FetchFault.NOT_ALLOWED
    assert fault(lambda: client(at).fetch(f"{at}/file")) is FetchFault.NOT_ALLOWED
    assert fault(lambda: client(at).fetch(f"{at}/around")) is FetchFault.REFUSED


def test_what_is_too_large_packed_or_missing_is_refused(at: str) -> None:
    assert fault(lambda: client(at, max_bytes=1_000).fetch(f"{at}/big")) is FetchFault.TOO_LARGE
    assert fault(lambda: client(at).fetch(f"{at}/packed")) is FetchFault.NOT_A_CALENDAR
    assert fault(lambda: client(at).fetch(f"{at}/nowhere")) is FetchFault.REFUSED


def test_a_server_that_never_ends_is_left(at: str) -> None:
    assert fault(lambda: client(at, max_seconds=0.4).fetch(f"{at}/slow")) is FetchFault.TOO_SLOW


@pytest.mark.parametrize(
    "number",
    [
        *("127.0.0.1", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1"),
        *("64:ff9b::7f00:1", "2002:7f00:1::", "192.0.2.1", "not-an-address"),
    ],
)
def test_an_address_of_an_internal_network_is_never_connected_to(at: str, number: str) -> None:
    asked = CalendarClient(resolve=lambda *_: [number])
    assert not is_public(number)
    assert fault(lambda: asked.fetch("https://calendrier.test/a.ics")) is FetchFault.NOT_ALLOWED


def test_one_internal_address_among_public_ones_is_enough_to_refuse() -> None:
    asked = CalendarClient(resolve=lambda *_: ["93.184.215.14", "10.0.0.8"])
    assert fault(lambda: asked.fetch("https://calendrier.test/a.ics")) is FetchFault.NOT_ALLOWED


def test_the_connection_goes_to_the_address_judged_whatever_the_name_says_next(
    at: str,
) -> None:
    asked: list[str] = []

    def resolve(name: str, _: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"]

    assert client(at, resolve=resolve).fetch(f"{at}/known").text == TEXT
    assert asked == ["calendrier.test"]


@pytest.mark.parametrize("number", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_a_public_address_is_one(number: str) -> None:
    assert is_public(number)


@pytest.mark.parametrize(
    "address",
    [
        *("http://exemple.fr/a.ics", "ftp://exemple.fr/a.ics", "file:///etc/passwd", "gopher://exemple.fr"),
        *(
            "https://exemple.fr:8443/a.ics",
            "https://moi:secret@exemple.fr/a.ics",
            "https://",
            "exemple.fr",
            "",
        ),
        *(
            "https://127.0.0.1/a.ics",
            "https://[::1]/a.ics",
            "https://exemple.fr:x/",
            "https://" + "a" * 3_000,
        ),
    ],
)
def test_what_is_never_fetched_is_refused_at_once(address: str) -> None:
    assert fault(lambda: check_address(address)) is FetchFault.NOT_ALLOWED


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "017700000001",
        "127.1",
        "0",
        "①②⑦.⓪.⓪.①",
        "[::ffff:7f00:1]",
        "[64:ff9b::a00:1]",
    ],
)
def test_no_other_spelling_of_an_internal_address_is_connected_to(host: str) -> None:
    """Decimal, hexadecimal, octal, short, written in circles, wrapped in IPv6."""
    told = fault(lambda: CalendarClient(max_seconds=2).fetch(f"https://{host}/a.ics"))
    assert told in {FetchFault.NOT_ALLOWED, FetchFault.UNREACHABLE}


def test_webcal_is_https() -> None:
    assert check_address("webcal://Exemple.fr/a.ics") == ("https", "exemple.fr", 443)


def test_a_name_with_an_address_that_cannot_be_reached_is_read_at_the_other(at: str) -> None:
    found = client(at, resolve=lambda *_: ["127.0.0.2", "127.0.0.1"]).fetch(f"{at}/known")
    assert found.text == TEXT
