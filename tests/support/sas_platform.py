"""The national platform's side of INT_R03, as a process that can be killed: real HTTP, real mutual TLS.

It keeps what it accepted in a journal file, reads it again when it starts, and misbehaves on demand: the file
`trouble` beside the journal names how (one JSON object, read at every request).

    {"share": 0.2, "kinds": ["500", "503", "lost", "hang", "slow"], "refuse": "810…", "with": 422}

`lost`: what was sent is kept, the connection is cut without an answer. `slow`: kept, answered too late.
`hang`: not kept, never answered.
"""

from __future__ import annotations

import json
import random
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.ports import free_port

PROFILE = "http://sas.fr/fhir/StructureDefinition/FrAppointmentSAS"
STALL_SECONDS = 4.0


class Journal:
    """Everything accepted, in order; survives the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.Lock()
        self.ids: dict[tuple[str, str], str] = {}
        entries = read_journal(path)
        path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
        for entry in entries:
            self.ids[entry["system"], entry["value"]] = entry["id"]

    def accept(self, method: str, body: dict[str, Any]) -> tuple[str, bool]:
        """Keep a body; returns its id here, and whether it is new."""
        (identifier,) = body["identifier"]
        key = identifier["system"], identifier["value"]
        is_new = key not in self.ids
        self.ids.setdefault(key, f"sas-{len(self.ids) + 1}")
        line = {"method": method, "system": key[0], "value": key[1], "id": self.ids[key], "new": is_new}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line | {"body": body}) + "\n")
        return self.ids[key], is_new


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a journal: a killed process may have left half a line."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


class Handler(BaseHTTPRequestHandler):
    """`POST /fhir/Appointment` and `PUT /fhir/Appointment?identifier=system|value`."""

    protocol_version = "HTTP/1.1"
    journal: Journal
    trouble: Path

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""

    def _serve(self, method: str) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        trouble = json.loads(self.trouble.read_text()) if self.trouble.exists() else {}
        kind = random.choice(trouble["kinds"]) if random.random() < trouble.get("share", 0) else ""
        match kind:
            case "500" | "503":
                return self._answer(int(kind), _outcome("exception"), {"Retry-After": "1"})
            case "hang":
                time.sleep(STALL_SECONDS)
                return self._cut()
        status, answer, headers = self._accepted(method, raw, trouble)
        if kind == "lost":
            return self._cut()
        if kind == "slow":
            time.sleep(STALL_SECONDS)
        return self._answer(status, answer, headers)

    def _accepted(
        self, method: str, raw: bytes, trouble: dict[str, Any]
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        try:
            body = json.loads(raw)
            self._check(body)
        except (ValueError, KeyError) as fault:
            return 400, _outcome("structure", str(fault)), {}
        if trouble.get("refuse") == body["participant"][0]["actor"]["identifier"]["value"]:
            return trouble["with"], _outcome("business-rule"), {}
        (identifier,) = body["identifier"]
        key = identifier["system"], identifier["value"]
        with self.journal.lock:
            if method == "POST" and key in self.journal.ids:
                return 422, _outcome("duplicate"), {}
            if method == "PUT" and self._criterion() != key:
                return 400, _outcome("invalid", "criterion and body disagree"), {}
            ident, is_new = self.journal.accept(method, body)
        location = {"Location": f"https://sas.example/fhir/Appointment/{ident}"}
        return 201 if is_new else 200, body | {"id": ident}, location

    def _check(self, body: dict[str, Any]) -> None:
        if self.headers.get("content-type") != "application/fhir+json":
            raise ValueError("content type")
        if urlsplit(self.path).path != "/fhir/Appointment" or body["resourceType"] != "Appointment":
            raise ValueError("address")
        if body["meta"]["profile"] != [PROFILE] or len(body["participant"]) != 1:
            raise ValueError("profile")
        if body["status"] not in {"booked", "fulfilled", "noshow", "cancelled"}:
            raise ValueError("status")

    def _criterion(self) -> tuple[str, ...]:
        (criterion,) = parse_qs(urlsplit(self.path).query)["identifier"]
        return tuple(criterion.split("|"))

    def _answer(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _cut(self) -> None:
        self.close_connection = True


def _outcome(code: str, text: str = "") -> dict[str, Any]:
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": code, "diagnostics": text or code}],
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_args: Any) -> None:
        """A client that leaves early is no event."""


class SasPlatform:
    """The platform's process as a test sees it."""

    def __init__(self, folder: Path, *, certificate: Path, ca: Path) -> None:
        self.journal_file = folder / "journal.jsonl"
        self.trouble_file = folder / "trouble.json"
        self._terms = [str(folder), str(certificate), str(ca)]
        self._process: subprocess.Popen[str] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/fhir"

    def start(self) -> None:
        """Start it, on the same port each time, so that clients find it again."""
        command = [sys.executable, "-m", "tests.support.sas_platform", *self._terms, str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == f"{self.port}\n", "the platform did not start"

    def kill(self) -> None:
        """Kill it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def misbehave(self, **trouble: Any) -> None:
        """Change how it behaves from the next request on."""
        fresh = self.trouble_file.with_suffix(".new")
        fresh.write_text(json.dumps(trouble))
        fresh.replace(self.trouble_file)

    def accepted(self) -> list[dict[str, Any]]:
        """Everything it accepted, in order."""
        return read_journal(self.journal_file)


def main(folder: str, certificate: str, ca: str, port: str) -> None:
    """Serve until killed; prints the port when it listens."""
    Handler.journal = Journal(Path(folder) / "journal.jsonl")
    Handler.trouble = Path(folder) / "trouble.json"
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    tls.load_verify_locations(ca)
    tls.verify_mode = ssl.CERT_REQUIRED
    server = _Server(("127.0.0.1", int(port)), Handler)
    # The handshake takes place in the thread of the request: a slow client stops nobody.
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
