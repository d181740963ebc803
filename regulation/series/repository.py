"""Every statement on series: their rows and story, sheets, templates, offers, relays, what physios say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlmodel import Session

from regulation.series.facts import (
    PassAnswer,
    PassReason,
    PassView,
    PhysioTerms,
    Relay,
    SeriesEnd,
    SeriesEvent,
    SeriesLine,
    SeriesTerms,
    SeriesView,
    SheetState,
    Template,
)
from regulation.series.refusals import PassPending
from regulation.series.tables import (
    PhysioPass,
    PhysioRelay,
    PhysioSeries,
    PhysioSeriesLine,
    PhysioSheet,
    PhysioTemplate,
    PhysioTermsRow,
)
from regulation.series.templates import sections_of, sections_to_json
from snp.directory.facts import Page
from snp.directory.paging import checked_limit, decode_cursor, encode_cursor
from snp.errors import Conflict
from snp.platform.actors import Actor
from snp.platform.columns import new_id
from snp.platform.db import refusing
from snp.platform.fixed import Fixed, any_uuid

S: sa.Table = PhysioSeries.__table__  # type: ignore[attr-defined]  # SQLModel adds it
L: sa.Table = PhysioSeriesLine.__table__  # type: ignore[attr-defined]
T: sa.Table = PhysioTemplate.__table__  # type: ignore[attr-defined]
F: sa.Table = PhysioSheet.__table__  # type: ignore[attr-defined]
P: sa.Table = PhysioPass.__table__  # type: ignore[attr-defined]
R: sa.Table = PhysioRelay.__table__  # type: ignore[attr-defined]
W: sa.Table = PhysioTermsRow.__table__  # type: ignore[attr-defined]

_SERIES = tuple(S.c[name] for name in SeriesView.__dataclass_fields__)
_PASS = tuple(P.c[name] for name in PassView.__dataclass_fields__)
_RELAY = tuple(R.c[name] for name in Relay.__dataclass_fields__)


def insert_series(
    session: Session,
    request_id: UUID,
    territory_id: UUID,
    indication: str,
    terms: SeriesTerms,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Open a series."""
    session.execute(
        sa.insert(S).values(
            request_id=request_id,
            territory_id=territory_id,
            indication=indication,
            usual_practitioner_id=terms.usual_practitioner_id,
            diagnosed=bool(terms.diagnosed),
            diagnosed_on=terms.diagnosed_on,
            sessions_elsewhere=terms.sessions_elsewhere,
            first_elsewhere_on=terms.first_elsewhere_on,
            opened_at=now,
            opened_by=by.ident,
        )
    )


def load(session: Session, request_ids: Collection[UUID]) -> dict[UUID, SeriesView]:
    """The series of these requests that have one."""
    return {row.request_id: _series(row) for row in _LOAD.run(session, ids=list(request_ids))}


_LOAD: Final = Fixed(sa.select(*_SERIES).where(S.c.request_id == any_uuid("ids")))


def lock(session: Session, request_ids: Collection[UUID]) -> dict[UUID, SeriesView]:
    """The same, locked in order of id."""
    statement = sa.select(*_SERIES).where(S.c.request_id.in_(request_ids))
    statement = statement.order_by(S.c.request_id).with_for_update()
    return {row.request_id: _series(row) for row in session.execute(statement)}


def update_series(session: Session, request_id: UUID, **values: Any) -> None:
    """Change a locked series."""
    session.execute(
        sa.update(S).where(S.c.request_id == request_id).values(version=S.c.version + 1, **values)
    )


