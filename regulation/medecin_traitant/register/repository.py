"""Every statement on entries, consents, moves and calls of the list. Views out, rows in; decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from regulation.facts import Reason, reasons_to_json
from regulation.medecin_traitant.register import tables  # noqa: F401 - declares the tables looked up below
from regulation.medecin_traitant.register.facts import (
    Consent,
    ConsentView,
    EntryMove,
    EntryState,
    EntryView,
    MoveView,
    PracticeAnswer,
)
from regulation.medecin_traitant.register.refusals import AlreadyOnTheList
from regulation.medecin_traitant.register.rules import LIVE, ON_THE_LIST
from snp.platform.actors import Actor
from snp.platform.columns import new_id
from snp.platform.db import refusing

_TABLES = SQLModel.metadata.tables
E: Final = _TABLES["mt_entry"]
M: Final = _TABLES["mt_move"]
K: Final = _TABLES["mt_consent"]
C: Final = _TABLES["mt_call"]
S: Final = _TABLES["mt_setting"]

_ONCE: Final = ("uq_mt_entry__live_phone", "uq_mt_entry__live_email")
_HIDDEN: Final = frozenset({"identity", "email", "person_hash", "phone_hash", "email_hash", "created_by"})
_REFUSALS: Final = (
    sa.select(sa.func.count())
    .where(C.c.entry_id == E.c.id, C.c.answer == PracticeAnswer.REFUSED)
    .correlate(E)
    .scalar_subquery()
    .label("refusals")
)


def view_statement() -> sa.Select[Any]:
    """What an `EntryView` is read from."""
    return sa.select(*(column for column in E.c if column.name not in _HIDDEN), _REFUSALS)


def as_view(row: sa.Row[Any]) -> EntryView:
    """A row of `view_statement` as a view."""
    return EntryView(**row._asdict())


def load(session: Session, entry_ids: Iterable[UUID]) -> dict[UUID, EntryView]:
    """The entries of these ids, those that exist."""
    rows = session.execute(view_statement().where(E.c.id.in_(list(entry_ids))))
    return {row.id: as_view(row) for row in rows}


def lock(session: Session, entry_id: UUID) -> EntryView | None:
    """An entry, locked until the end of the transaction."""
    statement = view_statement().where(E.c.id == entry_id).with_for_update(of=E)
    row = session.execute(statement).one_or_none()
    return None if row is None else as_view(row)


def listed(
    session: Session,
    territory_id: UUID,
    states: Collection[EntryState],
    *,
    organisation_id: UUID | None = None,
) -> list[EntryView]:
    """The entries of a territory in these states, in no order that matters."""
    statement = view_statement().where(E.c.territory_id == territory_id, E.c.state.in_(list(states)))
    if organisation_id is not None:
        statement = statement.where(E.c.organisation_id == organisation_id)
    return [as_view(row) for row in session.execute(statement)]


def sealed(session: Session, entry_ids: Iterable[UUID]) -> dict[UUID, sa.Row[Any]]:
    """The sealed identity and e-mail of these entries; erased ones are left out."""
    statement = sa.select(E.c.id, E.c.identity, E.c.email, E.c.insee).where(
        E.c.id.in_(list(entry_ids)), E.c.identity.is_not(None)
    )
    return {row.id: row for row in session.execute(statement)}


def same_contact(
    session: Session,
    territory_id: UUID,
    *,
    person: Sequence[bytes],
    phone: Sequence[bytes],
    email: Sequence[bytes],
) -> EntryView | None:
    """The live entry of this person with this phone or this e-mail, locked; the one that counts first."""
    contact = E.c.phone_hash.in_(phone) | E.c.email_hash.in_(email)
    statement = (
        view_statement()
        .where(E.c.territory_id == territory_id, E.c.person_hash.in_(person), contact)
        .where(E.c.state.in_(LIVE))
        .order_by(E.c.state == EntryState.UNCONFIRMED, E.c.id)
        .limit(1)
        .with_for_update(of=E)
    )
    row = session.execute(statement).one_or_none()
    return None if row is None else as_view(row)


def look_alikes(session: Session, view: EntryView) -> list[EntryView]:
    """The other entries on the list of the same territory with the same name and day of birth."""
    mine = sa.select(E.c.person_hash).where(E.c.id == view.id).scalar_subquery()
    statement = view_statement().where(
        E.c.person_hash == mine,
        E.c.territory_id == view.territory_id,
        E.c.state.in_(ON_THE_LIST),
        E.c.id != view.id,
    )
    return [as_view(row) for row in session.execute(statement.order_by(E.c.id))]


def of_request(session: Session, request_id: UUID) -> EntryView | None:
    """The entry made from a request, while it is live."""
    statement = view_statement().where(E.c.request_id == request_id, E.c.state.in_(LIVE))
    row = session.execute(statement.order_by(E.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else as_view(row)


def of_person(
    session: Session,
    territory_id: UUID,
    request_ids: Collection[UUID],
    *,
    person: Sequence[bytes],
    phone: Sequence[bytes],
) -> list[EntryView]:
    """The entries of a person that were not erased, oldest first, locked.

    Those made from his requests, and those with his name, day of birth and phone; where one side has no
    phone, name and day of birth are enough.
    """
    alike: sa.ColumnElement[bool] = E.c.person_hash.in_(person)
    if phone:
        alike &= E.c.phone_hash.is_(None) | E.c.phone_hash.in_(phone)
    statement = view_statement().where(
        E.c.territory_id == territory_id, E.c.erased_at.is_(None), alike | E.c.request_id.in_(request_ids)
    )
    return [as_view(row) for row in session.execute(statement.order_by(E.c.id).with_for_update(of=E))]


def insert_entry(session: Session, values: Mapping[str, Any]) -> None:
    """Add an entry. Raises `AlreadyOnTheList` when the same person came in at the same instant."""
    taken = dict.fromkeys(_ONCE, lambda: AlreadyOnTheList(""))
    with refusing(taken), session.begin_nested():
        session.execute(sa.insert(E).values(**values))


def unconfirmed_of(
    session: Session, *, phone: Sequence[bytes], email: Sequence[bytes], since: datetime
) -> int:
    """How many entries with this phone or e-mail were typed since an instant and never confirmed."""
    statement = sa.select(sa.func.count()).where(
        E.c.phone_hash.in_(phone) | E.c.email_hash.in_(email),
        E.c.state == EntryState.UNCONFIRMED,
        E.c.created_at >= since,
    )
    count: int = session.execute(statement).scalar_one()
    return count


def update_contact(session: Session, entry_id: UUID, values: Mapping[str, Any]) -> None:
    """Write the identity of an entry anew. Raises `AlreadyOnTheList` when another live entry has it."""
    taken = dict.fromkeys(_ONCE, lambda: AlreadyOnTheList(""))
    with refusing(taken), session.begin_nested():
        update_entry(session, entry_id, values)


def update_entry(session: Session, entry_id: UUID, values: Mapping[str, Any]) -> None:
    """Write some columns of an entry, and count the edit."""
    session.execute(sa.update(E).where(E.c.id == entry_id).values(**values, version=E.c.version + 1))


def delete_unconfirmed(session: Session, entry_id: UUID) -> None:
    """Take away an entry that never counted, with all that hangs on it."""
    for table in (M, K, C):
        session.execute(sa.delete(table).where(table.c.entry_id == entry_id))
    session.execute(sa.delete(E).where(E.c.id == entry_id, E.c.state == EntryState.UNCONFIRMED))


def erase_calls(session: Session, entry_id: UUID) -> None:
    """Empty what was sealed beside the calls of an entry; answers and reasons stay, to be counted."""
    session.execute(sa.update(C).where(C.c.entry_id == entry_id).values(practice=None, note=None))


def insert_consent(
    session: Session, entry_id: UUID, consent: Consent, *, given: bool, by: Actor, now: datetime
) -> None:
    """Add a line to the proof of consent."""
    session.execute(
        sa.insert(K).values(
            id=new_id(),
            entry_id=entry_id,
            given=given,
            text_version=consent.text_version,
            by_representative=consent.by_representative,
            at=now,
            author=by.ident,
            role=by.role.value,
        )
    )


def consents(session: Session, entry_id: UUID) -> tuple[ConsentView, ...]:
    """The proof of consent, oldest first."""
    rows = session.execute(sa.select(K).where(K.c.entry_id == entry_id).order_by(K.c.id))
    return tuple(
        ConsentView(row.given, row.text_version, row.by_representative, row.at, row.author, row.role)
        for row in rows
    )


def insert_move(
    session: Session,
    entry_id: UUID,
    move: EntryMove,
    *,
    from_state: EntryState | None,
    to_state: EntryState,
    reasons: tuple[Reason, ...],
    data: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> None:
    """Add one line to an entry's story."""
    session.execute(
        sa.insert(M).values(
            id=new_id(),
            entry_id=entry_id,
            move=move,
            from_state=from_state,
            to_state=to_state,
            at=now,
            author=by.ident,
            role=by.role.value,
            reasons=reasons_to_json(reasons),
            data=dict(data),
        )
    )


