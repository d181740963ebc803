"""Publish: a day, an hour, a number; or a whole range. Refusals stand beside the field they are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.web import wording
from api.web.agenda import publish_views as views
from api.web.agenda import told
from api.web.agenda.habits import Habits, habits_of
from api.web.agenda.reading import MAX_PATIENTS, Typed
from api.web.agenda.visit import AgendaVisit, AgendaVisitDep
from api.web.agenda.week import TakenUpQuery, frame, week_page
from api.web.forms import Errors
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from slots.agenda import service as agenda
from slots.agenda.facts import Offer, Publication
from slots.agenda.refusals import PractitionerCannotPublish
from slots.feeds import service as feeds
from snp.days import Wall, at_local, local_day, read_wall, say_day, say_instant, say_time
from snp.errors import InvalidValue, SnpError
from snp.platform.keys import Keys

router = APIRouter(prefix="/agenda", include_in_schema=False)

NO_SUCH_TIME: Final = "Cette heure n’existe pas ce jour-là : les horloges avancent"
_FIELDS: Final = {
    "patients": "patients",
    "slot_minutes": "duree",
    "audiences": "publics",
    "end": "fin",
    "last_day": "fin",
}
"""Which field of a page a value refused by the agenda was typed in."""


@router.post("/publier")
def publish(
    *, visit: AgendaVisitDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Publish slots in a row from an hour of a day."""
    habits = usable_habits(session, visit, now)
    today, typed = local_day(now), Typed(form.texts, {})
    day_field = "autre_jour" if form.texts.get("autre_jour") else "jour"
    time_field = "autre_heure" if form.texts.get("autre_heure") else "heure"
    day = typed.day(day_field, today, missing="Choisissez un jour")
    at = typed.hour(time_field, missing="Choisissez une heure")
    patients = typed.number("patients", low=1, high=MAX_PATIENTS, missing="Dites pour combien de patients")
    offer = offer_typed(typed, habits)
    start = instant_typed(typed, time_field, day, at)
    made = None
    if not typed.errors:
        made = attempt(
            session,
            typed.errors,
            lambda: agenda.publish_range(
                session,
                visit.practitioner,
                start,
                start + habits.length(patients),
                offer,
                patients=patients,
                by=visit.actor,
                now=now,
            ),
            field=time_field,
        )
    if made is None:
        shown = day if day_field not in typed.errors else None
        return week_page(
            session, visit, shown, keys=keys, now=now, typed=dict(form.texts), errors=typed.errors
        )
    return published(session, visit, made, day, keys=keys, now=now)


@router.get("/plage")
def ask_range(
    *,
    visit: AgendaVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    reprendre: TakenUpQuery = None,
) -> Response:
    """Ask for a range to cut into slots."""
    typed = told.typed(session, reprendre, keys=keys, by=visit.actor, now=now)
    return _range_page(session, visit, now, typed=typed)


