"""Reading the list: entries with their points and no identity; identities and notes opened, and audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.medecin_traitant.register import moving, points, repository, rules, sealing
from regulation.medecin_traitant.register.facts import (
    ConsentView,
    EntryFilter,
    EntryView,
    MoveView,
    PersonShown,
    PracticeCallView,
    ScoredEntry,
)
from regulation.medecin_traitant.register.terms import terms_on
from snp.days import local_day
from snp.directory.facts import Page
from snp.directory.paging import checked_limit, decode_cursor, encode_cursor
from snp.errors import Forbidden, InvalidValue
from snp.platform import audit
from snp.platform.actors import DESK_ROLES, REGULATION_ROLES, Actor, Role
from snp.platform.keys import Keys


def get_entry(session: Session, entry_id: UUID, *, by: Actor, now: datetime) -> ScoredEntry:
    """Return an entry with its points, without identity. Raises `NotFound`."""
    view = moving.visible(repository.load(session, [entry_id]).get(entry_id), by)
    return points.score(view, terms_on(local_day(now)), local_day(now))


def entry_of_request(session: Session, request_id: UUID) -> EntryView | None:
    """Return the live entry that was made from a request; who reads it has read the request."""
    return repository.of_request(session, request_id)


def list_entries(
    session: Session,
    wanted: EntryFilter,
    *,
    cursor: str | None = None,
    limit: int = 50,
    by: Actor,
    now: datetime,
) -> Page[ScoredEntry]:
    """Return entries that the actor may see: more points first, then the longer wait; without identity.

    A desk sees those that it brought. Raises `Forbidden` for who never reads the list.
    """
    _check_reader(by)
    limit = checked_limit(limit)
    organisation = by.organisation if by.role in DESK_ROLES else wanted.organisation_id
    found = repository.listed(session, wanted.territory_id, wanted.states, organisation_id=organisation)
    today = local_day(now)
    if wanted.to_call:
        delays = moving.delays(session, wanted.territory_id, now)
        found = [view for view in found if rules.must_be_called(view, delays, now)]
    terms = terms_on(today)
    scored = sorted((points.score(v, terms, today) for v in found if rules.may_see(by, v)), key=points.rank)
    return _page(scored, cursor, limit)


def read_people(
    session: Session, entry_ids: Sequence[UUID], *, keys: Keys, why: str, by: Actor, now: datetime
) -> dict[UUID, PersonShown]:
    """Open who these people are; one audit line each. Those out of sight or erased are left out."""
    _check_reader(by)
    views = repository.load(session, entry_ids)
    seen = [ident for ident, view in views.items() if rules.may_see(by, view)]
    return open_people(session, seen, keys=keys, why=why, by=by, now=now)


def open_people(
    session: Session, entry_ids: Sequence[UUID], *, keys: Keys, why: str, by: Actor, now: datetime
) -> dict[UUID, PersonShown]:
    """Open identities for a reader whose right to them was checked by the caller; audited."""
    cipher, opened = keys.cipher(), {}
    for entry_id, row in repository.sealed(session, entry_ids).items():
        moving.record_audit(session, audit.AuditAction.READ, entry_id, why=why, by=by, now=now)
        opened[entry_id] = PersonShown(
            sealing.open_identity(cipher, entry_id, row.identity, row.insee),
            sealing.open_text(cipher, sealing.EMAIL, entry_id, row.email),
        )
    return opened


def practice_calls(
    session: Session, entry_id: UUID, *, keys: Keys, why: str, by: Actor, now: datetime
) -> tuple[PracticeCallView, ...]:
    """Return the practices that were asked, newest first, with their notes opened; audited."""
    moving.visible(repository.load(session, [entry_id]).get(entry_id), by)
    found = open_calls(session, entry_id, keys=keys)
    if found:
        moving.record_audit(session, audit.AuditAction.READ, entry_id, why=why, by=by, now=now)
    return found


def open_calls(session: Session, entry_id: UUID, *, keys: Keys) -> tuple[PracticeCallView, ...]:
    """Open the practices that were asked for a reader whose right was checked, and audited, by the caller."""
    cipher = keys.cipher()
    return tuple(
        PracticeCallView(
            id=row.id,
            at=row.at,
            answer=row.answer,
            reason=row.reason,
            practitioner_id=row.practitioner_id,
            practice=sealing.open_text(cipher, sealing.PRACTICE, row.id, row.practice),
            note=sealing.open_text(cipher, sealing.NOTE, row.id, row.note),
            next_call_on=row.next_call_on,
            author=row.author,
            role=row.role,
        )
        for row in repository.calls(session, entry_id)
    )


def story(session: Session, entry_id: UUID, *, by: Actor, now: datetime) -> tuple[MoveView, ...]:
    """Return every move of an entry, oldest first. Raises `NotFound`."""
    get_entry(session, entry_id, by=by, now=now)
    return repository.moves(session, entry_id)


def consents(session: Session, entry_id: UUID, *, by: Actor, now: datetime) -> tuple[ConsentView, ...]:
    """Return the proof of consent, oldest first. Raises `NotFound`."""
    get_entry(session, entry_id, by=by, now=now)
    return repository.consents(session, entry_id)


def _check_reader(by: Actor) -> None:
    if by.role not in DESK_ROLES | REGULATION_ROLES | {Role.SYSTEM}:
        raise Forbidden(f"a {by.role.value} does not read the list")


def _page(scored: list[ScoredEntry], cursor: str | None, limit: int) -> Page[ScoredEntry]:
    if cursor is not None:
        after = _key(cursor)
        scored = [one for one in scored if points.rank(one) > after]
    items = tuple(scored[:limit])
    if len(scored) <= limit:
        return Page(items)
    total, since, ident = points.rank(items[-1])
    return Page(items, encode_cursor([str(total), since.isoformat(), ident]))


def _key(cursor: str) -> tuple[int, datetime, str]:
    total, since, ident = decode_cursor(cursor, length=3)
    try:
        return int(total), datetime.fromisoformat(since), ident
    except ValueError as error:
        raise InvalidValue("cursor", "ce curseur n’a pas été donné par cette liste") from error
