"""Slots proposed to a practitioner by a link that opens without a password: made, listed, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.security import service as security
from api.security.facts import LinkAnswer, LinkView
from api.security.rights import Action, Subject, check_existing, check_new, reach_of
from api.web.addresses import service_address
from api.web.agenda.habits import Habits, habits_of
from api.web.agenda.reading import Typed
from api.web.coordination.visits import Post, PostDep
from api.web.forms import Errors, capital_reason
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from slots.agenda.facts import Wish
from snp.days import at_local, local_day, say_instant
from snp.directory import service as directory
from snp.errors import InvalidValue, NotFound
from snp.platform.events import Event
from snp.platform.logs import log

router = APIRouter(prefix="/coordination/personnes", include_in_schema=False)

ROWS: Final = 3
"""How many days and hours one form takes; each may be several slots in a row."""
LISTED: Final = 20
_ANSWERS: Final = {LinkAnswer.PUBLISHED: "créneaux publiés", LinkAnswer.DECLINED: "refusé"}


@dataclass(frozen=True, slots=True)
class Line:
    """A link as its list shows it; never its address."""

    id: UUID
    whens: tuple[str, ...]
    state: str
    tone: str
    until: str
    is_open: bool


@router.get("/{practitioner_id}/liens")
def show(
    *,
    practitioner_id: UUID,
    post: PostDep,
    session: SessionDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the links made for a member of the territory, and the form of a new one."""
    return _page(session, post, _member(session, post, practitioner_id, now), now, info=info)


@router.post("/{practitioner_id}/liens")
def create(
    *,
    practitioner_id: UUID,
    post: PostDep,
    request: Request,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Make a link, whose address is shown this once; a reload finds the one that runs."""
    reach_of(post.actor, Action.LINK_ADMIN)
    habits = _member(session, post, practitioner_id, now)
    typed = Typed(form.texts, {})
    wishes = _wishes(typed, habits, post, now)
    hours = typed.number("heures", low=1, high=336, missing="Indiquez une durée")
    if typed.errors:
        return _page(session, post, habits, now, typed=form.texts, errors=typed.errors)
    starts = {wish.start for wish in wishes}
    if any(
        one.is_open(now) and {wish.start for wish in one.wishes} == starts
        for one in security.list_links(session, practitioner_id, limit=LISTED)
    ):
        return _back(post, practitioner_id, "lien-en-cours")
    try:
        with session.begin_nested():
            made = security.create_link(
                session,
                practitioner_id,
                wishes,
                lifetime=timedelta(hours=hours),
                codes=keys.hasher(),
                by=post.actor,
                now=now,
            )
    except InvalidValue as fault:
        errors = {"jour_1": capital_reason(fault)}
        return _page(session, post, habits, now, typed=form.texts, errors=errors)
    log(Event.LINK_CREATED, link_id=made.view.id, kind=made.view.purpose)
    address = f"{service_address(request)}/lien/{made.secret}"
    return _page(session, post, habits, now, address=address)


@router.post("/{practitioner_id}/liens/{link_id}/revoquer")
def revoke(
    *, practitioner_id: UUID, link_id: UUID, post: PostDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Stop a link from now on; clicked twice, it is stopped once."""
    found = security.get_link(session, link_id)
    subject = Subject("lien", link_id, territories=frozenset(found.territory_ids))
    check_existing(post.actor, Action.LINK_ADMIN, subject)
    if found.practitioner_id != practitioner_id:
        raise NotFound("lien", link_id)
    security.revoke_link(session, link_id, now=now)
    log(Event.LINK_REVOKED, link_id=link_id)
    return _back(post, practitioner_id, "lien-revoque")


def _member(session: Session, post: Post, practitioner_id: UUID, now: datetime) -> Habits:
    """Return a member’s usual terms. Raises `NotFound` for who is no member or has no place to publish in."""
    practitioner = directory.get_practitioner(session, practitioner_id, now=now)
    subject = Subject("professionnel", practitioner_id, territories=frozenset(practitioner.territory_ids))
    check_new(post.actor, Action.LINK_ADMIN, subject)
    habits = habits_of(session, practitioner_id, now=now)
    if habits is None or post.territory.id not in practitioner.territory_ids:
        raise NotFound("professionnel", practitioner_id)
    return habits


def _wishes(typed: Typed, habits: Habits, post: Post, now: datetime) -> list[Wish]:
    """Read the days and hours, on the practitioner's usual terms, offered in this territory alone."""
    patients = typed.number("patients", low=1, high=10, missing="Indiquez un nombre de patients")
    offer = replace(habits.offer, territory_ids=frozenset({post.territory.id}))
    wishes = []
    for number in range(1, ROWS + 1):
        day, hour = f"jour_{number}", f"heure_{number}"
        if number > 1 and not (typed.texts.get(day) or typed.texts.get(hour)):
            continue
        on = typed.day(day, local_day(now), missing="Indiquez un jour")
        first = at_local(on, typed.hour(hour, missing="Indiquez une heure"))
        wishes += [Wish(first + habits.step * place, offer) for place in range(patients)]
    return wishes


def _back(post: Post, practitioner_id: UUID, info: str) -> RedirectResponse:
    path = f"/coordination/personnes/{practitioner_id}/liens"
    return see(f"{path}?territoire={post.territory.id}&info={info}")


def _page(
    session: Session,
    post: Post,
    habits: Habits,
    now: datetime,
    *,
    info: str | None = None,
    address: str = "",
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
) -> HTMLResponse:
    links = security.list_links(session, habits.practitioner.id, limit=LISTED)
    return render(
        "coordination/links.html",
        visit=post.visit,
        status=422 if errors else 200,
        info=info,
        post=post,
        person=habits.practitioner,
        lines=[_line(one, now) for one in links],
        address=address,
        rows=range(1, ROWS + 1),
        minutes=habits.minutes,
        typed=typed or {"patients": "1", "heures": "48"},
        errors=errors or {},
    )


def _line(link: LinkView, now: datetime) -> Line:
    state, tone = _state(link, now)
    return Line(
        id=link.id,
        whens=tuple(say_instant(wish.start) for wish in link.wishes),
        state=state,
        tone=tone,
        until=say_instant(link.expires_at),
        is_open=link.is_open(now),
    )


def _state(link: LinkView, now: datetime) -> tuple[str, str]:
    if link.answer is not None:
        return _ANSWERS[link.answer], "good" if link.answer is LinkAnswer.PUBLISHED else ""
    if link.revoked_at is not None:
        return "révoqué", ""
    return ("en attente", "todo") if link.is_open(now) else ("expiré", "")
