"""A practice accepts somebody from the list: identity shown from then on, a call, a signature.

What falls through sends the entry back with its waiting time kept, and gives the place back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.facts import Reason
from regulation.medecin_traitant.register import moving, places_repository, repository, rules
from regulation.medecin_traitant.register.facts import (
    EntryMove,
    EntryState,
    EntryView,
    PersonShown,
    PickOutcome,
    PickView,
)
from regulation.medecin_traitant.register.places_repository import P
from regulation.medecin_traitant.register.refusals import EntryMoved, NoPlaceLeft, PickEnded
from regulation.medecin_traitant.register.service.places import own_place, practice_of
from regulation.medecin_traitant.register.service.reading import open_people
from regulation.messages import rules as message_rules
from regulation.messages.facts import Kind
from regulation.messages.splitting import medium_for
from snp.days import local_day
from snp.directory import service as directory
from snp.errors import NotFound
from snp.notifications import service as outbox
from snp.platform.actors import Actor
from snp.platform.columns import new_id
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log

OUTCOME_LABELS: Final[dict[PickOutcome, str]] = {
    PickOutcome.SIGNED: "déclaration signée",
    PickOutcome.PATIENT_DECLINED: "la personne a refusé",
    PickOutcome.UNREACHABLE: "personne injoignable",
    PickOutcome.NOT_CALLED: "le cabinet n’a pas appelé à temps",
    PickOutcome.NOT_SIGNED: "déclaration non signée",
    PickOutcome.PRACTICE_GAVE_UP: "le cabinet renonce",
    PickOutcome.ENTRY_CLOSED: "inscription close entre-temps",
}
BY_PRACTICE: Final = frozenset(
    {
        PickOutcome.UNREACHABLE,
        PickOutcome.PATIENT_DECLINED,
        PickOutcome.NOT_SIGNED,
        PickOutcome.PRACTICE_GAVE_UP,
    }
)
"""The ways in which a practice may give a person back."""
_OURS: Final = "Règle de la liste médecin traitant"


def pick(session: Session, place_id: UUID, entry_id: UUID, *, by: Actor, now: datetime) -> PickView:
    """Accept somebody for a declared place; his identity may be read from now on, and he is told.

    Raises `NotFound`, `NoPlaceLeft`, `EntryMoved` (another practice was faster, or he left the list).
    """
    own_place(session, place_id, by=by)
    place = places_repository.lock_place(session, place_id)
    view = repository.lock(session, entry_id)
    if place is None or view is None or view.territory_id != place.territory_id:
        raise NotFound("inscription")
    if view.state is not EntryState.WAITING:
        raise EntryMoved(rules.STATE_LABELS[view.state])
    if not place.is_open(local_day(now)) or not rules.suits(place.terms, view, local_day(now)):
        raise NoPlaceLeft
    pick_id = new_id()
    until = rules.call_by(now, moving.delays(session, place.territory_id, now))
    places_repository.insert_pick(
        session,
        {
            "id": pick_id,
            "entry_id": entry_id,
            "place_id": place_id,
            "practitioner_id": place.practitioner_id,
            "picked_at": now,
            "picked_by": by.ident,
            "call_by": until,
            "asked_count": 0,
        },
    )
    told = moving.move(session, view, EntryMove.PICK, data={"pick_id": str(pick_id)}, by=by, now=now)
    moving.tell(session, told, Kind.MT_PICKED, now)
    log(Event.MT_PICKED, entry_id=entry_id, pick_id=pick_id)
    return _pick(session, pick_id)


def list_picks(
    session: Session, *, running: bool, limit: int = 100, by: Actor, now: datetime
) -> tuple[PickView, ...]:
    """Return the picks of who acts, newest first: those that run, or those that ended."""
    carer = practice_of(session, by, now)
    ended = P.c.outcome.is_(None) if running else P.c.outcome.is_not(None)
    where = [P.c.practitioner_id == carer.id, ended]
    return tuple(places_repository.picks(session, where, limit=limit))


def read_picked(
    session: Session, pick_ids: list[UUID], *, keys: Keys, why: str, by: Actor, now: datetime
) -> dict[UUID, PersonShown]:
    """Open who the accepted people are, by pick; audited. Only of picks of who acts, while they run."""
    carer = practice_of(session, by, now)
    where = [P.c.id.in_(pick_ids), P.c.practitioner_id == carer.id, P.c.outcome.is_(None)]
    mine = places_repository.picks(session, where)
    people = open_people(session, [one.entry_id for one in mine], keys=keys, why=why, by=by, now=now)
    return {one.id: people[one.entry_id] for one in mine if one.entry_id in people}


def record_called(session: Session, pick_id: UUID, *, by: Actor, now: datetime) -> PickView:
    """The practice reached the person and agreed with him. Raises `NotFound`, `PickEnded`, `EntryMoved`."""
    one, view = _own(session, pick_id, by, now)
    moving.move(session, view, EntryMove.CALLED, data={"pick_id": str(pick_id)}, by=by, now=now)
    places_repository.update_pick(session, one.id, {"called_at": now})
    return _pick(session, pick_id)


def record_signed(session: Session, pick_id: UUID, *, by: Actor, now: datetime) -> PickView:
    """The practice says that the declaration is signed."""
    one, view = _own(session, pick_id, by, now)
    sign_locked(session, one, view, by=by, now=now)
    return _pick(session, pick_id)


def give_back(session: Session, pick_id: UUID, outcome: PickOutcome, *, by: Actor, now: datetime) -> PickView:
    """The practice gives the person back to the list. Raises as `record_called`."""
    if outcome not in BY_PRACTICE:
        raise PickEnded
    one, view = _own(session, pick_id, by, now)
    return_locked(session, one, view, outcome, by=by, now=now)
    return _pick(session, pick_id)


def sign_locked(session: Session, one: PickView, view: EntryView, *, by: Actor, now: datetime) -> None:
    """End a pick and its entry well; the place stays taken."""
    moving.move(
        session,
        view,
        EntryMove.SIGN,
        changes={"closed_at": now, "next_call_on": None},
        data={"pick_id": str(one.id)},
        by=by,
        now=now,
    )
    end = {"outcome": PickOutcome.SIGNED, "ended_at": now}
    places_repository.update_pick(session, one.id, end)
    log(Event.MT_SIGNED, entry_id=view.id, pick_id=one.id)


def return_locked(
    session: Session, one: PickView, view: EntryView, outcome: PickOutcome, *, by: Actor, now: datetime
) -> None:
    """End a pick that falls through: the entry waits again since when it waited, the place is free."""
    told = Reason(outcome.value, f"Revenu sur la liste : {OUTCOME_LABELS[outcome]}.", _OURS)
    data = {"pick_id": str(one.id), "outcome": outcome.value}
    back = moving.move(session, view, EntryMove.RETURN, reasons=(told,), data=data, by=by, now=now)
    places_repository.update_pick(session, one.id, {"outcome": outcome, "ended_at": now})
    if outcome is not PickOutcome.PATIENT_DECLINED:
        moving.tell(session, back, Kind.MT_BACK, now)
    if outcome not in BY_PRACTICE or by.practitioner != one.practitioner_id:
        tell_practice(session, one, now)


def tell_practice(session: Session, one: PickView, now: datetime) -> None:
    """Queue a word to the doctor that a person went back to the list; it names nobody."""
    carer = directory.get_practitioner(session, one.practitioner_id, now=now)
    medium = medium_for(carer)
    if medium is None:
        return
    quiet = carer.preferences
    payload: dict[str, object] = {"kind": Kind.MT_CARER_RETURNED, "pick_id": str(one.id)}
    outbox.enqueue(
        session,
        medium,
        f"{Kind.MT_CARER_RETURNED}:{one.id}",
        payload,
        now,
        due_at=message_rules.out_of_quiet(now, quiet.quiet_from, quiet.quiet_until),
        territory_id=one.territory_id,
    )


def _own(session: Session, pick_id: UUID, by: Actor, now: datetime) -> tuple[PickView, EntryView]:
    """Return a running pick of who acts and its entry, locked. Raises `NotFound`, `PickEnded`."""
    carer = practice_of(session, by, now)
    where = [P.c.id == pick_id, P.c.practitioner_id == carer.id]
    found = next(iter(places_repository.picks(session, where)), None)
    if found is None:
        raise NotFound("choix")
    view = repository.lock(session, found.entry_id)
    assert view is not None
    again = _pick(session, pick_id)
    if again.outcome is not None:
        raise PickEnded
    return again, view


def _pick(session: Session, pick_id: UUID) -> PickView:
    return places_repository.picks(session, [P.c.id == pick_id])[0]
