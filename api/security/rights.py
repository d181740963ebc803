"""The one table of rights: role × action → over what. Every route names its action; nothing else decides.

Two answers to « no »: a role that never may is refused (`Forbidden`, 403); a thing out of reach is not found
(`NotFound`, 404), so that nobody learns what exists next door. A *new* thing that names a territory,
organisation or practitioner out of reach is refused (`OutOfReach`, 403): the directory is public to those
who signed in. A regulator who came through the national platform does what `OF_THE_PLATFORM` lists and
nothing else; nobody else does that. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never
from uuid import UUID

from api.security.errors import OutOfReach, ScopeMissing
from snp.errors import Forbidden, NotFound
from snp.platform.actors import Actor, Role


class Reach(StrEnum):
    """Over what a right holds.

    `all`: everything; `territory`: what belongs to one of the actor's territories; `own`: his agenda and
    patients, and what he brought himself (practitioner, delegate), his organisation's bookings (desk), what
    his code opens (patient).
    """

    ALL = "all"
    TERRITORY = "territory"
    OWN = "own"


class Scope(StrEnum):
    """What a key may be narrowed to; `*` on a key means every scope."""

    DIRECTORY_READ = "directory:read"
    DIRECTORY_WRITE = "directory:write"
    AGENDA_READ = "agenda:read"
    AGENDA_WRITE = "agenda:write"
    REQUESTS_READ = "requests:read"
    REQUESTS_WRITE = "requests:write"
    PATIENTS_READ = "patients:read"
    APPOINTMENTS_READ = "appointments:read"
    APPOINTMENTS_WRITE = "appointments:write"
    DESK = "desk"
    POOL = "pool"
    COMPENSATION = "compensation"
    INDICATORS_READ = "indicators:read"
    INDICATORS_WRITE = "indicators:write"
    ADMIN = "admin"
    PROTECTION = "protection"
    EMERGENCY = "emergency"


class Action(StrEnum):
    """What a route does. The list is closed; a test walks the routes and every role against it."""

    DIRECTORY_READ = "directory.read"
    TERRITORY_WRITE = "territory.write"
    ORGANISATION_WRITE = "organisation.write"
    SITE_WRITE = "site.write"
    PRACTITIONER_CREATE = "practitioner.create"
    PRACTITIONER_WRITE = "practitioner.write"
    PREFERENCES_WRITE = "preferences.write"
    MEMBERSHIP_WRITE = "membership.write"
    AGENDA_READ = "agenda.read"
    AGENDA_WRITE = "agenda.write"
    REQUEST_OPEN = "request.open"
    REQUEST_READ = "request.read"
    PATIENT_READ = "patient.read"
    REQUEST_CHECK_MT = "request.check_mt"
    REQUEST_RESUME = "request.resume"
    REQUEST_ESTIMATE = "request.estimate"
    REQUEST_DECIDE = "request.decide"
    REQUEST_STOP = "request.stop"
    REQUEST_CANCEL = "request.cancel"
    REQUEST_CORRECT = "request.correct"
    REQUEST_PROPOSE = "request.propose"
    REQUEST_PROMISE = "request.promise"
    HOLD = "hold"
    CONFIRM = "confirm"
    APPOINTMENT_READ = "appointment.read"
    APPOINTMENT_CANCEL = "appointment.cancel"
    APPOINTMENT_MOVE = "appointment.move"
    APPOINTMENT_OUTCOME = "appointment.outcome"
    APPOINTMENT_BY_CODE = "appointment.by_code"
    DESK_READ = "desk.read"
    DESK_ASSESS = "desk.assess"
    DESK_REQUEST = "desk.request"
    PROFESSIONALS_REQUEST = "professionals.request"
    POOL_ASSIGN = "pool.assign"
    POOL_READ = "pool.read"
    OUTBOX_READ = "outbox.read"
    OUTBOX_REPLAY = "outbox.replay"
    FAIRNESS_READ = "fairness.read"
    SHARING_READ = "sharing.read"
    SHARING_WRITE = "sharing.write"
    STATEMENT_READ = "statement.read"
    ACT_MARK = "act.mark"
    COMPENSATION_READ = "compensation.read"
    COMPENSATION_WRITE = "compensation.write"
    COVERAGE_READ = "coverage.read"
    SLOT_CALL = "slot_call"
    INDICATOR_READ = "indicator.read"
    INDICATOR_WRITE = "indicator.write"
    ACCOUNT_ADMIN = "account.admin"
    KEY_ADMIN = "key.admin"
    LINK_ADMIN = "link.admin"
    DELEGATION_READ = "delegation.read"
    DELEGATION_WRITE = "delegation.write"
    SERIES_READ = "series.read"
    SERIES_WRITE = "series.write"
    SHEET_READ = "sheet.read"
    SHEET_WRITE = "sheet.write"
    PHYSIO_TEMPLATE_READ = "physio_template.read"
    PHYSIO_TEMPLATE_WRITE = "physio_template.write"
    RELAY_WRITE = "relay.write"
    SAS_READ = "sas.read"
    SAS_ACCOUNTS = "sas.accounts"
    SAS_BOOK = "sas.book"
    MT_ADD = "mt_list.add"
    MT_READ = "mt_list.read"
    MT_PERSON_READ = "mt_list.person"
    MT_FOLLOW = "mt_list.follow"
    MT_PLACES = "mt_list.places"
    MT_PICK = "mt_list.pick"
    MT_PICKED_READ = "mt_list.picked"
    MT_FIGURES = "mt_list.figures"
    MT_SETTINGS = "mt_list.settings"
    MT_BY_LINK = "mt_list.by_link"
    ROTA_READ = "rota.read"
    ROTA_WRITE = "rota.write"
    ROTA_TAKE_PART = "rota.take_part"
    LIVE_READ = "live.read"
    AUDIT_READ = "audit.read"
    EMERGENCY_OPEN = "emergency.open"
    EMERGENCY_READ = "emergency.read"
    PERSON_READ = "person.read"
    PERSON_WRITE = "person.write"
    SELF = "self"


_EVERYBODY: Final = tuple(role for role in Role if role not in {Role.PATIENT, Role.SYSTEM})
_A, _T, _O = Reach.ALL, Reach.TERRITORY, Reach.OWN
_ADMIN: Final = {Role.ADMINISTRATOR: _A}
_COORDINATION: Final = {Role.COORDINATOR: _T, Role.ADMINISTRATOR: _A}
_AGENDA: Final = {Role.PRACTITIONER: _O, Role.DELEGATE: _O}
_DESKS: Final = {Role.PHARMACY: _O, Role.NURSE_PRACTICE: _O}
_REGULATION: Final = {Role.ARM: _T, Role.OSNP: _T, Role.REGULATEUR: _T}
_BOOKERS: Final = {Role.OSNP: _T, Role.REGULATEUR: _T, **_DESKS, **_AGENDA}
_CARER: Final = {Role.PRACTITIONER: _O}

RIGHTS: Final[Mapping[Action, Mapping[Role, Reach]]] = {
    Action.SELF: dict.fromkeys(_EVERYBODY, _O),
    Action.LIVE_READ: {**dict.fromkeys(_EVERYBODY, _T), **_ADMIN},
    Action.DIRECTORY_READ: dict.fromkeys(_EVERYBODY, _A),
    Action.TERRITORY_WRITE: _COORDINATION,
    Action.ORGANISATION_WRITE: _COORDINATION,
    Action.SITE_WRITE: _COORDINATION,
    Action.PRACTITIONER_CREATE: _COORDINATION,
    Action.PRACTITIONER_WRITE: _COORDINATION,
    Action.PREFERENCES_WRITE: {**_AGENDA, **_ADMIN},
    Action.MEMBERSHIP_WRITE: _COORDINATION,
    Action.AGENDA_READ: {**_AGENDA, **_REGULATION, **_COORDINATION},
    Action.AGENDA_WRITE: {**_AGENDA, **_COORDINATION},
    Action.REQUEST_OPEN: _REGULATION,
    Action.REQUEST_READ: {**_REGULATION, **_DESKS, **_AGENDA, **_COORDINATION},
    Action.PATIENT_READ: {**_REGULATION, **_DESKS, **_AGENDA},
    Action.REQUEST_CHECK_MT: _REGULATION,
    Action.REQUEST_RESUME: _REGULATION,
    Action.REQUEST_ESTIMATE: {Role.OSNP: _T, Role.REGULATEUR: _T},
    Action.REQUEST_DECIDE: {Role.REGULATEUR: _T},
    Action.REQUEST_STOP: _REGULATION,
    Action.REQUEST_CANCEL: {**_REGULATION, **_DESKS, **_AGENDA},
    Action.REQUEST_CORRECT: _REGULATION,
    Action.REQUEST_PROPOSE: _BOOKERS,
    Action.REQUEST_PROMISE: _BOOKERS,
    Action.HOLD: _BOOKERS,
    Action.CONFIRM: _BOOKERS,
    Action.APPOINTMENT_READ: {**_REGULATION, **_DESKS, **_AGENDA, **_COORDINATION},
    Action.APPOINTMENT_CANCEL: {Role.OSNP: _T, Role.REGULATEUR: _T, **_DESKS, **_AGENDA},
    Action.APPOINTMENT_MOVE: {Role.OSNP: _T, Role.REGULATEUR: _T, **_DESKS, **_AGENDA},
    Action.APPOINTMENT_OUTCOME: {Role.OSNP: _T, Role.REGULATEUR: _T, **_AGENDA},
    Action.APPOINTMENT_BY_CODE: {Role.PATIENT: _O},
    Action.DESK_READ: {**_DESKS, **_REGULATION, Role.PRACTITIONER: _O, **_COORDINATION},
    Action.DESK_ASSESS: _DESKS,
    Action.DESK_REQUEST: _DESKS,
    Action.PROFESSIONALS_REQUEST: _AGENDA,
    Action.SERIES_READ: _AGENDA,
    Action.SERIES_WRITE: _AGENDA,
    Action.SHEET_READ: _CARER,
    Action.SHEET_WRITE: _CARER,
    Action.PHYSIO_TEMPLATE_READ: {**_CARER, **_COORDINATION},
    Action.PHYSIO_TEMPLATE_WRITE: {**_CARER, **_COORDINATION},
    Action.RELAY_WRITE: {**_AGENDA, **_COORDINATION},
    Action.POOL_ASSIGN: {Role.OSNP: _T, Role.REGULATEUR: _T, **_ADMIN},
    Action.POOL_READ: {**_REGULATION, **_COORDINATION},
    Action.OUTBOX_READ: _COORDINATION,
    Action.OUTBOX_REPLAY: _COORDINATION,
    Action.FAIRNESS_READ: _COORDINATION,
    Action.SHARING_READ: _COORDINATION,
    Action.SHARING_WRITE: _COORDINATION,
    Action.STATEMENT_READ: {Role.PRACTITIONER: _O},
    Action.ACT_MARK: {Role.PRACTITIONER: _O},
    Action.COMPENSATION_READ: _COORDINATION,
    Action.COMPENSATION_WRITE: _COORDINATION,
    Action.COVERAGE_READ: {**_REGULATION, **_COORDINATION},
    Action.SLOT_CALL: _COORDINATION,
    Action.INDICATOR_READ: _COORDINATION,
    Action.INDICATOR_WRITE: _COORDINATION,
    Action.ACCOUNT_ADMIN: _COORDINATION,
    Action.KEY_ADMIN: _COORDINATION,
    Action.LINK_ADMIN: {Role.OSNP: _T, Role.REGULATEUR: _T, **_COORDINATION},
    Action.DELEGATION_READ: {Role.PRACTITIONER: _O, **_COORDINATION},
    Action.DELEGATION_WRITE: {Role.PRACTITIONER: _O, **_ADMIN},
    Action.AUDIT_READ: {Role.DPO: _T, **_ADMIN},
    Action.EMERGENCY_OPEN: {Role.OSNP: _A, Role.REGULATEUR: _A},
    Action.EMERGENCY_READ: {Role.DPO: _T},
    Action.PERSON_READ: {Role.DPO: _T},
    Action.PERSON_WRITE: {Role.DPO: _T},
    Action.MT_ADD: {**_REGULATION, **_DESKS},
    Action.MT_READ: {**_REGULATION, **_DESKS},
    Action.MT_PERSON_READ: {**_REGULATION, **_DESKS},
    Action.MT_FOLLOW: {**_REGULATION, **_DESKS},
    Action.MT_PLACES: _AGENDA,
    Action.MT_PICK: _AGENDA,
    Action.MT_PICKED_READ: _AGENDA,
    Action.MT_FIGURES: {**_REGULATION, **_COORDINATION},
    Action.MT_SETTINGS: _COORDINATION,
    Action.MT_BY_LINK: {Role.PATIENT: _O},
    Action.ROTA_READ: {**_AGENDA, **_COORDINATION},
    Action.ROTA_WRITE: _COORDINATION,
    Action.ROTA_TAKE_PART: _AGENDA,
    Action.SAS_READ: {Role.SYSTEM: _A},
    Action.SAS_ACCOUNTS: {Role.SYSTEM: _A},
    Action.SAS_BOOK: {Role.REGULATEUR: _T},
}

OF_THE_PLATFORM: Final = frozenset({Action.SAS_BOOK})
"""What a session that came through the national platform is good for; no other session, nor any key, is.

