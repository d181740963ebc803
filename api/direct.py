"""Routes that get all they ask for in one step, on the one thread that does their work.

A route of FastAPI is solved dependency by dependency, each a call through several layers, some on a thread of
their own: for a booking that costs more than its statements. A `DirectRoute` is declared like any other, so
that its document and its rights are read as everywhere, but knows only what is in `_ASKED`; it refuses the
rest when it is made. What is refused to a caller, and in which order, stays the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic_core import PydanticUndefined
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.deps import (
    Allow,
    Presented,
    admitted,
    commit,
    get_keys,
    get_now,
    get_session,
    get_wiring,
    presented,
    prove,
)
from api.idempotency import KEY_HEADER, Once, get_once, once_for
from api.negotiation import is_json, json_only
from api.wiring import Wiring, wiring_of
from snp.platform.actors import Actor


@dataclass(frozen=True, slots=True)
class _Read:
    """A request as it was read, before anybody knows who sent it; `errors` wait until he is known."""

    request: Request
    wiring: Wiring
    now: datetime
    shown: Presented
    body: bytes
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Proven:
    """A request with its session and its actor."""

    read: _Read
    session: Session
    actor: Actor

    def once(self) -> Once:
        """Return its turn."""
        read = self.read
        return once_for(
            read.request,
            read.body,
            key=read.request.headers.get(KEY_HEADER),
            session=self.session,
            actor=self.actor,
            keys=read.wiring.keys,
            now=read.now,
        )


_ASKED: Final[Mapping[Any, Callable[[_Proven], Any]]] = {
    get_session: lambda proven: proven.session,
    get_now: lambda proven: proven.read.now,
    get_keys: lambda proven: proven.read.wiring.keys,
    get_wiring: lambda proven: proven.read.wiring,
    get_once: _Proven.once,
}


class DirectRoute(APIRoute):
    """A route that takes JSON, names its action and returns a response of its own making."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request. Raises `TypeError` for a route that asks for something else."""
        work = _Work.of(self.dependant)

        async def answer(request: Request) -> Response:
            read = await work.read(request)
            async with admitted(read.wiring):
                return await run_in_threadpool(work.do, read)

        return answer


@dataclass(frozen=True, slots=True)
class _Work:
    """What a route does: whom it allows, what it asks for by which name, its endpoint."""

    endpoint: Callable[..., Response]
    allow: Allow
    asked: tuple[tuple[str, Callable[[_Proven], Any]], ...]
    dependant: Dependant

    @classmethod
    def of(cls, dependant: Dependant) -> _Work:
        """Return the work of a declared route. Raises `TypeError`."""
        calls = {one.call: one.name for one in dependant.dependencies}
        allowed = [call for call in calls if isinstance(call, Allow)]
        unknown = [call for call in calls if call not in _ASKED and call not in {*allowed, json_only}]
        others = (*dependant.query_params, *dependant.header_params, *dependant.cookie_params)
        if unknown or others or len(allowed) != 1 or json_only not in calls or dependant.call is None:
            raise TypeError(f"not a direct route: {dependant.call} asks for {unknown or others or allowed}")
        asks = {**_ASKED, allowed[0]: lambda proven: proven.actor}
        asked = tuple((name, asks[call]) for call, name in calls.items() if name is not None)
        return cls(dependant.call, allowed[0], asked, dependant)

    async def read(self, request: Request) -> _Read:
        """Read a request, without a word to the database. Raises for what is not even JSON."""
        body = await request.body()
        received = await _parsed(request, body) if self.dependant.body_params else PydanticUndefined
        await json_only(request)
        read = _Read(request, wiring_of(request), await get_now(request), await presented(request), body)
        values, errors = request_params_to_args(self.dependant.path_params, request.path_params)
        if self.dependant.body_params:
            given, wrong = await request_body_to_args(self.dependant.body_params, received, False)
            values |= given
            errors += wrong
        if self.dependant.request_param_name is not None:
            values[self.dependant.request_param_name] = request
        read.values.update(values)
        read.errors.extend(errors)
        return read

    def do(self, read: _Read) -> Response:
        """Prove who asks, then do the work in one transaction; commit unless the endpoint did."""
        session = read.wiring.sessions()
        try:
            actor = self.allow.admit(
                read.request, prove(read.wiring.second_lock, session, read.shown, now=read.now)
            )
            proven = _Proven(read, session, actor)
            given = {name: ask(proven) for name, ask in self.asked}
            if read.errors:
                raise RequestValidationError(read.errors)
            response = self.endpoint(**read.values, **given)
            if session.in_transaction():
                commit(session)
            return response
        finally:
            session.close()


async def _parsed(request: Request, body: bytes) -> Any:
    """Return a JSON body as values; one that is none as it came, for `json_only` to refuse."""
    if not body:
        return PydanticUndefined
    if not is_json(request.headers.get("content-type", "")):
        return body
    try:
        return await request.json()
    except json.JSONDecodeError as error:
        told = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "JSON decode error", "input": {}}
        raise RequestValidationError([told | {"ctx": {"error": error.msg}}]) from error
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from error
