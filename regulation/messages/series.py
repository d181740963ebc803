"""From what happened to a series to the messages that tell of it: identifiers only, no word of a sheet."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.messages.facts import Kind, Medium
from regulation.messages.telling import tell_carer
from regulation.series import repository as series
from regulation.series.facts import PassAnswer
from snp.notifications import service as outbox
from snp.notifications.facts import Message


def sheet_finished(session: Session, message: Message, now: datetime) -> None:
    """Tell the patient, by text and by the address he gave, and the carer who brought him."""
    request_id = UUID(str(message.payload["request_id"]))
    for medium in Medium:
        payload: dict[str, object] = {"kind": Kind.PATIENT_SHEET, "request_id": str(request_id)}
        subject = f"patient-of:{request_id}"
        outbox.enqueue(session, medium, subject, payload, now, territory_id=message.territory_id)
    view = requests.load(session, [request_id])[request_id]
    found = series.load(session, [request_id])[request_id]
    if view.practitioner_id is not None and view.practitioner_id != found.practitioner_id:
        _tell(session, Kind.PRESCRIBER_SHEET, view.practitioner_id, request_id, message=message, now=now)


def sheet_missing(session: Session, message: Message, now: datetime) -> None:
    """Ask who holds a series for its sheet, unless it was finished meanwhile."""
    request_id = UUID(str(message.payload["request_id"]))
    found = series.load(session, [request_id])[request_id]
    if found.practitioner_id is not None and request_id not in series.finished_sheets(session, [request_id]):
        _tell(session, Kind.CARER_SHEET_MISSING, found.practitioner_id, request_id, message=message, now=now)


def offered(session: Session, message: Message, now: datetime) -> None:
    """Tell a colleague that a series is offered to him, while it is."""
    offer = series.pass_by_id(session, UUID(str(message.payload["pass_id"])))
    if offer is not None and offer.answered_at is None:
        _tell(
            session,
            Kind.CARER_OFFERED_SERIES,
            offer.to_practitioner_id,
            offer.request_id,
            message=message,
            now=now,
        )


def offer_answered(session: Session, message: Message, now: datetime) -> None:
    """Tell who offered a series what his colleague answered."""
    offer = series.pass_by_id(session, UUID(str(message.payload["pass_id"])))
    if offer is not None and offer.answer in {PassAnswer.ACCEPTED, PassAnswer.DECLINED}:
        _tell(
            session,
            Kind.CARER_OFFER_ANSWERED,
            offer.from_practitioner_id,
            offer.request_id,
            message=message,
            now=now,
        )


def _tell(
    session: Session, kind: Kind, carer_id: UUID, request_id: UUID, *, message: Message, now: datetime
) -> None:
    tell_carer(
        session,
        kind,
        carer_id,
        subject=f"series-of:{carer_id}:{request_id}",
        content={"request_id": str(request_id)},
        territory_id=message.territory_id,
        now=now,
    )
