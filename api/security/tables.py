"""Accounts, API keys, page sessions, delegations, and the regulators of the national platform."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from api.security.facts import LinkAnswer, LinkPurpose
from snp.platform.actors import Role
from snp.platform.columns import (
    enum_field,
    id_field,
    instant_field,
    json_field,
    texts_field,
    uuids_field,
    version_field,
)


class Account(SQLModel, table=True):
    """Somebody who signs in on the pages."""

    __tablename__ = "account"

    id: UUID = id_field()
    login: str = Field(unique=True)
    password_hash: str | None = None
    display_name: str
    role: Role = enum_field(Role, "role")
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id")
    territory_ids: list[UUID] = uuids_field()
    active: bool = True
    failed_sign_ins: int = Field(
        default=0, sa_column=sa.Column(sa.Integer, nullable=False, server_default="0")
    )
    locked_until: datetime | None = instant_field(nullable=True)
    version: int = version_field()
    created_at: datetime = instant_field()


class ApiKey(SQLModel, table=True):
    """A key of a regulation software or a desk: only the hash of its 256-bit secret is kept."""

    __tablename__ = "api_key"
    __table_args__ = (
        sa.CheckConstraint(
            "(previous_secret_hash IS NULL) = (previous_until IS NULL)", name="previous_secret"
        ),
    )

    id: UUID = id_field()
    prefix: str = Field(unique=True)
    secret_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    name: str
    role: Role = enum_field(Role, "role")
    scopes: list[str] = texts_field()
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id")
    territory_ids: list[UUID] = uuids_field()
    created_at: datetime = instant_field()
    created_by: str
    expires_at: datetime | None = instant_field(nullable=True)
    last_used_at: datetime | None = instant_field(nullable=True)
    revoked_at: datetime | None = instant_field(nullable=True)
    allowed_networks: list[str] = texts_field()
    previous_secret_hash: bytes | None = Field(
        default=None, sa_column=sa.Column(sa.LargeBinary, nullable=True)
    )
    previous_until: datetime | None = instant_field(nullable=True)
    rotated_at: datetime | None = instant_field(nullable=True)


class AccessToken(SQLModel, table=True):
    """A short-lived token that a key was exchanged for; its rights are the key's, narrowed to `scopes`."""

    __tablename__ = "access_token"
    __table_args__ = (sa.CheckConstraint("expires_at > created_at", name="expiry"),)

    id: UUID = id_field()
    token_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False, unique=True))
    key_id: UUID = Field(foreign_key="api_key.id", index=True)
    scopes: list[str] = texts_field()
    created_at: datetime = instant_field()
    expires_at: datetime = instant_field(index=True)


class TotpSecret(SQLModel, table=True):
    """The second factor of an account: its sealed secret, and the last step of time that was used up.

    Source: RFC 6238 §5.2 (a code is accepted once).
    """

    __tablename__ = "totp_secret"

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    secret: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    last_step: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
    enrolled_at: datetime = instant_field()


class RecoveryCode(SQLModel, table=True):
    """A code that replaces a lost telephone, once; only its hash is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (sa.UniqueConstraint("account_id", "code_hash"),)

    id: UUID = id_field()
    account_id: UUID = Field(foreign_key="account.id")
    code_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    created_at: datetime = instant_field()
    used_at: datetime | None = instant_field(nullable=True)


class FederatedIdentity(SQLModel, table=True):
    """Who a provider says somebody is, and whose account that is here.

    Source: OpenID Connect Core 1.0 §5.7: issuer and subject together are what never changes hands.
    """

    __tablename__ = "federated_identity"
    __table_args__ = (
        sa.UniqueConstraint("issuer", "subject"),
        sa.UniqueConstraint("account_id", "issuer"),
    )

    id: UUID = id_field()
    account_id: UUID = Field(foreign_key="account.id")
    issuer: str
    subject: str
    linked_at: datetime = instant_field()


class DetachedProvider(SQLModel, table=True):
    """An account's owner detached a provider: no claim binds it again until he attaches it himself."""

    __tablename__ = "detached_provider"

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    issuer: str = Field(primary_key=True)
    detached_at: datetime = instant_field()


class LogoutToken(SQLModel, table=True):
    """A provider's order to end sessions, remembered until it is too old to be sent again.

    Source: OpenID Connect Back-Channel Logout 1.0 §2.6 (replay).
    """

    __tablename__ = "logout_token"

    token_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, primary_key=True))
    expires_at: datetime = instant_field(index=True)


