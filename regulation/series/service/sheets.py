"""The fiche synthétique of a series: written by its physiotherapist, sealed, finished, read under audit.

A finished sheet is never edited: to correct it is to write a new revision. Nothing of what it says is logged,
queued or kept outside its envelope.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from regulation.intake import repository as requests
from regulation.intake.service.reading import open_identities
from regulation.series import keeping, repository, sealing
from regulation.series.facts import Section, SeriesCard, SeriesEvent, SeriesView, Sheet, SheetContent
from regulation.series.refusals import NoSessionYet, SeriesNotFound, SheetNotFound
from regulation.series.rules import begun, checked_content
from regulation.series.service import acting, reading
from regulation.series.templates import sections_of, sections_to_json, shipped
from snp.errors import VersionMismatch
from snp.notifications import service as outbox
from snp.platform import audit
from snp.platform.actors import Actor, Role, system
from snp.platform.columns import new_id
from snp.platform.keys import Keys

FINISHED: Final = "physio.sheet_finished"
"""Topic of the outbox."""
RESOURCE: Final = "physio_sheet"
WHY_WRITTEN: Final = "rédaction de la fiche synthétique"
WHY_BY_PATIENT: Final = "lecture de sa fiche par le patient"
SENDER: Final = system("messages")


def sheet_to_write(session: Session, request_id: UUID, *, keys: Keys, by: Actor, now: datetime) -> Sheet:
    """The draft of a sheet, its last finished revision to be corrected, or a fresh one from the template.

    For who holds the series or stands in. Raises `SeriesNotFound`.
    """
    card = _writable(session, request_id, by)
    row = repository.last_sheet(session, request_id)
    if row is not None:
        return _opened(session, row, card.series, keys, why=WHY_WRITTEN, by=by, now=now)
    sections = _sections(session, card.series)
    assert by.practitioner is not None
    return Sheet(
        request_id=request_id,
        revision=0,
        practitioner_id=by.practitioner,
        sections=sections,
        content=SheetContent({one.code: one.text for one in sections}),
        changed_at=now,
        finished_at=None,
        version=0,
    )


def write_sheet(
    session: Session,
    request_id: UUID,
    texts: Mapping[str, str],
    *,
    email: str | None = None,
    finish: bool = False,
    version: int | None = None,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> Sheet:
    """Keep what is written of a sheet, and send it to the patient and to who brought him when it is finished.

    A finished sheet may be written after the series is closed. `version`: of the draft that was read, 0 for
    none. Raises `SeriesNotFound`, `InvalidValue` naming the section, `NoSessionYet`, `VersionMismatch`.
    """
    _writable(session, request_id, by)
    held = acting.lock(session, request_id, must_be_open=False)
    content = checked_content(texts, email, whole=finish)
    if finish and not begun(held.sessions, now):
        raise NoSessionYet
    row = repository.last_sheet(session, request_id)
    draft = row if row is not None and row.finished_at is None else None
    current = 0 if row is None else row.version
    if version is not None and version != current:
        raise VersionMismatch(f"the sheet is at version {current}")
    ident = _write(session, held.series, content, row, draft, finish=finish, keys=keys, by=by, now=now)
    action = audit.AuditAction.CREATE if draft is None else audit.AuditAction.CHANGE
    audit_sheet(session, action, ident, held.view.patient_id, WHY_WRITTEN, by=by, now=now)
    written = repository.last_sheet(session, request_id)
    assert written is not None
    if finish:
        repository.add_line(
            session,
            request_id,
            SeriesEvent.SHEET_FINISHED,
            practitioner_id=by.practitioner,
            code=str(written.revision),
            by=by,
            now=now,
        )
        payload: dict[str, object] = {"request_id": str(request_id), "revision": written.revision}
        outbox.enqueue(
            session, FINISHED, f"sheet:{request_id}", payload, now, territory_id=held.series.territory_id
        )
    return as_sheet(written, held.series, content)


def read_sheet(
    session: Session, request_id: UUID, *, keys: Keys, why: str, by: Actor, now: datetime
) -> Sheet:
    """Open a sheet: its last finished revision, or the draft for who holds the series or is offered it.

    Who brought the patient reads finished ones only. Audited. Raises `SeriesNotFound`, `SheetNotFound`.
    """
    if by.role is not Role.PRACTITIONER:
        raise SeriesNotFound(request_id)
    card = reading.get_series(session, request_id, by=by)
    view = requests.load(session, [request_id])[request_id]
    only_brought = view.practitioner_id == by.practitioner and not reading.holds(card, by)
    offered = any(
        one.to_practitioner_id == by.practitioner
        for one in repository.running_passes(session, request_ids=[request_id])
    )
    row = repository.last_sheet(session, request_id, finished=only_brought and not offered)
    if row is None:
        raise SheetNotFound(request_id)
    return _opened(session, row, card.series, keys, why=why, by=by, now=now)


def read_by_patient(
    session: Session, request_id: UUID, born_on: date, *, keys: Keys, by: Actor, now: datetime
) -> Sheet | None:
    """The finished sheet of a patient who holds the link of his appointment and says when he was born.

    None when the date is not his: the door counts such answers. Audited. Raises `SheetNotFound`.
    """
    row = repository.last_sheet(session, request_id, finished=True)
    if row is None:
        raise SheetNotFound(request_id)
    why = WHY_BY_PATIENT
    traits = open_identities(session, [request_id], keys=keys, why=why, by=by, now=now)[request_id]
    if traits.birth_date != born_on:
        return None
    series = repository.load(session, [request_id])[request_id]
    return _opened(session, row, series, keys, why=why, by=by, now=now)


def has_finished_sheet(session: Session, request_id: UUID) -> bool:
    """Whether there is something for the patient to read."""
    return request_id in repository.finished_sheets(session, [request_id])


def address_for_sheet(session: Session, request_id: UUID, *, keys: Keys, now: datetime) -> str | None:
    """Where the patient wants to be told that his sheet is ready; opened for that alone, audited."""
    row = repository.last_sheet(session, request_id, finished=True)
    if row is None:
        return None
    patient_id = requests.load(session, [request_id])[request_id].patient_id
    audit_sheet(session, audit.AuditAction.READ, row.id, patient_id, "message au patient", by=SENDER, now=now)
    return sealing.open_sheet(keys.cipher(), row.id, row.content).email


def reseal_sheets(
    session: Session, *, after: UUID | None = None, limit: int = 500, keys: Keys, by: Actor, now: datetime
) -> UUID | None:
    """Bring a batch of sheets under the current key; the last one done, None when nothing was left."""
    cipher, done = keys.cipher(), None
    for row in repository.lock_sheets(session, after=after, limit=limit):
        done = row.id
        if cipher.is_stale(row.content):
            sealed = cipher.reseal(row.content, context=sealing.sheet_context(row.id))
            repository.reseal_sheet(session, row.id, sealed)
    if done is not None:
        audit.record(
            session,
            at=now,
            actor=by,
            action=audit.AuditAction.RESEAL,
            resource=RESOURCE,
            why="rotation des clés de chiffrement",
            detail={"until": str(done)},
        )
    return done


def _write(
    session: Session,
    series: SeriesView,
    content: SheetContent,
    last: sa.Row[Any] | None,
    draft: sa.Row[Any] | None,
    *,
    finish: bool,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> UUID:
    """Write over the draft, or as a new revision."""
    ended = now if finish else None
    if draft is not None:
        sealed = sealing.seal_sheet(keys.cipher(), draft.id, content)
        changes = {"content": sealed, "changed_at": now, "finished_at": ended}
        repository.update_sheet(session, draft.id, practitioner_id=by.practitioner, **changes)
        return UUID(str(draft.id))
    ident = new_id()
    values = {
        "id": ident,
        "request_id": series.request_id,
        "revision": 1 if last is None else last.revision + 1,
        "version": 1 if last is None else last.version + 1,
        "practitioner_id": by.practitioner,
        "sections": sections_to_json(_sections(session, series), with_text=False),
        "content": sealing.seal_sheet(keys.cipher(), ident, content),
        "created_at": now,
        "changed_at": now,
        "finished_at": ended,
    }
    repository.insert_sheet(session, values)
    return ident


def _writable(session: Session, request_id: UUID, by: Actor) -> SeriesCard:
    card = reading.get_series(session, request_id, by=by)
    if by.role is not Role.PRACTITIONER or not reading.holds(card, by):
        raise SeriesNotFound(request_id)
    return card


def _sections(session: Session, series: SeriesView) -> tuple[Section, ...]:
    found = keeping.template_of(session, series.territory_id, series.indication)
    return (found or next(iter(shipped().values()))).sections


def _opened(
    session: Session, row: sa.Row[Any], series: SeriesView, keys: Keys, *, why: str, by: Actor, now: datetime
) -> Sheet:
    patient_id = requests.load(session, [series.request_id])[series.request_id].patient_id
    audit_sheet(session, audit.AuditAction.READ, row.id, patient_id, why, by=by, now=now)
    return as_sheet(row, series, sealing.open_sheet(keys.cipher(), row.id, row.content))


def as_sheet(row: sa.Row[Any], series: SeriesView, content: SheetContent) -> Sheet:
    """A row of the table and what it says, as a sheet."""
    return Sheet(
        request_id=series.request_id,
        revision=row.revision,
        practitioner_id=row.practitioner_id,
        sections=sections_of(row.sections),
        content=content,
        changed_at=row.changed_at,
        finished_at=row.finished_at,
        version=row.version,
    )


def audit_sheet(
    session: Session,
    action: audit.AuditAction,
    sheet_id: UUID,
    patient_id: UUID,
    why: str,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Add a line to the audit for a sheet."""
    audit.record(
        session,
        at=now,
        actor=by,
        action=action,
        resource=RESOURCE,
        resource_id=sheet_id,
        patient_id=patient_id,
        why=why,
    )
