"""From a proven account or key to the `Actor` that services see; who may administer whom. Never commits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from api.security import repository
from api.security.errors import OutOfReach
from api.security.tables import Account
from snp.directory import service as directory
from snp.platform.actors import Actor, Role

_ABOVE_A_TERRITORY: Final = frozenset({Role.ADMINISTRATOR})


def actor_of_account(session: Session, account: Account, chosen: UUID | None, *, now: datetime) -> Actor:
    """Return who a signed-in account acts as; `chosen` is the practitioner that a delegate picked."""
    practitioner = account.practitioner_id
    if account.role is Role.DELEGATE:
        practitioner = _delegated(session, account.id, chosen)
    actor = Actor(
        ident=f"account:{account.id}",
        role=account.role,
        territories=frozenset(account.territory_ids),
        organisation=account.organisation_id,
        practitioner=practitioner,
    )
    return _with_practice(session, actor, now=now)


def actor_of_api_key(session: Session, key: sa.Row[Any], *, now: datetime) -> Actor:
    """Return who the key of a row speaks for."""
    actor = Actor(
        ident=f"key:{key.id}",
        role=Role(key.role),
        territories=frozenset(key.territory_ids),
        organisation=key.organisation_id,
        practitioner=key.practitioner_id,
        scopes=frozenset(key.scopes),
    )
    return _with_practice(session, actor, now=now)


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


def _with_practice(session: Session, actor: Actor, *, now: datetime) -> Actor:
    """Add the profession of whose agenda it is, and his CPTS where the account names none."""
    if actor.practitioner is None:
        return actor
    practitioner = directory.get_practitioner(session, actor.practitioner, now=now)
    territories = actor.territories or frozenset(practitioner.territory_ids)
    return replace(actor, profession=practitioner.profession, territories=territories)
