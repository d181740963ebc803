"""Memberships: who belongs to which CPTS, since when, also from outside its perimeter."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from snp.directory import rules
from snp.directory.facts import MembershipView
from snp.directory.repository import practitioners as repository
from snp.errors import NotFound
from snp.platform.actors import Actor


def list_memberships(
    session: Session,
    *,
    practitioner_id: UUID | None = None,
    territory_ids: Collection[UUID] | None = None,
) -> list[MembershipView]:
    """Return memberships past and present, by practitioner, territory and day."""
    return repository.memberships(session, practitioner_id=practitioner_id, territory_ids=territory_ids)


def join_territory(
    session: Session, practitioner_id: UUID, territory_id: UUID, *, since: date, by: Actor, now: datetime
) -> MembershipView:
    """Make a practitioner a member from a local day on.

    Raises `MembershipOverlap` when he is a member on that day or later, `UnknownReference`.
    """
    del by, now
    mine = _of(session, practitioner_id, territory_id)
    rules.check_membership_starts(mine, since)
    repository.insert_membership(session, practitioner_id, territory_id, since)
    return _of(session, practitioner_id, territory_id)[-1]


def end_membership(
    session: Session, practitioner_id: UUID, territory_id: UUID, *, until: date, by: Actor, now: datetime
) -> MembershipView | None:
    """End the running membership: it no longer holds from `until` on; None when it then never held.

    Raises `NotFound` when there is no running membership.
    """
    del by, now
    running = [m for m in _of(session, practitioner_id, territory_id) if m.until is None]
    if not running:
        raise NotFound("adhésion en cours", practitioner_id)
    repository.close_membership(session, practitioner_id, territory_id, since=running[0].since, until=until)
    closed = [m for m in _of(session, practitioner_id, territory_id) if m.since == running[0].since]
    return closed[0] if closed else None


def _of(session: Session, practitioner_id: UUID, territory_id: UUID) -> list[MembershipView]:
    return repository.memberships(session, practitioner_id=practitioner_id, territory_ids=[territory_id])