Source: ANS, interoperability guide of the SAS, INT_R02 and INT_SSO: a level of authorisation that is usable
only when the session comes from the platform.
"""

SCOPES: Final[Mapping[Action, Scope | None]] = {
    Action.SELF: None,
    Action.LIVE_READ: None,
    Action.DIRECTORY_READ: Scope.DIRECTORY_READ,
    Action.TERRITORY_WRITE: Scope.DIRECTORY_WRITE,
    Action.ORGANISATION_WRITE: Scope.DIRECTORY_WRITE,
    Action.SITE_WRITE: Scope.DIRECTORY_WRITE,
    Action.PRACTITIONER_CREATE: Scope.DIRECTORY_WRITE,
    Action.PRACTITIONER_WRITE: Scope.DIRECTORY_WRITE,
    Action.PREFERENCES_WRITE: Scope.DIRECTORY_WRITE,
    Action.MEMBERSHIP_WRITE: Scope.DIRECTORY_WRITE,
    Action.AGENDA_READ: Scope.AGENDA_READ,
    Action.AGENDA_WRITE: Scope.AGENDA_WRITE,
    Action.REQUEST_OPEN: Scope.REQUESTS_WRITE,
    Action.REQUEST_READ: Scope.REQUESTS_READ,
    Action.PATIENT_READ: Scope.PATIENTS_READ,
    Action.REQUEST_CHECK_MT: Scope.REQUESTS_WRITE,
    Action.REQUEST_RESUME: Scope.REQUESTS_WRITE,
    Action.REQUEST_ESTIMATE: Scope.REQUESTS_WRITE,
    Action.REQUEST_DECIDE: Scope.REQUESTS_WRITE,
    Action.REQUEST_STOP: Scope.REQUESTS_WRITE,
    Action.REQUEST_CANCEL: Scope.REQUESTS_WRITE,
    Action.REQUEST_CORRECT: Scope.REQUESTS_WRITE,
    Action.REQUEST_PROPOSE: Scope.REQUESTS_WRITE,
    Action.REQUEST_PROMISE: Scope.REQUESTS_WRITE,
    Action.HOLD: Scope.APPOINTMENTS_WRITE,
    Action.CONFIRM: Scope.APPOINTMENTS_WRITE,
    Action.APPOINTMENT_READ: Scope.APPOINTMENTS_READ,
    Action.APPOINTMENT_CANCEL: Scope.APPOINTMENTS_WRITE,
    Action.APPOINTMENT_MOVE: Scope.APPOINTMENTS_WRITE,
    Action.APPOINTMENT_OUTCOME: Scope.APPOINTMENTS_WRITE,
    Action.APPOINTMENT_BY_CODE: None,
    Action.DESK_READ: Scope.DESK,
    Action.DESK_ASSESS: Scope.DESK,
    Action.DESK_REQUEST: Scope.DESK,
    Action.PROFESSIONALS_REQUEST: Scope.DESK,
    Action.SERIES_READ: Scope.APPOINTMENTS_READ,
    Action.SERIES_WRITE: Scope.APPOINTMENTS_WRITE,
    Action.SHEET_READ: Scope.PATIENTS_READ,
    Action.SHEET_WRITE: Scope.PATIENTS_READ,
    Action.PHYSIO_TEMPLATE_READ: Scope.AGENDA_READ,
    Action.PHYSIO_TEMPLATE_WRITE: Scope.AGENDA_WRITE,
    Action.RELAY_WRITE: Scope.AGENDA_WRITE,
    Action.POOL_ASSIGN: Scope.POOL,
    Action.POOL_READ: Scope.POOL,
    Action.OUTBOX_READ: Scope.ADMIN,
    Action.OUTBOX_REPLAY: Scope.ADMIN,
    Action.FAIRNESS_READ: Scope.POOL,
    Action.SHARING_READ: Scope.POOL,
    Action.SHARING_WRITE: Scope.DIRECTORY_WRITE,
    Action.STATEMENT_READ: Scope.COMPENSATION,
    Action.ACT_MARK: Scope.COMPENSATION,
    Action.COMPENSATION_READ: Scope.COMPENSATION,
    Action.COMPENSATION_WRITE: Scope.COMPENSATION,
    Action.COVERAGE_READ: Scope.POOL,
    Action.SLOT_CALL: Scope.AGENDA_WRITE,
    Action.INDICATOR_READ: Scope.INDICATORS_READ,
    Action.INDICATOR_WRITE: Scope.INDICATORS_WRITE,
    Action.ACCOUNT_ADMIN: Scope.ADMIN,
    Action.KEY_ADMIN: Scope.ADMIN,
    Action.LINK_ADMIN: Scope.AGENDA_WRITE,
    Action.DELEGATION_READ: Scope.ADMIN,
    Action.DELEGATION_WRITE: Scope.ADMIN,
    Action.AUDIT_READ: Scope.PROTECTION,
    Action.EMERGENCY_OPEN: Scope.EMERGENCY,
    Action.EMERGENCY_READ: Scope.PROTECTION,
    Action.PERSON_READ: Scope.PROTECTION,
    Action.PERSON_WRITE: Scope.PROTECTION,
    Action.MT_ADD: Scope.REQUESTS_WRITE,
    Action.MT_READ: Scope.REQUESTS_READ,
    Action.MT_PERSON_READ: Scope.PATIENTS_READ,
    Action.MT_FOLLOW: Scope.REQUESTS_WRITE,
    Action.MT_PLACES: Scope.AGENDA_WRITE,
    Action.MT_PICK: Scope.AGENDA_WRITE,
    Action.MT_PICKED_READ: Scope.PATIENTS_READ,
    Action.MT_FIGURES: Scope.POOL,
    Action.MT_SETTINGS: Scope.DIRECTORY_WRITE,
    Action.MT_BY_LINK: None,
    Action.ROTA_READ: Scope.AGENDA_READ,
    Action.ROTA_WRITE: Scope.AGENDA_WRITE,
    Action.ROTA_TAKE_PART: Scope.AGENDA_WRITE,
    Action.SAS_READ: None,
    Action.SAS_ACCOUNTS: None,
    Action.SAS_BOOK: None,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a thing belongs to; judged against an actor's reach. `what` and `ident` name it in a refusal."""

    what: str
    ident: object = ""
    territories: frozenset[UUID] = frozenset()
    organisation: UUID | None = None
    practitioners: frozenset[UUID] = frozenset()
    author: str | None = None


