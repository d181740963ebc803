"""People and memberships: who takes part in the territory, who joins from outside, who leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep
from api.security.rights import Action, reach_of
from api.web import wording
from api.web.coordination.visits import Post, PostDep
from api.web.rendering import render, see
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import MembershipView, PractitionerFilter, PractitionerView
from snp.directory.rules import MembershipOverlap
from snp.errors import InvalidValue, NotFound

router = APIRouter(prefix="/coordination/personnes", include_in_schema=False)

ROWS: Final = 25
FOUND: Final = 10


@dataclass(frozen=True, slots=True)
class Person:
    """A professional as the coordinator's list shows him."""

    id: UUID
    name: str
    profession: str
    ident: str
    contact: str
    since: str = ""
    outside: bool = False


@router.get("")
def show(
    *,
    post: PostDep,
    session: SessionDep,
    now: NowDep,
    q: Annotated[str, Query(max_length=80)] = "",
    ajouter: Annotated[str, Query(max_length=80)] = "",
    apres: Annotated[str | None, Query(max_length=300)] = None,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the members of the territory, and whom a search finds beyond them."""
    facts = _members(session, post, text=q.strip(), after=apres, now=now)
    facts["found"] = _beyond(session, post, ajouter.strip(), now) if ajouter.strip() else None
    return render(
        "coordination/people.html",
        visit=post.visit,
        info=info,
        post=post,
        typed={"q": q, "ajouter": ajouter},
        **facts,
    )


@router.post("/{practitioner_id}/ajouter")
def join(*, practitioner_id: UUID, post: PostDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Make a professional a member from today on; twice makes him one once."""
    reach_of(post.actor, Action.MEMBERSHIP_WRITE)
    directory.get_practitioner(session, practitioner_id, now=now)
    try:
        with session.begin_nested():
            directory.join_territory(
                session, practitioner_id, post.territory.id, since=local_day(now), by=post.actor, now=now
            )
    except MembershipOverlap:
        return _back(post, "deja-membre")
    return _back(post, "membre-ajoute")


@router.post("/{practitioner_id}/terminer")
def leave(*, practitioner_id: UUID, post: PostDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """End a membership today; what is booked stays booked."""
    reach_of(post.actor, Action.MEMBERSHIP_WRITE)
    try:
        with session.begin_nested():
            directory.end_membership(
                session, practitioner_id, post.territory.id, until=local_day(now), by=post.actor, now=now
            )
    except NotFound:
        return _back(post, "plus-membre")
    return _back(post, "membre-termine")


def _back(post: Post, info: str) -> RedirectResponse:
    return see(f"/coordination/personnes?territoire={post.territory.id}&info={info}")


def _members(session: Session, post: Post, *, text: str, after: str | None, now: datetime) -> dict[str, Any]:
    wanted = PractitionerFilter(territory_ids=frozenset({post.territory.id}), text=text or None, active=None)
    page = directory.list_practitioners(session, wanted, cursor=after, limit=ROWS, now=now)
    running = _running(session, post, local_day(now))
    labels = _professions(session)
    return {
        "people": [_person(one, labels, running.get(one.id)) for one in page.items],
        "count": len(running),
        "after": page.next_cursor or "",
        "later": after is not None,
    }


def _running(session: Session, post: Post, today: date) -> dict[UUID, MembershipView]:
    return {
        one.practitioner_id: one
        for one in directory.list_memberships(session, territory_ids=[post.territory.id])
        if one.since <= today and (one.until is None or one.until > today)
    }


def _beyond(session: Session, post: Post, text: str, now: datetime) -> list[Person]:
    """Return the professionals of the directory that are no members, by name or national identifier."""
    if text.replace(" ", "").isdigit():
        named = _identified(session, text.replace(" ", ""), now)
        found = [named] if named else []
    else:
        page = directory.list_practitioners(session, PractitionerFilter(text=text), limit=FOUND * 3, now=now)
        found = list(page.items)
    labels = _professions(session)
    return [_person(one, labels, None) for one in found if post.territory.id not in one.territory_ids][:FOUND]


def _identified(session: Session, number: str, now: datetime) -> PractitionerView | None:
    try:
        if len(number) == _RPPS_DIGITS:
            return directory.find_practitioner(session, rpps=number, now=now)
        return directory.find_practitioner(session, adeli=number, now=now)
    except InvalidValue:
        return None


_RPPS_DIGITS: Final = 11


def _professions(session: Session) -> dict[str, str]:
    return {one.code: one.label for one in directory.list_professions(session, active=None)}


def _person(one: PractitionerView, labels: dict[str, str], member: MembershipView | None) -> Person:
    contact = [wording.phone(one.phone), one.email or ""]
    return Person(
        id=one.id,
        name=one.full_name,
        profession=labels.get(one.profession, one.profession),
        ident=f"RPPS {one.rpps}" if one.rpps else f"ADELI {one.adeli}",
        contact=" · ".join(part for part in contact if part),
        since=f"{member.since:%d/%m/%Y}" if member else "",
        outside=member.outside_perimeter if member else False,
    )
