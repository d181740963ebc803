"""Delegations: a practitioner lets an account act on his agenda, until he takes it back. Never commits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.security import repository
from api.security.facts import DelegationView
from api.security.tables import Delegation
from snp.errors import InvalidValue, NotFound
from snp.platform.actors import Actor, Role


def grant_delegation(
    session: Session, *, account_id: UUID, practitioner_id: UUID, by: Actor, now: datetime
) -> DelegationView:
    """Let a delegate's account act on a practitioner's agenda; granting twice changes nothing."""
    account = repository.account_by_id(session, account_id)
    if account.role is not Role.DELEGATE:
        raise InvalidValue("account_id", "ce compte n’est pas celui d’un délégué")
    running = repository.running_delegations(session, account_id=account_id, practitioner_id=practitioner_id)
    if running:
        return _delegation_view(running[0])
    delegation = Delegation(
        account_id=account_id, practitioner_id=practitioner_id, granted_at=now, granted_by=by.ident
    )
    repository.add_delegation(session, delegation)
    return _delegation_view(delegation)


def list_delegations(
    session: Session, *, practitioner_id: UUID | None = None, account_id: UUID | None = None
) -> list[DelegationView]:
    """Return the running delegations of a practitioner or of an account."""
    found = repository.running_delegations(session, practitioner_id=practitioner_id, account_id=account_id)
    return [_delegation_view(delegation) for delegation in found]


def revoke_delegation(session: Session, delegation_id: UUID, *, by: Actor, now: datetime) -> DelegationView:
    """Take a delegation back; a practitioner takes back his own only. Raises `NotFound`."""
    delegation = repository.delegation_by_id(session, delegation_id)
    if by.role is Role.PRACTITIONER and by.practitioner != delegation.practitioner_id:
        raise NotFound("délégation", delegation_id)
    if delegation.revoked_at is None:
        delegation.revoked_at = now
        session.flush()
    return _delegation_view(delegation)


def _delegation_view(delegation: Delegation) -> DelegationView:
    return DelegationView(
        id=delegation.id,
        account_id=delegation.account_id,
        practitioner_id=delegation.practitioner_id,
        granted_at=delegation.granted_at,
        granted_by=delegation.granted_by,
        revoked_at=delegation.revoked_at,
    )