def series_page(
    session: Session,
    *,
    practitioner_id: UUID | None = None,
    request_ids: Collection[UUID] | None = None,
    is_open: bool | None = None,
    cursor: str | None = None,
    limit: int,
) -> Page[SeriesView]:
    """Series that a physiotherapist holds, or of these requests, the newest first."""
    limit = checked_limit(limit)
    statement = sa.select(*_SERIES).order_by(S.c.request_id.desc()).limit(limit + 1)
    if practitioner_id is not None:
        statement = statement.where(S.c.practitioner_id == practitioner_id)
    if request_ids is not None:
        statement = statement.where(S.c.request_id.in_(request_ids))
    if is_open is not None:
        statement = statement.where(S.c.closed_at.is_(None) if is_open else S.c.closed_at.is_not(None))
    if cursor is not None:
        statement = statement.where(S.c.request_id < sa.cast(decode_cursor(cursor, length=1)[0], sa.Uuid))
    found = [_series(row) for row in session.execute(statement)]
    items = tuple(found[:limit])
    return Page(items, encode_cursor([str(items[-1].request_id)]) if len(found) > limit else None)


def open_series(session: Session, *, after: UUID | None, limit: int) -> list[SeriesView]:
    """Series that nobody closed, in order of id: for jobs."""
    statement = sa.select(*_SERIES).where(S.c.closed_at.is_(None)).order_by(S.c.request_id).limit(limit)
    if after is not None:
        statement = statement.where(S.c.request_id > after)
    return [_series(row) for row in session.execute(statement)]


def ends_of(session: Session, territory_id: UUID, since: datetime) -> dict[SeriesEnd, int]:
    """How the series of a territory closed since an instant ended, counted."""
    statement = sa.select(S.c.closed_as, sa.func.count()).where(
        S.c.territory_id == territory_id, S.c.closed_at >= since
    )
    return {SeriesEnd(row[0]): row[1] for row in session.execute(statement.group_by(S.c.closed_as))}


def count_open(session: Session, territory_id: UUID) -> tuple[int, int]:
    """How many series of a territory are open, and how many of these have no finished sheet."""
    finished = sa.exists().where(F.c.request_id == S.c.request_id, F.c.finished_at.is_not(None))
    statement = sa.select(sa.func.count(), sa.func.count().filter(~finished)).where(
        S.c.territory_id == territory_id, S.c.closed_at.is_(None)
    )
    row = session.execute(statement).one()
    return row[0], row[1]


