"""The use cases of an emergency access: open, read, list, forget in time. All audited; never commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from regulation.emergency import repository
from regulation.emergency.facts import EmergencyAccess, EmergencyRecord
from regulation.emergency.refusals import EmergencyNotNeeded, EmergencyOver
from regulation.emergency.rules import checked_reason
from regulation.intake import service as intake
from regulation.intake.facts import RequestView
from regulation.intake.rules import may_see_view
from regulation.intake.service.reading import open_identities
from regulation.messages import service as messages
from snp.directory import service as directory
from snp.directory.facts import Page
from snp.directory.paging import decode_cursor, encode_cursor
from snp.errors import Forbidden, InvalidValue, NotFound
from snp.platform import audit, near
from snp.platform.actors import Actor, Role, system
from snp.platform.columns import new_id
from snp.platform.events import Event
from snp.platform.keys import Keys
from snp.platform.logs import log

MAY: Final = frozenset({Role.OSNP, Role.REGULATEUR})
_GLASS: Final = system("emergency")
"""Under this name a dossier is found whatever its territory; nobody else's name does that."""


def open_dossier(
    session: Session, number: str, *, reason: str, lasts: timedelta, by: Actor, now: datetime
) -> EmergencyAccess:
    """Open the dossier of a number for a time, and tell its territory at once; audited with the reason.

    Who has it open already gets the same access: nothing is told twice. Raises `InvalidValue` (reason),
    `Forbidden` (role), `NotFound` (number), `EmergencyNotNeeded` for a dossier of his own territory.
    """
    if by.role not in MAY:
        raise Forbidden(f"a {by.role.value} opens no dossier in an emergency")
    why = checked_reason(reason)
    with near.unbound(session):
        view = intake.request_of_number(session, number.strip(), by=_GLASS, now=now)
    if may_see_view(by, view):
        raise EmergencyNotNeeded
    with near.reaching(session, [view.territory_id]):
        return repository.running(session, view.id, by.ident, now) or _open(
            session, view, why, lasts, by=by, now=now
        )


def _open(
    session: Session, view: RequestView, why: str, lasts: timedelta, *, by: Actor, now: datetime
) -> EmergencyAccess:
    """Write the access, tell the journal and the dossier's territory."""
    access = EmergencyAccess(
        id=new_id(),
        request_id=view.id,
        territory_id=view.territory_id,
        number=view.number,
        opened_by=by.ident,
        role=by.role,
        reason=why,
        opened_at=now,
        expires_at=now + lasts,
    )
    repository.insert(session, _values(access))
    _tell_audit(session, access, view, by=by, now=now)
    territory = directory.get_territory(session, view.territory_id)
    messages.queue_emergency(session, territory, access.id, access.opened_at, access.role, now=now)
    log(Event.EMERGENCY_OPENED, access_id=access.id, request_id=view.id, territory_id=view.territory_id)
    return access


def read(session: Session, access_id: UUID, *, keys: Keys, by: Actor, now: datetime) -> EmergencyRecord:
    """Read identity and story of a dossier that the actor opened; audited each time.

    Raises `NotFound` for an access of somebody else, `EmergencyOver` once its time is over.
    """
    with near.unbound(session):
        access = repository.get(session, access_id)
    if access is None or access.opened_by != by.ident or by.role not in MAY:
        raise NotFound("accès d’urgence", access_id)
    if now >= access.expires_at:
        raise EmergencyOver
    with near.reaching(session, [access.territory_id]):
        view = intake.get_request(session, access.request_id, by=_GLASS, now=now)
        traits = open_identities(
            session,
            [view.id],
            keys=keys,
            why=access.reason,
            action=audit.AuditAction.EMERGENCY,
            by=by,
            now=now,
        )[view.id]
        return EmergencyRecord(access, view, traits, intake.story(session, view.id, by=_GLASS, now=now))


def list_accesses(
    session: Session, territories: Collection[UUID] | None, *, cursor: str | None = None, limit: int = 50
) -> Page[EmergencyAccess]:
    """The accesses to dossiers of these territories, newest first; None: of all."""
    found = repository.newest(session, territories, after=_after(cursor), limit=limit + 1)
    shown = tuple(found[:limit])
    if len(found) <= limit:
        return Page(shown)
    return Page(shown, encode_cursor([shown[-1].opened_at.isoformat(), str(shown[-1].id)]))


def forget_older(session: Session, before: datetime) -> int:
    """Delete the accesses opened before an instant, as the journal's lines are; how many."""
    return repository.delete_older(session, before)


def _after(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    opened_at, ident = decode_cursor(cursor, length=2)
    try:
        return datetime.fromisoformat(opened_at), UUID(ident)
    except ValueError as error:
        raise InvalidValue("cursor", "ce curseur n’a pas été donné par cette liste") from error


def _values(access: EmergencyAccess) -> dict[str, Any]:
    return {
        "id": access.id,
        "request_id": access.request_id,
        "territory_id": access.territory_id,
        "opened_by": access.opened_by,
        "role": access.role.value,
        "reason": access.reason,
        "opened_at": access.opened_at,
        "expires_at": access.expires_at,
    }


def _tell_audit(
    session: Session, access: EmergencyAccess, view: RequestView, *, by: Actor, now: datetime
) -> None:
    audit.record(
        session,
        at=now,
        actor=by,
        action=audit.AuditAction.EMERGENCY,
        resource="request",
        resource_id=view.id,
        patient_id=view.patient_id,
        why=access.reason,
        detail={"access_id": str(access.id)},
    )
