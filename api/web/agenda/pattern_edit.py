"""Change an opening that comes back, or stop it: this time, from this time on, or altogether."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep, WiringDep
from api.web.agenda import told
from api.web.agenda.pattern_views import describe, occurrences
from api.web.agenda.patterns import tell_published
from api.web.agenda.publish_views import Option
from api.web.agenda.publishing import attempt
from api.web.agenda.reading import MAX_PATIENTS, Typed, write_day, write_time
from api.web.agenda.visit import AgendaVisit, AgendaVisitDep
from api.web.agenda.week import TakenUpQuery, frame
from api.web.forms import Errors
from api.web.rendering import render
from api.web.submitted import SubmittedDep
from slots.agenda import service as agenda
from slots.agenda.facts import (
    EditScope,
    OccurrenceChange,
    PatternDraft,
    PatternView,
    Publication,
)
from snp.days import local_day
from snp.errors import NotFound

router = APIRouter(prefix="/agenda/regulier", include_in_schema=False)

_SCOPES: Final = (
    Option("this", "Cette fois seulement"),
    Option("following", "Cette fois et les suivantes"),
    Option("all", "Toutes"),
)


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
    return tell_published(session, visit, made, keys=keys, now=now)


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
        occurrences=occurrences(session, found, now),
        scopes=_SCOPES,
        typed=start | dict(typed),
        errors=errors or {},
        **frame(session, visit, now),
    )
