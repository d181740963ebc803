"""What routes ask for: a session that commits at the edge, the present instant, and who is at the door.

One request, one transaction. What waits for nothing is asynchronous, since a thread for it would cost more
than it does: only statements are given to one. `Allow(Action.X)` is how a route names its action: it proves
the actor, asks the table of rights, and hands the actor over. Pages take `PageVisit`, which knows the account
and its form token.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlsplit

import anyio
from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from api.cookies import SESSION
from api.security import service as security
from api.security import tokens
from api.security.access_tokens import PREFIX as TOKEN_PREFIX
from api.security.errors import CsrfRefused, NotSignedIn
from api.security.facts import AccountView
from api.security.pages import check_page
from api.security.rights import Action, Reach, reach_of
from api.separation import SecondLock
from api.wiring import Wiring, wiring_of
from snp.platform import near
from snp.platform.actors import Actor, Role
from snp.platform.db import DatabaseBusy
from snp.platform.keys import Keys
from snp.platform.replica import AGE_SECONDS

CSRF_HEADER: Final = "x-csrf-token"
CSRF_FIELD: Final = "csrf_token"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
TURNSTILE_SECONDS: Final = 10.0

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="ApiKey",
    description="Clé d’accès d’un logiciel, `Authorization: Bearer snp_<prefix>_<secret>`, ou jeton obtenu "
    "par `/oauth/token`.",
)


class _SessionCookie(APIKeyCookie):
    """The session's cookie, under the name that this service gives it."""

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Return what the browser brought."""
        return SESSION.read(request)


_cookie = _SessionCookie(
    name=SESSION.name,
    auto_error=False,
    scheme_name="PageSession",
    description="Session d’une page, nommée `__Host-snp_session` derrière TLS ; les méthodes qui écrivent "
    "demandent aussi `X-CSRF-Token`.",
)


async def get_wiring(request: Request) -> Wiring:
    """Return the parts of the service."""
    return wiring_of(request)


async def get_now(request: Request) -> datetime:
    """Return the present instant by the service's clock; the same all through one request.

    Asynchronous like the gates of a route: it waits for nothing, and a thread for it would cost more.
    """
    now: datetime | None = getattr(request.state, "now", None)
    if now is None:
        now = request.state.now = wiring_of(request).clock.now()
    return now


async def get_keys(request: Request) -> Keys:
    """Return the keys of identities and hashes."""
    return wiring_of(request).keys


async def get_session(request: Request) -> AsyncIterator[Session]:
    """Yield the request's one session; commit when the route returns, roll back when it raises.

    Raises `DatabaseBusy` when no place came free in front of the database in time.
    """
    wiring = wiring_of(request)
    async with admitted(wiring):
        session = wiring.sessions()
        try:
            yield session
            if session.in_transaction():
                await run_in_threadpool(commit, session)
        finally:
            with anyio.CancelScope(shield=True):
                if session.in_transaction():
                    await run_in_threadpool(session.close)
                else:
                    session.close()  # its connection went back with the commit: nothing to wait for


@asynccontextmanager
async def admitted(wiring: Wiring) -> AsyncIterator[None]:
    """Stand in front of the database until there is a place. Raises `DatabaseBusy` when none came free."""
    turnstile, token = wiring.turnstile, object()
    try:
        turnstile.acquire_on_behalf_of_nowait(token)
    except anyio.WouldBlock:
        with anyio.move_on_after(TURNSTILE_SECONDS) as waiting:
            await turnstile.acquire_on_behalf_of(token)
        if waiting.cancelled_caught:
            raise DatabaseBusy("no place in front of the database") from None
    try:
        yield
    finally:
        turnstile.release_on_behalf_of(token)


def commit(session: Session) -> None:
    """Commit; a connection whose commit failed is thrown away, since nobody knows where it stands."""
    try:
        session.commit()
    except BaseException:
        session.invalidate()
        raise


SessionDep = Annotated[Session, Depends(get_session, scope="function")]
NowDep = Annotated[datetime, Depends(get_now)]
_DATA_OF: Final = "data_of"


def get_reading_session(request: Request, session: SessionDep, now: NowDep) -> Iterator[Session]:
    """Yield a session for figures that may be a few seconds old: on the replica where it is young enough.

    A route names it after its actor: it is bound as the request's own session is by then. Who has just
    written something (`?info=`) reads where it was written.
    """
    replica = wiring_of(request).replica
    if replica is None or "info" in request.query_params:
        yield session
        return
    with replica.reading() as reading:
        if reading is None:
            yield session
            return
        near.follow(reading, session)
        reading.info[_DATA_OF] = now - timedelta(seconds=reading.info[AGE_SECONDS])
        yield reading


def data_of(session: Session) -> datetime | None:
    """Return of when the data are that a session reads; None on the primary: they are of now."""
    found: datetime | None = session.info.get(_DATA_OF)
    return found


ReadingDep = Annotated[Session, Depends(get_reading_session, scope="function")]
KeysDep = Annotated[Keys, Depends(get_keys)]
WiringDep = Annotated[Wiring, Depends(get_wiring)]
BearerDep = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
CookieDep = Annotated[str | None, Security(_cookie)]


async def presented_csrf(request: Request) -> str | None:
    """Return the form token that an unsafe request carries, in its header or its form; None when safe."""
    if request.method in SAFE_METHODS:
        return None
    if header := request.headers.get(CSRF_HEADER):
        return header
    if request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        value = (await request.form()).get(CSRF_FIELD)
        return value if isinstance(value, str) else None
    return None


CsrfDep = Annotated[str | None, Depends(presented_csrf)]


async def same_origin(request: Request) -> None:
    """Refuse a form sent from another site; for forms that have no session to carry a token.

    A link followed from another site, a webmail's say, is no form: it is what such pages are for.

    Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet (Fetch Metadata, then Origin).
    """
    _refuse_other_sites(request, may_hide_origin=False)


async def same_origin_untold(request: Request) -> None:
    """Refuse a form sent from another site, behind an address that is itself a secret and tells no referrer.

    Of such a page (`Referrer-Policy: no-referrer`) a browser says `Origin: null`; whoever forges that must
    know the secret, and recent browsers tell on him by `Sec-Fetch-Site`.

    Source: Fetch standard, "append a request Origin header".
    """
    _refuse_other_sites(request, may_hide_origin=True)


def _refuse_other_sites(request: Request, *, may_hide_origin: bool) -> None:
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise CsrfRefused
    origin = request.headers.get("origin")
    if origin is None or (may_hide_origin and origin == "null"):
        return
    if urlsplit(origin).netloc != request.headers.get("host"):
        raise CsrfRefused


@dataclass(frozen=True, slots=True)
class PageVisit:
    """A signed-in visit of the pages; `csrf` goes into every form (field `csrf_token`)."""

    actor: Actor
    account: AccountView
    csrf: str
    token: str = field(repr=False)


async def optional_visit(
    request: Request, session: SessionDep, now: NowDep, cookie: CookieDep, presented: CsrfDep
) -> PageVisit | None:
    """Return the visit of a page; None when nobody is signed in. Raises `CsrfRefused` on unsafe methods."""
    if not cookie:
        return None
    is_safe = request.method in SAFE_METHODS
    return await run_in_threadpool(
        _resumed, wiring_of(request).second_lock, session, cookie, presented, is_safe=is_safe, now=now
    )


async def required_visit(
    request: Request, visit: Annotated[PageVisit | None, Depends(optional_visit)]
) -> PageVisit:
    """Return the visit of a page. Raises `NotSignedIn` (pages answer with the sign-in form), `Forbidden`."""
    if visit is None:
        raise NotSignedIn
    check_page(visit.actor, getattr(request.scope.get("route"), "endpoint", None))
    return visit


OptionalVisitDep = Annotated[PageVisit | None, Depends(optional_visit)]
VisitDep = Annotated[PageVisit, Depends(required_visit)]


def client_address(request: Request) -> str:
    """Return where a request comes from, as the proxy in front says it; empty on a socket without one."""
    return request.client.host if request.client else ""


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request shows to say who is at the door: a key or token of software, or a page session."""

    bearer: str | None = field(repr=False)
    address: str
    cookie: str | None = field(repr=False)
    csrf: str | None = field(repr=False)
    is_safe: bool


