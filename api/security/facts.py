"""The words of the door: accounts, keys, sessions, regulators as others may see them. No secret is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from slots.agenda.facts import Wish
from snp.platform.actors import Actor, Role


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Somebody who will sign in on the pages; `password` None means that he cannot yet."""

    login: str
    display_name: str
    role: Role
    password: str | None = field(default=None, repr=False)
    territory_ids: tuple[UUID, ...] = ()
    organisation_id: UUID | None = None
    practitioner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account, without what proves it."""

    id: UUID
    login: str
    display_name: str
    role: Role
    territory_ids: tuple[UUID, ...]
    organisation_id: UUID | None
    practitioner_id: UUID | None
    active: bool
    locked_until: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to make. `scopes` narrows what the role may do (see `api.security.rights.Scope`); `*` is all.

    `allowed_networks`: where it may be presented from, in CIDR notation; empty means anywhere.
    """

    name: str
    role: Role
    scopes: tuple[str, ...] = ("*",)
    territory_ids: tuple[UUID, ...] = ()
    organisation_id: UUID | None = None
    practitioner_id: UUID | None = None
    expires_at: datetime | None = None
    allowed_networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as its owner may list it: its prefix, never its secret."""

    id: UUID
    prefix: str
    name: str
    role: Role
    scopes: tuple[str, ...]
    territory_ids: tuple[UUID, ...]
    organisation_id: UUID | None
    practitioner_id: UUID | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    allowed_networks: tuple[str, ...]
    rotated_at: datetime | None
    previous_until: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key on the day it is made: the only time that its `text` (`snp_<prefix>_<secret>`) is known."""

    text: str = field(repr=False)
    view: KeyView


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An open page session: the cookie's `token`, who signed in, and as whom he acts."""

    token: str = field(repr=False)
    actor: Actor
    account: AccountView
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a session opens and how long it may last: at most `lifetime`, and `idle` while nobody uses it.

    `family`: the browser's, « Firefox sur Windows »; `sso` is filled when a provider proved who came.
    """

    lifetime: timedelta
    idle: timedelta | None = None
    family: str = ""
    sso: SsoProof | None = None


@dataclass(frozen=True, slots=True)
class SsoProof:
    """What a provider's word rests on: it says that `subject` signed in; `sid` is its own session."""

    issuer: str
    subject: str
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class FactorDue:
    """Somebody proved an account once, and must prove it a second time before a session opens.

    `version`: the account's; another one (a new password) makes this void. `enrolled`: he has a second
    factor; without one he must set one up first.
    """

    account_id: UUID
    login: str
    version: int
    enrolled: bool
    sso: SsoProof | None = None


@dataclass(frozen=True, slots=True)
class DeviceView:
    """An open session as its owner may list it."""

    id: UUID
    browser: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    by_provider: str | None
    is_this_one: bool


class SignInFault(StrEnum):
    """Why a sign-in was refused. An unknown login and a wrong password are one answer."""

    WRONG = "wrong"
    LOCKED = "locked"
    INACTIVE = "inactive"
    CODE = "code"
    UNKNOWN = "unknown"
    TAKEN = "taken"
    DETACHED = "detached"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """A sign-in that failed: a value, not an exception, so that the count of failures is committed."""

    fault: SignInFault
    sentence: str
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class IdentityView:
    """A provider's identity that opens an account, as its owner may list it."""

    id: UUID
    issuer: str
    linked_at: datetime


class OwnerFault(StrEnum):
    """Why somebody signed in does not prove his account again."""

    PASSWORD = "password"  # noqa: S105 - a code
    CODE = "code"
    LOCKED = "locked"
    NOT_FRESH = "not_fresh"


class LinkFault(StrEnum):
    """Why an identity is not attached, or not detached."""

    TAKEN = "taken"
    HELD = "held"
    OTHER_PERSON = "other_person"
    LAST = "last"


class PasswordFault(StrEnum):
    """Why somebody's own password was not changed."""

    WRONG = "wrong"
    LOCKED = "locked"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class DelegationView:
    """An account may act on a practitioner's agenda until it is revoked."""

    id: UUID
    account_id: UUID
    practitioner_id: UUID
    granted_at: datetime
    granted_by: str
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, order=True)
class PlatformIdentifier:
    """How the national platform names a regulator: a value in a system, taken as it came."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class RegulatorDetails:
    """What the platform sends of a regulator, whole each time. `active`: he is habilitated.

    Names and addresses are personal data: they are stored and shown, never logged.
    """

    identifiers: tuple[PlatformIdentifier, ...]
    active: bool
    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    emails: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RegulatorView:
    """A regulator's account; a disabled one may have let its identifiers go."""

    id: UUID
    details: RegulatorDetails
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class IdentifierCriterion:
    """Whom a conditional update is about; without a system, a value matches in any.

    Source: FHIR R4, search by token.
    """

    value: str
    system: str | None = None


@dataclass(frozen=True, slots=True)
class PlatformVisit:
    """An open session that came through the platform: who, by which identifier, and whether he accepted."""

    signed_in: SignedIn
    identifier: PlatformIdentifier
    terms_version: str | None


class LinkPurpose(StrEnum):
    """The one thing that a magic link is for."""

    PUBLISH_SLOTS = "publish_slots"


class LinkAnswer(StrEnum):
    """What the one use of a magic link did."""

    PUBLISHED = "published"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class LinkView:
    """A magic link as who made it may list it: never its secret. `wishes`: the slots that it proposes."""

    id: UUID
    purpose: LinkPurpose
    practitioner_id: UUID
    territory_ids: tuple[UUID, ...]
    wishes: tuple[Wish, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime
    used_at: datetime | None
    answer: LinkAnswer | None
    revoked_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Tell whether it may still be used."""
        return self.used_at is None and self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A magic link on the day it is made: the only time that its `secret` is handed out."""

    secret: str = field(repr=False)
    view: LinkView