def reach_of(actor: Actor, action: Action) -> Reach:
    """Return over what the actor may do this. Raises `Forbidden` (role) or `ScopeMissing` (key)."""
    if actor.role is Role.SYSTEM:
        return Reach.ALL
    reach = RIGHTS[action].get(actor.role)
    if reach is None or actor.from_platform != (action in OF_THE_PLATFORM):
        raise Forbidden(f"{actor.role} may not {action}", action=action.value)
    scope = SCOPES[action]
    if scope is not None and actor.scopes and not actor.scopes & {"*", scope.value}:
        raise ScopeMissing(scope.value)
    return reach


def within(actor: Actor, reach: Reach, subject: Subject) -> bool:
    """Tell whether a thing lies within reach. A thing without an owner is nobody's own."""
    match reach:
        case Reach.ALL:
            return True
        case Reach.TERRITORY:
            return not actor.territories.isdisjoint(subject.territories)
        case Reach.OWN:
            mine = actor.practitioner is not None and actor.practitioner in subject.practitioners
            ours = actor.organisation is not None and actor.organisation == subject.organisation
            return mine or ours or actor.ident == subject.author
        case _:
            assert_never(reach)


def check_existing(actor: Actor, action: Action, subject: Subject) -> None:
    """Refuse a thing out of reach as if it did not exist. Raises `Forbidden` or `NotFound`."""
    if not within(actor, reach_of(actor, action), subject):
        raise NotFound(subject.what, subject.ident)


