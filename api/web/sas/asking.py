"""The question that travels with a visitor to the platform's sign-in and back, sealed in his own browser.

One cookie a question, so that two tabs do not take each other's answer. Knows no route.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson

from api.security import tokens
from api.security.errors import SsoRefused
from api.security.oidc_client import Question
from api.web.sas.visit import Target
from snp.platform.crypto import TamperedEnvelope, UnknownKey
from snp.platform.keys import Keys

LIFETIME: Final = timedelta(minutes=15)
"""How long somebody may take to sign in at the platform."""

_CONTEXT: Final = "sas-sign-in"
_NAMED_BY: Final = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """A question asked of the sign-in, and what its visitor came for."""

    question: Question
    target: Target


def new_question(redirect_uri: str) -> Question:
    """Return a question that nobody can guess."""
    return Question(
        state=tokens.new_token(),
        nonce=tokens.new_token(),
        verifier=tokens.new_token(),
        redirect_uri=redirect_uri,
    )


def cookie_of(state: str) -> str:
    """Return the name of the cookie that keeps a question; whatever came as a state, it is a name."""
    return f"snp_sas_{tokens.digest(state).hex()[:_NAMED_BY]}"


def sealed(asked: Asked, *, keys: Keys, now: datetime) -> str:
    """Return a question and its target in an envelope that only this service opens."""
    content = {"question": asdict(asked.question), "target": asdict(asked.target), "until": now + LIFETIME}
    return base64.urlsafe_b64encode(keys.cipher().seal(orjson.dumps(content), context=_CONTEXT)).decode()


def opened(state: str, cookies: Mapping[str, str], *, keys: Keys, now: datetime) -> Asked:
    """Return the question that an answer is about. Raises `SsoRefused` when nothing was asked here."""
    try:
        envelope = base64.urlsafe_b64decode(cookies.get(cookie_of(state), ""))
        content = orjson.loads(keys.cipher().open(envelope, context=_CONTEXT))
    except (binascii.Error, ValueError, TamperedEnvelope, UnknownKey) as fault:
        raise SsoRefused("state") from fault
    question = Question(**content["question"])
    if question.state != state:
        raise SsoRefused("state")
    if datetime.fromisoformat(content["until"]) < now:
        raise SsoRefused("too_late")
    found = content["target"]
    slot, resumed = (UUID(found[name]) if found[name] else None for name in ("slot", "resumed"))
    return Asked(question, Target(UUID(found["ps"]), slot, found["origin"], resumed))
