"""E-mail, SMS and webhooks against servers that speak the real protocols, and what comes of each answer."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller

from snp.notifications.facts import Delivered, Refused, Retry
from snp.notifications.sms_client import SmsGateway
from snp.notifications.smtp_client import MailServer
from snp.notifications.webhook_client import Webhook
from snp.platform.settings import MailSecurity

IDENT = UUID("01a214e3-23d6-7661-b65e-4a007381c49a")
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Mailbox:
    """A mail server's hands: keeps what it takes, refuses as it is told."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.answer_to_recipient = "250 OK"
        self.answer_to_data = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the library's name
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        self.taken.append(envelope.content.decode())
        return self.answer_to_data


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, MailServer]]:
    box = Mailbox()
    controller, port = _listening(box)
    yield box, MailServer("127.0.0.1", port, "SNP <snp@example.fr>", MailSecurity.NONE)
    controller.stop()


def _listening(box: Mailbox) -> tuple[Controller, int]:
    """A free port may be taken by somebody else before we listen on it: then another is tried."""
    for _ in range(20):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        controller = Controller(box, hostname="127.0.0.1", port=port)
        try:
            controller.start()
        except OSError:
            continue
        return controller, port
    raise AssertionError("no free port")


def mail(server: MailServer, **changes):
    words = {"to": "cabinet@example.fr", "subject": "Été : déplacé", "text": "Où ? Là-bas."} | changes
    return server.send(IDENT, now=NOW, **words)


def test_an_e_mail_arrives_with_its_accents_and_an_identity_of_its_own(mailbox):
    box, server = mailbox
    assert mail(server) == Delivered()
    (taken,) = box.taken
    assert f"Message-ID: <{IDENT}@example.fr>" in taken
    assert "Auto-Submitted: auto-generated" in taken
    assert "Subject: =?utf-8?" in taken


@pytest.mark.parametrize(
    ("place", "answer", "outcome"),
    [
        ("answer_to_recipient", "550 no such user", Refused("smtp-550")),
        ("answer_to_recipient", "450 mailbox busy", Retry("smtp-450")),
        ("answer_to_data", "554 refused", Refused("smtp-554")),
        ("answer_to_data", "451 try later", Retry("smtp-451")),
    ],
)
def test_what_a_mail_server_answers_decides_whether_it_is_tried_again(mailbox, place, answer, outcome):
    box, server = mailbox
    setattr(box, place, answer)
    assert mail(server) == outcome


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "a@example.fr\r\nBcc: b@example.fr"},
        {"subject": "x\nBcc: b@example.fr"},
        {"to": "a@exa mple\x00"},
    ],
)
def test_nothing_typed_begins_another_header(mailbox, changes):
    box, server = mailbox
    assert isinstance(mail(server, **changes), Refused)
    assert box.taken == []


def test_a_mail_server_that_is_away_delays_the_channel_and_blames_no_message():
    outcome = mail(MailServer("127.0.0.1", 9, "snp@example.fr", MailSecurity.NONE))
    assert isinstance(outcome, Retry)
    assert outcome.channel_down


def test_a_server_without_tls_gets_nothing_when_tls_is_asked_for(mailbox):
    box, server = mailbox
    asked = MailServer(server.host, server.port, server.sender, MailSecurity.STARTTLS)
    assert isinstance(mail(asked), Retry)
    assert box.taken == []


class Listener:
    """An HTTP server that keeps what it is sent and answers as it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status, self.headers = 200, {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/in"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def listener() -> Iterator[Listener]:
    one = Listener()
    yield one
    one.stop()


def test_a_text_is_handed_to_the_gateway_with_its_reference(listener):
    gateway = SmsGateway(listener.url, "CPTS", "jeton")
    assert gateway.send(IDENT, "+33639981001", "RDV jeudi à 14h15") == Delivered()
    ((headers, body),) = listener.heard
    assert headers["authorization"] == "Bearer jeton"
    assert headers["idempotency-key"] == str(IDENT)
    assert json.loads(body) == {
        "to": "+33639981001",
        "from": "CPTS",
        "text": "RDV jeudi à 14h15",
        "reference": str(IDENT),
    }


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (202, {}, Delivered()),
        (400, {}, Refused("http-400")),
        (422, {}, Refused("http-422")),
        (401, {}, Retry("http-401", channel_down=True)),
        (429, {"Retry-After": "30"}, Retry("http-429", timedelta(seconds=30), channel_down=True)),
        (500, {}, Retry("http-500")),
        (503, {"Retry-After": "5"}, Retry("http-503", timedelta(seconds=5), channel_down=True)),
        (302, {"Location": "http://ailleurs.example/"}, Retry("http-302", channel_down=True)),
    ],
)
def test_what_a_gateway_answers_decides_whether_it_is_tried_again(listener, status, headers, outcome):
    listener.status, listener.headers = status, headers
    assert SmsGateway(listener.url, "CPTS").send(IDENT, "+33639981001", "x") == outcome


def test_a_gateway_that_is_away_delays_the_channel():
    outcome = SmsGateway("http://127.0.0.1:9/", "CPTS").send(IDENT, "+33639981001", "x")
    assert isinstance(outcome, Retry)
    assert outcome.channel_down


def test_an_event_is_signed_so_that_its_reader_can_tell(listener):
    secret = "un secret partagé, assez long"
    told = Webhook(listener.url, secret).send(
        IDENT, "appointment.booked", NOW, {"appointment_id": "a"}, NOW + timedelta(seconds=3)
    )
    assert told == Delivered()
    ((headers, body),) = listener.heard
    moment, signed = (part.split("=", 1)[1] for part in headers["snp-signature"].split(","))
    assert int(moment) == int(NOW.timestamp()) + 3
    expected = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(signed, expected)
    assert json.loads(body) == {
        "id": str(IDENT),
        "type": "appointment.booked",
        "at": "2026-11-24T09:00:00+00:00",
        "data": {"appointment_id": "a"},
    }