def check_new(actor: Actor, action: Action, subject: Subject) -> None:
    """Refuse to make a thing for somebody out of reach. Raises `Forbidden` or `OutOfReach`."""
    if not within(actor, reach_of(actor, action), subject):
        raise OutOfReach(f"{subject.what} out of reach")


def check_named(actor: Actor, action: Action, territories: AbstractSet[UUID]) -> None:
    """Refuse to add or remove a territory that is not the actor's. Raises `Forbidden` or `OutOfReach`."""
    if reach_of(actor, action) is Reach.TERRITORY and not territories <= actor.territories:
        raise OutOfReach("territory out of reach")


def narrowed(
    actor: Actor, action: Action, *, territory: UUID | None = None, practitioner: UUID | None = None
) -> tuple[frozenset[UUID] | None, frozenset[UUID] | None]:
    """Return the territories and practitioners that a listing is narrowed to; None: not narrowed.

    What the reader asks for narrows further. Raises `Forbidden`, and `OutOfReach` for what is not his.
    """
    territories = frozenset({territory}) if territory else None
    practitioners = frozenset({practitioner}) if practitioner else None
    match reach_of(actor, action):
        case Reach.ALL:
            return territories, practitioners
        case Reach.TERRITORY:
            if territories is not None and not territories <= actor.territories:
                raise OutOfReach("territory out of reach")
            return territories or actor.territories, practitioners
        case Reach.OWN:
            if actor.practitioner is None or practitioner not in {None, actor.practitioner}:
                raise OutOfReach("practitioner out of reach")
            return territories, frozenset({actor.practitioner})
        case _ as unknown:
            assert_never(unknown)


def unknown_scopes(scopes: Iterable[str]) -> list[str]:
    """Return the scopes that do not exist, in order."""
    known = {"*", *(scope.value for scope in Scope)}
    return sorted(set(scopes) - known)
