"""The page of a call for slots: moments that somebody accepts by one tap each, declines, or asks for peace.

Reading it changes nothing. No session and no form token: who cannot read the link cannot send its form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from api.security.rights import Action, reach_of
from api.web import wording
from api.web.rendering import NOTICES, render, see
from regulation.coverage import service as coverage
from regulation.coverage.facts import AnswerKind, AskPage, Moment
from regulation.coverage.refusals import CallEnded, CallNotFound, MomentGone
from regulation.coverage.wording import ENDINGS, moment_name
from snp.days import say_day
from snp.directory import service as directory
from snp.platform.actors import Actor, Role

UNTOLD: Final = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
_SAID: Final = {
    "refuser": AnswerKind.DECLINED,
    "pas-cette-semaine": AnswerKind.NOT_THIS_WEEK,
    "arreter": AnswerKind.STOP,
    "reprendre": AnswerKind.RESUME,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A moment on the page: what it is called, what its button sends, and why it is gone, if it is."""

    name: str
    slots: str
    value: str
    gone: str = ""


def show(request: Request, session: Session, ask_id: UUID, secret: str, *, now: datetime) -> Response:
    """Show what is asked, what was accepted, and what is no longer wanted."""
    try:
        _actor(request, session, ask_id, now)
    except CallNotFound:
        return _unknown()
    page = coverage.ask_page(session, ask_id, now=now)
    info = request.query_params.get("info")
    return _page(session, page, secret, info=info if info in NOTICES else None, now=now)


def answer(
    request: Request, session: Session, ask_id: UUID, secret: str, typed: Mapping[str, str], *, now: datetime
) -> Response:
    """Publish the moment that was tapped, or write what else was said; said twice, it is done once."""
    try:
        by = _actor(request, session, ask_id, now)
    except CallNotFound:
        return _unknown()
    info = None
    if (kind := _SAID.get(typed.get("reponse", ""))) is not None:
        coverage.say(session, ask_id, kind, now=now)
    elif (start := _instant(typed.get("accepte", ""))) is not None:
        try:
            with session.begin_nested():
                coverage.accept(session, ask_id, start, by=by, now=now)
            info = "merci-publie"
        except (CallEnded, CallNotFound, MomentGone):
            info = "moment-parti"
    response = see(f"/lien/{secret}", info=info)
    response.headers.update(UNTOLD)
    return response


def _actor(request: Request, session: Session, ask_id: UUID, now: datetime) -> Actor:
    """Who acts through a link: its practitioner, by the link and by nothing else. Raises `CallNotFound`."""
    ask = coverage.find_ask(session, ask_id)
    person = directory.get_practitioner(session, ask.practitioner_id, now=now)
    actor = Actor(
        ident=f"link:{ask.id}",
        role=Role.PRACTITIONER,
        territories=frozenset(person.territory_ids),
        practitioner=person.id,
        profession=person.profession,
    )
    reach_of(actor, Action.AGENDA_WRITE)
    request.state.actor = actor
    return actor


def _page(session: Session, page: AskPage, secret: str, *, info: str | None, now: datetime) -> Response:
    taken = {one.moment_start for one in page.ask.answers if one.kind is AnswerKind.ACCEPTED}
    last = page.ask.answers[-1].kind if page.ask.answers else None
    territory = directory.get_territory(session, page.call.territory_id)
    person = directory.get_practitioner(session, page.ask.practitioner_id, now=now)
    return render(
        "agenda/slot_call.html",
        headers=UNTOLD,
        info=info,
        here=f"/lien/{secret}",
        name=person.full_name,
        territory=territory.name,
        accepted=[_shown(one) for one in page.ask.moments if one.start in taken],
        open_moments=[_shown(one) for one in page.open_moments],
        gone=[_shown(one, page.gone[one.start]) for one in page.ask.moments if one.start in page.gone],
        why=page.ask.why,
        declined=last is AnswerKind.DECLINED,
        paused=page.paused,
        paused_until=say_day(page.paused_until) if page.paused_until else "",
        ended=ENDINGS[page.call.ending] if page.call.ending else "",
        until=wording.until(page.call.closes_at, now),
    )


def _shown(moment: Moment, gone: str = "") -> Shown:
    count = f"{moment.slots} patients" if moment.slots > 1 else "1 patient"
    return Shown(wording.capital(moment_name(moment)), count, moment.start.isoformat(), gone.rstrip("."))


def _instant(typed: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _unknown() -> Response:
    return render(
        "agenda/link_closed.html", status=HTTPStatus.NOT_FOUND, headers=UNTOLD, why="unknown", made=[]
    )
