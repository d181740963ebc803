"""Find series: those that a physiotherapist holds or stands in for, those that a carer brought.

And who may see.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.intake.facts import PatientTraits, RequestFilter, RequestView
from regulation.intake.service.reading import list_requests, open_identities
from regulation.series import keeping, repository
from regulation.series.facts import (
    PHYSIO,
    SeriesCard,
    SeriesEnd,
    SeriesFigures,
    SeriesLine,
    SeriesView,
)
from regulation.series.refusals import SeriesNotFound
from snp.directory.facts import Page
from snp.platform.actors import Actor, Role
from snp.platform.keys import Keys

COUNTED_FOR: Final = timedelta(days=90)
_CARERS: Final = frozenset({Role.PRACTITIONER, Role.DELEGATE})


def list_held(
    session: Session, *, is_open: bool | None = None, cursor: str | None = None, limit: int = 50, by: Actor
) -> Page[SeriesCard]:
    """The series that the actor's physiotherapist holds, newest first; none for anybody else."""
    if by.role not in _CARERS or by.practitioner is None or by.profession != PHYSIO:
        return Page(())
    page = repository.series_page(
        session, practitioner_id=by.practitioner, is_open=is_open, cursor=cursor, limit=limit
    )
    return Page(cards(session, page.items), page.next_cursor)


def list_brought(
    session: Session, *, cursor: str | None = None, limit: int = 50, by: Actor, now: datetime
) -> Page[SeriesCard]:
    """The series of the patients that the actor's carer brought at the professionals' desk, newest first."""
    if by.role not in _CARERS or by.practitioner is None:
        return Page(())
    brought = list_requests(session, RequestFilter(), cursor=cursor, limit=limit, by=by, now=now)
    found = repository.series_page(
        session, request_ids=[view.id for view in brought.items], limit=max(limit, 1)
    )
    return Page(cards(session, found.items), brought.next_cursor)


def get_series(session: Session, request_id: UUID, *, by: Actor) -> SeriesCard:
    """One series that the actor may see. Raises `SeriesNotFound`, as if it did not exist."""
    found = repository.load(session, [request_id]).get(request_id)
    view = requests.load(session, [request_id]).get(request_id)
    if found is None or view is None:
        raise SeriesNotFound(request_id)
    (card,) = cards(session, [found])
    if not may_see(session, card, view, by):
        raise SeriesNotFound(request_id)
    return card


def card_by_link(session: Session, request_id: UUID) -> SeriesCard | None:
    """The series of a patient whose link to an appointment was read at the door; None when there is none."""
    found = repository.load(session, [request_id]).get(request_id)
    return None if found is None else cards(session, [found])[0]


def story(session: Session, request_id: UUID, *, by: Actor) -> tuple[SeriesLine, ...]:
    """What happened to a series, oldest first."""
    get_series(session, request_id, by=by)
    return repository.story(session, request_id)


def cards(session: Session, found: Sequence[SeriesView]) -> tuple[SeriesCard, ...]:
    """Series with their sessions and sheets, in the order given."""
    ids = [one.request_id for one in found]
    sessions, sheets = keeping.sessions_of(session, ids), repository.sheet_states(session, ids)
    return tuple(SeriesCard(one, sessions[one.request_id], sheets.get(one.request_id)) for one in found)


def may_see(session: Session, card: SeriesCard, view: RequestView, by: Actor) -> bool:
    """Who holds it, stands in for a session, is offered it, or brought the patient; carers only."""
    if by.role not in _CARERS or by.practitioner is None:
        return False
    me = by.practitioner
    return (
        holds(card, by)
        or view.practitioner_id == me
        or any(
            one.to_practitioner_id == me
            for one in repository.running_passes(session, request_ids=[card.series.request_id])
        )
    )


def holds(card: SeriesCard, by: Actor) -> bool:
    """Whether the actor's physiotherapist holds a series, or stands in for one of its sessions."""
    me = by.practitioner
    return (
        me is not None
        and by.role in _CARERS
        and (card.series.practitioner_id == me or any(one.practitioner_id == me for one in card.sessions))
    )


def read_patients(
    session: Session, request_ids: Sequence[UUID], *, keys: Keys, why: str, by: Actor, now: datetime
) -> dict[UUID, PatientTraits]:
    """Who the patients of these series are, by request.

    Audited, a line each. Those not to be seen are left out.
    """
    found = repository.load(session, request_ids)
    views = requests.load(session, found)
    seen = [
        card.series.request_id
        for card in cards(session, list(found.values()))
        if may_see(session, card, views[card.series.request_id], by)
    ]
    return open_identities(session, seen, keys=keys, why=why, by=by, now=now)


def figures(session: Session, territory_id: UUID, *, now: datetime) -> SeriesFigures:
    """What a coordinator sees of a territory's series, over the last three months: counts, no patient."""
    running, without = repository.count_open(session, territory_id)
    ended = repository.ends_of(session, territory_id, now - COUNTED_FOR)
    return SeriesFigures(running, without, {end: ended.get(end, 0) for end in SeriesEnd})
