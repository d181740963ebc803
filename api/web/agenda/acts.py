"""A practitioner's acts of a month: does the majoration hold, why, and what he alone can say of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep
from api.routers.statements import file_of
from api.web import statement_views as views
from api.web.agenda.visit import OwnerVisitDep
from api.web.agenda.week import InfoQuery, frame
from api.web.amounts import read_month
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from api.web.wording import capital
from regulation.proofs.service import read_proofs
from slots.appointments import service as appointments
from slots.compensation import service as compensation
from slots.compensation.facts import StoredVerdict, VerdictStatus
from slots.compensation.periods import month_of, next_month
from slots.compensation.tariffs import national
from slots.compensation.wording import say_euros, say_month
from snp.days import local_day
from snp.directory import service as directory
from snp.errors import InvalidValue, NotFound

router = APIRouter(prefix="/agenda/releves/actes", include_in_schema=False)

PAGE: Final = "/agenda/releves/actes"
ROWS: Final = 30
_IS_MT: Final = {"oui": True, "non": False}
_ASKED: Final = frozenset({"mt_not_identified", "said_not_mt", "no_mt", "is_mt"})
MonthQuery = Annotated[str, Query(max_length=7)]


@router.get("")
def show(
    *,
    visit: OwnerVisitDep,
    session: SessionDep,
    now: NowDep,
    mois: MonthQuery = "",
    page: Annotated[int, Query(ge=1, le=100)] = 1,
    info: InfoQuery = None,
) -> Response:
    """List the acts of a month, with the proof and the reasons of each."""
    today = local_day(now)
    month = read_month(mois, month_of(today))
    found = compensation.verdicts_of(session, month, practitioner_id=visit.practitioner)
    shown = found[(page - 1) * ROWS : page * ROWS]
    marks = compensation.marks_of(session, [one.appointment_id for one in shown])
    return render(
        "agenda/acts.html",
        info=info,
        heading=capital(say_month(month)),
        month=f"{month:%Y-%m}",
        before=f"{month_of(month - timedelta(days=1)):%Y-%m}",
        after=f"{next_month(month):%Y-%m}" if month < month_of(today) else "",
        acts=[views.act_row(one, is_mt_asked=_asks(one)) for one in shown],
        said={ident: mark.is_mt for ident, mark in marks.items()},
        newer=page - 1,
        older=page + 1 if len(found) > page * ROWS else 0,
        page=page,
        families=_families(today),
        due=say_euros(sum(one.amount_cents for one in found)),
        counts={status.value: sum(one.status is status for one in found) for status in VerdictStatus},
        **frame(session, visit, now),
    )


@router.get("/preuves")
def proofs(*, visit: OwnerVisitDep, session: SessionDep, now: NowDep, mois: MonthQuery = "") -> Response:
    """Return the proof of each act of a month, for the CPAM."""
    month = read_month(mois, month_of(local_day(now)))
    whose = directory.get_practitioner(session, visit.practitioner, now=now)
    found = compensation.verdicts_of(session, month, practitioner_id=visit.practitioner)
    content = compensation.proofs_csv(found, practitioner=whose.rpps or "")
    return file_of(content, "text/csv; charset=utf-8", f"preuves-{month:%Y-%m}.csv")


@router.post("/{appointment_id}")
def mark(
    *,
    appointment_id: UUID,
    visit: OwnerVisitDep,
    form: SubmittedDep,
    session: SessionDep,
    now: NowDep,
) -> Response:
    """Say which codes were billed with an act, and whether he is the médecin traitant."""
    appointment = appointments.get_appointment(session, appointment_id)
    if appointment.practitioner_id != visit.practitioner:
        raise NotFound("acte", appointment_id)
    known = [code for family in _families(local_day(now)) for code in family[1]]
    codes = [code for code in known if f"code_{code}" in form.texts]
    month = f"{month_of(local_day(appointment.start)):%Y-%m}"
    try:
        compensation.mark_act(
            session,
            appointment_id,
            codes=codes,
            is_mt=_IS_MT.get(form.texts.get("mt", "")),
            by=visit.actor,
            now=now,
        )
    except InvalidValue:
        return see(f"{PAGE}?mois={month}&info=acte-a-venir")
    _compute(session, appointment.territory_id, visit.practitioner, now=now)
    return see(f"{PAGE}?mois={month}&info=acte-note#a-{appointment_id}")


def _compute(session: Session, territory_id: UUID, practitioner_id: UUID, *, now: datetime) -> None:
    compensation.compute_statements(session, territory_id, practitioner_id, proofs=read_proofs, now=now)


def _asks(one: StoredVerdict) -> bool:
    """Whether the médecin traitant is a question for this act: not where the dossier answers it."""
    return bool(_ASKED & {reason.code for reason in one.reasons})


def _families(day: date) -> list[tuple[str, list[str]]]:
    """The codes that exclude the majoration, by family."""
    return [(one.label, sorted(one.codes)) for one in national().starting_with("snp_excluded_", day)]
