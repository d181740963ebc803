"""What a coordinator decides: terms from a day on, the envelope of a year; national values beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session

from api.deps import NowDep, SessionDep
from api.security.rights import Action, reach_of
from api.web.amounts import read_cents, read_day, write_euros
from api.web.coordination.visits import Post, PostDep
from api.web.desk_views import Option
from api.web.forms import Errors, Reading, capital_reason
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from slots.compensation import service as compensation
from slots.compensation.facts import FundingKind, Terms, TermsDetails
from slots.compensation.tariffs import Rate, national
from slots.compensation.wording import ROLES, say_euros
from snp.days import local_day, say_day
from snp.directory import service as directory
from snp.errors import InvalidValue

router = APIRouter(prefix="/coordination/indemnisation/reglages", include_in_schema=False)

PAGE: Final = "/coordination/indemnisation/reglages"
COORDINATION: Final = "coordination"
_FIELDS: Final = {
    "profession": "quoi",
    "rate_cents": "tarif",
    "valid_from": "du",
    "valid_until": "au",
    "cap_week": "par_semaine",
    "cap_month": "par_mois",
    "cap_year": "par_an",
    "min_notice_hours": "avance",
    "envelope_cents": "enveloppe",
    "close_after_days": "cloture",
    "year": "annee",
}


@dataclass(frozen=True, slots=True)
class TermsRow:
    """Terms in words."""

    what: str
    period: str
    rate: str
    conditions: str
    decided: str
    running: bool


@router.get("")
def show(
    *,
    post: PostDep,
    session: SessionDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show what was decided, and the national values."""
    return _page(session, post, now, info=info)


