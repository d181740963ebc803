"""A doctor's page of the list: places declared, cards without name, who was accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.security.rights import Action, reach_of
from api.web import forms, wording
from api.web.agenda.visit import AgendaVisit, AgendaVisitDep
from api.web.agenda.week import InfoQuery, frame
from api.web.desk_views import Option
from api.web.forms import Errors
from api.web.mt_list import words
from api.web.mt_list.forms import fault_of, read_places
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.facts import (
    Card,
    PersonShown,
    PickOutcome,
    PickView,
    PlaceView,
)
from regulation.medecin_traitant.register.refusals import EntryMoved, NoPlaceLeft, PickEnded
from regulation.orientation.explaining import say_distance
from snp.days import local_day, say_day
from snp.directory import service as directory
from snp.errors import InvalidValue, NotFound
from snp.platform.keys import Keys

router = APIRouter(prefix="/agenda/medecin-traitant", include_in_schema=False)

HERE: Final = "/agenda/medecin-traitant"
CARDS: Final = 12
ENDED_SHOWN: Final = 5
_MOMENT: Final = timedelta(seconds=1)
"""`call_by` is the midnight after the last day: what is told is that day."""
WHY: Final = "personne acceptée comme patient par le cabinet"


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A declaration, and the cards of who waits for such a place."""

    id: UUID
    title: str
    terms: str
    left: int
    cards: tuple[dict[str, Any], ...]
    following: str | None
    start: int


@router.get("")
def show(
    *,
    visit: AgendaVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    places: Annotated[UUID | None, Query()] = None,
    debut: Annotated[int, Query(ge=0, le=100_000)] = 0,
    info: InfoQuery = None,
) -> Response:
    """Show whom the practice accepted, its places, and the cards of who waits."""
    reach_of(visit.actor, Action.MT_PICK)
    return _page(session, visit, keys=keys, now=now, info=info, start={places: debut})


