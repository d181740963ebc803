"""Openings that come back: publish one, change it (this time, the next ones, all), stop it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep, WiringDep
from api.web import wording
from api.web.agenda import publish_views as views
from api.web.agenda import told
from api.web.agenda.publish_views import Option
from api.web.agenda.publishing import attempt, offer_typed, say_busy, say_published, usable_habits
from api.web.agenda.reading import MAX_PATIENTS, WEEKDAYS, Typed, weekdays_of, write_day, write_time
from api.web.agenda.visit import AgendaVisit, AgendaVisitDep
from api.web.agenda.week import TakenUpQuery, ToldQuery, frame
from api.web.forms import Errors
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from slots.agenda import recurrence
from slots.agenda import service as agenda
from slots.agenda.facts import (
    EditScope,
    OccurrenceChange,
    PatternDraft,
    PatternFilter,
    PatternView,
    Publication,
    SlotFilter,
    SlotState,
)
from slots.agenda.recurrence import Recurrence
from snp.days import local_day, say_day, say_time
from snp.errors import NotFound

router = APIRouter(prefix="/agenda/regulier", include_in_schema=False)

OCCURRENCES_SHOWN: Final = 8
MOST: Final = 200
SAVED: Final = "C’est enregistré : les créneaux paraîtront à mesure que leur date approche."
_EVERY: Final = {"1": 1, "2": 2}
_RHYTHMS: Final = (Option("1", "Chaque semaine"), Option("2", "Une semaine sur deux"))
_SCOPES: Final = (
    Option("this", "Cette fois seulement"),
    Option("following", "Cette fois et les suivantes"),
    Option("all", "Toutes"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """An opening as the list shows it."""

    id: UUID
    title: str
    detail: str


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
    """List the openings that come back, and ask for another."""
    tone, sentences = told.said(session, dit, keys=keys, by=visit.actor, now=now)
    typed = told.typed(session, reprendre, keys=keys, by=visit.actor, now=now)
    return _list_page(session, visit, now, typed=typed, tone=tone, sentences=sentences)


@router.post("")
def publish(
    *,
    visit: AgendaVisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    wiring: WiringDep,
    now: NowDep,
) -> Response:
    """Publish an opening that comes back."""
    habits, typed = usable_habits(session, visit, now), Typed(form.texts, {})
    today = local_day(now)
    days = weekdays_of(form.texts)
    if not days:
        typed.errors["jours"] = "Cochez au moins un jour"
    starts_at = typed.hour("heure", missing="Indiquez l’heure")
    patients = typed.number("patients", low=1, high=MAX_PATIENTS, missing="Dites pour combien de patients")
    first = typed.optional_day("premier", today) or today
    last = typed.optional_day("dernier", today)
    every = _EVERY.get(form.texts.get("rythme", "1"), 1)
    draft = PatternDraft(
        offer=offer_typed(typed, habits),
        rrule=f"FREQ=WEEKLY;INTERVAL={every};BYDAY={','.join(days)}",
        first_day=first,
        starts_at=starts_at,
        patients=patients,
        last_day=last,
    )
    made = None
    if not typed.errors:
        made = attempt(
            session,
            typed.errors,
            lambda: agenda.publish_pattern(
                session,
                visit.practitioner,
                draft,
                horizon_days=wiring.settings.horizon_days,
                by=visit.actor,
                now=now,
            ),
            field="heure",
        )
    if made is None:
        return _list_page(session, visit, now, typed=form.texts, errors=typed.errors)
    return _told(session, visit, made, keys=keys, now=now)


@router.get("/{pattern_id}")
def show_one(
    *,
    pattern_id: UUID,
    visit: AgendaVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    reprendre: TakenUpQuery = None,
) -> Response:
    """Show an opening and what may be changed of it."""
    found = _his(session, visit, pattern_id)
    typed = told.typed(session, reprendre, keys=keys, by=visit.actor, now=now)
    return _edit_page(session, visit, found, now, typed=typed)


@router.post("/{pattern_id}")
def edit(
    *,
    pattern_id: UUID,
    visit: AgendaVisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    wiring: WiringDep,
    now: NowDep,
) -> Response:
    """Change or stop an opening: this time, from this time on, or altogether."""
    found = _his(session, visit, pattern_id)
    typed, stops = Typed(form.texts, {}), form.texts.get("acte") == "supprimer"
    scope = _scope(typed)
    day = _occurrence(typed, scope)
    change = PatternDraft(
        offer=found.offer,
        rrule=found.rrule,
        first_day=found.first_day,
        starts_at=typed.optional_hour("heure", found.starts_at),
        patients=_patients(typed, found),
        last_day=typed.optional_day("dernier", local_day(now)),
    )
    made = None
    if not typed.errors:
        made = attempt(
            session,
            typed.errors,
            lambda: (
                _stop(session, visit, found, scope=scope, day=day, now=now)
                if stops
                else _change(
                    session,
                    visit,
                    found,
                    scope=scope,
                    day=day,
                    draft=change,
                    horizon_days=wiring.settings.horizon_days,
                    now=now,
                )
            ),
            field="occurrence" if stops else "heure",
        )
    if made is None:
        return _edit_page(session, visit, found, now, typed=form.texts, errors=typed.errors)
    return _told(session, visit, made, keys=keys, now=now)


def describe(found: PatternView) -> Row:
    """Return an opening in words: « Mardi à 18 h, 2 patients » and until when."""
    rule = recurrence.parse(found.rrule)
    at = f"{found.starts_at.hour}\u00a0h" + (f"\u00a0{found.starts_at:%M}" if found.starts_at.minute else "")
    patients = "1 patient" if found.patients == 1 else f"{found.patients} patients"
    until = f"jusqu’au {say_day(found.last_day, year=True)}" if found.last_day else "sans date de fin"
    return Row(
        found.id, f"{_days(rule)} à {at}, {patients}", f"Créneaux de {found.slot_minutes}\u00a0min, {until}"
    )


def _days(rule: Recurrence) -> str:
    codes = [part for part in str(rule).split(";") if part.startswith("BYDAY=")]
    names = [WEEKDAYS.get(code, code) for code in codes[0][6:].split(",")] if codes else []
    words = wording.capital(", ".join(names)) if names else "Ouverture"
    return words if rule.interval == 1 else f"{words}, une semaine sur {rule.interval}"


def _his(session: Session, visit: AgendaVisit, pattern_id: UUID) -> PatternView:
    found = agenda.get_pattern(session, pattern_id)
    if found.practitioner_id != visit.practitioner:
        raise NotFound("ouverture régulière", pattern_id)
    return found


def _scope(typed: Typed) -> EditScope:
    try:
        return EditScope(typed.texts.get("portee", ""))
    except ValueError:
        typed.errors["portee"] = "Dites jusqu’où va le changement"
        return EditScope.THIS


def _occurrence(typed: Typed, scope: EditScope) -> date | None:
    """Return the day of the occurrence that a change starts from."""
    if scope is EditScope.ALL or "portee" in typed.errors:
        return None
    try:
        return date.fromisoformat(typed.texts.get("occurrence", ""))
    except ValueError:
        typed.errors["occurrence"] = "Choisissez la fois à changer"
        return None


def _patients(typed: Typed, found: PatternView) -> int:
    if not typed.texts.get("patients"):
        return found.patients
    return typed.number("patients", low=1, high=MAX_PATIENTS, missing="")


def _change(
    session: Session,
    visit: AgendaVisit,
    found: PatternView,
    *,
    scope: EditScope,
    day: date | None,
    draft: PatternDraft,
    horizon_days: int,
    now: datetime,
) -> Publication:
    one = OccurrenceChange(
        starts_at=draft.starts_at if draft.starts_at != found.starts_at else None,
        patients=draft.patients if draft.patients != found.patients else None,
    )
    return agenda.edit_pattern(
        session,
        found.id,
        scope,
        one if scope is EditScope.THIS else draft,
        day=day,
        horizon_days=horizon_days,
        by=visit.actor,
        now=now,
    )


def _stop(
    session: Session,
    visit: AgendaVisit,
    found: PatternView,
    *,
    scope: EditScope,
    day: date | None,
    now: datetime,
) -> Publication:
    """Cancel one occurrence, or end the opening before one, or today with what is left of it withdrawn."""
    if scope is EditScope.THIS:
        gone = OccurrenceChange(cancelled=True)
        return agenda.edit_pattern(session, found.id, scope, gone, day=day, by=visit.actor, now=now)
    last = day - timedelta(days=1) if day else None
    return agenda.end_pattern(session, found.id, last_day=last, by=visit.actor, now=now)


def _told(session: Session, visit: AgendaVisit, made: Publication, *, keys: Any, now: datetime) -> Response:
    sentences = [say_published(made)] if made.slots else []
    if made.withdrawn:
        count = len(made.withdrawn)
        sentences.append("Un créneau retiré." if count == 1 else f"{count} créneaux retirés.")
    sentences += [one.sentence for one in made.notices]
    sentences += say_busy(session, visit, now)
    kept = told.keep(session, sentences or [SAVED], keys=keys, by=visit.actor, now=now)
    return see(f"/agenda/regulier?dit={kept}")


def _list_page(
    session: Session,
    visit: AgendaVisit,
    now: datetime,
    *,
    typed: Mapping[str, str],
    errors: Errors | None = None,
    tone: str = "",
    sentences: tuple[str, ...] = (),
) -> Response:
    habits = usable_habits(session, visit, now)
    query = PatternFilter(practitioner_ids=frozenset({visit.practitioner}), running=True)
    today = local_day(now)
    found = agenda.list_patterns(session, query, limit=MOST).items
    start = {"patients": str(habits.patients), "rythme": "1", "lieu": str(habits.offer.site_id)}
    return render(
        "agenda/patterns.html",
        status=422 if errors else 200,
        patterns=[describe(one) for one in found if one.last_day is None or one.last_day >= today],
        typed=start | dict(typed),
        errors=errors or {},
        told_tone=tone,
        told=sentences,
        weekdays=views.weekday_ticks(typed),
        rhythms=_RHYTHMS,
        places=views.places(habits),
        audiences=views.audience_ticks(habits, typed),
        **frame(session, visit, now),
    )


def _edit_page(
    session: Session,
    visit: AgendaVisit,
    found: PatternView,
    now: datetime,
    *,
    typed: Mapping[str, str],
    errors: Errors | None = None,
) -> Response:
    start = {
        "heure": write_time(found.starts_at),
        "patients": str(found.patients),
        "dernier": write_day(found.last_day) if found.last_day else "",
        "portee": "this",
    }
    return render(
        "agenda/pattern.html",
        status=422 if errors else 200,
        pattern=describe(found),
        occurrences=_occurrences(session, found, now),
        scopes=_SCOPES,
        typed=start | dict(typed),
        errors=errors or {},
        **frame(session, visit, now),
    )


def _occurrences(session: Session, found: PatternView, now: datetime) -> list[Option]:
    """Return the next occurrences that still have slots, by their own day."""
    query = SlotFilter(
        pattern_id=found.id,
        starts_from=now,
        states=frozenset({SlotState.OPEN, SlotState.HIDDEN}),
    )
    first: dict[date, datetime] = {}
    for slot in agenda.list_slots(session, query, now=now, limit=MOST).items:
        if slot.occurrence_day is not None:
            first.setdefault(slot.occurrence_day, slot.start)
    shown = list(first.items())[:OCCURRENCES_SHOWN]
    return [
        Option(day.isoformat(), wording.capital(say_day(local_day(start))), say_time(start))
        for day, start in shown
    ]
