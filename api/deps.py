"""What routes ask for: a session that commits at the edge, the present instant, and who is at the door.

One request, one transaction. What waits for nothing is asynchronous, since a thread for it would cost more
than it does: only statements are given to one. `Allow(Action.X)` is how a route names its action: it proves
the actor, asks the table of rights, and hands the actor over. Pages take `PageVisit`, which knows the account
and its form token.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
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
from api.security.facts import AccountView, SignedIn
from api.security.pages import check_page
from api.security.rights import Action, Reach, reach_of
from api.wiring import Wiring, wiring_of
from snp.platform.actors import Actor, Role
from snp.platform.db import DatabaseBusy
from snp.platform.keys import Keys

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
    token = object()
    with anyio.move_on_after(TURNSTILE_SECONDS) as waiting:
        await wiring.turnstile.acquire_on_behalf_of(token)
    if waiting.cancelled_caught:
        raise DatabaseBusy("no place in front of the database")
    session = wiring.sessions()
    try:
        yield session
        if session.in_transaction():
            await run_in_threadpool(commit, session)
    finally:
        with anyio.CancelScope(shield=True):
            try:
                if session.in_transaction():
                    await run_in_threadpool(session.close)
                else:
                    session.close()  # its connection went back with the commit: nothing to wait for
            finally:
                wiring.turnstile.release_on_behalf_of(token)


def commit(session: Session) -> None:
    """Commit; a connection whose commit failed is thrown away, since nobody knows where it stands."""
    try:
        session.commit()
    except BaseException:
        session.invalidate()
        raise


SessionDep = Annotated[Session, Depends(get_session, scope="function")]


def get_reading_session(request: Request, session: SessionDep) -> Iterator[Session]:
    """Yield a session for figures that may be a few seconds old: on the replica where it is young enough."""
    replica = wiring_of(request).replica
    if replica is None:
        yield session
        return
    with replica.reading() as reading:
        yield session if reading is None else reading


ReadingDep = Annotated[Session, Depends(get_reading_session, scope="function")]
NowDep = Annotated[datetime, Depends(get_now)]
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
    if request.method in SAFE_METHODS:
        return
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise CsrfRefused
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
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
    signed_in = await run_in_threadpool(security.resume, session, cookie, now=now)
    if signed_in is None:
        return None
    if request.method not in SAFE_METHODS and not tokens.csrf_matches(signed_in.token, presented):
        raise CsrfRefused
    return _visit(signed_in)


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


async def get_actor(
    request: Request, session: SessionDep, now: NowDep, bearer: BearerDep, cookie: CookieDep
) -> Actor:
    """Return who is at the door, by key, token or page session. Raises `NotSignedIn`, `CsrfRefused`."""
    if bearer is not None:
        text, address = bearer.credentials, client_address(request)
        by_token = text.startswith(TOKEN_PREFIX)
        proven_by = security.actor_of_token if by_token else security.actor_of_key
        actor = await run_in_threadpool(proven_by, session, text, now=now, address=address)
        if actor is None:
            raise NotSignedIn
        return actor
    presented = await presented_csrf(request) if cookie else None
    visit = await optional_visit(request, session, now, cookie, presented)
    if visit is None:
        raise NotSignedIn
    return visit.actor


ActorDep = Annotated[Actor, Depends(get_actor)]


@dataclass(frozen=True)
class Allow:
    """The action of a route, as a dependency: proves the actor and refuses a role or key without the right.

    What the actor may reach is judged by the route on the thing itself; see `api.security.reach`.
    """

    action: Action

    async def __call__(self, request: Request, actor: ActorDep) -> Actor:
        """Return the actor. Raises `NotSignedIn`, `Forbidden`, `ScopeMissing`."""
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


def _visit(signed_in: SignedIn) -> PageVisit:
    return PageVisit(
        actor=signed_in.actor,
        account=signed_in.account,
        csrf=tokens.csrf_token(signed_in.token),
        token=signed_in.token,
    )