@router.post("")
def declare(
    *, visit: AgendaVisitDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Declare places."""
    reach_of(visit.actor, Action.MT_PLACES)
    typed = form.texts
    carer = directory.get_practitioner(session, visit.practitioner, now=now)
    territory_id = forms.ident(typed.get("territoire")) or min(carer.territory_ids, default=None)
    ticked = frozenset(name.removeprefix("commune_") for name in typed if name.startswith("commune_"))
    reading = read_places(typed, ticked)
    errors = dict(reading.errors)
    if territory_id is None:
        errors["places"] = "Vous n’êtes membre d’aucune CPTS : demandez à votre coordinateur"
    elif reading.value is not None:
        try:
            with session.begin_nested():
                register.declare_places(session, territory_id, reading.value, by=visit.actor, now=now)
        except InvalidValue as fault:
            errors = fault_of(fault)
        else:
            return see(HERE, info="mt-places")
    return _page(session, visit, keys=keys, now=now, errors=errors, typed=typed)


@router.post("/places/{place_id}/fermer")
def close(*, place_id: UUID, visit: AgendaVisitDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """End a declaration."""
    reach_of(visit.actor, Action.MT_PLACES)
    register.close_places(session, place_id, by=visit.actor, now=now)
    return see(HERE, info="mt-places-fermees")


@router.post("/places/{place_id}/accepter")
def accept(
    *, place_id: UUID, visit: AgendaVisitDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Accept somebody; who it is shows from now on."""
    reach_of(visit.actor, Action.MT_PICK)
    wanted = forms.ident(form.texts.get("personne"))
    if wanted is None:
        raise NotFound("inscription")
    try:
        with session.begin_nested():
            register.pick(session, place_id, wanted, by=visit.actor, now=now)
    except (EntryMoved, NoPlaceLeft):
        return see(HERE, info="mt-pris")
    return see(HERE, info="mt-accepte")


@router.post("/choix/{pick_id}")
def follow(
    *, pick_id: UUID, visit: AgendaVisitDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Say what came of it: called, signed, or given back."""
    reach_of(visit.actor, Action.MT_PICK)
    said = form.texts.get("suite", "")
    try:
        with session.begin_nested():
            if said == "appelee":
                register.record_called(session, pick_id, by=visit.actor, now=now)
            elif said == PickOutcome.SIGNED:
                register.record_signed(session, pick_id, by=visit.actor, now=now)
            elif said in register.BY_PRACTICE:
                register.give_back(session, pick_id, PickOutcome(said), by=visit.actor, now=now)
            else:
                return see(HERE)
    except (EntryMoved, PickEnded):
        return see(HERE, info="mt-deja-fait")
    return see(HERE, info="mt-note")


@router.get("/choix/{_id}")
@router.get("/places/{_id}/{_act}")
def back(*, _id: str, _act: str = "", _visit: AgendaVisitDep) -> RedirectResponse:
    """Return to the page: the addresses of its forms are only sent to."""
    return see(HERE)


def _page(
    session: Session,
    visit: AgendaVisit,
    *,
    keys: Keys,
    now: datetime,
    info: str | None = None,
    errors: Errors | None = None,
    typed: Mapping[str, str] | None = None,
    start: Mapping[UUID | None, int] | None = None,
) -> Response:
    by = visit.actor
    carer = directory.get_practitioner(session, visit.practitioner, now=now)
    running = register.list_picks(session, running=True, by=by, now=now)
    ids = [one.id for one in running]
    people = register.read_picked(session, ids, keys=keys, why=WHY, by=by, now=now)
    ended = register.list_picks(session, running=False, limit=ENDED_SHOWN, by=by, now=now)
    today = local_day(now)
    open_places = [one for one in register.list_places(session, by=by, now=now) if one.closed_at is None]
    current = [one for one in open_places if one.terms.valid_until >= today]
    communes = [one for ident in sorted(carer.territory_ids) for one in directory.communes_of(session, ident)]
    return render(
        "mt_list/practice_page.html",
        status=422 if errors else 200,
        info=info,
        is_doctor=carer.profession in register.DOCTORS,
        picks=[_pick(one, people.get(one.id), now) for one in running],
        ended=[_ended(one) for one in ended],
        places=[_place(session, visit, one, start or {}, now) for one in current],
        territories=[
            Option(str(ident), directory.get_territory(session, ident).name)
            for ident in sorted(carer.territory_ids)
        ],
        communes=[(f"commune_{one.insee}", one.name) for one in communes],
        typed=dict(typed or {}),
        errors=errors or {},
        **frame(session, visit, now),
    )


def _pick(one: PickView, person: PersonShown | None, now: datetime) -> dict[str, Any]:
    blank = dict.fromkeys(("name", "born", "age", "phone", "email"), "")
    shown: dict[str, Any] = {"id": one.id, "called": one.called_at is not None, **blank}
    shown["until"] = say_day(local_day(one.call_by - _MOMENT))
    if person is not None:
        shown |= {
            "name": wording.full_name(person.traits),
            "born": wording.born(person.traits),
            "age": wording.age(person.traits.birth_date, local_day(now)),
            "phone": wording.phone(person.traits.phone),
            "email": person.email or "",
        }
    return shown


def _ended(one: PickView) -> str:
    assert one.outcome is not None
    assert one.ended_at is not None
    return f"{words.OUTCOMES[one.outcome]}, le {local_day(one.ended_at):%d/%m/%Y}"


def _place(
    session: Session, visit: AgendaVisit, one: PlaceView, start: Mapping[UUID | None, int], now: datetime
) -> PlaceRow:
    begin = start.get(one.id, 0)
    page = register.list_cards(session, one.id, start=begin, limit=CARDS, by=visit.actor, now=now)
    codes = {card.insee for card in page.items} | one.terms.communes
    names = {insee: commune.name for insee, commune in directory.get_communes(session, codes).items()}
    return PlaceRow(
        id=one.id,
        title=f"{one.left} place{'s' if one.left > 1 else ''} sur {one.terms.places}",
        terms=_terms(one, names),
        left=one.left,
        cards=tuple(_card(card, names, now) for card in page.items),
        following=page.next_cursor,
        start=begin,
    )


def _terms(one: PlaceView, names: Mapping[str, str]) -> str:
    terms = one.terms
    parts = [f"jusqu’au {terms.valid_until:%d/%m/%Y}"]
    if terms.age_from is not None or terms.age_to is not None:
        low = f"de {terms.age_from} " if terms.age_from is not None else ""
        high = f"à {terms.age_to} " if terms.age_to is not None else "et plus "
        parts.append(f"{low}{high}ans".replace("  ", " "))
    if terms.ald_only:
        parts.append("réservées aux ALD")
    if terms.communes:
        parts.append(", ".join(names.get(insee, insee) for insee in sorted(terms.communes)))
    return " · ".join(parts)


def _card(card: Card, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    return {
        "entry_id": card.entry_id,
        "age": card.age_band,
        "commune": names.get(card.insee, card.insee),
        "ald": card.ald,
        "since": words.since(card.waiting_since, now),
        "total": card.total,
        "km": say_distance(card.km) if card.km is not None else "",
    }
