"""The rules of a rota, its week at each place, and who takes part: what the coordinator settles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep
from api.security.rights import Action, reach_of
from api.web import forms
from api.web.agenda.reading import AUDIENCES, parse_time
from api.web.coordination.visits import Post, PostDep
from api.web.desk_views import Option
from api.web.forms import Errors, whole
from api.web.rendering import render, see
from api.web.rota.board import address, reachable
from api.web.submitted import SubmittedDep
from slots.rota import service as rotas
from slots.rota.facts import Half
from slots.rota.school_holidays import Zone
from slots.rota.terms import Opening, Room, RotaDetails, RotaView
from slots.rota.wording import HALVES, WEEKDAYS
from snp.assignment.facts import Audience
from snp.directory import service as directory
from snp.directory.facts import PractitionerFilter, SiteFilter, SiteView
from snp.directory.paging import MAX_LIMIT
from snp.errors import InvalidValue, SnpError

router = APIRouter(prefix="/coordination/roulement", include_in_schema=False)

NUMBERS: Final = {
    "repos": ("rest_minutes", "Repos entre deux jours de garde, en heures"),
    "par_jour": ("most_per_day", "Gardes par jour, au plus"),
    "par_semaine": ("most_per_week", "Gardes par semaine, au plus"),
    "de_suite": ("most_days_in_a_row", "Jours de garde de suite, au plus"),
    "publication": ("publish_days", "Publier les créneaux tant de jours avant"),
}
FLAGS: Final = {
    "lacunes": ("gaps", "Une garde peut rester à pourvoir : on appelle alors des volontaires"),
    "volontaires": ("takes_volunteers", "Un volontaire qui n’enfreint aucune règle prend la garde aussitôt"),
    "seul": ("repairs_alone", "Une réparation entre en vigueur sans attendre ma confirmation"),
}
_USUAL: Final = {
    Half.MORNING: (time(9), time(12)),
    Half.AFTERNOON: (time(14), time(17)),
    Half.EVENING: (time(18), time(20)),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the form of a week: a half-day, on weekdays or on Saturday."""

    name: str
    label: str
    days: tuple[int, ...]
    half: Half


ROWS: Final = (
    *(
        Row(half.value, f"{HALVES[half].capitalize()}, du lundi au vendredi", tuple(range(5)), half)
        for half in Half
    ),
    *(
        Row(f"samedi_{half.value}", f"Samedi {HALVES[half]}", (5,), half)
        for half in (Half.MORNING, Half.AFTERNOON)
    ),
)


