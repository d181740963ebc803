"""Runs the work of a creating route once for each `Idempotency-Key` of an actor, and replays its answer.

The answer is stored in the transaction of the work: neither is there without the other, and a process that
dies in between leaves nothing to clean. Refusals are not remembered: nothing was created, so asking again is
right. Bodies are sealed, fingerprints keyed: both come from what may name a patient.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from api.deps import ActorDep, KeysDep, NowDep, SessionDep, commit
from api.idempotency import repository
from api.idempotency.repository import Remembered
from snp.errors import Conflict, SnpError
from snp.platform.actors import Actor
from snp.platform.keys import Keys

REMEMBERED_FOR: Final = timedelta(hours=24)
KEY_HEADER: Final = "idempotency-key"
REPLAYED: Final = "idempotency-replayed"
_MAX_KEY: Final = 200
_KEPT_HEADERS: Final = ("location", "etag", "content-type")


class IdempotencyKeyInvalid(SnpError):
    """The key is empty, too long, or holds something else than visible ASCII."""

    slug = "idempotency-key-invalid"
    fr = "Clé d’idempotence invalide : 1 à 200 caractères ASCII visibles."


class IdempotencyKeyInUse(Conflict):
    """The same request is being answered right now."""

    slug = "idempotency-key-in-use"
    fr = "La même demande est déjà en cours de traitement."


class IdempotencyKeyReused(SnpError):
    """The key came before with another request."""

    slug = "idempotency-key-reused"
    fr = "Cette clé d’idempotence a déjà servi à une autre demande."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a creating route answers: the thing made, where it is, its version."""

    body: BaseModel
    location: str | None = None
    version: int | None = None
    status: int = HTTPStatus.CREATED

    def render(self) -> Response:
        """Return the response."""
        response = Response(
            self.body.model_dump_json(by_alias=True), self.status, media_type="application/json"
        )
        if self.location is not None:
            response.headers["location"] = self.location
        if self.version is not None:
            response.headers["etag"] = f'"{self.version}"'
        return response


@dataclass(frozen=True, slots=True)
class Once:
    """The turn of one creating request."""

    session: Session
    actor: Actor
    keys: Keys
    now: datetime
    key: str | None
    fingerprint: str

    def __call__(self, work: Callable[[], Answer | Response]) -> Response:
        """Do the work and commit it, or replay the answer that the same key got before.

        It is the last thing that a route does: committed here, on the thread that did the work, it spares
        the request another one. Raises `IdempotencyKeyInUse`, `IdempotencyKeyReused`, and whatever the work
        raises.
        """
        known = None if self.key is None else self._turn(self.key)
        if known is not None:
            return self._replay(known)
        response = _rendered(work())
        done = response.status_code < HTTPStatus.BAD_REQUEST
        if self.key is not None and done and not self._remember(self.session, self.key, response):
            raise IdempotencyKeyInUse
        commit(self.session)
        return response

    def _turn(self, key: str) -> Remembered | None:
        """Take the key's turn until the transaction ends; the answer that it got before."""
        turn = repository.take_turn(self.session, self.actor.ident, key, since=self.now - REMEMBERED_FOR)
        if turn is None:
            raise IdempotencyKeyInUse
        return turn.known

    def apart(
        self, work: Callable[[], Answer], transactions: Callable[[], AbstractContextManager[Session]]
    ) -> Response:
        """Do work that opens transactions of its own, with none of the request's open meanwhile.

        The caller keeps others out. The answer is remembered in a transaction of its own: a process that dies
        in between repeats the work, which must allow it.
        """
        known = self._known(self.session)
        self.session.commit()
        if known is not None:
            return self._replay(known)
        response = work().render()
        if self.key is not None:
            with transactions() as session:
                self._remember(session, self.key, response)
        return response

    def _known(self, session: Session) -> Remembered | None:
        if self.key is None:
            return None
        since = self.now - REMEMBERED_FOR
        return repository.find(session, self.actor.ident, self.key, since=since)

    def _replay(self, known: Remembered) -> Response:
        if known.fingerprint not in self.keys.hasher().candidates("idempotency", self.fingerprint):
            raise IdempotencyKeyReused
        body = self.keys.cipher().open(known.body, context=self._context)
        return Response(body, known.status, {**known.headers, REPLAYED: "true"})

    def _remember(self, session: Session, key: str, response: Response) -> bool:
        kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        answer = Remembered(
            fingerprint=self.keys.hasher().digest("idempotency", self.fingerprint),
            status=response.status_code,
            headers=kept,
            body=self.keys.cipher().seal(bytes(response.body), context=self._context),
        )
        since = self.now - REMEMBERED_FOR
        return repository.remember(session, self.actor.ident, key, answer, since=since, now=self.now)

    @property
    def _context(self) -> str:
        return f"idempotency:{self.actor.ident}:{self.key}"


async def get_once(
    *,
    request: Request,
    session: SessionDep,
    actor: ActorDep,
    keys: KeysDep,
    now: NowDep,
    idempotency_key: Annotated[
        str | None,
        Header(description="1 à 200 caractères ; la même demande répétée reçoit la même réponse."),
    ] = None,
) -> Once:
    """Return the turn of this request. Raises `IdempotencyKeyInvalid`."""
    return once_for(
        request, await request.body(), key=idempotency_key, session=session, actor=actor, keys=keys, now=now
    )


def once_for(
    request: Request,
    body: bytes,
    *,
    key: str | None,
    session: Session,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> Once:
    """Return the turn of a request whose body was read. Raises `IdempotencyKeyInvalid`."""
    if key is not None and not _is_valid(key):
        raise IdempotencyKeyInvalid
    query = request.scope["query_string"].decode("latin-1")
    text = body.decode("utf-8", "replace")
    fingerprint = f"{request.method} {request.scope['path']}?{query}\n{text}"
    return Once(session, actor, keys, now, key, fingerprint)


OnceDep = Annotated[Once, Depends(get_once)]


def _is_valid(key: str) -> bool:
    return 1 <= len(key) <= _MAX_KEY and all("!" <= character <= "~" for character in key)


def _rendered(answer: Answer | Response) -> Response:
    return answer.render() if isinstance(answer, Answer) else answer
