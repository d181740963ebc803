"""Every statement on patients, requests and their moves. Views out, rows in; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session

from regulation.facts import Reason, reasons_to_json
from regulation.intake.facts import (
    CallPriority,
    Disposition,
    Move,
    MoveView,
    MtStatus,
    NeedSeen,
    OpenCount,
    Origin,
    PatientStanding,
    RequestState,
    RequestView,
    ResponseLevel,
    TimeLeft,
)
from regulation.intake.rules import LIVE_STATES
from regulation.intake.tables import Patient, Request, RequestMove
from snp.assignment.facts import Audience, Mode
from snp.platform.actors import Actor
from snp.platform.columns import new_id
from snp.platform.fixed import (
    Fixed,
    a_document,
    a_text,
    a_uuid,
    an_instant,
    any_uuid,
    as_document,
)

R: sa.Table = Request.__table__  # type: ignore[attr-defined]  # SQLModel adds it
P: sa.Table = Patient.__table__  # type: ignore[attr-defined]
M: sa.Table = RequestMove.__table__  # type: ignore[attr-defined]

SEALED = ("caller", "note")
VIEWED = (*(column for column in R.c if column.name not in {*SEALED, "mt"}), P.c.insee)


def next_serial(session: Session) -> int:
    """The next number of a request; gaps are allowed, repetitions are not."""
    serial: int = session.execute(sa.text("SELECT nextval('request_number')")).scalar_one()
    return serial


def view_statement() -> sa.Select[Any]:
    """What a `RequestView` is read from."""
    return sa.select(*VIEWED).join(P, P.c.id == R.c.patient_id)


def as_view(row: sa.Row[Any]) -> RequestView:
    """A row of `view_statement` as a view."""
    return _view_of(row._asdict())


def _as_sent(row: sa.Row[Any]) -> RequestView:
    """The same from a fixed statement, whose closed lists are still texts."""
    values = row._asdict()
    for name, kind in _KINDS.items():
        if values[name] is not None:
            values[name] = kind(values[name])
    return _view_of(values)


def _view_of(values: dict[str, Any]) -> RequestView:
    values["professions"] = frozenset(values["professions"])
    values["modes"] = frozenset(map(Mode, values["modes"]))
    values["excluded_practitioner_ids"] = frozenset(values["excluded_practitioner_ids"])
    only = values["only_practitioner_ids"]
    values["only_practitioner_ids"] = None if only is None else frozenset(only)
    return RequestView(**values)


def load(session: Session, request_ids: Iterable[UUID]) -> dict[UUID, RequestView]:
    """The requests of these ids, those that exist."""
    rows = _LOAD.run(session, ids=list(request_ids))
    return {row.id: _as_sent(row) for row in rows}


def territories_of(session: Session, request_ids: Iterable[UUID]) -> set[UUID]:
    """The territories of these requests."""
    statement = sa.select(R.c.territory_id).where(R.c.id.in_(list(request_ids))).distinct()
    return set(session.execute(statement).scalars())


def by_number(session: Session, number: str) -> RequestView | None:
    """The request of a number."""
    row = session.execute(view_statement().where(R.c.number == number)).one_or_none()
    return None if row is None else as_view(row)


def lock(
    session: Session, request_ids: Iterable[UUID], *, skip_locked: bool = False
) -> dict[UUID, RequestView]:
    """The same, locked in order of id until the end of the transaction; those that exist.

    `skip_locked` leaves out those that somebody else is writing.
    """
    ids = list(dict.fromkeys(request_ids))
    if not ids:
        return {}
    statement = _LOCK_AT_REST if skip_locked else _LOCK
    return {row.id: _as_sent(row) for row in statement.run(session, ids=ids)}


_KINDS: Final = {
    "origin": Origin,
    "state": RequestState,
    "audience": Audience,
    "mt_status": MtStatus,
    "disposition": Disposition,
    "priority": CallPriority,
    "response_level": ResponseLevel,
}
_LOAD: Final = Fixed(view_statement().where(R.c.id == any_uuid("ids")))
_LOCKED: Final = view_statement().where(R.c.id == any_uuid("ids")).order_by(R.c.id)
_LOCK: Final = Fixed(_LOCKED.with_for_update(of=R))
_LOCK_AT_REST: Final = Fixed(_LOCKED.with_for_update(of=R, skip_locked=True))


def load_mt(session: Session, request_id: UUID) -> dict[str, Any]:
    """What was answered to the médecin traitant question."""
    document: dict[str, Any] = session.execute(sa.select(R.c.mt).where(R.c.id == request_id)).scalar_one()
    return document


def load_sealed(session: Session, request_ids: Iterable[UUID]) -> dict[UUID, sa.Row[Any]]:
    """Patient id, commune, sealed identity, caller and note of these requests."""
    statement = (
        sa.select(R.c.id, R.c.patient_id, R.c.caller, R.c.note, P.c.identity, P.c.insee)
        .join(P, P.c.id == R.c.patient_id)
        .where(R.c.id.in_(list(request_ids)))
    )
    return {row.id: row for row in session.execute(statement)}


def same_patient_id(
    session: Session, territory_id: UUID, person: Sequence[bytes], phone: Sequence[bytes]
) -> UUID | None:
    """The patient of a territory with this name, birth date and phone: the one row to write on again."""
    statement = (
        sa.select(P.c.id)
        .where(P.c.territory_id == territory_id, P.c.person_hash.in_(person), P.c.phone_hash.in_(phone))
        .order_by(P.c.id)
        .limit(1)
    )
    return session.execute(statement).scalar_one_or_none()


def insert_patient(
    session: Session,
    patient_id: UUID,
    territory_id: UUID,
    *,
    identity: bytes,
    person_hash: bytes,
    phone_hash: bytes | None,
    insee: str,
    now: datetime,
) -> None:
    """Add a patient."""
    session.execute(
        sa.insert(P).values(
            id=patient_id,
            territory_id=territory_id,
            identity=identity,
            person_hash=person_hash,
            phone_hash=phone_hash,
            insee=insee,
            created_at=now,
        )
    )


def update_patient(
    session: Session,
    patient_id: UUID,
    *,
    identity: bytes,
    person_hash: bytes,
    phone_hash: bytes | None,
    insee: str,
) -> None:
    """Write a patient's traits anew."""
    session.execute(
        sa.update(P)
        .where(P.c.id == patient_id)
        .values(
            identity=identity,
            person_hash=person_hash,
            phone_hash=phone_hash,
            insee=insee,
            version=P.c.version + 1,
        )
    )