async def presented_by(
    request: Request, bearer: HTTPAuthorizationCredentials | None, cookie: str | None
) -> Presented:
    """Return what a request shows."""
    return Presented(
        bearer=None if bearer is None else bearer.credentials,
        address=client_address(request),
        cookie=cookie,
        csrf=await presented_csrf(request) if cookie and bearer is None else None,
        is_safe=request.method in SAFE_METHODS,
    )


async def presented(request: Request) -> Presented:
    """Return what a request shows, read from it alone."""
    return await presented_by(request, await _bearer(request), await _cookie(request))


def prove(lock: SecondLock, session: Session, shown: Presented, *, now: datetime) -> Actor:
    """Return who is at the door, by key, token or page session; the session then sees no further than he may.

    Raises `NotSignedIn`, `CsrfRefused`.
    """
    if shown.bearer is not None:
        by_token = shown.bearer.startswith(TOKEN_PREFIX)
        proven_by = security.actor_of_token if by_token else security.actor_of_key
        actor = proven_by(session, shown.bearer, now=now, address=shown.address)
        if actor is not None:
            lock.close(session, actor)
    else:
        visit = _resumed(lock, session, shown.cookie, shown.csrf, is_safe=shown.is_safe, now=now)
        actor = None if visit is None else visit.actor
    if actor is None:
        raise NotSignedIn
    return actor