class PageSession(SQLModel, table=True):
    """A signed-in browser; the cookie holds the token, the table its hash.

    `practitioner_id`: whose agenda a delegate chose to act on. `came_from_platform`: opened by the national
    platform's sign-in, and good for its pages only; `regulator_identifier_id` is what proved who came.
    `idle_minutes`: how long it lasts unused. `browser`: its family, for the list of one's devices. `sso_*`:
    the provider whose word opened it, who that says it is, and its own name of the session.
    """

    __tablename__ = "page_session"
    __table_args__ = (
        sa.CheckConstraint(
            "came_from_platform = (regulator_identifier_id IS NOT NULL)", name="platform_identifier"
        ),
        sa.CheckConstraint("(sso_issuer IS NULL) = (sso_subject IS NULL)", name="sso"),
        sa.Index(
            "ix_page_session__sso",
            "sso_issuer",
            "sso_subject",
            postgresql_where=sa.text("sso_issuer IS NOT NULL"),
        ),
    )

    id: UUID = id_field()
    token_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False, unique=True))
    account_id: UUID = Field(foreign_key="account.id", index=True)
    practitioner_id: UUID | None = Field(default=None, foreign_key="practitioner.id")
    came_from_platform: bool = Field(
        default=False, sa_column=sa.Column(sa.Boolean, nullable=False, server_default=sa.false())
    )
    regulator_identifier_id: UUID | None = Field(default=None, foreign_key="regulator_identifier.id")
    created_at: datetime = instant_field()
    last_seen_at: datetime = instant_field()
    expires_at: datetime = instant_field()
    ended_at: datetime | None = instant_field(nullable=True)
    idle_minutes: int | None = None
    browser: str = Field(default="", sa_column=sa.Column(sa.String, nullable=False, server_default=""))
    sso_issuer: str | None = None
    sso_subject: str | None = None
    sso_sid: str | None = None


class MagicLink(SQLModel, table=True):
    """One page without a password, for one purpose, until it is used, expires or is revoked.

    Only the hash of its secret is kept. `content`: what the page is about; never a patient. `answer`: what
    its one use did.
    """

    __tablename__ = "magic_link"
    __table_args__ = (
        sa.CheckConstraint("expires_at > created_at", name="expiry"),
        sa.CheckConstraint("(used_at IS NULL) = (answer IS NULL)", name="answered"),
    )

    id: UUID = id_field()
    secret_hash: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False, unique=True))
    purpose: LinkPurpose = enum_field(LinkPurpose, "purpose")
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    territory_ids: list[UUID] = uuids_field()
    content: list[Any] = json_field(list)
    created_at: datetime = instant_field()
    created_by: str
    expires_at: datetime = instant_field()
    used_at: datetime | None = instant_field(nullable=True)
    answer: LinkAnswer | None = enum_field(LinkAnswer, "answer", nullable=True, default=None)
    revoked_at: datetime | None = instant_field(nullable=True)


class Delegation(SQLModel, table=True):
    """A practitioner lets an account act on his agenda, until he takes it back."""

    __tablename__ = "delegation"

    id: UUID = id_field()
    account_id: UUID = Field(foreign_key="account.id", index=True)
    practitioner_id: UUID = Field(foreign_key="practitioner.id", index=True)
    granted_at: datetime = instant_field()
    granted_by: str
    revoked_at: datetime | None = instant_field(nullable=True)


class Regulator(SQLModel, table=True):
    """What the national platform says of a regulator whose account it manages (INT_R02).

    The account has no password: he comes in by the platform's sign-in alone. `sso_subject`: who the sign-in
    last said that he is. `terms_version`: the terms of use that he accepted, himself, at his first visit.
    """

    __tablename__ = "regulator"
    __table_args__ = (
        sa.CheckConstraint("(terms_version IS NULL) = (terms_accepted_at IS NULL)", name="terms"),
    )

    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    family_name: str
    given_name: str
    emails: list[str] = texts_field()
    sso_subject: str | None = None
    terms_version: str | None = None
    terms_accepted_at: datetime | None = instant_field(nullable=True)
    changed_at: datetime = instant_field()


class RegulatorIdentifier(SQLModel, table=True):
    """An identifier under which the platform names a regulator, from when he held it to when he let it go.

    One account at a time holds an identifier; released rows are kept as its history.
    """

    __tablename__ = "regulator_identifier"
    __table_args__ = (
        sa.CheckConstraint("released_at IS NULL OR released_at >= held_from", name="release"),
        sa.Index(
            "uq_regulator_identifier__held",
            "system",
            "value",
            unique=True,
            postgresql_where=sa.text("released_at IS NULL"),
        ),
    )

    id: UUID = id_field()
    account_id: UUID = Field(foreign_key="regulator.account_id", index=True)
    system: str
    value: str
    held_from: datetime = instant_field()
    released_at: datetime | None = instant_field(nullable=True)


class DoorTry(SQLModel, table=True):
    """How often an address tried at a door of late, for all processes together.

    `name`: a keyed hash of door and address.
    """

    __tablename__ = "door_try"
    __table_args__ = (sa.CheckConstraint("count >= 0 AND closed >= 0", name="counts"),)

    name: bytes = Field(sa_column=sa.Column(sa.LargeBinary, primary_key=True))
    since: datetime = instant_field(index=True)
    count: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    closed: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))


class UnknownLogin(SQLModel, table=True):
    """Failures at a login that nobody has, so that its door closes like that of one somebody has.

    `name`: a keyed hash of the login, which may be anything that somebody typed.
    """

    __tablename__ = "unknown_login"

    name: bytes = Field(sa_column=sa.Column(sa.LargeBinary, primary_key=True))
    failures: int = Field(sa_column=sa.Column(sa.Integer, nullable=False))
    locked_until: datetime | None = instant_field(nullable=True)
    last_at: datetime = instant_field(index=True)


class Pace(SQLModel, table=True):
    """How many requests a key or an address has left, as all processes told each other last.

    Not logged: after a crash of the database everybody starts afresh. `name`: a keyed hash.
    """

    __tablename__ = "pace"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    name: bytes = Field(sa_column=sa.Column(sa.LargeBinary, primary_key=True))
    level: float = Field(sa_column=sa.Column(sa.Double, nullable=False))
    at: datetime = instant_field(index=True)
