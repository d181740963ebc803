"""What a professional writes on an entry: practices asked, a reconfirmation by phone, the end of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.facts import Reason
from regulation.medecin_traitant.register import moving, places_repository, repository, rules, sealing
from regulation.medecin_traitant.register.facts import (
    CloseReason,
    Consent,
    EntryMove,
    EntryView,
    PickOutcome,
    PracticeCall,
)
from regulation.medecin_traitant.register.rules import CONSENT_VERSION
from snp.days import local_day
from snp.directory import service as directory
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.columns import new_id
from snp.platform.keys import Keys

CLOSE_LABELS: Final[dict[CloseReason, str]] = {
    CloseReason.FOUND: "a trouvé un médecin traitant par ailleurs",
    CloseReason.AGED_OUT: "n’a pas répondu aux rappels",
    CloseReason.WITHDRAWN: "s’est retiré",
    CloseReason.DUPLICATE: "inscrit deux fois",
    CloseReason.MOVED: "a quitté le territoire",
    CloseReason.DECEASED: "est décédé",
}
_OURS: Final = "Règle de la liste médecin traitant"


def record_call(
    session: Session, entry_id: UUID, typed: PracticeCall, *, keys: Keys, by: Actor, now: datetime
) -> EntryView:
    """Record what a practice answered. Raises `InvalidValue`, `NotFound`, `EntryMoved`."""
    view = moving.locked(session, entry_id, by=by)
    call = rules.checked_call(typed, local_day(now))
    if call.practitioner_id is not None:
        directory.get_practitioner(session, call.practitioner_id, now=now)
    call_id, cipher = new_id(), keys.cipher()
    practice = " ".join((call.practice or "").split())
    repository.insert_call(
        session,
        {
            "id": call_id,
            "entry_id": entry_id,
            "at": now,
            "answer": call.answer,
            "reason": call.reason,
            "practitioner_id": call.practitioner_id,
            "practice": sealing.seal_text(cipher, sealing.PRACTICE, call_id, practice),
            "note": sealing.seal_text(cipher, sealing.NOTE, call_id, (call.note or "").strip()),
            "next_call_on": call.next_call_on,
            "author": by.ident,
            "role": by.role.value,
        },
    )
    data = {"answer": call.answer.value, "reason": call.reason.value if call.reason else None}
    changes = {"next_call_on": call.next_call_on}
    return moving.move(session, view, EntryMove.PRACTICE_ASKED, changes=changes, data=data, by=by, now=now)


def reconfirm(session: Session, entry_id: UUID, *, by: Actor, now: datetime) -> EntryView:
    """Record that the person still looks for a médecin traitant, said to a professional."""
    view = moving.locked(session, entry_id, by=by)
    changes = {"reconfirmed_at": now, "asked_at": None, "asked_count": 0, "next_call_on": None}
    return moving.move(session, view, EntryMove.RECONFIRM, changes=changes, by=by, now=now)


def close_entry(
    session: Session, entry_id: UUID, reason: CloseReason, *, by: Actor, now: datetime
) -> EntryView:
    """Take an entry off the list. `withdrawn` erases at once; the rest keeps the identity a while."""
    view = moving.locked(session, entry_id, by=by)
    if reason is CloseReason.WITHDRAWN:
        return withdraw_locked(session, view, by=by, now=now)
    return close_locked(session, view, reason, by=by, now=now)


def close_locked(
    session: Session, view: EntryView, reason: CloseReason, *, by: Actor, now: datetime
) -> EntryView:
    """Close a locked entry; a pick that runs ends with it."""
    told = Reason(reason.value, f"Clos : {CLOSE_LABELS[reason]}.", _OURS)
    changes = {"close_reason": reason, "closed_at": now, "next_call_on": None}
    closed = moving.move(session, view, EntryMove.CLOSE, changes=changes, reasons=(told,), by=by, now=now)
    pick = places_repository.running_pick(session, view.id)
    if pick is not None:
        values = {"outcome": PickOutcome.ENTRY_CLOSED, "ended_at": now}
        places_repository.update_pick(session, pick.id, values)
    return closed


def withdraw_locked(session: Session, view: EntryView, *, by: Actor, now: datetime) -> EntryView:
    """Take consent back on a locked entry: it is closed and erased in one.

    Source: RGPD art. 7(3) (withdrawing is as easy as giving) and 17(1)b.
    """
    repository.insert_consent(session, view.id, Consent(CONSENT_VERSION), given=False, by=by, now=now)
    closed = close_locked(session, view, CloseReason.WITHDRAWN, by=by, now=now)
    return erase_locked(session, closed, by=by, now=now)


def erase_locked(session: Session, view: EntryView, *, by: Actor, now: datetime) -> EntryView:
    """Empty an entry of everything that tells of a person; instants and outcomes stay for the figures."""
    gone = ("identity", "email", "person_hash", "phone_hash", "email_hash", "insee", "birth_year", "medium")
    changes = {
        **dict.fromkeys(gone),
        "request_id": None,
        "pregnant_until": None,
        "discharged_on": None,
        "ald": False,
        "housebound": False,
        "erased_at": now,
    }
    repository.erase_calls(session, view.id)
    erased = moving.move(session, view, EntryMove.ERASE, changes=changes, by=by, now=now)
    why = "effacement d’une inscription terminée"
    moving.record_audit(session, audit.AuditAction.CHANGE, view.id, why=why, by=by, now=now)
    return erased
