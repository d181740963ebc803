"""Every statement over the outbox."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import aliased
from sqlmodel import Session

from snp.notifications.facts import (
    DemoLetterView,
    Message,
    MessageState,
    MessageView,
    TopicFigures,
    Undelivered,
)
from snp.notifications.tables import DemoLetter, OutboxMessage
from snp.platform.columns import new_id
from snp.platform.fixed import Fixed, a_document, a_text, a_uuid, an_instant, as_document

_TABLE = OutboxMessage.__table__  # type: ignore[attr-defined]
_LETTERS: sa.Table = DemoLetter.__table__  # type: ignore[attr-defined]
_PENDING = _TABLE.c.state == MessageState.PENDING


_INSERT: Final = Fixed(
    sa.insert(_TABLE).values(
        id=a_uuid("id"),
        topic=a_text("topic"),
        subject=a_text("subject"),
        payload=a_document("payload"),
        territory_id=a_uuid("territory_id"),
        state=sa.literal(MessageState.PENDING.value, sa.Text()),
        created_at=an_instant("created_at"),
        due_at=an_instant("due_at"),
        next_attempt_at=an_instant("next_attempt_at"),
    )
)


def insert(session: Session, row: dict[str, Any]) -> None:
    """Add a message."""
    _INSERT.run(session, **(row | {"payload": as_document(row["payload"])}))


def claim(
    session: Session, *, topics: Collection[str], among: bool, now: datetime, until: datetime
) -> Message | None:
    """Lease one due message to the caller; None when there is none.

    `among`: of these topics, or of any other. Rows somebody else is claiming right now are skipped. A message
    is claimable when no earlier one of its subject is due and unsettled, so that nothing overtakes.
    """
    earlier = aliased(_TABLE)
    asked = _TABLE.c.topic.in_(topics) if among else _TABLE.c.topic.not_in(topics)
    first = (
        sa.select(_TABLE.c.id)
        .where(
            _PENDING,
            asked,
            _TABLE.c.next_attempt_at <= now,
            ~sa.exists().where(
                earlier.c.subject == _TABLE.c.subject,
                earlier.c.position < _TABLE.c.position,
                earlier.c.state == MessageState.PENDING,
                earlier.c.due_at <= now,
            ),
        )
        .order_by(_TABLE.c.next_attempt_at, _TABLE.c.position)
        .limit(1)
        .with_for_update(of=_TABLE, skip_locked=True)
    )
    # An array makes the planner run the inner query once: a plain subquery may be run for each row.
    chosen = _TABLE.c.id == sa.any_(sa.func.array(first.scalar_subquery()))
    leased = {"attempts": _TABLE.c.attempts + 1, "lease": new_id(), "next_attempt_at": until}
    row = session.execute(sa.update(_TABLE).where(chosen).values(leased).returning(_TABLE)).one_or_none()
    return None if row is None else _message(row)


def settle(session: Session, message: Message, values: dict[str, Any]) -> bool:
    """Write what came of a leased message; False when the lease is no longer the holder's."""
    held = sa.and_(_TABLE.c.id == message.id, _TABLE.c.lease == message.lease, _PENDING)
    written = session.execute(
        sa.update(_TABLE).where(held).values(values | {"lease": None}).returning(_TABLE.c.id)
    )
    return written.one_or_none() is not None


def update(session: Session, ident: UUID, values: dict[str, Any]) -> None:
    """Change a message that the caller has locked."""
    session.execute(sa.update(_TABLE).where(_TABLE.c.id == ident).values(values))


def get(
    session: Session, ident: UUID, *, territories: Collection[UUID] | None, lock: bool = False
) -> MessageView | None:
    """Return a message of these territories (None: of any)."""
    statement = sa.select(_TABLE).where(_TABLE.c.id == ident, _of(territories))
    row = session.execute(statement.with_for_update() if lock else statement).one_or_none()
    return None if row is None else _view(row)


def page(
    session: Session,
    *,
    states: Collection[MessageState] | None,
    topic: str | None,
    territories: Collection[UUID] | None,
    after: int | None,
    limit: int,
) -> Sequence[MessageView]:
    """Return up to `limit` messages behind the position `after`, oldest first."""
    statement = sa.select(_TABLE).where(_of(territories))
    if states is not None:
        statement = statement.where(_TABLE.c.state.in_(states))
    if topic is not None:
        statement = statement.where(_TABLE.c.topic == topic)
    if after is not None:
        statement = statement.where(_TABLE.c.position > after)
    return [_view(row) for row in session.execute(statement.order_by(_TABLE.c.position).limit(limit))]


