"""Rights asked for by the link of an appointment, and what the delegate has answered. Never commits.

Source: RGPD art. 12(2) (the exercise of rights is made easy), 12(3) (within one month), 15, 16 and 17.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from dateutil.relativedelta import relativedelta
from sqlmodel import Session

from api.persons import asked_rows as rows
from api.persons.facts import AskedView, PersonRight
from api.persons.kept import RECENT_ASKED
from regulation.intake import repository as requests
from regulation.messages import service as messages
from snp.directory import service as directory
from snp.errors import NotFound
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.audit import AuditAction

WORDS: Final = {
    PersonRight.ACCESS: "accès",
    PersonRight.RECTIFY: "rectification",
    PersonRight.ERASE: "effacement",
}


def due_on(asked_at: datetime) -> datetime:
    """Return when an answer is due: one month later. Source: RGPD art. 12(3)."""
    return asked_at + relativedelta(months=1)


def ask_right(session: Session, request_id: UUID, right: PersonRight, *, by: Actor, now: datetime) -> bool:
    """Note that the patient of a request asks for a right, and tell its delegate; audited.

    False while the same is already asked for: nothing is told twice.
    """
    view = requests.load(session, [request_id])[request_id]
    ask_id = rows.insert(
        session,
        {
            "territory_id": view.territory_id,
            "patient_id": view.patient_id,
            "request_id": request_id,
            "wanted": right,
            "asked_at": now,
        },
    )
    if ask_id is None:
        return False
    _audit(
        session, ask_id, view.patient_id, AuditAction.CREATE, f"demande du patient : {WORDS[right]}", by, now
    )
    territory = directory.get_territory(session, view.territory_id)
    messages.queue_right_asked(session, territory, ask_id, now=now)
    return True


def asked_by_link(session: Session, request_id: UUID) -> tuple[AskedView, ...]:
    """Return what was asked for by the links of a request, the last one first; who holds one asked it."""
    return rows.of_request(session, request_id, limit=RECENT_ASKED)


def list_asked(
    session: Session, territories: Collection[UUID] | None, *, skip: int = 0, limit: int
) -> tuple[AskedView, ...]:
    """Return what is asked for in these territories: what waits, the oldest first; then the answered."""
    return rows.listed(session, territories, skip=skip, limit=limit)


def answer(
    session: Session, ask_id: UUID, territories: Collection[UUID] | None, *, by: Actor, now: datetime
) -> bool:
    """Note that somebody was answered; False when that was done before. Audited. Raises `NotFound`."""
    found = rows.get(session, ask_id, lock=True)
    if found is None or (territories is not None and found.territory_id not in territories):
        raise NotFound("demande", ask_id)
    if found.answered_at is not None:
        return False
    found.answered_at, found.answered_by = now, by.ident
    _audit(session, ask_id, found.patient_id, AuditAction.CHANGE, "demande d’un patient : répondue", by, now)
    return True


def forget_older(session: Session, before: datetime) -> int:
    """Delete what was answered before an instant; how many."""
    return rows.delete_answered(session, before)


def _audit(  # noqa: PLR0917 - one line of the journal
    session: Session,
    ask_id: UUID,
    patient_id: UUID,
    action: AuditAction,
    why: str,
    by: Actor,
    now: datetime,
) -> None:
    audit.record(
        session,
        at=now,
        actor=by,
        action=action,
        resource="right_asked",
        resource_id=ask_id,
        patient_id=patient_id,
        why=why,
    )
