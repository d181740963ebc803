"""The sheet of a series: written, kept as a draft, finished; read, printed, taken as a PDF."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.papers.sheet import paper_of
from api.papers.sheet_pdf import sheet_pdf
from api.web import forms, kept
from api.web.agenda import told
from api.web.agenda.visit import AgendaVisit
from api.web.agenda.week import ToldQuery, frame
from api.web.forms import Errors, whole
from api.web.rendering import render, see
from api.web.series import views
from api.web.series.visit import SheetDep
from api.web.submitted import SubmittedDep
from regulation.series import service as series
from regulation.series.facts import Sheet
from regulation.series.refusals import NoSessionYet
from regulation.series.rules import LONGEST_TEXT, REQUIRED, SECTIONS, begun
from snp.errors import InvalidValue, VersionMismatch
from snp.platform.keys import Keys

router = APIRouter(prefix="/series/{request_id}/fiche", include_in_schema=False)

WHY_READ: Final = "lecture de la fiche synthétique"
WHY_PRINTED: Final = "impression de la fiche synthétique"
FINISH: Final = "terminer"


@router.get("")
def write_page(
    *,
    request_id: UUID,
    visit: SheetDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    dit: ToldQuery = None,
    reprendre: Annotated[bool, Query()] = False,
) -> Response:
    """Show the sheet to be written, as it was being typed when a session ended."""
    sheet = series.sheet_to_write(session, request_id, keys=keys, by=visit.actor, now=now)
    left = kept.find(session, request_id, keys=keys, by=visit.actor, now=now) if reprendre else {}
    return _page(session, visit, sheet, left or _typed(sheet), keys=keys, now=now, said=dit)


@router.post("")
def write(
    *,
    request_id: UUID,
    visit: SheetDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Keep the sheet, or finish it; what is refused stays typed."""
    typed, by = form.texts, visit.actor
    finish = typed.get("acte") == FINISH
    version = typed.get("version", "")
    errors: Errors = {}
    try:
        with session.begin_nested():
            series.write_sheet(
                session,
                request_id,
                {code: typed.get(f"fiche_{code}", "") for code in SECTIONS},
                email=typed.get("courriel"),
                finish=finish,
                version=whole(version, None),
                keys=keys,
                by=by,
                now=now,
            )
    except InvalidValue as fault:
        name = str(fault.fields["field"])
        errors = {"courriel" if name == "email" else f"fiche_{name}": forms.capital_reason(fault)}
    except NoSessionYet as refusal:
        errors = {f"fiche_{SECTIONS[0]}": refusal.sentence}
    except VersionMismatch:
        told_again = "Cette fiche vient d’être modifiée ailleurs : vérifiez, puis enregistrez de nouveau"
        errors = {f"fiche_{SECTIONS[0]}": told_again}
    if errors:
        sheet = series.sheet_to_write(session, request_id, keys=keys, by=by, now=now)
        return _page(session, visit, sheet, typed, keys=keys, now=now, errors=errors)
    kept.forget(session, request_id, by=by)
    said = (
        "La fiche est terminée : le patient et qui l’a adressé sont prévenus."
        if finish
        else "Le brouillon est enregistré."
    )
    ident = told.keep(session, [said], keys=keys, by=by, now=now)
    here = f"/series/{request_id}"
    return see(f"{here if finish else f'{here}/fiche'}?dit={ident}")


@router.get("/lire")
def read(*, request_id: UUID, visit: SheetDep, session: SessionDep, keys: KeysDep, now: NowDep) -> Response:
    """Show the sheet, ready to be printed. Audited."""
    paper = paper_of(session, request_id, keys=keys, why=WHY_READ, by=visit.actor, now=now)
    return render(
        "series/paper.html",
        paper=paper,
        back=f"/series/{request_id}",
        pdf=f"/series/{request_id}/fiche/fiche.pdf",
        **frame(session, visit, now),
    )


@router.get("/fiche.pdf")
def pdf(*, request_id: UUID, visit: SheetDep, session: SessionDep, keys: KeysDep, now: NowDep) -> Response:
    """Return the sheet as a PDF. Audited."""
    paper = paper_of(session, request_id, keys=keys, why=WHY_PRINTED, by=visit.actor, now=now)
    return pdf_answer(sheet_pdf(paper))


def pdf_answer(content: bytes) -> Response:
    """Return a PDF that browsers and what stands between keep nowhere."""
    headers = {
        "Content-Disposition": 'attachment; filename="fiche-synthetique.pdf"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="application/pdf", headers=headers)


def _typed(sheet: Sheet) -> dict[str, str]:
    return {f"fiche_{one.code}": sheet.content.texts.get(one.code, "") for one in sheet.sections} | {
        "courriel": sheet.content.email or "",
        "version": str(sheet.version),
    }


def _page(
    session: Session,
    visit: AgendaVisit,
    sheet: Sheet,
    typed: Mapping[str, str],
    *,
    keys: Keys,
    now: datetime,
    said: UUID | None = None,
    errors: Errors | None = None,
) -> Response:
    card = series.get_series(session, sheet.request_id, by=visit.actor)
    tone, sentences = told.said(session, said, keys=keys, by=visit.actor, now=now)
    return render(
        "series/sheet.html",
        status=422 if errors else 200,
        here=f"/series/{sheet.request_id}/fiche",
        back=f"/series/{sheet.request_id}",
        indication=views.indication(card.series.indication),
        done=views.dates_of(begun(card.sessions, now)),
        sections=[(f"fiche_{one.code}", one, one.code not in REQUIRED) for one in sheet.sections],
        longest=LONGEST_TEXT,
        version=typed.get("version", str(sheet.version)) if not errors else str(sheet.version),
        corrects=sheet.finished_at is not None,
        typed=typed,
        errors=errors or {},
        told_tone=tone,
        told=sentences,
        **frame(session, visit, now),
    )
