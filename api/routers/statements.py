"""Statements and proofs as files: CSV and PDF. They name no patient."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from api.deps import Allow, NowDep, SessionDep
from api.routers.compensation import MonthQuery, own_statement
from api.security.rights import Action, Subject, check_existing
from slots.compensation import service as compensation
from slots.compensation.periods import month_of
from snp.directory import service as directory
from snp.platform.actors import Actor

router = APIRouter(tags=["compensation"])
OwnReader = Annotated[Actor, Depends(Allow(Action.STATEMENT_READ))]
_CSV: dict[int | str, dict[str, object]] = {200: {"content": {"text/csv": {}}}}
_PDF: dict[int | str, dict[str, object]] = {200: {"content": {"application/pdf": {}}}}


@router.get("/statements/{statement_id}/csv", response_class=Response, responses=_CSV)
def statement_csv(session: SessionDep, now: NowDep, by: OwnReader, statement_id: UUID) -> Response:
    """Return one's own statement for a spreadsheet."""
    statement = own_statement(session, by, statement_id)
    zone = directory.get_territory(session, statement.territory_id).settings.snp_hours.zone
    content = compensation.statement_csv(compensation.paper(session, statement_id, now=now), zone=zone)
    return file_of(content, "text/csv; charset=utf-8", f"releve-{statement.month:%Y-%m}.csv")


@router.get("/statements/{statement_id}/pdf", response_class=Response, responses=_PDF)
def statement_pdf(session: SessionDep, now: NowDep, by: OwnReader, statement_id: UUID) -> Response:
    """Return one's own statement ready to print."""
    statement = own_statement(session, by, statement_id)
    zone = directory.get_territory(session, statement.territory_id).settings.snp_hours.zone
    content = compensation.statement_pdf(compensation.paper(session, statement_id, now=now), zone=zone)
    return file_of(content, "application/pdf", f"releve-{statement.month:%Y-%m}.pdf")


@router.get("/practitioners/{practitioner_id}/proofs/csv", response_class=Response, responses=_CSV)
def own_proofs_csv(
    *, session: SessionDep, now: NowDep, by: OwnReader, practitioner_id: UUID, month: MonthQuery
) -> Response:
    """Return the proof of prior regulation of one's own acts of a month, for the CPAM."""
    subject = Subject("preuves", practitioner_id, practitioners=frozenset({practitioner_id}))
    check_existing(by, Action.STATEMENT_READ, subject)
    first = month_of(month)
    whose = directory.get_practitioner(session, practitioner_id, now=now)
    found = compensation.verdicts_of(session, first, practitioner_id=practitioner_id)
    content = compensation.proofs_csv(found, practitioner=whose.rpps or "")
    return file_of(content, "text/csv; charset=utf-8", f"preuves-{first:%Y-%m}.csv")


@router.get("/territories/{territory_id}/compensation/proofs/csv", response_class=Response, responses=_CSV)
def territory_proofs_csv(
    *,
    session: SessionDep,
    by: Annotated[Actor, Depends(Allow(Action.COMPENSATION_READ))],
    territory_id: UUID,
    month: MonthQuery,
) -> Response:
    """Return the proof of prior regulation of every act of a month; nobody is named."""
    subject = Subject("territoire", territory_id, territories=frozenset({territory_id}))
    check_existing(by, Action.COMPENSATION_READ, subject)
    first = month_of(month)
    zone = directory.get_territory(session, territory_id).settings.snp_hours.zone
    found = compensation.verdicts_of(session, first, territory_id=territory_id, zone=zone)
    content = compensation.proofs_csv(found, zone=zone)
    return file_of(content, "text/csv; charset=utf-8", f"preuves-{first:%Y-%m}.csv")


def file_of(content: bytes, media_type: str, name: str) -> Response:
    """Return a file to be kept under a name; nothing between here and there keeps it."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
