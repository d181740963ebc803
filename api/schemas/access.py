"""Accounts, keys and delegations on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, SecretStr, WithJsonSchema

from api.schemas.forms import In, Instant, Line, Out
from api.security.facts import NewAccount, NewKey
from snp.platform.actors import ATTENDED_ROLES, Role

AttendedRole = Annotated[Role, WithJsonSchema({"type": "string", "enum": sorted(ATTENDED_ROLES)})]
"""A role that an account or a key may have; the others are refused by `check_standing`."""
Territories = Annotated[tuple[UUID, ...], Field(max_length=50)]
Networks = Annotated[tuple[Line, ...], Field(max_length=20, examples=[["192.0.2.0/24", "2001:db8::/48"]])]
"""From where a key may be presented; none: from anywhere."""
Scopes = Annotated[tuple[Line, ...], Field(min_length=1, max_length=30, examples=[["requests:write"]])]


class AccountIn(In):
    """Somebody who will sign in on the pages."""

    login: Annotated[Line, Field(examples=["m.durand"])]
    display_name: Line
    role: AttendedRole
    password: SecretStr | None = None
    territory_ids: Territories = ()
    organisation_id: UUID | None = None
    practitioner_id: UUID | None = None

    def to_facts(self) -> NewAccount:
        """Return the account as the door takes it."""
        password = self.password.get_secret_value() if self.password else None
        return NewAccount(**(dict(self) | {"password": password}))


class PasswordIn(In):
    """A new password."""

    password: SecretStr


class ActiveIn(In):
    """Open or closed."""

    active: bool


class AccountOut(Out):
    """An account, without what proves it."""

    id: UUID
    login: str
    display_name: str
    role: Role
    territory_ids: list[UUID]
    organisation_id: UUID | None
    practitioner_id: UUID | None
    active: bool
    locked_until: datetime | None


class AccountsOut(Out):
    """Accounts, by login."""

    items: list[AccountOut]


class KeyIn(In):
    """A key to make; `scopes` narrows what its role may do."""

    name: Line
    role: AttendedRole
    scopes: Scopes = ("*",)
    territory_ids: Territories = ()
    organisation_id: UUID | None = None
    practitioner_id: UUID | None = None
    expires_at: Instant | None = None
    allowed_networks: Networks = ()

    def to_facts(self) -> NewKey:
        """Return the key as the door takes it."""
        return NewKey(**dict(self))


class KeyOut(Out):
    """A key as it may be listed: its prefix, never its secret."""

    id: UUID
    prefix: str
    name: str
    role: Role
    scopes: list[str]
    territory_ids: list[UUID]
    organisation_id: UUID | None
    practitioner_id: UUID | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    allowed_networks: list[str]
    rotated_at: datetime | None
    previous_until: datetime | None


class RotationIn(In):
    """How long the present secret goes on beside the new one."""

    overlap_hours: Annotated[int, Field(ge=0, le=168)] = 24


class NetworksIn(In):
    """From where a key may be presented; none: from anywhere."""

    allowed_networks: Networks


class KeysOut(Out):
    """Keys, newest first."""

    items: list[KeyOut]


class IssuedKeyOut(Out):
    """A key on the day it is made: the only time that its text is shown."""

    text: str = Field(examples=["snp_abcdefghjk_…"])
    key: KeyOut


class DelegationIn(In):
    """Let an account act on a practitioner's agenda."""

    account_id: UUID
    practitioner_id: UUID


class DelegationOut(Out):
    """A delegation."""

    id: UUID
    account_id: UUID
    practitioner_id: UUID
    granted_at: datetime
    granted_by: str
    revoked_at: datetime | None


class DelegationsOut(Out):
    """The running delegations."""

    items: list[DelegationOut]


class SelfOut(Out):
    """Who the door takes you for."""

    ident: str
    role: Role
    territory_ids: list[UUID]
    organisation_id: UUID | None
    practitioner_id: UUID | None
    profession: str | None
    scopes: list[str]
