"""Openings that come back: those that run, and another one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep, WiringDep
from api.web.agenda import publish_views as views
from api.web.agenda import told
from api.web.agenda.pattern_views import describe
from api.web.agenda.publish_views import Option
from api.web.agenda.publishing import attempt, offer_typed, say_busy, say_published, usable_habits
from api.web.agenda.reading import MAX_PATIENTS, Typed, weekdays_of
from api.web.agenda.visit import AgendaVisit, AgendaVisitDep
from api.web.agenda.week import TakenUpQuery, ToldQuery, frame
from api.web.forms import Errors
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from slots.agenda import service as agenda
from slots.agenda.facts import (
    PatternDraft,
    PatternFilter,
    Publication,
)
from snp.days import local_day
from snp.platform.keys import Keys

router = APIRouter(prefix="/agenda/regulier", include_in_schema=False)

MOST: Final = 200
SAVED: Final = "C’est enregistré : les créneaux paraîtront à mesure que leur date approche."
_EVERY: Final = {"1": 1, "2": 2}
_RHYTHMS: Final = (Option("1", "Chaque semaine"), Option("2", "Une semaine sur deux"))


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
    return tell_published(session, visit, made, keys=keys, now=now)


def tell_published(
    session: Session, visit: AgendaVisit, made: Publication, *, keys: Keys, now: datetime
) -> Response:
    """Go back to the openings, which tell what an act did to the slots."""
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
