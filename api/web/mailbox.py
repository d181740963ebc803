"""The box of the demonstration: the SMS and e-mails that would have left, for whoever tries the service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from markupsafe import Markup, escape

from api.deps import AllowPatient, SessionDep
from api.security.rights import Action
from api.web import wording
from api.web.demonstration import is_demonstration
from api.web.rendering import render
from api.wiring import wiring_of
from regulation.messages.facts import Medium
from snp.days import say_instant
from snp.errors import NotFound
from snp.notifications import service as outbox
from snp.platform.actors import Actor

router = APIRouter(prefix="/demonstration", include_in_schema=False)

MOST: Final = 100
_ADDRESS: Final = re.compile(r"(https?://[^\s<>\"]+)")
_MEDIA: Final = {Medium.SMS.value: "SMS", Medium.EMAIL.value: "Courriel"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the box shows it; `text` has its links made live."""

    medium: str
    to: str
    at: str
    subject: str
    text: Markup


@router.get("/messages")
def messages(
    *,
    request: Request,
    _anybody: Annotated[Actor, Depends(AllowPatient(Action.APPOINTMENT_BY_CODE))],
    session: SessionDep,
) -> Response:
    """Show the last messages. Raises `NotFound` outside a demonstration."""
    if not is_demonstration(wiring_of(request)):
        raise NotFound("page", request.scope["path"])
    letters = [
        Shown(
            medium=_MEDIA.get(one.medium, one.medium),
            to=wording.phone(one.recipient) if one.medium == Medium.SMS else one.recipient,
            at=say_instant(one.at),
            subject=one.subject,
            text=with_links(one.text),
        )
        for one in outbox.demo_letters(session, limit=MOST)
    ]
    return render("mailbox.html", letters=letters)


def with_links(text: str) -> Markup:
    """Return a text with its addresses made links, everything else escaped."""
    parts = _ADDRESS.split(text)
    made = [
        Markup('<a href="{0}">{0}</a>').format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    ]
    return Markup("").join(made)
