"""The médecin traitant list as a coordinator sees it: figures, places declared, delays. Nobody is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep
from api.security.rights import Action, reach_of
from api.web.coordination.visits import Post, PostDep
from api.web.desk_views import Option
from api.web.forms import Errors, capital_reason
from api.web.mt_list import words
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.facts import PlaceView, RegisterFigures
from regulation.medecin_traitant.register.terms import terms_on
from snp.days import at_local, local, local_day
from snp.directory import service as directory
from snp.errors import InvalidValue

router = APIRouter(prefix="/coordination/medecin-traitant", include_in_schema=False)

PERIODS: Final = {"30": "30 derniers jours", "90": "90 derniers jours", "365": "12 derniers mois"}


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A declaration of places, by doctor."""

    doctor: str
    left: int
    places: int
    until: str


@router.get("")
def show(
    *,
    post: PostDep,
    session: SessionDep,
    now: NowDep,
    periode: Annotated[str, Query(max_length=3)] = "90",
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the figures of a period, the places, and the delays."""
    return _page(session, post, now, period=periode if periode in PERIODS else "90", info=info)


@router.post("")
def change(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Write the delays, from now on."""
    reach_of(post.actor, Action.MT_SETTINGS)
    errors: Errors = {}
    values: dict[str, int] = {}
    for one in register.register_settings(session, post.territory.id, now=now):
        text = form.texts.get(one.rule.code, "")
        if text.isdecimal():
            values[one.rule.code] = int(text)
        else:
            errors[one.rule.code] = f"{one.rule.label} : un nombre entier"
    if not errors:
        try:
            with session.begin_nested():
                register.change_settings(session, post.territory.id, values, by=post.actor, now=now)
        except InvalidValue as fault:
            errors = {str(fault.fields["field"]): capital_reason(fault)}
        else:
            address = f"/coordination/medecin-traitant?territoire={post.territory.id}"
            return see(f"{address}&info=reglages-enregistres")
    return _page(session, post, now, period="90", errors=errors, typed=form.texts)


def _page(
    session: Session,
    post: Post,
    now: datetime,
    *,
    period: str,
    info: str | None = None,
    errors: Errors | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    reach_of(post.actor, Action.MT_FIGURES)
    first = local_day(now) - timedelta(days=int(period))
    since = at_local(first, local(now).time().replace(tzinfo=None))
    counted = register.register_figures(session, post.territory.id, since=since, until=now, now=now)
    settings = register.register_settings(session, post.territory.id, now=now)
    terms = terms_on(local_day(now))
    return render(
        "coordination/mt_list.html",
        visit=post.visit,
        status=422 if errors else 200,
        info=info,
        post=post,
        period=period,
        period_options=[Option(code, label) for code, label in PERIODS.items()],
        figures=_figures(counted),
        tables=_tables(session, counted),
        places=[_place(session, one, now) for one in _open(session, post, now)],
        settings=settings,
        terms=terms,
        typed=dict(typed) if typed else {one.rule.code: str(one.value) for one in settings},
        errors=errors or {},
    )


def _figures(counted: RegisterFigures) -> list[tuple[str, str]]:
    wait = counted.median_wait_days
    return [
        ("En attente", words.count(counted.waiting)),
        ("dont ALD", words.count(counted.waiting_ald)),
        ("Inscriptions", words.count(counted.entered)),
        ("Acceptées", words.count(counted.picked)),
        ("Déclarations signées", words.count(counted.signed)),
        ("Attente médiane", f"{wait}\u00a0jours" if wait is not None else "–"),
        ("Places libres", str(counted.places_left)),
    ]


def _tables(session: Session, counted: RegisterFigures) -> list[tuple[str, list[tuple[str, str]]]]:
    names = directory.get_communes(session, counted.by_commune)
    communes = sorted((names[insee].name, words.count(n)) for insee, n in counted.by_commune.items())
    return [
        (
            "Refus des cabinets, par motif",
            [(words.REFUSALS[k], words.count(n)) for k, n in counted.refusals.items()],
        ),
        (
            "Choix qui n’ont pas abouti",
            [(words.OUTCOMES[k], words.count(n)) for k, n in counted.fell_through.items()],
        ),
        ("Inscriptions closes", [(words.CLOSINGS[k], words.count(n)) for k, n in counted.closed.items()]),
        ("En attente, par commune", communes),
    ]


def _open(session: Session, post: Post, now: datetime) -> list[PlaceView]:
    today = local_day(now)
    return [
        one
        for one in register.places_of_territory(session, post.territory.id)
        if one.terms.valid_until >= today
    ]


def _place(session: Session, one: PlaceView, now: datetime) -> PlaceRow:
    doctor = directory.get_practitioner(session, one.practitioner_id, now=now)
    return PlaceRow(doctor.full_name, one.left, one.terms.places, f"{one.terms.valid_until:%d/%m/%Y}")