def figures(session: Session, *, territories: Collection[UUID] | None) -> Sequence[TopicFigures]:
    """Count the messages of each topic by state."""

    def count(state: MessageState) -> sa.ColumnElement[int]:
        return sa.func.count().filter(_TABLE.c.state == state)

    rows = session.execute(
        sa.select(
            _TABLE.c.topic,
            *(count(state).label(state.value) for state in MessageState),
            sa.func.min(_TABLE.c.due_at).filter(_PENDING).label("oldest_due_at"),
        )
        .where(_of(territories))
        .group_by(_TABLE.c.topic)
        .order_by(_TABLE.c.topic)
    )
    return [TopicFigures(**row._mapping) for row in rows]  # noqa: SLF001 - the public name of a row's mapping


def undelivered(session: Session, *, territories: Collection[UUID] | None) -> Sequence[Undelivered]:
    """Count the messages of each topic that wait or were given up; reads nothing of what has left."""
    waiting, dead = (
        sa.select(_TABLE.c.topic, _TABLE.c.state, _TABLE.c.due_at).where(
            _TABLE.c.state == sa.bindparam(None, state.value, literal_execute=True), _of(territories)
        )
        for state in (MessageState.PENDING, MessageState.DEAD)
    )
    kept = sa.union_all(waiting, dead).subquery("kept")
    is_pending = kept.c.state == MessageState.PENDING
    statement = sa.select(
        kept.c.topic,
        sa.func.count().filter(is_pending).label("pending"),
        sa.func.count().filter(sa.not_(is_pending)).label("dead"),
        sa.func.min(kept.c.due_at).filter(is_pending).label("oldest_due_at"),
    )
    rows = session.execute(statement.group_by(kept.c.topic).order_by(kept.c.topic))
    return [Undelivered(**row._mapping) for row in rows]  # noqa: SLF001 - the public name of a row's mapping


def is_overtaken(session: Session, subject: str, topic: str, position: int) -> bool:
    """Tell whether a later message of this subject and topic was delivered."""
    later = sa.exists().where(
        _TABLE.c.subject == subject,
        _TABLE.c.topic == topic,
        _TABLE.c.position > position,
        _TABLE.c.state == MessageState.DELIVERED,
    )
    return bool(session.scalar(sa.select(later)))


def was_queued(session: Session, subject: str, since: datetime | None) -> bool:
    """Tell whether a message of this subject was queued, since an instant where one is given."""
    found = sa.exists().where(_TABLE.c.subject == subject)
    if since is not None:
        found = found.where(_TABLE.c.created_at >= since)
    return bool(session.scalar(sa.select(found)))


def prune(session: Session, *, settled_before: datetime, dead_before: datetime, limit: int) -> Sequence[UUID]:
    """Forget up to `limit` settled messages; the dead are kept for longer."""
    old = (
        sa.select(_TABLE.c.id)
        .where(
            sa.case(
                (_TABLE.c.state == MessageState.DEAD, _TABLE.c.settled_at < dead_before),
                else_=_TABLE.c.settled_at < settled_before,
            ),
            _TABLE.c.settled_at < settled_before,
        )
        .order_by(_TABLE.c.settled_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(sa.delete(_TABLE).where(_TABLE.c.id.in_(old)).returning(_TABLE.c.id)))


def _of(territories: Collection[UUID] | None) -> sa.ColumnElement[bool]:
    return sa.true() if territories is None else _TABLE.c.territory_id.in_(territories)


def _message(row: sa.Row[Any]) -> Message:
    return Message(
        id=row.id,
        topic=row.topic,
        subject=row.subject,
        payload=row.payload,
        created_at=row.created_at,
        due_at=row.due_at,
        position=row.position,
        attempt=row.attempts,
        lease=row.lease,
        territory_id=row.territory_id,
    )


def _view(row: sa.Row[Any]) -> MessageView:
    return MessageView(
        id=row.id,
        topic=row.topic,
        subject=row.subject,
        state=MessageState(row.state),
        payload=row.payload,
        territory_id=row.territory_id,
        position=row.position,
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        next_attempt_at=row.next_attempt_at,
        settled_at=row.settled_at,
        last_error=row.last_error,
    )


def insert_demo_letter(session: Session, row: dict[str, Any]) -> None:
    """Keep a message of the demonstration, once: sent again under the same id, it is there already."""
    session.execute(postgresql.insert(DemoLetter).values(**row).on_conflict_do_nothing())


def demo_letters(session: Session, limit: int) -> Sequence[DemoLetterView]:
    """Return the last messages of the demonstration, newest first."""
    rows = session.execute(
        sa.select(_LETTERS).order_by(_LETTERS.c.at.desc(), _LETTERS.c.id.desc()).limit(limit)
    )
    return [DemoLetterView(**row._mapping) for row in rows]  # noqa: SLF001 - the public name of a row's mapping
