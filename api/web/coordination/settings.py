"""The settings of a territory, and who changed what and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.security import service as security
from api.security.rights import Action, reach_of
from api.web import kept
from api.web.coordination import history
from api.web.coordination.setting_forms import PDSA, fault_of, read_settings, typed_of
from api.web.coordination.visits import Post, PostDep
from api.web.desk_views import Option
from api.web.forms import Errors, whole
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from snp.directory import service as directory
from snp.directory.facts import TerritoryDetails, TerritoryView
from snp.directory.territory_settings import ALLOWED_DELAYS_HOURS, TerritorySettings
from snp.errors import InvalidValue, VersionMismatch

router = APIRouter(prefix="/coordination/reglages", include_in_schema=False)

PAGE: Final = "/coordination/reglages"
ROWS: Final = 20


@router.get("")
def show(
    *,
    post: PostDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    reprendre: Annotated[bool, Query()] = False,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the settings in force, or as they were being typed, and their history."""
    left = kept.find(session, kept.page_id(PAGE), keys=keys, by=post.actor, now=now) if reprendre else {}
    return _page(session, post, info="saisie-reprise" if left else info, typed=left)


@router.post("")
def change(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Write the settings; who typed over an older version is told so, and loses nothing typed."""
    reach_of(post.actor, Action.TERRITORY_WRITE)
    typed, territory = form.texts, post.territory
    reading = read_settings(typed, territory.settings)
    errors = dict(reading.errors)
    if not typed.get("nom_territoire"):
        errors["nom_territoire"] = "Indiquez le nom du territoire"
    if not errors and reading.value is not None:
        try:
            with session.begin_nested():
                directory.update_territory(
                    session,
                    territory.id,
                    details_of(territory, name=typed["nom_territoire"], settings=reading.value),
                    version=whole(typed.get("version", ""), 0),
                    by=post.actor,
                    now=now,
                )
        except InvalidValue as fault:
            errors = fault_of(fault)
        except VersionMismatch:
            told = "Ces réglages viennent d’être modifiés par quelqu’un d’autre : vérifiez, puis enregistrez"
            errors = {"nom_territoire": told}
        else:
            kept.forget(session, kept.page_id(PAGE), by=post.actor)
            onward = typed.get("suite") == "premiers-pas"
            path = "/premiers-pas" if onward else PAGE
            return see(f"{path}?territoire={territory.id}&info=reglages-enregistres")
    return _page(session, post, errors=errors, typed=typed)


def details_of(
    territory: TerritoryView,
    *,
    name: str | None = None,
    communes: frozenset[str] | None = None,
    settings: TerritorySettings | None = None,
) -> TerritoryDetails:
    """Return a territory as it is written, with what changes."""
    perimeter = frozenset(territory.communes) if communes is None else communes
    return TerritoryDetails(
        slug=territory.slug,
        name=name or territory.name,
        department=territory.department,
        communes=perimeter,
        finess=territory.finess,
        size_class=None if communes is not None else territory.size_class,
        settings=settings,
    )


def setting_choices() -> dict[str, Any]:
    """Return the choices of the form of settings."""
    return {
        "delays": [Option(str(hours), f"{hours}\u00a0h") for hours in ALLOWED_DELAYS_HOURS],
        "pdsa_rules": [Option(field, label) for field, label in PDSA.values()],
        "days": (
            ("semaine", "Du lundi au vendredi", True),
            ("samedi", "Samedi", False),
            ("dimanche", "Dimanche", False),
        ),
    }


def _page(
    session: Session,
    post: Post,
    *,
    info: str | None = None,
    errors: Errors | None = None,
    typed: Mapping[str, str] | None = None,
) -> HTMLResponse:
    territory = post.territory
    revisions = directory.territory_history(session, territory.id)
    names = {f"account:{one.id}": one.display_name for one in security.list_accounts(session, by=post.actor)}
    started = {**typed_of(territory.settings), "nom_territoire": territory.name}
    return render(
        "coordination/settings.html",
        visit=post.visit,
        status=422 if errors else 200,
        info=info,
        post=post,
        errors=errors or {},
        typed=typed or started,
        version=territory.version,
        edits=history.edits(revisions[: ROWS + 1], names)[:ROWS],
        **setting_choices(),
    )