@router.post("/plage")
def publish_range(
    *, visit: AgendaVisitDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Cut a range into slots and publish them, all or none."""
    habits = usable_habits(session, visit, now)
    typed = Typed(form.texts, {})
    day = typed.day("jour", local_day(now), missing="Indiquez le jour")
    begins = typed.hour("debut", missing="Indiquez l’heure de début")
    ends = typed.hour("fin", missing="Indiquez l’heure de fin")
    minutes = typed.number("duree", low=5, high=240, missing="Indiquez la durée d’un créneau")
    offer = replace(offer_typed(typed, habits), slot_minutes=minutes)
    start, end = instant_typed(typed, "debut", day, begins), instant_typed(typed, "fin", day, ends)
    if not typed.errors and end <= start:
        typed.errors["fin"] = "La fin doit venir après le début"
    made = None
    if not typed.errors:
        made = attempt(
            session,
            typed.errors,
            lambda: agenda.publish_range(
                session, visit.practitioner, start, end, offer, by=visit.actor, now=now
            ),
            field="debut",
        )
    if made is None:
        return _range_page(session, visit, now, typed=form.texts, errors=typed.errors)
    return published(session, visit, made, day, keys=keys, now=now)


def usable_habits(session: Session, visit: AgendaVisit, now: datetime) -> Habits:
    """Return the habits of who may publish. Raises `PractitionerCannotPublish`."""
    habits = habits_of(session, visit.practitioner, now=now)
    if habits is None:
        raise PractitionerCannotPublish(visit.practitioner, "aucun lieu ou aucun territoire sur votre fiche")
    return habits


def offer_typed(typed: Typed, habits: Habits) -> Offer:
    """Return the terms of a form: his usual ones, but where and for whom he says."""
    offer = replace(habits.offer, audiences=typed.audiences(habits.offer.audiences))
    place = typed.texts.get("lieu")
    if place is None:
        return offer
    known = {str(site.id): site.id for site in habits.sites}
    if place not in known:
        typed.errors["lieu"] = "Choisissez un de vos lieux"
        return offer
    return replace(offer, site_id=known[place])


def attempt(
    session: Session, errors: Errors, act: Callable[[], Publication], *, field: str
) -> Publication | None:
    """Do an act of the agenda; a refusal leaves nothing and is told beside the field it is about."""
    try:
        with session.begin_nested():
            return act()
    except InvalidValue as refusal:
        named = _FIELDS.get(str(refusal.fields["field"]), field)
        errors[named] = wording.capital(str(refusal.fields["reason"]))
    except SnpError as refusal:
        errors[field] = refusal.sentence
    return None


def published(
    session: Session, visit: AgendaVisit, made: Publication, day: date, *, keys: Keys, now: datetime
) -> Response:
    """Go to the week of what was published, which tells it."""
    sentences = [say_published(made), *(one.sentence for one in made.notices)]
    sentences += say_busy(session, visit, now)
    kept = told.keep(session, sentences, keys=keys, by=visit.actor, now=now)
    return see(f"/agenda?semaine={day.isoformat()}&dit={kept}")


def say_busy(session: Session, visit: AgendaVisit, now: datetime) -> list[str]:
    """Hide at once what his own calendar says is not free, and say so: it must not look like a loss."""
    hidden = len(feeds.align(session, visit.practitioner, by=visit.actor, now=now))
    match hidden:
        case 0:
            return []
        case 1:
            return ["Un créneau est masqué : votre calendrier vous dit pris à cette heure."]
        case _:
            return [f"{hidden} créneaux sont masqués : votre calendrier vous dit pris à ces heures."]


def say_published(made: Publication) -> str:
    """Return how many slots are open now, from when to when."""
    if not made.slots:
        return "Aucun créneau n’a été publié."
    first, last = made.slots[0], made.slots[-1]
    if len(made.slots) == 1:
        return f"Un créneau publié, {say_instant(first.start)}."
    count = f"{len(made.slots)} créneaux publiés"
    if local_day(first.start) == local_day(last.start):
        day = say_day(local_day(first.start))
        return f"{count}, {day} de {say_time(first.start)} à {say_time(last.end)}."
    return f"{count}, du {say_day(local_day(first.start))} au {say_day(local_day(last.start))}."


def instant_typed(typed: Typed, field: str, day: date, at: time) -> datetime:
    """Return the instant of a wall time, with an error beside its field on the day it does not exist."""
    if read_wall(day, at) is Wall.NEVER:
        typed.errors.setdefault(field, NO_SUCH_TIME)
    return at_local(day, at)


def _range_page(
    session: Session,
    visit: AgendaVisit,
    now: datetime,
    *,
    typed: Mapping[str, str],
    errors: Errors | None = None,
) -> Response:
    habits = usable_habits(session, visit, now)
    start: dict[str, Any] = {"duree": str(habits.minutes), "jour": "", "lieu": str(habits.offer.site_id)}
    return render(
        "agenda/range.html",
        status=422 if errors else 200,
        typed=start | dict(typed),
        errors=errors or {},
        places=views.places(habits),
        audiences=views.audience_ticks(habits, typed),
        **frame(session, visit, now),
    )
