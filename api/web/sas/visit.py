"""Who visits the platform's pages, and what he came for: a session of its own, in a cookie of its own.

The cookie is sent to these pages only, and no ordinary session opens them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from api.cookies import BrowserCookie
from api.deps import SAFE_METHODS, CsrfDep, NowDep, PageVisit, SessionDep
from api.security import service as security
from api.security import tokens
from api.security.errors import CsrfRefused, NotSignedIn
from api.security.facts import PlatformIdentifier, SignedIn
from api.security.rights import Action, reach_of
from api.web import drafts
from api.wiring import Wiring, wiring_of
from snp.platform.actors import Actor

PREFIX: Final = "/sas"
COOKIE: Final = BrowserCookie("snp_sas", PREFIX)


@dataclass(frozen=True, slots=True)
class Target:
    """What the platform's link named: a practitioner's agenda, a slot of it, and its `origin`.

    `resumed`: the draft of a form that a finished session interrupted.
    """

    ps: UUID
    slot: UUID | None
    origin: str
    resumed: UUID | None = None

    def address(self, page: str) -> str:
        """Return the address of a page of ours that keeps the target."""
        named = {"ps": self.ps, "slot": self.slot, "reprise": self.resumed, "origin": self.origin}
        return f"{PREFIX}/{page}?{urlencode({name: value for name, value in named.items() if value})}"


@dataclass(frozen=True, slots=True)
class SasVisit(PageVisit):
    """A visit of a régulateur who came through the platform; `operator` is the identifier that proved him."""

    operator: PlatformIdentifier
    terms_version: str | None

    def acting_in(self, territory_id: UUID) -> Actor:
        """Return him as a régulateur of one territory: that of the slot he books or the dossier he reads."""
        return replace(self.actor, territories=frozenset({territory_id}))


def target(
    request: Request,
    ps: Annotated[UUID, Query()],
    slot: Annotated[UUID | None, Query()] = None,
    origin: Annotated[str, Query(max_length=60)] = "",
    reprise: Annotated[UUID | None, Query()] = None,
) -> Target | None:
    """Return what a visitor of the platform came for; None when nothing says that he comes from it.

    The link opens without a referrer: `origin` is the only hint. Source: SAS guide, INT_SSO.
    """
    known = origin in wiring_of(request).settings.recognised_origins
    return Target(ps, slot, origin, reprise) if known else None


TargetDep = Annotated[Target | None, Depends(target)]


def optional_sas_visit(
    request: Request,
    session: SessionDep,
    now: NowDep,
    presented: CsrfDep,
) -> SasVisit | None:
    """Return the visit of who came through the platform; None for anybody else. Raises `CsrfRefused`."""
    cookie = COOKIE.read(request)
    found = security.resume_platform_session(session, cookie, now=now) if cookie else None
    if found is None:
        return None
    signed_in = found.signed_in
    if request.method not in SAFE_METHODS and not tokens.csrf_matches(signed_in.token, presented):
        raise CsrfRefused
    reach_of(signed_in.actor, Action.SAS_BOOK)
    request.state.actor = signed_in.actor
    return SasVisit(
        actor=signed_in.actor,
        account=signed_in.account,
        csrf=tokens.csrf_token(signed_in.token),
        token=signed_in.token,
        operator=found.identifier,
        terms_version=found.terms_version,
    )


def required_sas_visit(visit: Annotated[SasVisit | None, Depends(optional_sas_visit)]) -> SasVisit:
    """Return the visit of who came through the platform. Raises `NotSignedIn`."""
    if visit is None:
        raise NotSignedIn
    return visit


OptionalSasVisitDep = Annotated[SasVisit | None, Depends(optional_sas_visit)]
SasVisitDep = Annotated[SasVisit, Depends(required_sas_visit)]


def keep_session(response: Response, signed_in: SignedIn, wiring: Wiring, now: datetime) -> None:
    """Put the session in the browser, for these pages only.

    The cookie outlives the session by as long as a draft is kept, so that what its visitor was typing when
    it ended is his own again after he comes back.
    """
    lifetime = signed_in.expires_at - now + drafts.LIFETIME
    COOKIE.put(response, signed_in.token, wiring, max_age=int(lifetime.total_seconds()))
