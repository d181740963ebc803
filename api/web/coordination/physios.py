"""Physiotherapy as a coordinator steers it: templates, days between sessions, direct access, relays, counts.

No patient here: series are counted, never shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep
from api.security.rights import Action, reach_of
from api.web import forms
from api.web.agenda.reading import Typed
from api.web.amounts import read_day
from api.web.coordination.settings import details_of
from api.web.coordination.visits import Post, PostDep
from api.web.desk_views import Option
from api.web.forms import Errors
from api.web.rendering import render, see
from api.web.series import template_forms, views
from api.web.submitted import SubmittedDep
from regulation.series import keeping
from regulation.series import service as series
from regulation.series.direct_access import TRIAL_DEPARTMENTS, TRIAL_FROM, TRIAL_UNTIL
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.territory_settings import check_settings
from snp.errors import InvalidValue, VersionMismatch

router = APIRouter(prefix="/coordination/kine", include_in_schema=False)

PAGE: Final = "/coordination/kine"
InfoQuery = Annotated[str | None, Query(max_length=40)]


@router.get("")
def show(*, post: PostDep, session: SessionDep, now: NowDep, info: InfoQuery = None) -> Response:
    """Show how the territory's physiotherapy stands."""
    return _page(session, post, now, info=info)


@router.post("/acces-direct")
def set_direct_access(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Set the days between which sessions without a prior diagnosis are given; empty: none."""
    reach_of(post.actor, Action.TERRITORY_WRITE)
    errors: Errors = {}
    days = {name: _day(form.texts.get(name, ""), name, errors) for name in ("acces_du", "acces_au")}
    since, until = days["acces_du"], days["acces_au"]
    if not errors:
        errors = _write_days(session, post, since, until, now)
    if errors:
        return _page(session, post, now, typed=form.texts, errors=errors)
    return _back(post, "acces-direct-enregistre")


@router.post("/relais")
def declare(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Say who stands in for whom."""
    reach_of(post.actor, Action.RELAY_WRITE)
    typed = Typed(form.texts, {})
    today = local_day(now)
    first = typed.day("du", today, missing="Indiquez le premier jour")
    last = typed.day("au", today, missing="Indiquez le dernier jour")
    away, colleague = (forms.ident(form.texts.get(name)) for name in ("absent", "confrere"))
    if away is None:
        typed.errors["absent"] = "Choisissez qui est absent"
    if colleague is None:
        typed.errors["confrere"] = "Choisissez qui prend le relais"
    if not typed.errors and away is not None and colleague is not None:
        try:
            with session.begin_nested():
                series.declare_relay(
                    session,
                    post.territory.id,
                    practitioner_id=away,
                    colleague_id=colleague,
                    starts_on=first,
                    ends_on=last,
                    by=post.actor,
                    now=now,
                )
        except InvalidValue as fault:
            name = {"ends_on": "au", "practitioner_id": "absent"}.get(str(fault.fields["field"]), "confrere")
            typed.errors[name] = forms.capital_reason(fault)
    if typed.errors:
        return _page(session, post, now, typed=form.texts, errors=typed.errors)
    return _back(post, "relais-note")


@router.post("/relais/{relay_id}/terminer")
def end(*, relay_id: UUID, post: PostDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """End a relay."""
    reach_of(post.actor, Action.RELAY_WRITE)
    series.end_relay(session, relay_id, by=post.actor, now=now)
    return _back(post, "relais-termine")


@router.get("/modeles/{indication}")
def template(*, indication: str, post: PostDep, session: SessionDep) -> Response:
    """Show a template, to be changed."""
    reach_of(post.actor, Action.PHYSIO_TEMPLATE_READ)
    found = series.get_template(session, post.territory.id, indication, by=post.actor)
    return _template_page(session, post, indication, template_forms.typed_of(found))


@router.post("/modeles/{indication}")
def change_template(
    *, indication: str, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep
) -> Response:
    """Write a revision of a template."""
    reach_of(post.actor, Action.PHYSIO_TEMPLATE_WRITE)
    errors = template_forms.change(
        session, post.territory.id, indication, form.texts, with_days=True, by=post.actor, now=now
    )
    if errors:
        return _template_page(session, post, indication, form.texts, errors=errors)
    return _back(post, "modele-enregistre")


def _template_page(
    session: Session, post: Post, indication: str, typed: Mapping[str, str], *, errors: Errors | None = None
) -> Response:
    return render(
        "coordination/physio_template.html",
        visit=post.visit,
        status=422 if errors else 200,
        post=post,
        action=post.address(f"/kine/modeles/{indication}"),
        back=post.address("/kine"),
        with_days=True,
        typed=typed,
        errors=errors or {},
        **template_forms.facts_of(session, post.territory.id, indication, by=post.actor),
    )


def _page(
    session: Session,
    post: Post,
    now: datetime,
    *,
    info: str | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
) -> Response:
    by, here = post.actor, post.territory
    settings = here.settings
    kept = {
        name: day.isoformat() if day else ""
        for name, day in (
            ("acces_du", settings.direct_access_from),
            ("acces_au", settings.direct_access_until),
        )
    }
    relays = series.list_relays(session, territory_id=here.id, by=by, now=now)
    physios = [Option(str(one.id), one.full_name) for one in keeping.physios(session, here.id, now)]
    figures = series.figures(session, here.id, now=now)
    return render(
        "coordination/physios.html",
        visit=post.visit,
        status=422 if errors else 200,
        info=info,
        post=post,
        templates=series.list_templates(session, here.id, by=by),
        takes_part=here.department in TRIAL_DEPARTMENTS,
        trial=(f"{TRIAL_FROM:%d/%m/%Y}", f"{TRIAL_UNTIL:%d/%m/%Y}"),
        physios=physios,
        relays=views.relay_rows(session, relays, by=by, now=now),
        figures=figures,
        ended=[(label, figures.ended[end]) for end, label in views.ENDS.items()],
        typed={**kept, **(typed or {})},
        errors=errors or {},
    )


def _write_days(
    session: Session, post: Post, since: date | None, until: date | None, now: datetime
) -> Errors:
    settings = replace(post.territory.settings, direct_access_from=since, direct_access_until=until)
    try:
        with session.begin_nested():
            directory.update_territory(
                session,
                post.territory.id,
                details_of(post.territory, settings=check_settings(settings)),
                version=post.territory.version,
                by=post.actor,
                now=now,
            )
    except InvalidValue as fault:
        name = "acces_au" if fault.fields["field"] == "direct_access_until" else "acces_du"
        return {name: forms.capital_reason(fault)}
    except VersionMismatch:
        return {"acces_du": "Ces réglages viennent d’être modifiés par quelqu’un d’autre : vérifiez"}
    return {}


def _day(typed: str, name: str, errors: Errors) -> date | None:
    if not typed:
        return None
    told = read_day(typed)
    if isinstance(told, str):
        errors[name] = told
        return None
    return told


def _back(post: Post, info: str) -> RedirectResponse:
    return see(f"{PAGE}?territoire={post.territory.id}&info={info}")
