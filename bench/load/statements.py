"""The statements of one booking, as the service sends them, made into a script of pgbench.

The application itself runs in this process for two bookings; what its engine sends for the second is written
down and made repeatable: the booking's number becomes a variable of pgbench, fresh identifiers are derived
from it, everything else stays as it was sent. All of it makes one transaction.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx
import orjson
import psycopg
import sqlalchemy as sa
from psycopg import Binary
from psycopg.types.json import Json, Jsonb

from api.main import create_app
from api.wiring import Wiring
from bench.load.stage import FIRST, request_id, slot_id

_PLACE = re.compile(r"%\((\w+)\)s|%s")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_LARGE = 1 << 32
_HASH_BYTES = 32
Sent = tuple[str, Mapping[str, Any] | Sequence[Any]]


def capture(service: Wiring, key: str, warm: int, number: int) -> list[Sent]:
    """Return what is sent to the database for the booking of `number`, after one of `warm`."""
    sent: list[Sent] = []

    async def play() -> None:
        app = create_app(service.settings, engine=service.engine, keys=service.keys, clock=service.clock)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://127.0.0.1",
            headers={"Authorization": f"Bearer {key}"},
        )
        async with client:
            for turn in (warm, number):
                sent.clear()
                wanted = {"request_id": request_id(turn), "slot_ids": [slot_id(turn)]}
                once = {"Idempotency-Key": f"hold-{request_id(turn)}-{turn}"}
                held = await client.post("/api/v1/holds", json=wanted, headers=once)
                assert held.status_code == httpx.codes.CREATED, held.text
                path = f"/api/v1/holds/{held.json()['bundle_id']}/confirm"
                once = {"Idempotency-Key": f"confirm-{request_id(turn)}-{turn}"}
                booked = await client.post(path, headers=once)
                assert booked.status_code == httpx.codes.CREATED, booked.text

    with listening(service.engine, sent):
        asyncio.run(play())
    return list(sent)


def script(sent: Sequence[Sent], number: int, known: frozenset[UUID], *, stride: int) -> str:
    """Return the script: pgbench's client `c` makes the bookings from `first + c * stride` on, in order."""
    writer = _Writer(str(FIRST + number), {str(ident) for ident in known})
    lines = [
        rf"\set n {FIRST} + :first + :client_id * {stride} + :i",
        r"\set i :i + 1",
        "BEGIN;",
        *(f"{writer.statement(text, values)};" for text, values in sent),
        "COMMIT;",
    ]
    return "\n".join(lines) + "\n"


@contextmanager
def listening(engine: sa.Engine, sent: list[Sent]) -> Iterator[None]:
    """Write down what the connections of an engine send, at the driver, whoever sends it."""

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Noting:
            sent.append((str(query), params or ()))
            return super().execute(query, params, **options)

        def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
            sent.extend((str(query), one) for one in params_seq)
            super().executemany(query, params_seq, **options)

    def note(connection: Any, _record: object) -> None:
        connection.cursor_factory = Noting

    engine.dispose()
    sa.event.listen(engine, "connect", note)
    try:
        yield
    finally:
        sa.event.remove(engine, "connect", note)
        engine.dispose()


class _Writer:
    """Writes values as SQL, with the booking's number as a variable."""

    def __init__(self, number: str, known: set[str]) -> None:
        self._number = number
        self._known = known
        self._fresh: dict[str, str] = {}

    def statement(self, text: str, values: Mapping[str, Any] | Sequence[Any]) -> str:
        """Return a statement with its values in place, on one line."""
        in_order = iter(values.values() if isinstance(values, Mapping) else values)

        def value(found: re.Match[str]) -> str:
            name = found[1]
            return self._literal(values[name] if name and isinstance(values, Mapping) else next(in_order))

        return " ".join(_PLACE.sub(value, text).replace("%%", "%").split())

    def _literal(self, value: Any) -> str:  # noqa: C901, PLR0911 - a table of kinds
        if isinstance(value, Json | Jsonb):
            value = value.obj if isinstance(value.obj, str) else orjson.dumps(value.obj).decode()
        elif isinstance(value, Binary):
            value = bytes(value.obj)
        match value:
            case None:
                return "NULL"
            case bool():
                return str(value).lower()
            case int() if value > _LARGE:
                return f"({value} + :n)"
            case int():
                return str(int(value))
            case float():
                return repr(value)
            case bytes() if len(value) <= _HASH_BYTES:
                return f"sha256((:n || '{value[:4].hex()}')::bytea)"
            case bytes():
                return f"'\\x{value.hex()}'::bytea"
            case list() | tuple():
                return f"ARRAY[{', '.join(map(self._literal, value))}]"
            case datetime() | date():
                return f"'{value.isoformat()}'"
            case _:
                return self._text(str(value))

    def _text(self, text: str) -> str:
        quoted = "'" + text.replace("'", "''") + "'"
        quoted = _UUID.sub(self._fresh_id, quoted)
        if self._number not in quoted:
            return quoted
        return "(" + quoted.replace(self._number, "' || :n || '") + ")"

    def _fresh_id(self, found: re.Match[str]) -> str:
        """An identifier that the service made gets one of the booking's own."""
        ident = found[0]
        if ident.startswith("00000000-") or ident in self._known:
            return ident
        prefix = self._fresh.setdefault(ident, f"{len(self._fresh) + 1:08d}-0000-7000-9000-")
        return f"{prefix}{self._number}"
