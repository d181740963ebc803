"""The question that travels with a visitor to the platform's sign-in and back, and what he came for.

Knows no route.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from api.cookies import BrowserCookie
from api.security.oidc_client import Question
from api.web import questions
from api.web.questions import LIFETIME, new_question
from api.web.sas.visit import PREFIX, Target
from snp.platform.keys import Keys

__all__ = ["LIFETIME", "RETURN", "Asked", "cookie_of", "new_question", "opened", "sealed"]

_CONTEXT: Final = "sas-sign-in"
_COOKIE: Final = "snp_sas_"
RETURN: Final = f"{PREFIX}/retour"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question asked of the sign-in, and what its visitor came for."""

    question: Question
    target: Target


def cookie_of(state: str) -> BrowserCookie:
    """Return the cookie that keeps a question."""
    return BrowserCookie(questions.cookie_of(state, _COOKIE), RETURN)


def sealed(asked: Asked, *, keys: Keys, now: datetime) -> str:
    """Return a question and its target in an envelope that only this service opens."""
    return questions.sealed(asked.question, asdict(asked.target), context=_CONTEXT, keys=keys, now=now)


def opened(state: str, envelope: str, *, keys: Keys, now: datetime) -> Asked:
    """Return the question that an answer is about. Raises `SsoRefused` when nothing was asked here."""
    question, found = questions.opened(state, envelope, context=_CONTEXT, keys=keys, now=now)
    slot, resumed = (UUID(found[name]) if found[name] else None for name in ("slot", "resumed"))
    return Asked(question, Target(UUID(found["ps"]), slot, found["origin"], resumed))
