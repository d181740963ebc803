"""What a person does from the link of his message: confirm, see, stay, decline, answer, withdraw.

The link is an identifier and its signature under the hashing keys: nothing is stored, none can be made.
Reading changes nothing and shows no name: telephones fetch links before people read them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.medecin_traitant.register import moving, places_repository, points, repository
from regulation.medecin_traitant.register.facts import (
    EntryMove,
    EntryState,
    EntryView,
    PickOutcome,
    PickView,
    ScoredEntry,
    SignedAnswer,
)
from regulation.medecin_traitant.register.refusals import EntryMoved
from regulation.medecin_traitant.register.rules import STATE_LABELS
from regulation.medecin_traitant.register.service.following import erase_locked, withdraw_locked
from regulation.medecin_traitant.register.service.picking import return_locked, sign_locked
from regulation.medecin_traitant.register.terms import terms_on
from snp.days import local_day
from snp.errors import NotFound
from snp.platform.actors import Actor
from snp.platform.keys import Keys
from snp.platform.secret_links import read_secret, secret_text

DOMAIN: Final = "mt-entry"


def link_text(entry_id: UUID, keys: Keys) -> str:
    """Return the secret part of a person's link."""
    return secret_text(DOMAIN, entry_id, keys.hasher())


def see(session: Session, secret: str, *, keys: Keys, now: datetime) -> tuple[ScoredEntry, PickView | None]:
    """Return the entry of a link with its points, and the pick that runs; no identity. Raises `NotFound`."""
    view = repository.load(session, [_entry_id(secret, keys)])
    if not view:
        raise NotFound("lien")
    entry = next(iter(view.values()))
    today = local_day(now)
    scored = points.score(entry, terms_on(today), today)
    return scored, places_repository.running_pick(session, entry.id)


def confirm(session: Session, secret: str, *, keys: Keys, by: Actor, now: datetime) -> EntryView:
    """Count the entry from now on; twice is once. Raises `NotFound`, `EntryMoved` when it is over."""
    view = _locked(session, secret, keys)
    if view.state not in {EntryState.UNCONFIRMED, EntryState.CLOSED}:
        return view
    changes = {"waiting_since": now}
    return moving.move(session, view, EntryMove.CONFIRM, changes=changes, by=by, now=now)


def stay(session: Session, secret: str, *, keys: Keys, by: Actor, now: datetime) -> EntryView:
    """Say that one still looks for a médecin traitant."""
    view = _locked(session, secret, keys)
    changes = {"reconfirmed_at": now, "asked_at": None, "asked_count": 0}
    return moving.move(session, view, EntryMove.RECONFIRM, changes=changes, by=by, now=now)


def withdraw(session: Session, secret: str, *, keys: Keys, by: Actor, now: datetime) -> None:
    """Take consent back: what was given is erased at once. Twice is once."""
    view = _locked(session, secret, keys)
    if view.erased_at is not None:
        return
    if view.state is EntryState.UNCONFIRMED:
        repository.delete_unconfirmed(session, view.id)
        return
    if view.state in {EntryState.SIGNED, EntryState.CLOSED}:
        erase_locked(session, view, by=by, now=now)
        return
    withdraw_locked(session, view, by=by, now=now)


def decline(session: Session, secret: str, *, keys: Keys, by: Actor, now: datetime) -> EntryView:
    """Refuse the practice; the place on the list is kept. Raises `EntryMoved` when no pick runs."""
    view, one = _with_pick(session, secret, keys)
    return_locked(session, one, view, PickOutcome.PATIENT_DECLINED, by=by, now=now)
    return repository.load(session, [view.id])[view.id]


def answer_signed(
    session: Session, secret: str, answer: SignedAnswer, *, keys: Keys, by: Actor, now: datetime
) -> EntryView:
    """Answer the follow-up: signed, not yet (asked again later), or no (back on the list)."""
    view, one = _with_pick(session, secret, keys)
    match answer:
        case SignedAnswer.YES:
            sign_locked(session, one, view, by=by, now=now)
        case SignedAnswer.NO:
            return_locked(session, one, view, PickOutcome.NOT_SIGNED, by=by, now=now)
        case SignedAnswer.NOT_YET:
            places_repository.update_pick(session, one.id, {"asked_at": now, "asked_count": 0})
    return repository.load(session, [view.id])[view.id]


def _with_pick(session: Session, secret: str, keys: Keys) -> tuple[EntryView, PickView]:
    view = _locked(session, secret, keys)
    one = places_repository.running_pick(session, view.id)
    if one is None:
        raise EntryMoved(STATE_LABELS[view.state])
    return view, one


def _locked(session: Session, secret: str, keys: Keys) -> EntryView:
    view = repository.lock(session, _entry_id(secret, keys))
    if view is None:
        raise NotFound("lien")
    return view


def _entry_id(secret: str, keys: Keys) -> UUID:
    entry_id = read_secret(DOMAIN, secret, keys.hasher())
    if entry_id is None:
        raise NotFound("lien")
    return entry_id
