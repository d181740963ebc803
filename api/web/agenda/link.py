"""The one page that a magic link opens: slots that somebody proposes, to publish or to decline.

Reading it changes nothing, however often: only its form does, once. No session, and no form token either: who
cannot read the link cannot send its form.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep, same_origin_untold
from api.security import service as security
from api.security.errors import LinkNotOpen
from api.security.facts import LinkAnswer, LinkView
from api.security.rights import Action, reach_of
from api.web import wording
from api.web.agenda import slot_call
from api.web.agenda.copying import say_made
from api.web.agenda.reading import AUDIENCES
from api.web.agenda.slot_call import UNTOLD
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from regulation.coverage import service as coverage
from slots.agenda import service as agenda
from slots.agenda.facts import Attempt, SlotFilter
from slots.feeds import service as feeds
from snp.days import say_instant, say_time
from snp.directory import service as directory
from snp.errors import NotFound
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log

router = APIRouter(prefix="/lien", include_in_schema=False)

"""The address is a secret: neither another site nor a cache learns it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A proposed slot: its box, when, and why it cannot be any more."""

    name: str
    when: str
    until: str
    why_not: str


@router.get("/{secret}")
def show(*, secret: str, request: Request, session: SessionDep, keys: KeysDep, now: NowDep) -> Response:
    """Show what is proposed, or how it ended."""
    if (ask_id := coverage.ask_of(secret, keys)) is not None:
        return slot_call.show(request, session, ask_id, secret, now=now)
    link = _found(session, secret, keys)
    if link is None:
        return _closed("unknown", HTTPStatus.NOT_FOUND)
    _actor(session, link, request, now)
    if not link.is_open(now):
        return _ended(session, link, now)
    return _ask(session, link, secret, now=now)


@router.post("/{secret}", dependencies=[Depends(same_origin_untold)])
def answer(  # noqa: PLR0911 - one way out for each answer
    *,
    secret: str,
    request: Request,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Publish what is ticked, or decline; a second answer finds the first."""
    if (ask_id := coverage.ask_of(secret, keys)) is not None:
        return slot_call.answer(request, session, ask_id, secret, form.texts, now=now)
    link = _found(session, secret, keys)
    if link is None:
        return _closed("unknown", HTTPStatus.NOT_FOUND)
    actor = _actor(session, link, request, now)
    declines = form.texts.get("reponse") == "refuser"
    wishes = [wish for number, wish in enumerate(link.wishes) if f"creneau_{number}" in form.texts]
    if not link.is_open(now):
        return _back(secret)
    if not declines and not wishes:
        error = {"creneaux": "Cochez au moins un créneau, ou répondez que vous ne pouvez pas"}
        return _ask(session, link, secret, now=now, errors=error)
    said = LinkAnswer.DECLINED if declines else LinkAnswer.PUBLISHED
    try:
        with session.begin_nested():
            security.use_link(session, secret, said, codes=keys.hasher(), now=now)
    except LinkNotOpen:
        return _back(secret)
    if not declines:
        made = agenda.publish_each(session, link.practitioner_id, wishes, by=actor, now=now)
        if all(one.why_not for one in made):
            session.rollback()
            return _ask(session, link, secret, now=now, errors={"creneaux": made[0].why_not})
        feeds.align(session, link.practitioner_id, by=actor, now=now)
    log(Event.LINK_USED, link_id=link.id, kind=said)
    return _back(secret)


def _found(session: Session, secret: str, keys: Keys) -> LinkView | None:
    try:
        return security.open_link(session, secret, codes=keys.hasher())
    except NotFound:
        return None


def _actor(session: Session, link: LinkView, request: Request, now: datetime) -> Actor:
    actor = security.actor_of_link(session, link, now=now)
    reach_of(actor, Action.AGENDA_WRITE)
    request.state.actor = actor
    return actor


def _back(secret: str) -> RedirectResponse:
    response = see(f"/lien/{secret}")
    response.headers.update(UNTOLD)
    return response


def _ask(
    session: Session,
    link: LinkView,
    secret: str,
    *,
    now: datetime,
    errors: dict[str, str] | None = None,
) -> Response:
    attempts = agenda.rehearse_each(session, link.practitioner_id, link.wishes, now=now)
    lines = [_line(number, one) for number, one in enumerate(attempts)]
    offers = [one.wish.offer for one in attempts]
    audiences = {name: None for offer in offers for one, name in AUDIENCES.items() if one in offer.audiences}
    places = {directory.get_site(session, offer.site_id).name: None for offer in offers}
    return render(
        "agenda/link.html",
        status=422 if errors else 200,
        headers=UNTOLD,
        name=directory.get_practitioner(session, link.practitioner_id, now=now).full_name,
        here=f"/lien/{secret}",
        lines=lines,
        possible=any(not line.why_not for line in lines),
        places=", ".join(places),
        audiences=", ".join(audiences),
        until=wording.until(link.expires_at, now),
        errors=errors or {},
    )


def _line(number: int, one: Attempt) -> Line:
    offer = one.wish.offer
    minutes = f"{offer.slot_minutes}\u00a0min" if offer.slot_minutes else ""
    when = wording.capital(say_instant(one.wish.start))
    return Line(f"creneau_{number}", when, minutes, one.why_not)


def _ended(session: Session, link: LinkView, now: datetime) -> Response:
    if link.answer is LinkAnswer.DECLINED:
        return _closed("declined", HTTPStatus.OK)
    if link.answer is LinkAnswer.PUBLISHED:
        return _closed("published", HTTPStatus.OK, made=_published(session, link, now))
    return _closed("revoked" if link.revoked_at else "expired", HTTPStatus.GONE)


def _published(session: Session, link: LinkView, now: datetime) -> list[str]:
    """Return the proposed slots that are in the agenda now, and how many they are."""
    query = SlotFilter(
        practitioner_ids=frozenset({link.practitioner_id}),
        starts_from=link.wishes[0].start,
        starts_before=link.wishes[-1].start.replace(microsecond=1),
    )
    starts = {wish.start for wish in link.wishes}
    slots = agenda.list_slots(session, query, now=now, limit=200).items
    mine = [one for one in slots if one.start in starts and one.created_at == link.used_at]
    whens = (f"{wording.capital(say_instant(one.start))}, jusqu’à {say_time(one.end)}" for one in mine)
    return [say_made(len(mine)), *whens]


def _closed(why: str, status: HTTPStatus, **facts: Any) -> Response:
    return render("agenda/link_closed.html", status=status, headers=UNTOLD, why=why, **({"made": []} | facts))
