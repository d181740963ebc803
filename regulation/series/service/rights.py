"""A person's rights over his series: all of them told with every sheet opened, or their sheets emptied.

Whose requests they are, and who may ask, is checked by the caller.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from regulation.series import repository, sealing
from regulation.series.facts import SeriesView, Sheet, SheetContent
from regulation.series.service.sheets import as_sheet, audit_sheet
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.keys import Keys


def series_of_person(
    session: Session,
    patient_id: UUID,
    request_ids: Collection[UUID],
    *,
    keys: Keys,
    why: str,
    by: Actor,
    now: datetime,
) -> list[tuple[SeriesView, Sequence[Sheet]]]:
    """The series of these requests with every revision of their sheets; audited. Source: RGPD art. 15."""
    found = repository.load(session, request_ids)
    sheets: dict[UUID, list[Sheet]] = {request_id: [] for request_id in found}
    cipher = keys.cipher()
    for row in repository.sheets_of(session, list(found)):
        audit_sheet(session, audit.AuditAction.READ, row.id, patient_id, why, by=by, now=now)
        content = sealing.open_sheet(cipher, row.id, row.content)
        sheets[row.request_id].append(as_sheet(row, found[row.request_id], content))
    return [(found[request_id], sheets[request_id]) for request_id in sorted(found)]


def forget_sheets(
    session: Session,
    patient_id: UUID,
    request_ids: Collection[UUID],
    *,
    keys: Keys,
    why: str,
    by: Actor,
    now: datetime,
) -> int:
    """Empty every revision of the sheets of these series; how many. The rows stay, to be counted.

    Source: RGPD art. 5(1)(e) and 17; a sheet is health data in free text and holds the patient's e-mail.
    """
    cipher, rows = keys.cipher(), repository.sheets_of(session, request_ids)
    for row in rows:
        repository.reseal_sheet(session, row.id, sealing.seal_sheet(cipher, row.id, SheetContent({})))
        audit_sheet(session, audit.AuditAction.FORGET, row.id, patient_id, why, by=by, now=now)
    return len(rows)
