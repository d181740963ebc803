"""Define an indicator, edit it, retire it, bring it back; each edit is kept with its author."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, SessionDep
from api.security.rights import Action, reach_of
from api.web import kept
from api.web.coordination import indicator_forms
from api.web.coordination.visits import Post, PostDep
from api.web.forms import Errors, whole
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from regulation.indicators import service as indicators
from regulation.indicators.facts import IndicatorView
from regulation.indicators.refusals import IndicatorCodeTaken
from snp.directory import service as directory
from snp.errors import InvalidValue, VersionMismatch
from snp.platform.events import Event
from snp.platform.logs import log

router = APIRouter(prefix="/coordination/indicateurs", include_in_schema=False)

PAGE: Final = "/coordination/indicateurs"
NEW: Final = f"{PAGE}/nouveau"


@router.get("/nouveau")
def show_new(
    *,
    post: PostDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    reprendre: Annotated[bool, Query()] = False,
) -> HTMLResponse:
    """Show the form of a new indicator."""
    reach_of(post.actor, Action.INDICATOR_WRITE)
    left = kept.find(session, kept.page_id(NEW), keys=keys, by=post.actor, now=now) if reprendre else {}
    return _page(session, post, None, typed=left, info="saisie-reprise" if left else None)


@router.post("/nouveau")
def create(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Add an indicator under a short name made of its name."""
    reach_of(post.actor, Action.INDICATOR_WRITE)
    reading = indicator_forms.read(form.texts)
    errors = dict(reading.errors)
    code = form.texts.get("code_indicateur") or _code_of(form.texts.get("nom_indicateur", ""))
    if not errors and reading.value is not None:
        try:
            with session.begin_nested():
                made = indicators.create_indicator(
                    session, post.territory.id, code, reading.value, by=post.actor, now=now
                )
        except InvalidValue as fault:
            errors = indicator_forms.fault_of(fault)
        except IndicatorCodeTaken as taken:
            errors = {"code_indicateur": taken.sentence}
        else:
            kept.forget(session, kept.page_id(NEW), by=post.actor)
            log(Event.INDICATOR_CHANGED, territory_id=post.territory.id, code=code, version=made.version)
            return _back(post, made.code, "indicateur-cree")
    return _page(session, post, None, errors=errors, typed=form.texts)


@router.get("/{code}/modifier")
def show_edit(
    *,
    code: str,
    post: PostDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    reprendre: Annotated[bool, Query()] = False,
) -> HTMLResponse:
    """Show the form of an indicator, as it stands or as it was being typed."""
    reach_of(post.actor, Action.INDICATOR_WRITE)
    found = indicators.get_indicator(session, post.territory.id, code)
    about = kept.page_id(f"{PAGE}/{code}/modifier")
    left = kept.find(session, about, keys=keys, by=post.actor, now=now) if reprendre else {}
    return _page(session, post, found, typed=left, info="saisie-reprise" if left else None)


@router.post("/{code}/modifier")
def change(*, code: str, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Write an edit; who typed over an older version is told so, and loses nothing typed."""
    reach_of(post.actor, Action.INDICATOR_WRITE)
    found = indicators.get_indicator(session, post.territory.id, code)
    reading = indicator_forms.read(form.texts)
    errors = dict(reading.errors)
    version = form.texts.get("version", "")
    if not errors and reading.value is not None:
        try:
            with session.begin_nested():
                changed = indicators.change_indicator(
                    session,
                    post.territory.id,
                    code,
                    definition=reading.value,
                    version=whole(version, -1),
                    by=post.actor,
                    now=now,
                )
        except InvalidValue as fault:
            errors = indicator_forms.fault_of(fault)
        except VersionMismatch:
            told = "Cet indicateur vient d’être modifié par quelqu’un d’autre : vérifiez, puis enregistrez"
            errors = {"nom_indicateur": told}
        else:
            kept.forget(session, kept.page_id(f"{PAGE}/{code}/modifier"), by=post.actor)
            log(Event.INDICATOR_CHANGED, territory_id=post.territory.id, code=code, version=changed.version)
            return _back(post, code, "indicateur-enregistre")
    return _page(session, post, found, errors=errors, typed=form.texts)


@router.post("/{code}/retirer")
def retire(*, code: str, post: PostDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Leave an indicator out of pages and reports; its history stays."""
    return _set_retired(post, session, code, retired=True, now=now)


@router.post("/{code}/remettre")
def restore(*, code: str, post: PostDep, session: SessionDep, now: NowDep) -> RedirectResponse:
    """Bring a retired indicator back."""
    return _set_retired(post, session, code, retired=False, now=now)


@router.get("/{code}/{act}")
def to_the_indicator(*, code: str, act: str, post: PostDep) -> RedirectResponse:
    """Return to the page of an indicator from the address of one of its forms."""
    del act
    return see(post.address(f"/indicateurs/{code}"))


def _set_retired(post: Post, session: Session, code: str, *, retired: bool, now: NowDep) -> RedirectResponse:
    reach_of(post.actor, Action.INDICATOR_WRITE)
    changed = indicators.change_indicator(
        session, post.territory.id, code, retired=retired, version=None, by=post.actor, now=now
    )
    log(Event.INDICATOR_CHANGED, territory_id=post.territory.id, code=code, version=changed.version)
    return _back(post, code, "indicateur-retire" if retired else "indicateur-revenu")


def _back(post: Post, code: str, info: str) -> RedirectResponse:
    return see(f"{post.address(f'/indicateurs/{code}')}&info={info}")


def _page(
    session: Session,
    post: Post,
    found: IndicatorView | None,
    *,
    errors: Errors | None = None,
    typed: Mapping[str, str] | None = None,
    info: str | None = None,
) -> HTMLResponse:
    professions = {one.code: one.label for one in directory.list_professions(session, active=None)}
    started = {} if found is None else indicator_forms.typed_of(found.code, found.definition)
    return render(
        "coordination/indicator_form.html",
        visit=post.visit,
        status=422 if errors else 200,
        info=info,
        post=post,
        indicator=found,
        errors=errors or {},
        typed=typed or started,
        version=0 if found is None else found.version,
        **indicator_forms.choices(professions),
    )


def _code_of(name: str) -> str:
    """A short name made of a name: « Délai des enfants » becomes `delai-des-enfants`."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    words = "".join(char if char.isalnum() else " " for char in plain).split()
    return "-".join(words)[:40].strip("-")
