"""A person's rights over his entries of the list: found by the keyed hashes, told whole, or erased.

Whose they are, and who may ask, is checked by the caller.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake.facts import PatientTraits
from regulation.medecin_traitant.register import moving, repository
from regulation.medecin_traitant.register.facts import (
    ConsentView,
    EntryState,
    EntryView,
    MoveView,
    PersonShown,
    PracticeCallView,
)
from regulation.medecin_traitant.register.rules import LIVE
from regulation.medecin_traitant.register.service.following import erase_locked, withdraw_locked
from regulation.medecin_traitant.register.service.reading import open_calls, open_people
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.hashing import KeyedHash
from snp.platform.keys import Keys


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """All that is kept of one entry of a person."""

    entry: EntryView
    person: PersonShown
    consents: tuple[ConsentView, ...]
    moves: tuple[MoveView, ...]
    calls: tuple[PracticeCallView, ...]


def entries_of_person(
    session: Session,
    territory_id: UUID,
    traits: PatientTraits,
    request_ids: Collection[UUID],
    *,
    hasher: KeyedHash,
) -> list[EntryView]:
    """The entries of a person in a territory that were not erased, oldest first, locked."""
    return repository.of_person(
        session,
        territory_id,
        request_ids,
        person=hasher.person_candidates(traits.family_name, traits.given_name, traits.birth_date),
        phone=hasher.phone_candidates(traits.phone) if traits.phone else [],
    )


def record_of_entries(
    session: Session, entries: Collection[EntryView], *, keys: Keys, why: str, by: Actor, now: datetime
) -> list[EntryRecord]:
    """Everything that these entries hold, opened; audited. Source: RGPD art. 15."""
    ids = [one.id for one in entries]
    people = open_people(session, ids, keys=keys, why=why, by=by, now=now)
    return [
        EntryRecord(
            entry=one,
            person=people[one.id],
            consents=repository.consents(session, one.id),
            moves=repository.moves(session, one.id),
            calls=open_calls(session, one.id, keys=keys),
        )
        for one in entries
    ]


def forget_entries(
    session: Session, entries: Collection[EntryView], *, why: str, by: Actor, now: datetime
) -> int:
    """Take these locked entries off the list and erase them; how many. Source: RGPD art. 7(3) and 17."""
    for view in entries:
        moving.record_audit(session, audit.AuditAction.FORGET, view.id, why=why, by=by, now=now)
        if view.state is EntryState.UNCONFIRMED:
            repository.delete_unconfirmed(session, view.id)
        elif view.state in LIVE:
            withdraw_locked(session, view, by=by, now=now)
        else:
            erase_locked(session, view, by=by, now=now)
    return len(entries)