@router.post("")
def create(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Make a rota at a place, with an ordinary week to begin with."""
    reach_of(post.actor, Action.ROTA_WRITE)
    site_id = forms.ident(form.texts.get("lieu"))
    errors: Errors = {}
    if not form.texts.get("nom_roulement"):
        errors["nom_roulement"] = "Nommez le roulement"
    if site_id is None or site_id not in {each.id for each in _sites(session, post, now)}:
        errors["lieu"] = "Choisissez un lieu"
    if errors or site_id is None:
        return new_page(session, post, now, typed=form.texts, errors=errors)
    week = [
        Opening(site_id, day, half, *_USUAL[half])
        for half in (Half.MORNING, Half.AFTERNOON)
        for day in range(5)
    ]
    details = RotaDetails(form.texts["nom_roulement"], tuple(week), (Room(site_id),))
    try:
        with session.begin_nested():
            made = rotas.create_rota(session, post.territory.id, details, by=post.actor, now=now)
    except InvalidValue as fault:
        errors = {"nom_roulement": forms.capital_reason(fault)}
        return new_page(session, post, now, typed=form.texts, errors=errors)
    return see(f"/coordination/roulement/{made.id}/reglages?territoire={post.territory.id}")


@router.get("/nouveau")
def new(*, post: PostDep, session: SessionDep, now: NowDep) -> Response:
    """Ask what a new rota is called and where it is held."""
    return new_page(session, post, now)


@router.get("/{rota_id}/reglages")
def show(
    *,
    rota_id: UUID,
    post: PostDep,
    session: SessionDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the rules, the week of each place, and who takes part."""
    return _page(session, post, reachable(session, post, rota_id, now, Action.ROTA_WRITE), now, info=info)


@router.post("/{rota_id}/reglages")
def change(*, rota_id: UUID, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Write the rules."""
    rota = reachable(session, post, rota_id, now, Action.ROTA_WRITE)
    typed, errors = form.texts, {}
    values: dict[str, object] = {"name": typed.get("nom_roulement", "")}
    for name, (field, label) in NUMBERS.items():
        told = typed.get(name, "").replace(",", ".")
        try:
            values[field] = round(float(told) * 60) if name == "repos" else int(told)
        except (ValueError, OverflowError):
            errors[name] = f"{label} : indiquez un nombre"
    values |= {field: typed.get(name) == "oui" for name, (field, _) in FLAGS.items()}
    values["audiences"] = frozenset(each for each in Audience if typed.get(f"public_{each.value}") == "oui")
    zone = typed.get("zone", "")
    if zone in set(Zone):
        values["zone"] = Zone(zone)
    if errors:
        return _page(session, post, rota, now, errors=errors, typed=typed)
    return _written(session, post, rota, replace(rota.details, **values), now=now, typed=typed)  # type: ignore[arg-type]


@router.post("/{rota_id}/lieux")
def change_week(
    *, rota_id: UUID, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> Response:
    """Write the week and the rooms of a place; a place without any half-day leaves the rota."""
    rota = reachable(session, post, rota_id, now, Action.ROTA_WRITE)
    site_id = forms.ident(form.texts.get("lieu"))
    if site_id is None or site_id not in {each.id for each in _sites(session, post, now)}:
        return _page(session, post, rota, now, errors={"lieu": "Choisissez un lieu"}, typed=form.texts)
    week, errors = _read_week(site_id, form.texts)
    if errors:
        return _page(session, post, rota, now, errors=errors, typed=form.texts, site_id=site_id)
    rooms = form.texts.get("salles", "")
    here = [Room(site_id, whole(rooms, None) or None)] if week else []
    details = replace(
        rota.details,
        openings=(*(each for each in rota.details.openings if each.site_id != site_id), *week),
        places=(*(each for each in rota.details.places if each.site_id != site_id), *here),
    )
    return _written(session, post, rota, details, now=now, typed=form.texts, site_id=site_id)


@router.post("/{rota_id}/participants")
def put_member(
    *, rota_id: UUID, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> Response:
    """Let somebody take part, or change his terms."""
    rota = reachable(session, post, rota_id, now, Action.ROTA_WRITE)
    who, share = forms.ident(form.texts.get("praticien")), form.texts.get("quotite", "")
    most = form.texts.get("semaine_max", "")
    if who is None:
        return _page(session, post, rota, now, errors={"praticien": "Choisissez un professionnel"})
    try:
        with session.begin_nested():
            rotas.put_member(
                session,
                rota_id,
                who,
                share=whole(share, -1),
                most_per_week=whole(most, None),
                now=now,
            )
    except InvalidValue as fault:
        return _page(
            session, post, rota, now, errors={"quotite": forms.capital_reason(fault)}, typed=form.texts
        )
    except SnpError as refusal:
        return _page(session, post, rota, now, errors={"praticien": refusal.sentence}, typed=form.texts)
    return see(
        f"/coordination/roulement/{rota_id}/reglages?territoire={post.territory.id}&info=participant-note"
    )


@router.post("/{rota_id}/participants/{practitioner_id}/retirer")
def remove_member(
    *, rota_id: UUID, practitioner_id: UUID, post: PostDep, session: SessionDep, now: NowDep
) -> Response:
    """Say that somebody no longer takes part."""
    reachable(session, post, rota_id, now, Action.ROTA_WRITE)
    try:
        with session.begin_nested():
            rotas.remove_member(session, rota_id, practitioner_id, now=now)
    except SnpError:
        pass  # he had left: the page says who takes part
    return see(
        f"/coordination/roulement/{rota_id}/reglages?territoire={post.territory.id}&info=participant-retire"
    )


def new_page(
    session: Session,
    post: Post,
    now: datetime,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
) -> Response:
    """Return the form of a new rota."""
    return render(
        "rota/new.html",
        visit=post.visit,
        status=422 if errors else 200,
        post=post,
        sites=[Option(str(each.id), each.name) for each in _sites(session, post, now)],
        typed=typed or {},
        errors=errors or {},
    )


def _written(
    session: Session,
    post: Post,
    rota: RotaView,
    details: RotaDetails,
    *,
    now: datetime,
    typed: Mapping[str, str],
    site_id: UUID | None = None,
) -> Response:
    try:
        with session.begin_nested():
            rotas.change_rota(session, rota.id, details)
    except InvalidValue as fault:
        names = {field: name for name, (field, _) in NUMBERS.items()} | {"name": "nom_roulement"}
        names |= {"audiences": "public_regulation", "openings": "lieu", "places": "lieu"}
        field = names.get(str(fault.fields["field"]), "nom_roulement")
        errors = {field: forms.capital_reason(fault)}
        return _page(session, post, rota, now, errors=errors, typed=typed, site_id=site_id)
    return see(
        f"/coordination/roulement/{rota.id}/reglages?territoire={post.territory.id}&info=roulement-enregistre"
    )


def _read_week(site_id: UUID, typed: Mapping[str, str]) -> tuple[list[Opening], Errors]:
    week: list[Opening] = []
    errors: Errors = {}
    for row in ROWS:
        days = [day for day in row.days if typed.get(f"{row.name}_{day}") == "oui"]
        if not days:
            continue
        starts = parse_time(typed.get(f"{row.name}_de", ""), missing="Indiquez l’heure de début")
        ends = parse_time(typed.get(f"{row.name}_a", ""), missing="Indiquez l’heure de fin")
        for name, found in ((f"{row.name}_de", starts), (f"{row.name}_a", ends)):
            if isinstance(found, str):
                errors[name] = f"{row.label} : {found[:1].lower()}{found[1:]}"
        numbers = {key: typed.get(f"{row.name}_{key}", "") for key in ("min", "max", "patients")}
        for key, told in numbers.items():
            if not told.isdecimal() or int(told) > 60:
                errors[f"{row.name}_{key}"] = f"{row.label} : indiquez un nombre de 0 à 60"
        if errors or isinstance(starts, str) or isinstance(ends, str):
            continue
        least, most, patients = (int(told) for told in numbers.values())
        week += [Opening(site_id, day, row.half, starts, ends, least, most, patients) for day in days]
    return week, errors


def _sites(session: Session, post: Post, now: datetime) -> list[SiteView]:
    wanted = SiteFilter(territory_ids=frozenset({post.territory.id}))
    return list(directory.list_sites(session, wanted, limit=MAX_LIMIT, now=now).items)


def _page(
    session: Session,
    post: Post,
    rota: RotaView,
    now: datetime,
    *,
    info: str | None = None,
    errors: Errors | None = None,
    typed: Mapping[str, str] | None = None,
    site_id: UUID | None = None,
) -> Response:
    members = rotas.list_members(session, rota.id, now=now)
    taking_part = {each.practitioner_id for each in members}
    people = directory.list_practitioners(
        session, PractitionerFilter(territory_ids=frozenset({post.territory.id})), limit=MAX_LIMIT, now=now
    ).items
    places = {each.site_id for each in rota.details.places}
    sites = _sites(session, post, now)
    chosen = site_id or next((each.site_id for each in rota.details.places), None)
    return render(
        "rota/settings.html",
        visit=post.visit,
        status=422 if errors else 200,
        info=info,
        post=post,
        rota=rota,
        back=address(post, rota.id),
        members=members,
        candidates=[
            Option(str(each.id), each.full_name)
            for each in people
            if each.id not in taking_part and places.intersection(each.site_ids)
        ],
        weeks=[
            (each, _week_typed(rota, each.id) | (dict(typed or {}) if site_id == each.id else {}))
            for each in sites
            if each.id in places
        ],
        other_sites=[each for each in sites if each.id not in places],
        chosen=chosen,
        rows=ROWS,
        weekdays=WEEKDAYS,
        numbers=NUMBERS,
        flags=FLAGS,
        audiences=AUDIENCES,
        zones=[Option(each.value, f"Zone {each.value}") for each in Zone],
        typed=_typed(rota) | dict(typed or {}),
        errors=errors or {},
    )


def _typed(rota: RotaView) -> dict[str, str]:
    details = rota.details
    hours = f"{details.rest_minutes / 60:g}".replace(".", ",")
    return (
        {name: str(getattr(details, field)) for name, (field, _) in NUMBERS.items()}
        | {"repos": hours, "nom_roulement": details.name, "zone": details.zone.value, "quotite": "100"}
        | {name: "oui" for name, (field, _) in FLAGS.items() if getattr(details, field)}
        | {f"public_{each.value}": "oui" for each in details.audiences}
    )


def _week_typed(rota: RotaView, site_id: UUID) -> dict[str, str]:
    """A week as its form shows it; the hours of a line are those of its first half-day."""
    typed: dict[str, str] = {}
    for row in ROWS:
        found = [
            each
            for each in rota.details.openings
            if each.site_id == site_id and each.half is row.half and each.weekday in row.days
        ]
        first = found[0] if found else Opening(site_id, row.days[0], row.half, *_USUAL[row.half])
        typed |= {f"{row.name}_{each.weekday}": "oui" for each in found}
        typed |= {
            f"{row.name}_de": f"{first.starts_at:%H:%M}",
            f"{row.name}_a": f"{first.ends_at:%H:%M}",
            f"{row.name}_min": str(first.least),
            f"{row.name}_max": str(first.most),
            f"{row.name}_patients": str(first.patients),
        }
    rooms = next((each.rooms for each in rota.details.places if each.site_id == site_id), None)
    return typed | {"salles": str(rooms or "")}
