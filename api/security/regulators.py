"""Regulator accounts that the national platform manages: create, replace, find. Never commits.

An identifier has one holder at a time. An active holder keeps it against anybody; a disabled one lets it go
to whoever the platform gives it to. E-mails are not unique, and no form is asked of an identifier: both are
the platform's own. Source: ANS, interoperability guide of the SAS, INT_R02.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.security import regulator_rows as rows
from api.security import repository
from api.security.errors import IdentifierHeld, SeveralRegulators
from api.security.facts import IdentifierCriterion, PlatformIdentifier, RegulatorDetails, RegulatorView
from api.security.tables import Account, Regulator
from snp.errors import NotFound
from snp.platform.actors import Role
from snp.platform.columns import new_id
from snp.platform.events import Event
from snp.platform.logs import log


def create_regulator(session: Session, details: RegulatorDetails, *, now: datetime) -> RegulatorView:
    """Open an account, or a disabled one. Raises `IdentifierHeld`."""
    rows.lock_writes(session)
    return _create(session, details, now=now)


def replace_regulator(
    session: Session, criterion: IdentifierCriterion, details: RegulatorDetails, *, now: datetime
) -> tuple[RegulatorView, bool]:
    """Replace the account that the criterion names, or create it; tell whether it was created.

    The identifiers of `details` are the new ones: those that it no longer names are let go. Raises
    `IdentifierHeld`, and `SeveralRegulators` when several active accounts match.
    """
    rows.lock_writes(session)
    found = rows.matching(session, criterion)
    if sum(account.active for _, account in found) > 1:
        raise SeveralRegulators
    if not found:
        return _create(session, details, now=now), True
    regulator, account = found[0]
    held = [PlatformIdentifier(one.system, one.value) for one in rows.held_by(session, account.id)]
    _take_from_disabled(session, details.identifiers, account.id, now=now)
    gone = [one for one in held if one not in details.identifiers]
    if gone:
        rows.release(session, account.id, gone, now)
    rows.give(session, account.id, _others(details.identifiers, held), now)
    _write(account, regulator, details, now=now)
    account.version += 1
    session.flush()
    if not account.active:
        repository.end_sessions(session, now=now, account_id=account.id)
    log(Event.REGULATOR_CHANGED, account_id=account.id)
    return _view(session, regulator, account), False


def get_regulator(session: Session, account_id: UUID) -> RegulatorView:
    """Return a regulator's account. Raises `NotFound`."""
    found = rows.regulator_by_id(session, account_id)
    if found is None:
        raise NotFound("compte de régulateur", account_id)
    return _view(session, *found)


def _create(session: Session, details: RegulatorDetails, *, now: datetime) -> RegulatorView:
    _take_from_disabled(session, details.identifiers, None, now=now)
    ident = new_id()
    account = Account(id=ident, login=f"sas-{ident}", display_name="", role=Role.REGULATEUR, created_at=now)
    regulator = Regulator(account_id=ident, family_name="", given_name="", changed_at=now)
    _write(account, regulator, details, now=now)
    rows.add_regulator(session, account, regulator)
    rows.give(session, ident, details.identifiers, now)
    log(Event.REGULATOR_CREATED, account_id=ident)
    return _view(session, regulator, account)


def _take_from_disabled(
    session: Session, wanted: Iterable[PlatformIdentifier], own: UUID | None, *, now: datetime
) -> None:
    """Free these identifiers from disabled accounts. Raises `IdentifierHeld` for an active holder's."""
    taken: dict[UUID, list[PlatformIdentifier]] = {}
    for identifier, (_, account) in rows.holders(session, wanted).items():
        if account.id == own:
            continue
        if account.active:
            raise IdentifierHeld
        taken.setdefault(account.id, []).append(identifier)
    for account_id, identifiers in taken.items():
        rows.release(session, account_id, identifiers, now)


def _others(
    wanted: Iterable[PlatformIdentifier], held: Iterable[PlatformIdentifier]
) -> list[PlatformIdentifier]:
    known = set(held)
    return [one for one in wanted if one not in known]


def _write(account: Account, regulator: Regulator, details: RegulatorDetails, *, now: datetime) -> None:
    account.active = details.active
    account.display_name = f"{details.given_name} {details.family_name}"
    regulator.family_name, regulator.given_name = details.family_name, details.given_name
    regulator.emails = list(details.emails)
    regulator.changed_at = now


def _view(session: Session, regulator: Regulator, account: Account) -> RegulatorView:
    held = rows.held_by(session, account.id)
    return RegulatorView(
        id=account.id,
        details=RegulatorDetails(
            identifiers=tuple(PlatformIdentifier(one.system, one.value) for one in held),
            active=account.active,
            family_name=regulator.family_name,
            given_name=regulator.given_name,
            emails=tuple(regulator.emails),
        ),
        changed_at=regulator.changed_at,
    )
