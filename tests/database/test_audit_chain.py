"""The seals over the audit: whoever changes, adds or removes a line, or makes the chain anew, is seen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from snp.platform import audit, audit_chain
from snp.platform.actors import system
from snp.platform.audit_chain import Fault
from snp.platform.crypto import Keyring
from snp.platform.hashing import KeyedHash

pytestmark = pytest.mark.database
NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
RING = Keyring.generate("h1")
HASHER = KeyedHash(RING)
Sessions = sessionmaker[Session]


def write(sessions: Sessions, *whys: str, at: datetime = NOW) -> None:
    with sessions.begin() as session:
        for why in whys:
            audit.record(
                session,
                at=at,
                actor=system("test"),
                action=audit.AuditAction.READ,
                resource="patient",
                why=why,
            )


def seal(sessions: Sessions, hasher: KeyedHash = HASHER, now: datetime = NOW) -> int:
    with sessions.begin() as session:
        until = audit_chain.settled_until(session)
    with sessions.begin() as session:
        return audit_chain.seal_block(session, until, hasher=hasher, now=now)


def faults(sessions: Sessions, hasher: KeyedHash = HASHER) -> list[tuple[int, Fault]]:
    with sessions.begin() as session:
        return [(one.number, one.fault) for one in audit_chain.verify(session, hasher=hasher) if one.fault]


@pytest.fixture
def sealed(committed: Sessions) -> Sessions:
    """Three blocks of two lines."""
    for number in range(3):
        write(committed, f"first of {number}", f"second of {number}")
        assert seal(committed) == 2
    return committed


def by_hand(statement: str) -> Callable[[Sessions], None]:
    """What the owner of the database may do: he lifts the triggers."""

    def act(sessions: Sessions) -> None:
        with sessions.begin() as session:
            session.execute(sa.text("SET LOCAL session_replication_role = replica"))
            session.execute(sa.text(statement))

    return act


def test_what_was_written_is_sealed_once_and_holds(sealed: Sessions) -> None:
    assert seal(sealed) == 0
    assert faults(sealed) == []
    write(sealed, "later")
    with sealed.begin() as session:
        assert audit_chain.count_unsealed(session) == 1
        assert [one.lines for one in audit_chain.verify(session, hasher=HASHER)] == [2, 2, 2]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit_entry SET why = 'other' WHERE id = 3", [(2, Fault.LINES_DIFFER)]),
        ("UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE id = 4", [(2, Fault.LINES_DIFFER)]),
        ("UPDATE audit_entry SET detail = '{\"a\": 1}' WHERE id = 1", [(1, Fault.LINES_DIFFER)]),
        ("DELETE FROM audit_entry WHERE id = 6", [(3, Fault.LINES_DIFFER)]),
        (
            """INSERT INTO audit_entry (id, at, actor, role, action, resource, why, detail)
            SELECT 0, at, actor, role, action, resource, why, detail FROM audit_entry WHERE id = 1""",
            [(1, Fault.LINES_DIFFER)],
        ),
        ("DELETE FROM audit_seal WHERE number = 2", [(3, Fault.CHAIN_BROKEN)]),
        ("DELETE FROM audit_seal WHERE number = 1", [(2, Fault.CHAIN_BROKEN)]),
        (
            "UPDATE audit_seal SET digest = previous WHERE number = 2",
            [(2, Fault.LINES_DIFFER), (3, Fault.CHAIN_BROKEN)],
        ),
        (
            "UPDATE audit_seal SET last_id = 5 WHERE number = 2",
            [(2, Fault.LINES_DIFFER), (3, Fault.CHAIN_BROKEN)],
        ),
    ],
)
def test_a_change_by_hand_is_seen(sealed: Sessions, statement: str, found: list[tuple[int, Fault]]) -> None:
    by_hand(statement)(sealed)

    assert faults(sealed) == found


def test_a_chain_made_anew_without_the_key_does_not_hold(sealed: Sessions) -> None:
    by_hand("TRUNCATE audit_seal")(sealed)
    seal(sealed, KeyedHash(Keyring.generate("h1")))

    assert faults(sealed) == [(1, Fault.LINES_DIFFER)]


def test_the_chain_holds_through_a_change_of_key(sealed: Sessions) -> None:
    ring = Keyring({**Keyring.generate("h2").keys, **RING.keys})
    write(sealed, "under the new key")
    seal(sealed, KeyedHash(ring))

    assert faults(sealed, KeyedHash(ring)) == []
    assert faults(sealed, HASHER) == [(4, Fault.LINES_DIFFER)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_seal SET digest = previous",
        "UPDATE audit_seal SET pruned_at = sealed_at, lines = 1",
        "DELETE FROM audit_seal",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ],
)
def test_the_service_itself_cannot_change_a_line_nor_a_seal(sealed: Sessions, statement: str) -> None:
    with pytest.raises(DBAPIError), sealed.begin() as session:
        session.execute(sa.text(statement))
    assert faults(sealed) == []


def test_a_line_that_commits_late_is_never_left_out(committed: Sessions) -> None:
    """An open transaction holds a lower id than one that committed: sealing waits for it."""
    writing, done = threading.Event(), threading.Event()

    def slow() -> None:
        with committed.begin() as session:
            audit.record(
                session,
                at=NOW,
                actor=system("slow"),
                action=audit.AuditAction.READ,
                resource="patient",
                why="x",
            )
            writing.set()
            done.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    assert writing.wait(10)
    write(committed, "quick")
    with pytest.raises(DBAPIError):  # it gives up rather than keep writers waiting
        seal(committed)
    done.set()
    thread.join()

    assert seal(committed) == 2
    assert faults(committed) == []


def test_old_blocks_leave_whole_and_the_chain_still_holds(sealed: Sessions) -> None:
    write(sealed, "recent", at=NOW + timedelta(days=400))
    seal(sealed, now=NOW + timedelta(days=400))
    later, before = NOW + timedelta(days=401), NOW + timedelta(days=1)

    gone = []
    for _time in range(5):
        with sealed.begin() as session:
            gone.append(audit_chain.prune_block(session, before=before, now=later))

    assert gone == [2, 2, 2, 0, 0]
    assert faults(sealed) == []
    with sealed.begin() as session:
        kept = session.execute(sa.text("SELECT why FROM audit_entry")).scalars().all()
        pruned = [one.pruned for one in audit_chain.verify(session, hasher=HASHER)]
    assert kept == ["recent"]
    assert pruned == [True, True, True, False]
