"""Every statement on outlooks and calls for slots. Views out, rows in; decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlmodel import Session

from regulation.coverage.facts import (
    AnswerKind,
    AnswerView,
    AskView,
    Basis,
    CallEnding,
    CallView,
    Line,
    Moment,
    Sheet,
)
from regulation.coverage.halves import HalfDay
from regulation.coverage.refusals import AlreadyCalled
from regulation.coverage.tables import CoverageSheetRow, SlotCall, SlotCallAnswer, SlotCallAsk, SlotCallHalf
from snp.platform.columns import new_id
from snp.platform.db import refusing
from snp.platform.leadership import advisory_key
from snp.platform.near import unbound

S: sa.Table = CoverageSheetRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
C: sa.Table = SlotCall.__table__  # type: ignore[attr-defined]
H: sa.Table = SlotCallHalf.__table__  # type: ignore[attr-defined]
A: sa.Table = SlotCallAsk.__table__  # type: ignore[attr-defined]
N: sa.Table = SlotCallAnswer.__table__  # type: ignore[attr-defined]

QUIETING = (AnswerKind.NOT_THIS_WEEK, AnswerKind.STOP, AnswerKind.RESUME)


def write_sheet(session: Session, sheet: Sheet) -> None:
    """Put the outlook of a profession in the place of the one before."""
    values = {
        "computed_at": sheet.computed_at,
        "learnt": {
            "basis": sheet.basis.value,
            "days": sheet.days_known,
            "needs": sheet.needs_known,
            "level": sheet.level,
            "stranded": sheet.stranded,
        },
        "lines": [_line_to_json(line) for line in sheet.lines],
    }
    key = {"territory_id": sheet.territory_id, "profession": sheet.profession}
    statement = insert(S).values(**key, **values)
    session.execute(statement.on_conflict_do_update(constraint="pk_coverage_sheet", set_=values))


def drop_sheets(session: Session, territory_id: UUID, *, keep: Collection[str]) -> None:
    """Forget the professions of a territory that are no longer looked at."""
    session.execute(sa.delete(S).where(S.c.territory_id == territory_id, S.c.profession.not_in(list(keep))))


def sheets(session: Session, territory_ids: Iterable[UUID]) -> list[Sheet]:
    """The latest outlooks of some territories, by territory and profession."""
    statement = sa.select(S).where(S.c.territory_id.in_(list(territory_ids)))
    return [
        Sheet(
            territory_id=row.territory_id,
            profession=row.profession,
            computed_at=row.computed_at,
            basis=Basis(row.learnt["basis"]),
            days_known=row.learnt["days"],
            needs_known=row.learnt["needs"],
            level=row.learnt["level"],
            stranded=row.learnt["stranded"],
            lines=tuple(_line(stored) for stored in row.lines),
        )
        for row in session.execute(statement.order_by(S.c.territory_id, S.c.profession))
    ]


def _line_to_json(line: Line) -> dict[str, Any]:
    return asdict(line) | {
        "half": [line.half.day.isoformat(), line.half.is_afternoon],
        "start": line.start.isoformat(),
        "end": line.end.isoformat(),
    }


def _line(stored: Mapping[str, Any]) -> Line:
    day, is_afternoon = stored["half"]
    return Line(
        **dict(stored)
        | {
            "half": HalfDay(datetime.fromisoformat(day).date(), is_afternoon),
            "start": datetime.fromisoformat(stored["start"]),
            "end": datetime.fromisoformat(stored["end"]),
            "need": tuple(stored["need"]),
        }
    )


def take_turn(session: Session) -> None:
    """Wait to be the only one, until the end of the transaction, who asks practitioners for slots."""
    key = advisory_key("slot-calls")
    session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def insert_call(
    session: Session,
    territory_id: UUID,
    profession: str,
    wanted: Mapping[HalfDay, int],
    *,
    automatic: bool,
    closes_at: datetime,
    author: str,
    now: datetime,
) -> UUID:
    """Open a call. Raises `AlreadyCalled`."""
    call_id = new_id()
    session.execute(
        sa.insert(C).values(
            id=call_id,
            territory_id=territory_id,
            profession=profession,
            opened_at=now,
            opened_by=author,
            automatic=automatic,
            closes_at=closes_at,
        )
    )
    rows = [
        {
            "call_id": call_id,
            "day": half.day,
            "is_afternoon": half.is_afternoon,
            "wanted": count,
            "territory_id": territory_id,
            "profession": profession,
        }
        for half, count in sorted(wanted.items())
    ]
    with refusing({"uq_slot_call_half__running": AlreadyCalled}):
        session.execute(sa.insert(H), rows)
    return call_id


def end_call(session: Session, call_id: UUID, ending: CallEnding, *, author: str, now: datetime) -> None:
    """Write how a running call ended; one that has ended stays as it was."""
    session.execute(
        sa.update(C)
        .where(C.c.id == call_id, C.c.ended_at.is_(None))
        .values(ended_at=now, ending=ending, ended_by=author)
    )
    session.execute(sa.update(H).where(H.c.call_id == call_id).values(running=False))


def lock_call(session: Session, call_id: UUID) -> None:
    """Lock a call: answers to it follow each other."""
    session.execute(sa.select(C.c.id).where(C.c.id == call_id).with_for_update())


def calls(session: Session, *conditions: sa.ColumnElement[bool], limit: int | None = None) -> list[CallView]:
    """Calls, the latest first, with what they gained."""
    rows = session.execute(
        sa.select(C).where(*conditions).order_by(C.c.opened_at.desc(), C.c.id.desc()).limit(limit)
    ).all()
    ids = [row.id for row in rows]
    wanted: dict[UUID, dict[HalfDay, int]] = {ident: {} for ident in ids}
    for half in session.execute(sa.select(H).where(H.c.call_id.in_(ids))):
        wanted[half.call_id][HalfDay(half.day, half.is_afternoon)] = half.wanted
    gained, figures = _gained(session, ids), _asked(session, ids)
    return [
        CallView(
            id=row.id,
            territory_id=row.territory_id,
            profession=row.profession,
            opened_at=row.opened_at,
            opened_by=row.opened_by,
            automatic=row.automatic,
            closes_at=row.closes_at,
            wanted=wanted[row.id],
            gained=gained.get(row.id, {}),
            asked=figures[row.id][0] if row.id in figures else 0,
            answered=figures[row.id][1] if row.id in figures else 0,
            last_wave_at=figures[row.id][2] if row.id in figures else None,
            ended_at=row.ended_at,
            ending=None if row.ending is None else CallEnding(row.ending),
        )
        for row in rows
    ]


def call(session: Session, call_id: UUID) -> CallView | None:
    """One call."""
    return next(iter(calls(session, C.c.id == call_id)), None)


def running_calls(session: Session, territory_id: UUID) -> list[CallView]:
    """The running calls of a territory, the latest first."""
    return calls(session, C.c.territory_id == territory_id, C.c.ended_at.is_(None))


def calls_page(
    session: Session, territory_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[CallView]:
    """The calls of a territory, the latest first, one more than `limit` when there are more."""
    conditions = [C.c.territory_id == territory_id]
    if after is not None:
        conditions.append(sa.tuple_(C.c.opened_at, C.c.id) < sa.tuple_(*map(sa.literal, after)))
    return calls(session, *conditions, limit=limit + 1)


def _asked(session: Session, ids: Collection[UUID]) -> dict[UUID, tuple[int, int, datetime]]:
    answered = sa.exists().where(N.c.ask_id == A.c.id, N.c.kind != AnswerKind.RESUME.value)
    statement = (
        sa.select(A.c.call_id, sa.func.count(), sa.func.count().filter(answered), sa.func.max(A.c.asked_at))
        .where(A.c.call_id.in_(ids))
        .group_by(A.c.call_id)
    )
    return {ident: (asked, told, last) for ident, asked, told, last in session.execute(statement)}


def _gained(session: Session, ids: Collection[UUID]) -> dict[UUID, dict[HalfDay, int]]:
    wall = sa.func.timezone("Europe/Paris", N.c.moment_start)
    statement = (
        sa.select(
            A.c.call_id,
            sa.cast(wall, sa.Date),
            sa.extract("hour", wall) >= 13,
            sa.func.sum(sa.func.cardinality(N.c.slot_ids)),
        )
        .join(N, N.c.ask_id == A.c.id)
        .where(A.c.call_id.in_(ids), N.c.kind == AnswerKind.ACCEPTED.value)
        .group_by(sa.text("1"), sa.text("2"), sa.text("3"))
    )
    found: dict[UUID, dict[HalfDay, int]] = {}
    for ident, day, is_afternoon, count in session.execute(statement):
        found.setdefault(ident, {})[HalfDay(day, bool(is_afternoon))] = int(count)
    return found


def insert_ask(session: Session, row: Mapping[str, Any]) -> None:
    """Write whom a call asks."""
    session.execute(sa.insert(A).values(**row))


def ask(session: Session, ask_id: UUID) -> tuple[AskView, dict[str, Any]] | None:
    """One ask with its answers, and the terms on which its slots would be offered."""
    row = session.execute(sa.select(A).where(A.c.id == ask_id)).one_or_none()
    return None if row is None else (_ask_view(row, _answers(session, [ask_id])), dict(row.offer))


def asks_of(session: Session, call_id: UUID) -> list[AskView]:
    """Everybody a call asked, in order."""
    rows = session.execute(sa.select(A).where(A.c.call_id == call_id).order_by(A.c.asked_at, A.c.id)).all()
    answers = _answers(session, [row.id for row in rows])
    return [_ask_view(row, answers) for row in rows]


def _ask_view(row: sa.Row[Any], answers: Mapping[UUID, list[AnswerView]]) -> AskView:
    return AskView(
        id=row.id,
        call_id=row.call_id,
        practitioner_id=row.practitioner_id,
        asked_at=row.asked_at,
        leaves_at=row.leaves_at,
        why=tuple(row.why),
        moments=tuple(
            Moment(datetime.fromisoformat(m["start"]), datetime.fromisoformat(m["end"]), m["slots"])
            for m in row.moments
        ),
        answers=tuple(answers.get(row.id, ())),
    )


def _answers(session: Session, ask_ids: Collection[UUID]) -> dict[UUID, list[AnswerView]]:
    found: dict[UUID, list[AnswerView]] = {}
    statement = sa.select(N).where(N.c.ask_id.in_(ask_ids)).order_by(N.c.at, N.c.id)
    for row in session.execute(statement):
        view = AnswerView(AnswerKind(row.kind), row.at, row.moment_start, tuple(row.slot_ids))
        found.setdefault(row.ask_id, []).append(view)
    return found


def insert_answer(
    session: Session,
    ask_id: UUID,
    kind: AnswerKind,
    *,
    now: datetime,
    moment_start: datetime | None = None,
    slot_ids: Sequence[UUID] = (),
) -> None:
    """Write an answer."""
    session.execute(
        sa.insert(N).values(
            id=new_id(), ask_id=ask_id, at=now, kind=kind, moment_start=moment_start, slot_ids=list(slot_ids)
        )
    )


def last_quieting(
    session: Session, practitioner_ids: Collection[UUID]
) -> dict[UUID, tuple[AnswerKind, datetime]]:
    """What each of these last said about being asked at all, and when, to any territory."""
    statement = (
        sa.select(A.c.practitioner_id, N.c.kind, N.c.at)
        .ext(distinct_on(A.c.practitioner_id))
        .join(N, N.c.ask_id == A.c.id)
        .where(A.c.practitioner_id.in_(list(practitioner_ids)), N.c.kind.in_([k.value for k in QUIETING]))
        .order_by(A.c.practitioner_id, N.c.at.desc(), N.c.id.desc())
    )
    with unbound(session):
        return {who: (AnswerKind(kind), at) for who, kind, at in session.execute(statement)}


def leaving_since(session: Session, practitioner_ids: Collection[UUID], since: datetime) -> dict[UUID, int]:
    """How many messages leave to each of these after an instant, from any territory."""
    statement = (
        sa.select(A.c.practitioner_id, sa.func.count())
        .where(A.c.practitioner_id.in_(list(practitioner_ids)), A.c.leaves_at > since)
        .group_by(A.c.practitioner_id)
    )
    with unbound(session):
        return {who: count for who, count in session.execute(statement)}  # noqa: C416 - not a pair to mypy


def answered_so_far(session: Session, territory_id: UUID, since: datetime) -> tuple[int, int]:
    """How many were asked in a territory since an instant, and how many slots they gave."""
    statement = (
        sa.select(
            sa.func.count(A.c.id.distinct()),
            sa.func.coalesce(sa.func.sum(sa.func.cardinality(N.c.slot_ids)), 0),
        )
        .select_from(A.join(C, C.c.id == A.c.call_id).outerjoin(N, N.c.ask_id == A.c.id))
        .where(C.c.territory_id == territory_id, A.c.asked_at >= since)
    )
    asked, gained = session.execute(statement).one()
    return asked, int(gained)
