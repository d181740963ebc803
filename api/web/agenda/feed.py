"""The private feed that a practitioner's own calendar reads. Its secret is the right to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.security.rights import Action, reach_of
from regulation.orientation import service as orientation
from slots.appointments.facts import AppointmentView
from slots.feeds import service as feeds
from slots.feeds.facts import Entry, FeedView
from slots.feeds.writing import write_feed
from snp.directory import service as directory
from snp.directory.facts import PractitionerView
from snp.errors import NotFound
from snp.platform.actors import Actor, Role
from snp.platform.keys import Keys

router = APIRouter(prefix="/calendriers", include_in_schema=False)

WHY_READ: Final = "nom du patient dans le calendrier du praticien"
NAME: Final = "Soins non programmés"
MEDIA_TYPE: Final = "text/calendar; charset=utf-8"


@router.get("/{secret}.ics")
def read(*, secret: str, request: Request, session: SessionDep, keys: KeysDep, now: NowDep) -> Response:
    """Return the feed, or nothing when its reader has it already."""
    found = feeds.feed_by_secret(session, secret, codes=keys.hasher())
    if found is None:
        raise NotFound("calendrier")
    practitioner = directory.get_practitioner(session, found.practitioner_id, now=now)
    actor = _actor(found, practitioner)
    reach_of(actor, Action.AGENDA_READ)
    request.state.actor = actor
    entries, live = feeds.entries_of(session, practitioner.id, now=now)
    with_names = practitioner.preferences.show_patient_name_in_calendar
    headers = {
        "ETag": _etag(entries, with_names=with_names),
        "Last-Modified": format_datetime(last_change(entries, found.created_at), usegmt=True),
        "Cache-Control": "private, no-cache",
        "Referrer-Policy": "no-referrer",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if with_names:
        entries = _named(session, entries, live, keys=keys, by=actor, now=now)
    return Response(write_feed(entries, name=NAME), headers=headers, media_type=MEDIA_TYPE)


def last_change(entries: Iterable[Entry], otherwise: datetime) -> datetime:
    """Return when something of a feed last changed."""
    return max((one.changed_at for one in entries), default=otherwise).replace(microsecond=0)


def _actor(found: FeedView, practitioner: PractitionerView) -> Actor:
    return Actor(
        ident=f"feed:{found.id}",
        role=Role.PRACTITIONER,
        territories=frozenset(practitioner.territory_ids),
        practitioner=practitioner.id,
        profession=practitioner.profession,
    )


def _etag(entries: Sequence[Entry], *, with_names: bool) -> str:
    """Return what stands for a feed's content, without opening any identity."""
    told = (f"{one.slot_id} {one.revision} {one.state} {one.start} {one.place}" for one in entries)
    digest = hashlib.sha256("\n".join([str(with_names), *told]).encode()).hexdigest()
    return f'"{digest[:32]}"'


def _named(
    session: Session,
    entries: Sequence[Entry],
    live: Mapping[UUID, AppointmentView],
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> tuple[Entry, ...]:
    ids = [one.id for one in live.values()]
    coming = orientation.read_who_comes(session, ids, keys=keys, why=WHY_READ, by=by, now=now)
    names = {
        slot_id: f"{coming[one.id].traits.given_name} {coming[one.id].traits.family_name.upper()}"
        for slot_id, one in live.items()
        if one.id in coming
    }
    return tuple(replace(one, patient=names.get(one.slot_id)) for one in entries)
