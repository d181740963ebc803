"""Absences: say one, from a day or an hour to another; lift it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.web import wording
from api.web.agenda import told
from api.web.agenda.publish_views import Option
from api.web.agenda.reading import Typed
from api.web.agenda.visit import AgendaVisit, AgendaVisitDep
from api.web.agenda.week import TakenUpQuery, ToldQuery, frame
from api.web.forms import Errors
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from regulation.orientation import service as orientation
from slots.agenda import service as agenda
from slots.agenda.facts import AbsenceView, SlotFilter
from slots.agenda.refusals import AbsenceLifted
from slots.feeds import service as feeds
from snp.days import at_local, local_day, say_interval
from snp.errors import InvalidValue, NotFound

router = APIRouter(prefix="/agenda/absences", include_in_schema=False)

MOST: Final = 200
KEEP: Final = "garder"
GIVE_UP: Final = "annuler"
_TAKEN: Final = (
    Option(KEEP, "Je les assure", "les rendez-vous pris restent"),
    Option(GIVE_UP, "Les annuler", "les patients seront replacés"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """An absence as the list shows it."""

    id: UUID
    when: str
    label: str


@router.get("")
def show(
    *,
    visit: AgendaVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    dit: ToldQuery = None,
    reprendre: TakenUpQuery = None,
) -> Response:
    """List the absences to come, and ask for another."""
    tone, sentences = told.said(session, dit, keys=keys, by=visit.actor, now=now)
    typed = told.typed(session, reprendre, keys=keys, by=visit.actor, now=now)
    return _page(session, visit, now, typed=typed, tone=tone, sentences=sentences)


@router.post("")
def add(
    *, visit: AgendaVisitDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Say an absence; free slots hide, taken ones stay or seek another carer."""
    typed, today = Typed(form.texts, {}), local_day(now)
    first = typed.day("du", today, missing="Indiquez le premier jour")
    last = typed.optional_day("au", today) or first
    begins = typed.optional_hour("du_heure", time())
    until = typed.hour("au_heure", missing="") if form.texts.get("au_heure") else None
    reason = form.texts.get("raison", "") if form.texts.get("pris") == GIVE_UP else None
    if reason == "":
        typed.errors["raison"] = "Dites pourquoi : la régulation et les patients le liront"
    start = at_local(first, begins)
    end = at_local(last, until) if until else at_local(last + timedelta(days=1), time())
    if not typed.errors and (end <= start or end <= now):
        typed.errors["au"] = "La fin doit venir après le début, et plus tard que maintenant"
    if typed.errors:
        return _page(session, visit, now, typed=form.texts, errors=typed.errors)
    try:
        with session.begin_nested():
            ident, reopened = orientation.add_absence(
                session,
                visit.practitioner,
                start,
                end,
                label=form.texts.get("libelle") or None,
                reason=reason,
                by=visit.actor,
                now=now,
            )
    except InvalidValue as refusal:
        errors = {"du": wording.capital(str(refusal.fields["reason"]))}
        return _page(session, visit, now, typed=form.texts, errors=errors)
    sentences = [f"Absence notée, {say_interval(start, end)}."]
    sentences += _effects(session, visit, ident, start=start, end=end, now=now)
    if reopened:
        sentences.append(f"Rendez-vous annulés, patients à replacer : {len(reopened)}.")
    kept = told.keep(session, sentences, keys=keys, by=visit.actor, now=now)
    return see(f"/agenda/absences?dit={kept}")


@router.post("/{absence_id}/lever")
def lift(
    *, absence_id: UUID, visit: AgendaVisitDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Lift an absence: its slots come back."""
    if agenda.get_absence(session, absence_id).practitioner_id != visit.practitioner:
        raise NotFound("absence", absence_id)
    try:
        with session.begin_nested():
            outcome = agenda.lift_absence(session, absence_id, by=visit.actor, now=now)
    except AbsenceLifted:
        return see("/agenda/absences")
    count = len(outcome.restored)
    sentences = (
        ["Absence levée.", _many(count, "créneau rouvert", "créneaux rouverts")]
        if count
        else ["Absence levée."]
    )
    sentences += [one.sentence for one in outcome.notices]
    kept = told.keep(session, sentences, keys=keys, by=visit.actor, now=now)
    return see(f"/agenda/absences?dit={kept}")


def _effects(
    session: Session, visit: AgendaVisit, ident: UUID, *, start: datetime, end: datetime, now: datetime
) -> list[str]:
    """Say what an absence did to the slots of its time."""
    query = SlotFilter(
        practitioner_ids=frozenset({visit.practitioner}),
        starts_from=max(start - timedelta(hours=12), now),
        starts_before=end,
    )
    touched = [
        slot
        for slot in agenda.list_slots(session, query, now=now, limit=MOST).items
        if slot.hidden_by_id == ident
    ]
    kept = sum(slot.closing for slot in touched)
    hidden = len(touched) - kept
    said = [_many(hidden, "créneau libre masqué", "créneaux libres masqués")] if hidden else []
    if kept:
        said.append(_many(kept, "rendez-vous pris que vous assurez", "rendez-vous pris que vous assurez"))
    return said


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}."


def _page(
    session: Session,
    visit: AgendaVisit,
    now: datetime,
    *,
    typed: Mapping[str, str],
    errors: Errors | None = None,
    tone: str = "",
    sentences: tuple[str, ...] = (),
) -> Response:
    found = agenda.list_absences(
        session, practitioner_ids=frozenset({visit.practitioner}), ends_after=now, limit=MOST
    ).items
    made_by_calendar = feeds.absences_of_calendars(session, visit.practitioner)
    return render(
        "agenda/absences.html",
        status=422 if errors else 200,
        absences=[_row(one) for one in found if one.lifted_at is None and one.id not in made_by_calendar],
        typed={"pris": KEEP} | dict(typed),
        errors=errors or {},
        taken_options=_TAKEN,
        told_tone=tone,
        told=sentences,
        **frame(session, visit, now),
    )


def _row(one: AbsenceView) -> Row:
    return Row(one.id, wording.capital(say_interval(one.start, one.end)), one.label or "")