@router.post("")
def add(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Decide what is paid from a day on."""
    reach_of(post.actor, Action.COMPENSATION_WRITE)
    reading = read_terms(form.texts)
    errors = dict(reading.errors)
    if reading.value is not None:
        try:
            with session.begin_nested():
                compensation.add_terms(session, post.territory.id, reading.value, by=post.actor, now=now)
        except InvalidValue as fault:
            errors = _fault(fault)
        else:
            return see(f"{PAGE}?territoire={post.territory.id}&info=regle-ajoutee")
    return _page(session, post, now, typed=form.texts, errors=errors)


@router.post("/annee")
def set_year(*, post: PostDep, form: SubmittedDep, session: SessionDep, now: NowDep) -> Response:
    """Set the envelope of a year and how long its months stay open."""
    reach_of(post.actor, Action.COMPENSATION_WRITE)
    typed, errors = form.texts, Errors()
    envelope = read_cents(typed.get("enveloppe", ""))
    if isinstance(envelope, str):
        errors["enveloppe"] = envelope
    year = _number(typed, "annee", errors, "Indiquez une année")
    days = _number(typed, "cloture", errors, "Indiquez un nombre de jours")
    if not errors and isinstance(envelope, int):
        try:
            with session.begin_nested():
                compensation.set_year(
                    session,
                    post.territory.id,
                    year or 0,
                    envelope_cents=envelope,
                    close_after_days=days or 0,
                    by=post.actor,
                    now=now,
                )
        except InvalidValue as fault:
            errors = _fault(fault)
        else:
            return see(f"{PAGE}?territoire={post.territory.id}&info=enveloppe-enregistree")
    return _page(session, post, now, typed=typed, errors=errors)


def read_terms(typed: Mapping[str, str]) -> Reading[TermsDetails]:
    """Read the form of terms; what makes sense is judged by the service."""
    errors: Errors = {}
    what, rate = typed.get("quoi", ""), read_cents(typed.get("tarif", ""))
    first, last = read_day(typed.get("du", "")), None
    if not what:
        errors["quoi"] = "Dites ce qui est financé"
    if isinstance(rate, str):
        errors["tarif"] = rate
    if isinstance(first, str):
        errors["du"] = first
    if typed.get("au"):
        last = read_day(typed["au"])
        if isinstance(last, str):
            errors["au"] = last
    caps = {
        name: _number(typed, field, errors, "Indiquez un nombre entier, ou rien", optional=True)
        for name, field in (("cap_week", "par_semaine"), ("cap_month", "par_mois"), ("cap_year", "par_an"))
    }
    notice = _number(typed, "avance", errors, "Indiquez un nombre d’heures", optional=True)
    if errors or isinstance(rate, str) or isinstance(first, str) or isinstance(last, str):
        return Reading(None, errors)
    is_time = what == COORDINATION
    return Reading(
        TermsDetails(
            kind=FundingKind.COORDINATION if is_time else FundingKind.UNUSED_SLOT,
            valid_from=first,
            valid_until=last,
            rate_cents=rate,
            profession=None if is_time else what,
            min_notice_hours=0 if is_time else notice or 0,
            pays_released=not is_time and typed.get("rendus") == "oui",
            pays_no_show=not is_time and typed.get("absents") == "oui",
            **caps,
        )
    )


def _number(
    typed: Mapping[str, str], field: str, errors: Errors, missing: str, *, optional: bool = False
) -> int | None:
    told = typed.get(field, "")
    if optional and not told:
        return None
    if not (told.isascii() and told.isdigit() and len(told) < 6):
        errors[field] = missing
        return None
    return int(told)


def _fault(fault: InvalidValue) -> Errors:
    return {_FIELDS.get(str(fault.fields["field"]), "quoi"): capital_reason(fault)}


def _page(
    session: Session,
    post: Post,
    now: datetime,
    *,
    info: str | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Errors | None = None,
) -> Response:
    today = local_day(now, post.territory.settings.snp_hours.zone)
    labels = {one.code: one.label for one in directory.list_professions(session, active=True)}
    found = compensation.list_terms(session, post.territory.id)
    year = compensation.year_settings(session, post.territory.id, today.year)
    started = {
        "quoi": "masseur_kinesitherapeute",
        "du": f"{today:%d/%m/%Y}",
        "annee": str(today.year),
        "enveloppe": write_euros(year.envelope_cents),
        "cloture": str(year.close_after_days),
    }
    return render(
        "coordination/compensation_terms.html",
        visit=post.visit,
        status=422 if errors else 200,
        info=info,
        post=post,
        typed={**started, **(typed or {})},
        errors=errors or {},
        kinds=[
            *(Option(code, f"Créneaux non pris : {label}") for code, label in labels.items()),
            Option(COORDINATION, "Temps de coordination (à l’heure)"),
        ],
        terms=[_row(one, labels, today) for one in found],
        rates=[
            _rate(one)
            for one in national().rates
            if one.holds_on(today)
            and (not one.code.startswith("aci_") or one.code.endswith(f"_{post.territory.size_class}"))
        ],
    )


def _row(terms: Terms, labels: Mapping[str, str], today: date) -> TermsRow:
    details = terms.details
    is_time = details.kind is FundingKind.COORDINATION
    caps = (("semaine", details.cap_week), ("mois", details.cap_month), ("an", details.cap_year))
    told = [f"{cap} par {name} au plus" for name, cap in caps if cap is not None]
    if not is_time:
        if details.min_notice_hours:
            told.append(f"publiés {details.min_notice_hours}\u00a0h avant")
        told.append("rendus compris" if details.pays_released else "rendus exclus")
        if details.pays_no_show:
            told.append("patient non venu compris")
    until = "" if details.valid_until is None else f", jusqu’au {details.valid_until:%d/%m/%Y} exclu"
    over = details.valid_until is not None and details.valid_until <= today
    return TermsRow(
        what="Temps de coordination"
        if is_time
        else f"Créneaux non pris, {labels.get(details.profession or '', '')}",
        period=f"à partir du {say_day(details.valid_from, year=True)}{until}",
        rate=f"{say_euros(details.rate_cents)} {'l’heure' if is_time else 'le créneau'}",
        conditions=", ".join(told),
        decided=f"{local_day(terms.created_at):%d/%m/%Y}",
        running=details.valid_from <= today and not over,
    )


def _rate(rate: Rate) -> tuple[str, str, str, str]:
    match rate.unit:
        case "cents":
            value = say_euros(rate.number)
        case "hours":
            value = f"{rate.value}\u00a0h"
        case "codes":
            value = ", ".join(sorted(rate.codes))
        case "roles":
            value = ", ".join(ROLES.get(code, code) for code in sorted(rate.codes))
        case _:
            value = rate.value
    since = f"{rate.valid_from:%d/%m/%Y}" if rate.valid_from else ""
    return rate.label, value, since, rate.source
