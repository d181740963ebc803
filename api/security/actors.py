"""From a proven account or key to the `Actor` that services see; who may administer whom. Never commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.security import repository
from api.security.errors import OutOfReach
from api.security.tables import Account, ApiKey
from snp.directory import service as directory
from snp.platform.actors import Actor, Role

_ABOVE_A_TERRITORY: Final = frozenset({Role.ADMINISTRATOR})


def actor_of_account(session: Session, account: Account, chosen: UUID | None, *, now: datetime) -> Actor:
    """Return who a signed-in account acts as; `chosen` is the practitioner that a delegate picked."""
    practitioner = account.practitioner_id
    if account.role is Role.DELEGATE:
        practitioner = _delegated(session, account.id, chosen)
    return Actor(
        ident=f"account:{account.id}",
        role=account.role,
        territories=frozenset(account.territory_ids),
        organisation=account.organisation_id,
        practitioner=practitioner,
        profession=_profession(session, practitioner, now=now),
    )


def actor_of_api_key(session: Session, key: ApiKey, *, now: datetime) -> Actor:
    """Return who a key speaks for."""
    return Actor(
        ident=f"key:{key.id}",
        role=key.role,
        territories=frozenset(key.territory_ids),
        organisation=key.organisation_id,
        practitioner=key.practitioner_id,
        profession=_profession(session, key.practitioner_id, now=now),
        scopes=frozenset(key.scopes),
    )


def check_may_administer(by: Actor, role: Role, territory_ids: Collection[UUID]) -> None:
    """Refuse an account or key beyond the actor's own territories. Raises `OutOfReach`.

    Who has no territory (administrator, system) administers everything; a coordinator never makes an
    administrator, nor anybody who would stand in a territory that is not his.
    """
    if not by.territories:
        return
    if role in _ABOVE_A_TERRITORY or not territory_ids or not by.territories.issuperset(territory_ids):
        raise OutOfReach("an account or key beyond the actor's territories")


def _delegated(session: Session, account_id: UUID, chosen: UUID | None) -> UUID | None:
    """Return the practitioner chosen while the delegation runs; the only one when there is one."""
    running = [
        delegation.practitioner_id
        for delegation in repository.running_delegations(session, account_id=account_id)
    ]
    if chosen in running:
        return chosen
    return running[0] if len(running) == 1 else None


def _profession(session: Session, practitioner_id: UUID | None, *, now: datetime) -> str | None:
    if practitioner_id is None:
        return None
    return directory.get_practitioner(session, practitioner_id, now=now).profession