def insert_request(session: Session, values: Mapping[str, Any]) -> None:
    """Add a request."""
    session.execute(sa.insert(R).values(**values))


def update_request(
    session: Session, request_id: UUID, values: Mapping[str, Any], *, counted: bool = True
) -> None:
    """Write some columns of a request, and count the edit, unless it is part of a move that counts."""
    version = {"version": R.c.version + 1} if counted else {}
    session.execute(sa.update(R).where(R.c.id == request_id).values(**values, **version))


def write_move(
    session: Session,
    view: RequestView,
    move: Move,
    to_state: RequestState,
    *,
    reasons: tuple[Reason, ...],
    data: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> RequestView:
    """Write where a locked request stands now and the line of its story, at once; the request as it is."""
    row = _WRITE_MOVE.run(
        session,
        request_id=view.id,
        state=to_state.value,
        id=new_id(),
        move=move.value,
        from_state=view.state.value,
        at=now,
        author=by.ident,
        role=by.role.value,
        reasons=as_document(reasons_to_json(reasons)),
        data=as_document(dict(data)),
    ).one()
    return replace(view, state=to_state, version=row.version)


def _write_move() -> sa.Select[Any]:
    moved = (
        sa.update(R)
        .where(R.c.id == a_uuid("request_id"))
        .values(state=sa.cast(a_text("state"), sa.Text()), version=R.c.version + 1)
        .returning(R.c.version)
        .cte("moved")
    )
    told = (
        sa.insert(M)
        .values(
            id=a_uuid("id"),
            request_id=a_uuid("request_id"),
            move=a_text("move"),
            from_state=a_text("from_state"),
            to_state=a_text("state"),
            at=an_instant("at"),
            author=a_text("author"),
            role=a_text("role"),
            reasons=a_document("reasons"),
            data=a_document("data"),
        )
        .cte("told")
    )
    return sa.select(moved.c.version).add_cte(told)


_WRITE_MOVE: Final = Fixed(_write_move())


def insert_move(
    session: Session,
    request_id: UUID,
    move: Move,
    *,
    from_state: RequestState | None,
    to_state: RequestState,
    reasons: tuple[Reason, ...],
    data: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> None:
    """Add one line to a request's story."""
    session.execute(
        sa.insert(M).values(
            id=new_id(),
            request_id=request_id,
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


def moves(session: Session, request_id: UUID) -> tuple[MoveView, ...]:
    """The story of a request, oldest first."""
    rows = session.execute(sa.select(M).where(M.c.request_id == request_id).order_by(M.c.id))
    return tuple(_as_move(row) for row in rows)


def last_data(session: Session, request_ids: Iterable[UUID], move: Move) -> dict[UUID, dict[str, Any]]:
    """What the latest `move` of each request recorded."""
    statement = (
        sa.select(M.c.request_id, M.c.data)
        .ext(distinct_on(M.c.request_id))
        .where(M.c.request_id.in_(list(request_ids)), M.c.move == move)
        .order_by(M.c.request_id, M.c.id.desc())
    )
    return {row.request_id: row.data for row in session.execute(statement)}


def decisions_to_seek(session: Session, request_ids: Iterable[UUID]) -> list[sa.Row[Any]]:
    """Request, instant, author and role of each decision that sent one of these to a slot, by instant."""
    statement = (
        sa.select(M.c.request_id, M.c.at, M.c.author, M.c.role)
        .where(M.c.request_id.in_(list(request_ids)), M.c.move == Move.DECIDE)
        .order_by(M.c.at, M.c.id)
    )
    return list(session.execute(statement))


def mt_answers(session: Session, request_ids: Iterable[UUID]) -> list[sa.Row[Any]]:
    """Id, number and what was answered to the médecin traitant question, of each of these requests."""
    return list(session.execute(sa.select(R.c.id, R.c.number, R.c.mt).where(R.c.id.in_(list(request_ids)))))


def moves_with(session: Session, request_ids: Iterable[UUID], key: str) -> dict[UUID, tuple[datetime, ...]]:
    """When each request had a move whose line of the story keeps `key`, oldest first."""
    statement = (
        sa.select(M.c.request_id, M.c.at)
        .where(M.c.request_id.in_(list(request_ids)), M.c.data.has_key(key))
        .order_by(M.c.id)
    )
    found: dict[UUID, tuple[datetime, ...]] = {}
    for row in session.execute(statement):
        found[row.request_id] = (*found.get(row.request_id, ()), row.at)
    return found


def _as_move(row: sa.Row[Any]) -> MoveView:
    return MoveView(
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


def seeking(session: Session, territory_id: UUID) -> list[RequestView]:
    """Every seeking request of a territory, in order of id."""
    statement = view_statement().where(R.c.territory_id == territory_id, R.c.state == RequestState.SEEKING)
    return [as_view(row) for row in session.execute(statement.order_by(R.c.id))]


def sought_since(session: Session, territory_id: UUID, since: datetime) -> list[RequestView]:
    """Every request of a territory that was decided to seek a slot since an instant, by decision."""
    statement = view_statement().where(
        R.c.territory_id == territory_id,
        R.c.decided_at >= since,
        R.c.deadline.is_not(None),
        R.c.earliest.is_not(None),
        sa.func.cardinality(R.c.professions) > 0,
    )
    return [as_view(row) for row in session.execute(statement.order_by(R.c.decided_at, R.c.id))]


def needs_since(session: Session, territory_id: UUID, since: datetime) -> list[NeedSeen]:
    """Every need of a territory that was decided to seek a slot since an instant, by decision; light rows."""
    statement = (
        sa.select(R.c.id, R.c.decided_at, R.c.deadline, R.c.professions, P.c.insee, R.c.state)
        .join(P, P.c.id == R.c.patient_id)
        .where(
            R.c.territory_id == territory_id,
            R.c.decided_at >= since,
            R.c.deadline.is_not(None),
            sa.func.cardinality(R.c.professions) > 0,
        )
        .order_by(R.c.decided_at, R.c.id)
    )
    return [
        NeedSeen(ident, at, deadline, frozenset(professions), insee, RequestState(state))
        for ident, at, deadline, professions, insee, state in session.execute(statement)
    ]


def overdue(session: Session, now: datetime, limit: int) -> list[UUID]:
    """The seeking requests whose deadline has passed, the oldest first."""
    statement = (
        sa.select(R.c.id)
        .where(R.c.state == RequestState.SEEKING, R.c.deadline < now)
        .order_by(R.c.deadline, R.c.id)
        .limit(limit)
    )
    return list(session.execute(statement).scalars())


def household(session: Session, household_id: UUID) -> list[RequestView]:
    """The requests of a household, in order of id."""
    statement = view_statement().where(R.c.household_id == household_id).order_by(R.c.id)
    return [as_view(row) for row in session.execute(statement)]


def same_patient(
    session: Session,
    territory_id: UUID,
    *,
    person: Sequence[bytes],
    phone: Sequence[bytes],
    since: datetime,
    other_than: UUID | None,
) -> list[tuple[RequestView, bool, bool]]:
    """The live or recent requests of a territory whose patient carries one of these hashes, newest first.

    Each with whether the person, and whether the phone, is the same.
    """
    same_person, same_phone = P.c.person_hash.in_(person), P.c.phone_hash.in_(phone)
    statement = (
        view_statement()
        .add_columns(
            same_person.label("same_person"), sa.func.coalesce(same_phone, False).label("same_phone")
        )
        .where(P.c.territory_id == territory_id, same_person | same_phone)
        .where(R.c.state.in_(LIVE_STATES) | (R.c.created_at >= since))
        .order_by(R.c.created_at.desc(), R.c.id)
        .limit(20)
    )
    if other_than is not None:
        statement = statement.where(R.c.id != other_than)
    return [_with_likeness(row) for row in session.execute(statement)]


def booked_for_same_person(session: Session, view: RequestView) -> list[RequestView]:
    """The other booked requests, in the same territory, of a person with the same name and birth date."""
    mine = sa.select(P.c.person_hash).where(P.c.id == view.patient_id).scalar_subquery()
    statement = view_statement().where(
        P.c.person_hash == mine,
        P.c.territory_id == view.territory_id,
        R.c.state == RequestState.BOOKED,
        R.c.id != view.id,
    )
    return [as_view(row) for row in session.execute(statement)]


def requests_of_person(session: Session, person_hashes: Iterable[bytes]) -> list[UUID]:
    """Every request, anywhere, of whoever carries one of these hashes of name and birth date."""
    statement = sa.select(R.c.id).join(P, P.c.id == R.c.patient_id)
    return list(session.scalars(statement.where(P.c.person_hash.in_(list(person_hashes))).order_by(R.c.id)))


def requests_of_same_person(session: Session, patient_id: UUID) -> list[UUID]:
    """Every request, anywhere, of a person with the name and birth date of this patient."""
    mine = sa.select(P.c.person_hash).where(P.c.id == patient_id).scalar_subquery()
    statement = sa.select(R.c.id).join(P, P.c.id == R.c.patient_id).where(P.c.person_hash == mine)
    return list(session.scalars(statement.order_by(R.c.id)))


def _with_likeness(row: sa.Row[Any]) -> tuple[RequestView, bool, bool]:
    values = row._asdict()
    person, phone = values.pop("same_person"), values.pop("same_phone")
    return _view_of(values), person, phone


def lock_patients(session: Session, *, after: UUID | None, limit: int) -> list[sa.Row[Any]]:
    """A batch of patients in order of id, locked."""
    columns = (P.c.id, P.c.identity, P.c.insee, P.c.person_hash, P.c.forgotten_at)
    statement = sa.select(*columns).order_by(P.c.id).limit(limit).with_for_update()
    return list(session.execute(statement if after is None else statement.where(P.c.id > after)))


def sealed_of_patient(session: Session, patient_id: UUID) -> list[sa.Row[Any]]:
    """The sealed callers and notes of a patient's requests, locked."""
    statement = sa.select(R.c.id, *(R.c[name] for name in SEALED)).where(R.c.patient_id == patient_id)
    return list(session.execute(statement.order_by(R.c.id).with_for_update()))


def reseal_patient(
    session: Session, patient_id: UUID, *, identity: bytes, person_hash: bytes, phone_hash: bytes | None
) -> None:
    """Write the same identity under other keys; not an edit, so the version stays."""
    values = {"identity": identity, "person_hash": person_hash, "phone_hash": phone_hash}
    session.execute(sa.update(P).where(P.c.id == patient_id).values(**values))


def reseal_request(session: Session, request_id: UUID, *, caller: bytes | None, note: bytes | None) -> None:
    """Write the same caller and note under other keys; not an edit, so the version stays."""
    session.execute(sa.update(R).where(R.c.id == request_id).values(caller=caller, note=note))


def count_open(session: Session, *, now: datetime) -> list[OpenCount]:
    """The requests that seek, by territory and time left."""
    left = sa.case(
        (R.c.deadline.is_(None), TimeLeft.NONE.value),
        (R.c.deadline <= now, TimeLeft.OVERDUE.value),
        (R.c.deadline <= now + timedelta(hours=4), TimeLeft.UNDER_4H.value),
        (R.c.deadline <= now + timedelta(hours=24), TimeLeft.UNDER_24H.value),
        else_=TimeLeft.LATER.value,
    ).label("time_left")
    statement = (
        sa.select(R.c.territory_id, left, sa.func.count().label("count"))
        .where(R.c.state == RequestState.SEEKING.value)
        .group_by(R.c.territory_id, left)
    )
    return [OpenCount(row[0], TimeLeft(row[1]), row[2]) for row in session.execute(statement)]


def first_and_last_sealed(session: Session) -> Sequence[sa.Row[Any]]:
    """The oldest and the newest sealed identity: two rows, one, or none."""
    wanted = sa.select(P.c.id, P.c.identity, P.c.insee)
    first, last = (wanted.order_by(order).limit(1).subquery() for order in (P.c.id, P.c.id.desc()))
    return session.execute(sa.union(sa.select(first), sa.select(last))).all()


def lock_patient(session: Session, patient_id: UUID) -> sa.Row[Any] | None:
    """A patient's commune and whether he was forgotten, locked."""
    statement = sa.select(P.c.id, P.c.insee, P.c.forgotten_at).where(P.c.id == patient_id).with_for_update()
    return session.execute(statement).one_or_none()


def open_number(
    session: Session, patient_id: UUID, live: Iterable[RequestState], *, moved_since: datetime
) -> str | None:
    """The number of a request of this patient that is still open and that moved since an instant."""
    statement = (
        sa.select(R.c.number).where(R.c.patient_id == patient_id, _is_open(live, moved_since)).limit(1)
    )
    return session.execute(statement).scalar_one_or_none()


def forget_patient(
    session: Session, patient_id: UUID, *, identity: bytes, person_hash: bytes, now: datetime
) -> None:
    """Write over who a patient was, and take the callers and notes of his requests away."""
    values = {"identity": identity, "person_hash": person_hash, "phone_hash": None, "forgotten_at": now}
    session.execute(sa.update(P).where(P.c.id == patient_id).values(**values, version=P.c.version + 1))
    session.execute(sa.update(R).where(R.c.patient_id == patient_id).values(caller=None, note=None))


def patients_to_forget(
    session: Session, *, before: datetime, live: Iterable[RequestState], moved_since: datetime, limit: int
) -> Sequence[UUID]:
    """Patients known by name whose every request is over and was opened before `before`."""
    kept = sa.select(R.c.id).where(
        R.c.patient_id == P.c.id, sa.or_(R.c.created_at >= before, _is_open(live, moved_since))
    )
    statement = (
        sa.select(P.c.id)
        .where(P.c.forgotten_at.is_(None), P.c.created_at < before, sa.not_(kept.exists()))
        .order_by(P.c.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.execute(statement).scalars().all()


def _is_open(live: Iterable[RequestState], moved_since: datetime) -> sa.ColumnElement[bool]:
    moved = sa.select(M.c.id).where(M.c.request_id == R.c.id, M.c.at >= moved_since)
    return sa.and_(R.c.state.in_(list(live)), moved.exists())


def patient_standing(session: Session, patient_id: UUID) -> PatientStanding | None:
    """Where a patient is known."""
    columns = (P.c.id, P.c.territory_id, P.c.created_at, P.c.forgotten_at)
    row = session.execute(sa.select(*columns).where(P.c.id == patient_id)).one_or_none()
    return None if row is None else PatientStanding(**row._asdict())


def sealed_patient(session: Session, patient_id: UUID) -> sa.Row[Any]:
    """A patient's sealed identity and commune."""
    return session.execute(sa.select(P.c.id, P.c.identity, P.c.insee).where(P.c.id == patient_id)).one()


def of_patient(session: Session, patient_id: UUID) -> list[RequestView]:
    """Every request of a patient, oldest first."""
    statement = view_statement().where(R.c.patient_id == patient_id).order_by(R.c.created_at, R.c.id)
    return [as_view(row) for row in session.execute(statement)]
