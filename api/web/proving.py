"""What the pages of the sign-in share: the session's cookie, the browser, and a first proof on its way.

A first proof (password, or a provider's word) that waits for the second travels sealed in the form: until it
is complete there is no session at all.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
import segno
from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from api.cookies import SESSION
from api.security import service as security
from api.security import totp_rules
from api.security.browsers import browser_family
from api.security.facts import Browser, FactorDue, SignedIn, SsoProof
from api.wiring import Wiring
from snp.platform.crypto import TamperedEnvelope, UnknownKey
from snp.platform.keys import Keys

PENDING_FOR: Final = timedelta(minutes=10)
"""How long a first proof waits for the second."""

_CONTEXT: Final = "first-proof"


@dataclass(frozen=True, slots=True)
class Pending:
    """A first proof that waits, where its owner goes on to, and the secret proposed to who has none."""

    due: FactorDue
    next: str = ""
    resumed: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A secret as its owner reads it: the image to scan, the text to type, and the address behind both."""

    image: str
    spelled: str
    address: str


def browser_of(request: Request, wiring: Wiring, sso: SsoProof | None = None) -> Browser:
    """Return where a session is about to open, and how long it may last."""
    return Browser(
        lifetime=timedelta(hours=wiring.settings.session_hours),
        idle=timedelta(minutes=wiring.settings.session_idle_minutes),
        family=browser_family(request.headers.get("user-agent", "")),
        sso=sso,
    )


def let_in(
    response: Response, request: Request, session: Session, signed_in: SignedIn, now: datetime
) -> Response:
    """Put a fresh session in the browser; the one that it brought ends."""
    if (earlier := SESSION.read(request)) is not None:
        security.sign_out(session, earlier, now=now)
    keep_session(response, signed_in, request.app.state.wiring, now)
    return response


def keep_session(response: Response, signed_in: SignedIn, wiring: Wiring, now: datetime) -> None:
    """Put a session's token in the browser."""
    lifetime = signed_in.expires_at - now
    SESSION.put(response, signed_in.token, wiring, max_age=int(lifetime.total_seconds()))


def sealed(pending: Pending, *, keys: Keys, now: datetime) -> str:
    """Return a waiting proof in an envelope that only this service opens."""
    content = orjson.dumps({"pending": asdict(pending), "until": now + PENDING_FOR})
    return base64.urlsafe_b64encode(keys.cipher().seal(content, context=_CONTEXT)).decode()


def opened(envelope: str, *, keys: Keys, now: datetime) -> Pending | None:
    """Return the proof of an envelope; None when it is none of ours, or waited too long."""
    try:
        content = orjson.loads(keys.cipher().open(base64.urlsafe_b64decode(envelope), context=_CONTEXT))
    except (binascii.Error, ValueError, TamperedEnvelope, UnknownKey):
        return None
    if datetime.fromisoformat(content["until"]) < now:
        return None
    found: dict[str, Any] = content["pending"]
    due = found.pop("due")
    sso = SsoProof(**due.pop("sso")) if due["sso"] else None
    due.pop("sso", None)
    return Pending(FactorDue(**due | {"account_id": UUID(due["account_id"])}, sso=sso), **found)


def with_secret(pending: Pending) -> Pending:
    """Return a proof with a secret to propose, the same one all through an enrolment."""
    return pending if pending.secret else replace(pending, secret=security.new_secret())


def proposal(secret: str, login: str) -> Proposal:
    """Return a secret as its owner scans or types it."""
    address = totp_rules.address_of(secret, login)
    image = segno.make(address, error="m").svg_data_uri(scale=4, border=4, light="#fff", dark="#000")
    return Proposal(image, totp_rules.spelled(secret), address)
