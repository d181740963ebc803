"""Neighbours: slots offered to other territories, offers received, and how many slots each took."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.security.rights import Action, Subject, check_existing, reach_of
from api.web import kept
from api.web.coordination import sharing_forms as forms
from api.web.coordination import sharing_views as views
from api.web.coordination.visits import Post, PostDep
from api.web.desk_views import Option
from api.web.forms import Errors, whole
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from slots.sharing import service as sharing
from slots.sharing.facts import SharingView
from slots.sharing.refusals import SharingSettled, TooManySharings
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import TerritoryView
from snp.directory.paging import MAX_LIMIT
from snp.errors import InvalidValue, NotFound, VersionMismatch

router = APIRouter(prefix="/coordination/voisins", include_in_schema=False)

PAGE: Final = "/coordination/voisins"
ROWS: Final = 20
COUNTED_BACK: Final = timedelta(days=28)
COUNTED_AHEAD: Final = timedelta(days=60)


@router.get("")
def show(
    *,
    post: PostDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    termines: Annotated[bool, Query()] = False,
    apres: Annotated[str | None, Query(max_length=300)] = None,
    reprendre: Annotated[bool, Query()] = False,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the agreements of the territory, given and received, and the form of an offer."""
    left = kept.find(session, kept.page_id(PAGE), keys=keys, by=post.actor, now=now) if reprendre else {}
    told = "saisie-reprise" if left else info
    return _page(session, post, now, info=told, typed=left, over=termines, after=apres)


@router.post("")
def offer(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Offer slots to a neighbour; who typed something wrong loses nothing."""
    reach_of(post.actor, Action.SHARING_WRITE)
    reading = forms.read_offer(form.texts, [one.value for one in _professions(session)])
    if reading.value is None:
        return _page(session, post, now, typed=form.texts, errors=reading.errors)
    borrower, terms = reading.value
    try:
        with session.begin_nested():
            sharing.offer(session, post.territory.id, borrower, terms, by=post.actor, now=now)
    except InvalidValue as fault:
        return _page(session, post, now, typed=form.texts, errors=forms.fault_of(fault))
    except (TooManySharings, NotFound) as refusal:
        errors = {"voisin": refusal.sentence.rstrip(".")}
        return _page(session, post, now, typed=form.texts, errors=errors)
    kept.forget(session, kept.page_id(PAGE), by=post.actor)
    return _back(post, "partage-propose")


@router.post("/{sharing_id}/accepter")
def accept(
    *, sharing_id: UUID, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Accept an offer made to the territory."""
    _check(session, post, sharing_id, borrower_only=True)
    return _step(session, post, sharing_id, sharing.accept, form.texts, info="partage-accepte", now=now)


@router.post("/{sharing_id}/refuser")
def decline(
    *, sharing_id: UUID, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Turn down an offer made to the territory."""
    _check(session, post, sharing_id, borrower_only=True)
    return _step(session, post, sharing_id, sharing.decline, form.texts, info="partage-refuse", now=now)


@router.post("/{sharing_id}/terminer")
def end(
    *, sharing_id: UUID, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """End an agreement, or take an offer back; what is booked stays booked."""
    _check(session, post, sharing_id)
    return _step(session, post, sharing_id, sharing.end, form.texts, info="partage-termine", now=now)


def _step(
    session: Session,
    post: Post,
    sharing_id: UUID,
    act: Callable[..., SharingView],
    typed: Mapping[str, str],
    *,
    info: str,
    now: datetime,
) -> RedirectResponse:
    """Do one act; clicked twice, or after somebody else, the page says how the agreement stands."""
    version = whole(typed.get("version", ""), None)
    try:
        with session.begin_nested():
            act(session, sharing_id, version=version, by=post.actor, now=now)
    except (SharingSettled, VersionMismatch):
        return _back(post, "partage-deja-regle")
    return _back(post, info)


def _check(session: Session, post: Post, sharing_id: UUID, *, borrower_only: bool = False) -> None:
    """Refuse an agreement that is not of the territory looked at, as if it did not exist."""
    found = sharing.get_sharing(session, sharing_id)
    sides = {found.borrower_id} if borrower_only else {found.lender_id, found.borrower_id}
    subject = Subject("accord de partage", sharing_id, territories=frozenset(sides))
    check_existing(post.actor, Action.SHARING_WRITE, subject)
    if post.territory.id not in sides:
        raise NotFound("accord de partage", sharing_id)


def _back(post: Post, info: str) -> RedirectResponse:
    return see(f"{PAGE}?territoire={post.territory.id}&info={info}")


def _page(
    session: Session,
    post: Post,
    now: datetime,
    *,
    info: str | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
    over: bool = False,
    after: str | None = None,
) -> HTMLResponse:
    everybody = _territories(session)
    names = {one.id: one.name for one in everybody}
    professions = _professions(session)
    found = sharing.list_sharings(session, post.territory.id, running=not over, cursor=after, limit=ROWS)
    taken = {
        count.sharing_id: count.taken
        for count in sharing.taken_counts(
            session, post.territory.id, starts_from=now - COUNTED_BACK, starts_before=now + COUNTED_AHEAD
        )
    }
    labels = {one.value: one.label for one in professions}
    cards = [views.card(one, post.territory.id, names, labels, taken.get(one.id, 0)) for one in found.items]
    settings = post.territory.settings
    return render(
        "coordination/sharing.html",
        visit=post.visit,
        status=422 if errors else 200,
        info=info,
        post=post,
        cards=cards,
        over=over,
        after=found.next_cursor or "",
        later=after is not None,
        neighbours=[Option(str(one.id), one.name) for one in everybody if one.id != post.territory.id],
        professions=professions,
        profession_field=forms.profession_field,
        days=[Option(name, label) for name, label in forms.DAYS.values()],
        audiences=[Option(name, label) for name, label in forms.AUDIENCES.values()],
        delays=_delays(
            settings.overflow_p1_minutes, settings.overflow_p2_minutes, settings.overflow_p3_minutes
        ),
        typed=typed or forms.started(local_day(now, settings.snp_hours.zone)),
        errors=errors or {},
    )


def _delays(*minutes: int | None) -> list[str]:
    return [
        f"P{number} : "
        + ("jamais" if delay is None else "aussitôt" if delay == 0 else f"après {delay}\u00a0min")
        for number, delay in enumerate(minutes, start=1)
    ]


def _professions(session: Session) -> list[Option]:
    return [Option(one.code, one.label) for one in directory.list_professions(session)]


def _territories(session: Session) -> list[TerritoryView]:
    found: list[TerritoryView] = []
    cursor: str | None = None
    while True:
        page = directory.list_territories(session, cursor=cursor, limit=MAX_LIMIT)
        found.extend(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return found
