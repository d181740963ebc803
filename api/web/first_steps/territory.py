"""First steps: the territory itself, its communes, its hours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, PageVisit, SessionDep
from api.security.rights import Action, Subject, check_new, reach_of
from api.web import desk_views, kept
from api.web.coordination.setting_forms import typed_of
from api.web.coordination.settings import details_of, setting_choices
from api.web.coordination.visits import CoordinationDep, Post, PostDep, within_reach
from api.web.desk_patient import picked_commune
from api.web.first_steps.steps import steps_of
from api.web.forms import Errors, capital_reason
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from snp.directory import service as directory
from snp.directory.facts import CommuneView, TerritoryDetails
from snp.directory.repository.territories import SlugAlreadyUsed
from snp.directory.words import fold
from snp.errors import InvalidValue, VersionMismatch

router = APIRouter(prefix="/premiers-pas", include_in_schema=False)

FOUND: Final = 12
InfoQuery = Annotated[str | None, Query(max_length=40)]


@router.get("")
def overview(
    *,
    visit: CoordinationDep,
    session: SessionDep,
    territoire: Annotated[str, Query(max_length=36)] = "",
    info: InfoQuery = None,
) -> Response:
    """Show how far the territory is; where there is none yet, ask for it."""
    territories = within_reach(session, visit.actor)
    chosen = [one for one in territories if territoire in {"", str(one.id)}]
    if not chosen:
        return _ask_territory(session, visit, info=info)
    post = Post(visit, chosen[0], territories)
    return page(session, post, "first_steps/overview.html", "territoire", info=info)


@router.get("/territoire")
def ask_territory(
    *,
    visit: CoordinationDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    reprendre: Annotated[bool, Query()] = False,
) -> Response:
    """Ask for one more territory, as it was being typed when that was interrupted."""
    page_id = kept.page_id("/premiers-pas/territoire")
    left = kept.find(session, page_id, keys=keys, by=visit.actor, now=now) if reprendre else {}
    return _ask_territory(session, visit, typed=left, info="saisie-reprise" if left else None)


@router.post("/territoire")
def create_territory(
    *, visit: CoordinationDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> Response:
    """Make the territory, around its first commune; only who may act everywhere can."""
    actor, typed = visit.actor, form.texts
    check_new(actor, Action.TERRITORY_WRITE, Subject("territoire"))
    name = typed.get("nom_territoire", "")
    insee, faults, found = picked_commune(session, typed, actor)
    errors: Errors = {} if name else {"nom_territoire": "Indiquez le nom du territoire"}
    errors |= {"commune": "Indiquez une première commune"} if not typed.get("commune") else dict(faults)
    if errors or insee is None:
        return _ask_territory(session, visit, errors=errors, typed=typed, communes=found)
    commune = directory.get_commune(session, insee)
    details = TerritoryDetails(
        slug=slug_of(name), name=name, department=commune.department, communes=frozenset({insee})
    )
    try:
        with session.begin_nested():
            made = directory.create_territory(session, details, by=actor, now=now)
    except SlugAlreadyUsed:
        return _ask_territory(
            session, visit, errors={"nom_territoire": "Un territoire porte déjà ce nom"}, typed=typed
        )
    except InvalidValue as fault:
        return _ask_territory(session, visit, errors={"nom_territoire": capital_reason(fault)}, typed=typed)
    return see(f"/premiers-pas/communes?territoire={made.id}&info=territoire-cree")


@router.get("/communes")
def communes(
    *,
    post: PostDep,
    session: SessionDep,
    q: Annotated[str, Query(max_length=80)] = "",
    info: InfoQuery = None,
) -> Response:
    """Show the perimeter, and what a search finds beyond it."""
    inside = directory.communes_of(session, post.territory.id)
    known = {one.insee for one in inside}
    found = None
    if q.strip():
        found = [
            one
            for one in directory.search_communes(session, q, near_territory_ids=[post.territory.id], limit=50)
            if one.insee not in known
        ][:FOUND]
    return page(
        session,
        post,
        "first_steps/communes.html",
        "communes",
        info=info,
        inside=inside,
        found=found,
        typed={"q": q},
    )


@router.post("/communes/ajouter")
def add_commune(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Bring a commune into the perimeter; twice brings it once."""
    insee = form.texts.get("commune_insee", "")
    return _set_perimeter(session, post, frozenset({*post.territory.communes, insee}), form.texts, now)


@router.post("/communes/retirer")
def remove_commune(
    *, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> RedirectResponse:
    """Take a commune out of the perimeter; the last one stays."""
    insee = form.texts.get("commune_insee", "")
    return _set_perimeter(session, post, frozenset(post.territory.communes) - {insee}, form.texts, now)


@router.get("/horaires")
def hours(*, post: PostDep, session: SessionDep, info: InfoQuery = None) -> Response:
    """Show the hours and the other settings; they are sent where settings always are."""
    typed = {**typed_of(post.territory.settings), "nom_territoire": post.territory.name}
    return page(
        session,
        post,
        "first_steps/hours.html",
        "horaires",
        info=info,
        typed=typed,
        version=post.territory.version,
        **setting_choices(),
    )


def page(
    session: Session, post: Post, template: str, step: str, *, info: str | None = None, **facts: Any
) -> HTMLResponse:
    """Return the page of a step of a territory."""
    return render(
        template,
        visit=post.visit,
        info=info,
        post=post,
        step=step,
        steps=steps_of(session, post.territory, post.actor),
        **facts,
    )


def slug_of(name: str) -> str:
    """Return the short name of a territory, from its name: « CPTS Pays de Retz » is `cpts-pays-de-retz`."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")


def _ask_territory(
    session: Session,
    visit: PageVisit,
    *,
    errors: Errors | None = None,
    typed: Mapping[str, str] | None = None,
    communes: Sequence[CommuneView] = (),
    info: str | None = None,
) -> HTMLResponse:
    return render(
        "first_steps/territory.html",
        visit=visit,
        status=422 if errors else 200,
        info=info,
        step="territoire",
        steps=steps_of(session, None, visit.actor),
        may_create=not visit.actor.territories,
        errors=errors or {},
        typed=typed or {},
        commune_choices=[desk_views.Option(one.insee, desk_views.commune_label(one)) for one in communes],
        communes=[],
    )


def _set_perimeter(
    session: Session, post: Post, perimeter: frozenset[str], typed: Mapping[str, str], now: datetime
) -> RedirectResponse:
    reach_of(post.actor, Action.TERRITORY_WRITE)
    info = "communes-enregistrees"
    if perimeter != frozenset(post.territory.communes):
        try:
            with session.begin_nested():
                directory.update_territory(
                    session,
                    post.territory.id,
                    details_of(post.territory, communes=perimeter),
                    version=post.territory.version,
                    by=post.actor,
                    now=now,
                )
        except InvalidValue:
            info = "derniere-commune"
        except VersionMismatch:
            info = "reglages-changes"
    query = {"territoire": str(post.territory.id), "info": info, "q": typed.get("q", "")}
    return see(f"/premiers-pas/communes?{urlencode(query)}")
