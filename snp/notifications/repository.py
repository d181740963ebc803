"""Every statement over the outbox."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlmodel import Session

from snp.notifications.facts import (
    DemoLetterView,
    Message,
    MessageState,
    MessageView,
    TopicFigures,
    TopicUnsettled,
)
from snp.notifications.tables import DemoLetter, OutboxMessage
from snp.platform.columns import new_id
from snp.platform.fixed import (
    Fixed,
    a_document,
    a_text,
    a_uuid,
    an_instant,
    any_text,
    any_uuid,
    as_document,
)

_TABLE = OutboxMessage.__table__  # type: ignore[attr-defined]
_LETTERS: sa.Table = DemoLetter.__table__  # type: ignore[attr-defined]
_PENDING = _TABLE.c.state == MessageState.PENDING
_IS_PENDING: Final[sa.ColumnElement[str]] = sa.literal_column(f"'{MessageState.PENDING.value}'", sa.Text())


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


def claim(session: Session, *, topics: Collection[str], now: datetime, until: datetime) -> Message | None:
    """Lease one due message of these topics to the caller; None when there is none.

    Rows somebody else is claiming right now are skipped. A message is claimable when no earlier one of its
    subject is due and unsettled, so that nothing overtakes.
    """
    row = _CLAIM.run(session, topics=list(topics), now=now, until=until, lease=new_id()).one_or_none()
    return None if row is None else _message(row, attempt=row.attempts)


def lock_others(session: Session, *, topics: Collection[str], now: datetime, limit: int) -> list[Message]:
    """Lock due messages of any other topic, under the same terms, for who settles them before he commits."""
    rows = _LOCK_OTHERS.run(session, topics=list(topics), now=now, limit=limit)
    return [_message(row, attempt=row.attempts + 1) for row in rows]


def _due() -> sa.Select[Any]:
    """The messages that may leave at `now`, the longest due first.

    That they are pending is written out: a value of its own would hide the partial index from the planner.
    """
    earlier = aliased(_TABLE)
    return (
        sa.select(_TABLE.c.id)
        .where(
            _TABLE.c.state == _IS_PENDING,
            _TABLE.c.next_attempt_at <= an_instant("now"),
            ~sa.exists().where(
                earlier.c.subject == _TABLE.c.subject,
                earlier.c.position < _TABLE.c.position,
                earlier.c.state == _IS_PENDING,
                earlier.c.due_at <= an_instant("now"),
            ),
        )
        .order_by(_TABLE.c.next_attempt_at, _TABLE.c.position)
        .with_for_update(of=_TABLE, skip_locked=True)
    )


def _claim() -> Any:
    first = _due().where(_TABLE.c.topic == any_text("topics")).limit(1)
    # An array makes the planner run the inner query once: a plain subquery may be run for each row.
    chosen = _TABLE.c.id == sa.any_(sa.func.array(first.scalar_subquery()))
    leased = {
        "attempts": _TABLE.c.attempts + 1,
        "lease": a_uuid("lease"),
        "next_attempt_at": an_instant("until"),
    }
    return sa.update(_TABLE).where(chosen).values(leased).returning(_TABLE)


def _lock_others() -> sa.Select[Any]:
    others = _TABLE.c.topic != sa.all_(sa.bindparam("topics", type_=ARRAY(sa.Text())))
    limit = sa.bindparam("limit", type_=sa.Integer())
    return _due().with_only_columns(*_TABLE.c).where(others).limit(limit)


_CLAIM: Final = Fixed(_claim())
_LOCK_OTHERS: Final = Fixed(_lock_others())
_SETTLE: Final = Fixed(
    sa.update(_TABLE)
    .where(_TABLE.c.id == any_uuid("ids"))
    .values(
        state=sa.cast(a_text("state"), sa.Text()),
        settled_at=an_instant("settled_at"),
        last_error=sa.cast(a_text("last_error"), sa.Text()),
        lease=sa.null(),
        attempts=_TABLE.c.attempts + 1,
    )
)


def settle(session: Session, message: Message, values: dict[str, Any]) -> bool:
    """Write what came of a leased or locked message; False when it is no longer its holder's."""
    held = sa.and_(_TABLE.c.id == message.id, _TABLE.c.lease.is_not_distinct_from(message.lease), _PENDING)
    given = values | {"lease": None, "attempts": message.attempt}
    written = session.execute(sa.update(_TABLE).where(held).values(given).returning(_TABLE.c.id))
    return written.one_or_none() is not None


def settle_locked(
    session: Session, ids: Collection[UUID], *, state: MessageState, error: str | None, now: datetime
) -> None:
    """Write that locked messages came to the same end; each had an attempt more."""
    _SETTLE.run(session, ids=list(ids), state=state.value, settled_at=now, last_error=error)


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


def unsettled(session: Session, *, territories: Collection[UUID] | None) -> Sequence[TopicUnsettled]:
    """Count what waits and what was given up, by topic, without a look at what left: each by its index."""
    pending = sa.select(
        _TABLE.c.topic,
        sa.func.count().label("pending"),
        sa.literal(0).label("dead"),
        sa.func.min(_TABLE.c.due_at).label("oldest_due_at"),
    ).where(_TABLE.c.state == sa.text("'pending'"), _of(territories))
    dead = sa.select(_TABLE.c.topic, sa.literal(0), sa.func.count(), sa.null()).where(
        _TABLE.c.state == sa.text("'dead'"), _of(territories)
    )
    both = sa.union_all(pending.group_by(_TABLE.c.topic), dead.group_by(_TABLE.c.topic)).subquery("both")
    counts = (sa.func.sum(both.c.pending).label("pending"), sa.func.sum(both.c.dead).label("dead"))
    rows = session.execute(
        sa.select(both.c.topic, *counts, sa.func.max(both.c.oldest_due_at).label("oldest_due_at"))
        .group_by(both.c.topic)
        .order_by(both.c.topic)
    )
    return [TopicUnsettled(row.topic, int(row.pending), int(row.dead), row.oldest_due_at) for row in rows]


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


def _message(row: Any, *, attempt: int) -> Message:
    return Message(
        id=row.id,
        topic=row.topic,
        subject=row.subject,
        payload=row.payload,
        created_at=row.created_at,
        due_at=row.due_at,
        position=row.position,
        attempt=attempt,
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
