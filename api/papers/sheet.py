"""The fiche synthétique as it is printed: who it is about, what was done, what it says. Knows no drawing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.web import wording
from regulation.intake.facts import PatientTraits
from regulation.series import service as series
from regulation.series.facts import SeriesCard, Sheet
from regulation.series.rules import begun
from regulation.series.templates import shipped
from snp.days import local, say_day, say_instant
from snp.directory import service as directory
from snp.platform import audit
from snp.platform.actors import Actor
from snp.platform.keys import Keys


@dataclass(frozen=True, slots=True)
class SheetPaper:
    """A sheet ready to be printed; health data: never logged. `sections`: titles and texts, none empty."""

    patient: str = field(repr=False)
    born: str = field(repr=False)
    carer: str
    place: str
    indication: str
    sessions: tuple[str, ...]
    sections: tuple[tuple[str, str], ...] = field(repr=False)
    footer: str
    finished: bool


def paper_of(
    session: Session, request_id: UUID, *, keys: Keys, why: str, by: Actor, now: datetime
) -> SheetPaper:
    """Return the sheet that the actor may read, to be printed. Audited. Raises as `read_sheet`."""
    sheet = series.read_sheet(session, request_id, keys=keys, why=why, by=by, now=now)
    card = series.get_series(session, request_id, by=by)
    traits = series.read_patients(session, [request_id], keys=keys, why=why, by=by, now=now)[request_id]
    audit.record(
        session,
        at=now,
        actor=by,
        action=audit.AuditAction.PRINT,
        resource="physio_sheet",
        resource_id=request_id,
        why=why,
    )
    return paper(session, sheet, card, traits, now=now)


def paper(
    session: Session, sheet: Sheet, card: SeriesCard, traits: PatientTraits | None, *, now: datetime
) -> SheetPaper:
    """Return a sheet with what stands around it; `traits` None: who it is about is left to the reader."""
    carer = directory.get_practitioner(session, sheet.practitioner_id, now=now)
    profession = directory.get_profession(session, carer.profession)
    done = begun(card.sessions, now)
    site = directory.get_site(session, (done or card.sessions)[0].site_id) if card.sessions else None
    known = shipped().get(card.series.indication)
    when = sheet.finished_at or sheet.changed_at
    state = "Fiche terminée" if sheet.finished_at else "Brouillon, non terminé,"
    return SheetPaper(
        patient="" if traits is None else wording.full_name(traits),
        born="" if traits is None else wording.born(traits),
        carer=f"{carer.full_name}, {profession.label.lower()}",
        place="" if site is None else f"{site.name}, {site.address}, {site.postal_code} {site.city}",
        indication=known.label if known else "Kinésithérapie",
        sessions=tuple(wording.capital(say_day(local(one.start).date(), year=True)) for one in done),
        sections=tuple(
            (one.label, text) for one in sheet.sections if (text := sheet.content.texts.get(one.code, ""))
        ),
        footer=f"{state} le {say_instant(when, year=True)}, révision {max(1, sheet.revision)}.",
        finished=sheet.finished_at is not None,
    )