async def get_actor(
    request: Request, session: SessionDep, now: NowDep, bearer: BearerDep, cookie: CookieDep
) -> Actor:
    """Return who is at the door. Raises `NotSignedIn`, `CsrfRefused`."""
    shown = await presented_by(request, bearer, cookie)
    return await run_in_threadpool(prove, wiring_of(request).second_lock, session, shown, now=now)


ActorDep = Annotated[Actor, Depends(get_actor)]


@dataclass(frozen=True)
class Allow:
    """The action of a route, as a dependency: proves the actor and refuses a role or key without the right.

    What the actor may reach is judged by the route on the thing itself; see `api.security.reach`.
    """

    action: Action

    async def __call__(self, request: Request, actor: ActorDep) -> Actor:
        """Return the actor. Raises `NotSignedIn`, `Forbidden`, `ScopeMissing`."""
        return self.admit(request, actor)

    def admit(self, request: Request, actor: Actor) -> Actor:
        """Return the actor, who is noted on the request. Raises `Forbidden`, `ScopeMissing`."""
        reach_of(actor, self.action)
        request.state.actor = actor
        return actor


@dataclass(frozen=True)
class AllowPatient:
    """The action of a route that a patient's code opens; nobody signs in for it."""

    action: Action

    async def __call__(self, request: Request) -> Actor:
        """Return the patient as an actor."""
        actor = Actor(ident="patient", role=Role.PATIENT)
        assert reach_of(actor, self.action) is Reach.OWN
        request.state.actor = actor
        return actor


def _resumed(
    lock: SecondLock, session: Session, cookie: str | None, csrf: str | None, *, is_safe: bool, now: datetime
) -> PageVisit | None:
    """Return the visit of a page session, bound as its actor is; None where there is none.

    Raises `CsrfRefused`.
    """
    signed_in = security.resume(session, cookie, now=now) if cookie else None
    if signed_in is None:
        return None
    lock.close(session, signed_in.actor)
    if not is_safe and not tokens.csrf_matches(signed_in.token, csrf):
        raise CsrfRefused
    return PageVisit(
        actor=signed_in.actor,
        account=signed_in.account,
        csrf=tokens.csrf_token(signed_in.token),
        token=signed_in.token,
    )