def moves(session: Session, entry_id: UUID) -> tuple[MoveView, ...]:
    """The story of an entry, oldest first."""
    rows = session.execute(sa.select(M).where(M.c.entry_id == entry_id).order_by(M.c.id))
    return tuple(
        MoveView(
            id=row.id,
            move=row.move,
            from_state=row.from_state,
            to_state=row.to_state,
            at=row.at,
            author=row.author,
            role=row.role,
            reasons=tuple(map(Reason.from_json, row.reasons)),
            data=row.data,
        )
        for row in rows
    )


def insert_call(session: Session, values: Mapping[str, Any]) -> None:
    """Add a practice that was asked."""
    session.execute(sa.insert(C).values(**values))


def calls(session: Session, entry_id: UUID) -> list[sa.Row[Any]]:
    """The practices asked for an entry, newest first, sealed."""
    return list(session.execute(sa.select(C).where(C.c.entry_id == entry_id).order_by(C.c.id.desc())))


def due(session: Session, where: Sequence[sa.ColumnElement[bool]], limit: int) -> list[EntryView]:
    """Some entries that a job must look at, locked; those that somebody else writes are left out."""
    statement = view_statement().where(*where).order_by(E.c.id).limit(limit)
    return [as_view(row) for row in session.execute(statement.with_for_update(of=E, skip_locked=True))]


