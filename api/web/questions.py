"""A question asked of a provider, sealed in the visitor's own browser until he comes back with its answer.

One cookie a question, so that two tabs do not take each other's answer. Knows no route and no provider.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from fastapi import Request

from api.security import tokens
from api.security.errors import SsoRefused
from api.security.oidc_client import Question
from api.web.addresses import service_address
from snp.platform.crypto import TamperedEnvelope, UnknownKey
from snp.platform.keys import Keys

LIFETIME: Final = timedelta(minutes=15)
"""How long somebody may take to sign in at the provider."""

_NAMED_BY: Final = 16


def new_question(redirect_uri: str) -> Question:
    """Return a question that nobody can guess."""
    return Question(
        state=tokens.new_token(),
        nonce=tokens.new_token(),
        verifier=tokens.new_token(),
        redirect_uri=redirect_uri,
    )


def redirect_uri(request: Request, path: str) -> str:
    """Return the address that a provider sends a visitor back to."""
    return service_address(request) + path


def cookie_of(state: str, prefix: str) -> str:
    """Return the name of the cookie that keeps a question; whatever came as a state, it is a name."""
    return f"{prefix}{tokens.digest(state).hex()[:_NAMED_BY]}"


def sealed(question: Question, purpose: Mapping[str, Any], *, context: str, keys: Keys, now: datetime) -> str:
    """Return a question and what its visitor came for, in an envelope that only this service opens."""
    content = {"question": asdict(question), "purpose": purpose, "until": now + LIFETIME}
    return base64.urlsafe_b64encode(keys.cipher().seal(orjson.dumps(content), context=context)).decode()


def opened(
    state: str, envelope: str, *, context: str, keys: Keys, now: datetime
) -> tuple[Question, dict[str, Any]]:
    """Return the question that an answer is about, and its purpose.

    Raises `SsoRefused` when nothing was asked here.
    """
    try:
        content = orjson.loads(keys.cipher().open(base64.urlsafe_b64decode(envelope), context=context))
    except (binascii.Error, ValueError, TamperedEnvelope, UnknownKey) as fault:
        raise SsoRefused("state") from fault
    question = Question(**content["question"])
    if question.state != state:
        raise SsoRefused("state")
    if datetime.fromisoformat(content["until"]) < now:
        raise SsoRefused("too_late")
    return question, content["purpose"]