def add_line(
    session: Session,
    request_id: UUID,
    event: SeriesEvent,
    *,
    practitioner_id: UUID | None = None,
    code: str | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Write one line of a series' story."""
    session.execute(
        sa.insert(L).values(
            id=new_id(),
            request_id=request_id,
            event=event,
            at=now,
            author=by.ident,
            practitioner_id=practitioner_id,
            code=code,
        )
    )


def story(session: Session, request_id: UUID) -> tuple[SeriesLine, ...]:
    """The lines of a series, oldest first."""
    statement = sa.select(L).where(L.c.request_id == request_id).order_by(L.c.id)
    return tuple(
        SeriesLine(SeriesEvent(row.event), row.at, row.author, row.practitioner_id, row.code)
        for row in session.execute(statement)
    )


def templates(session: Session, territory_id: UUID) -> dict[str, Template]:
    """The last revision of each indication that a territory changed; `label` is left empty."""
    statement = (
        sa.select(T)
        .where(T.c.territory_id == territory_id)
        .ext(distinct_on(T.c.indication))
        .order_by(T.c.indication, T.c.revision.desc())
    )
    return {row.indication: _template(row) for row in session.execute(statement)}


def template_revisions(session: Session, territory_id: UUID, indication: str, limit: int) -> list[Template]:
    """The revisions of one indication, newest first."""
    statement = sa.select(T).where(T.c.territory_id == territory_id, T.c.indication == indication)
    found = session.execute(statement.order_by(T.c.revision.desc()).limit(limit))
    return [_template(row) for row in found]


def insert_template(
    session: Session, territory_id: UUID, template: Template, *, by: Actor, now: datetime
) -> None:
    """Write a revision. Raises `Conflict` when another one was written meanwhile."""
    with refusing({"uq_physio_template__revision": Conflict}):
        session.execute(
            sa.insert(T).values(
                id=new_id(),
                territory_id=territory_id,
                indication=template.indication,
                revision=template.revision,
                min_gap_days=template.min_gap_days,
                max_gap_days=template.max_gap_days,
                sections=sections_to_json(template.sections),
                created_at=now,
                created_by=by.ident,
            )
        )


def last_sheet(session: Session, request_id: UUID, *, finished: bool = False) -> sa.Row[Any] | None:
    """The last revision of a series' sheet, sealed; `finished`: of those that were."""
    statement = sa.select(F).where(F.c.request_id == request_id)
    if finished:
        statement = statement.where(F.c.finished_at.is_not(None))
    return session.execute(statement.order_by(F.c.revision.desc()).limit(1)).one_or_none()


def sheet_of_revision(session: Session, request_id: UUID, revision: int) -> sa.Row[Any] | None:
    """One revision of a series' sheet, sealed."""
    statement = sa.select(F).where(F.c.request_id == request_id, F.c.revision == revision)
    return session.execute(statement).one_or_none()


def insert_sheet(session: Session, values: Mapping[str, Any]) -> None:
    """Write a new revision of a sheet."""
    with refusing({"uq_physio_sheet__revision": Conflict, "uq_physio_sheet__draft": Conflict}):
        session.execute(sa.insert(F).values(**values))


def update_sheet(session: Session, sheet_id: UUID, **values: Any) -> None:
    """Change a draft."""
    session.execute(sa.update(F).where(F.c.id == sheet_id).values(version=F.c.version + 1, **values))


def sheet_states(session: Session, request_ids: Collection[UUID]) -> dict[UUID, SheetState]:
    """Where the last sheet of each series stands."""
    statement = (
        sa.select(F.c.request_id, F.c.revision, F.c.changed_at, F.c.finished_at)
        .where(F.c.request_id.in_(request_ids))
        .ext(distinct_on(F.c.request_id))
        .order_by(F.c.request_id, F.c.revision.desc())
    )
    return {row.request_id: SheetState(*row) for row in session.execute(statement)}


def finished_sheets(session: Session, request_ids: Collection[UUID]) -> set[UUID]:
    """Which of these series have a finished sheet."""
    statement = sa.select(F.c.request_id).where(F.c.request_id.in_(request_ids), F.c.finished_at.is_not(None))
    return set(session.scalars(statement))


def lock_sheets(session: Session, *, after: UUID | None, limit: int) -> Sequence[sa.Row[Any]]:
    """Sheets in order of id, locked, to be sealed again."""
    statement = sa.select(F.c.id, F.c.content).order_by(F.c.id).limit(limit).with_for_update()
    if after is not None:
        statement = statement.where(F.c.id > after)
    return session.execute(statement).all()


def sheets_of(session: Session, request_ids: Collection[UUID]) -> Sequence[sa.Row[Any]]:
    """Every revision of the sheets of these series, oldest first, sealed and locked."""
    statement = sa.select(F).where(F.c.request_id.in_(request_ids)).order_by(F.c.request_id, F.c.revision)
    return session.execute(statement.with_for_update()).all()


def reseal_sheet(session: Session, sheet_id: UUID, content: bytes) -> None:
    """Write the same content under another key; the version stays."""
    session.execute(sa.update(F).where(F.c.id == sheet_id).values(content=content))


def insert_pass(
    session: Session,
    request_id: UUID,
    giver: UUID,
    taker: UUID,
    reason: PassReason,
    *,
    by: Actor,
    now: datetime,
) -> UUID:
    """Offer a series to a colleague. Raises `PassPending` when it is offered already."""
    ident = new_id()
    with refusing({"uq_physio_pass__running": PassPending}):
        session.execute(
            sa.insert(P).values(
                id=ident,
                request_id=request_id,
                from_practitioner_id=giver,
                to_practitioner_id=taker,
                reason=reason,
                proposed_at=now,
                proposed_by=by.ident,
            )
        )
    return ident


def running_passes(
    session: Session, *, request_ids: Collection[UUID] | None = None, to: UUID | None = None
) -> list[PassView]:
    """Offers that wait for an answer, of these series or made to a physiotherapist, oldest first."""
    statement = sa.select(*_PASS).where(P.c.answered_at.is_(None)).order_by(P.c.id).limit(200)
    if request_ids is not None:
        statement = statement.where(P.c.request_id.in_(request_ids))
    if to is not None:
        statement = statement.where(P.c.to_practitioner_id == to)
    return [PassView(*row) for row in session.execute(statement)]


def pass_by_id(session: Session, pass_id: UUID, *, lock: bool = False) -> PassView | None:
    """An offer."""
    statement = sa.select(*_PASS).where(P.c.id == pass_id)
    row = session.execute(statement.with_for_update() if lock else statement).one_or_none()
    return None if row is None else PassView(*row)


def answer_pass(session: Session, pass_id: UUID, answer: PassAnswer, *, by: Actor, now: datetime) -> None:
    """Write what became of an offer."""
    session.execute(
        sa.update(P).where(P.c.id == pass_id).values(answer=answer, answered_at=now, answered_by=by.ident)
    )


def insert_relay(session: Session, values: Mapping[str, Any]) -> UUID:
    """Declare that a colleague stands in."""
    ident = new_id()
    session.execute(sa.insert(R).values(id=ident, **values))
    return ident


def relays(
    session: Session,
    *,
    territory_ids: Collection[UUID] | None = None,
    of: UUID | None = None,
    by_colleague: UUID | None = None,
    not_over_on: date,
) -> list[Relay]:
    """Relays that run or are to run, by first day."""
    statement = sa.select(*_RELAY).where(R.c.ended_at.is_(None), R.c.ends_on >= not_over_on)
    if territory_ids is not None:
        statement = statement.where(R.c.territory_id.in_(territory_ids))
    if of is not None:
        statement = statement.where(R.c.practitioner_id == of)
    if by_colleague is not None:
        statement = statement.where(R.c.colleague_id == by_colleague)
    return [Relay(*row) for row in session.execute(statement.order_by(R.c.starts_on, R.c.id).limit(200))]


def relay_by_id(session: Session, relay_id: UUID) -> Relay | None:
    """A relay."""
    row = session.execute(sa.select(*_RELAY).where(R.c.id == relay_id)).one_or_none()
    return None if row is None else Relay(*row)


def end_relay(session: Session, relay_id: UUID, *, by: Actor, now: datetime) -> None:
    """End a relay."""
    session.execute(
        sa.update(R).where(R.c.id == relay_id, R.c.ended_at.is_(None)).values(ended_at=now, ended_by=by.ident)
    )


def physio_terms(session: Session, practitioner_ids: Collection[UUID]) -> dict[UUID, PhysioTerms]:
    """What these physiotherapists said of themselves; who said nothing is left out."""
    statement = sa.select(W).where(W.c.practitioner_id.in_(practitioner_ids))
    return {
        row.practitioner_id: PhysioTerms(
            row.practitioner_id, row.takes_patients, row.direct_access_since, row.changed_at
        )
        for row in session.execute(statement)
    }


def set_physio_terms(session: Session, terms: PhysioTerms, *, by: Actor, now: datetime) -> None:
    """Write what a physiotherapist says of himself."""
    values = {
        "takes_patients": terms.takes_patients,
        "direct_access_since": terms.direct_access_since,
        "changed_at": now,
        "changed_by": by.ident,
    }
    statement = insert(W).values(practitioner_id=terms.practitioner_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=[W.c.practitioner_id], set_=values))


def _series(row: sa.Row[Any]) -> SeriesView:
    values = row._asdict()
    ended = values["closed_as"]
    return SeriesView(**(values | {"closed_as": None if ended is None else SeriesEnd(ended)}))


def _template(row: sa.Row[Any]) -> Template:
    return Template(
        id=row.id,
        indication=row.indication,
        label="",
        revision=row.revision,
        min_gap_days=row.min_gap_days,
        max_gap_days=row.max_gap_days,
        sections=sections_of(row.sections),
        created_at=row.created_at,
        created_by=row.created_by,
    )