def lock_batch(session: Session, *, after: UUID | None, limit: int) -> list[sa.Row[Any]]:
    """A batch of sealed entries in order of id, locked."""
    statement = (
        sa.select(E.c.id, E.c.identity, E.c.email, E.c.insee)
        .where(E.c.identity.is_not(None))
        .order_by(E.c.id)
        .limit(limit)
        .with_for_update()
    )
    return list(session.execute(statement if after is None else statement.where(E.c.id > after)))


def reseal_entry(session: Session, entry_id: UUID, values: Mapping[str, Any]) -> None:
    """Write the same under other keys; not an edit, so the version stays."""
    session.execute(sa.update(E).where(E.c.id == entry_id).values(**values))


def reseal_call(session: Session, call_id: UUID, values: Mapping[str, Any]) -> None:
    """Write the same under other keys."""
    session.execute(sa.update(C).where(C.c.id == call_id).values(**values))


def own_settings(session: Session, territory_id: UUID) -> dict[str, int]:
    """What a territory changed, by code: the latest of each."""
    rows = session.execute(
        sa.select(S.c.code, S.c.value).where(S.c.territory_id == territory_id).order_by(S.c.id)
    )
    return {row.code: row.value for row in rows}


def insert_setting(
    session: Session, territory_id: UUID, code: str, value: int, *, author: str, now: datetime
) -> None:
    """Add a change of a setting."""
    session.execute(
        sa.insert(S).values(
            id=new_id(), territory_id=territory_id, code=code, value=value, at=now, author=author
        )
    )
