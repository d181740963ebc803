"""Break-glass at the console: a dossier of another territory, by its number and a reason, read for a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.deps import KeysDep, NowDep, PageVisit, SessionDep, WiringDep
from api.security.rights import Action, reach_of
from api.web import wording
from api.web.console.dossier_facts import story_row
from api.web.console.visits import ConsoleDep
from api.web.forms import capital_reason
from api.web.reasons import reason_label
from api.web.rendering import render, see
from api.web.submitted import SubmittedDep
from regulation.emergency import service as emergency
from regulation.emergency.refusals import EmergencyNotNeeded, EmergencyOver
from regulation.emergency.rules import LEAST_REASON, MOST_REASON
from regulation.intake.rules import STATE_LABELS
from snp.days import local, local_day
from snp.directory import service as directory
from snp.errors import InvalidValue, NotFound

router = APIRouter(prefix="/regulation/urgence", include_in_schema=False)


@router.get("")
def ask(*, visit: ConsoleDep, wiring: WiringDep, fini: Annotated[bool, Query()] = False) -> Response:
    """Ask for the number of the dossier and why it must be opened now."""
    reach_of(visit.actor, Action.EMERGENCY_OPEN)
    return _form(visit, wiring.settings.emergency_minutes, over=fini)


@router.post("")
def open_dossier(
    *, visit: ConsoleDep, form: SubmittedDep, session: SessionDep, wiring: WiringDep, now: NowDep
) -> Response:
    """Open the dossier; its territory is told at once."""
    reach_of(visit.actor, Action.EMERGENCY_OPEN)
    typed, minutes = form.texts, wiring.settings.emergency_minutes
    errors: dict[str, str] = {}
    if not typed.get("dossier"):
        errors["dossier"] = "Indiquez le numéro du dossier"
    try:
        with session.begin_nested():
            made = emergency.open_dossier(
                session,
                typed.get("dossier", ""),
                reason=typed.get("raison", ""),
                lasts=timedelta(minutes=minutes),
                by=visit.actor,
                now=now,
            )
    except InvalidValue as fault:
        errors["raison"] = capital_reason(fault)
    except NotFound:
        errors.setdefault("dossier", "Aucun dossier ne porte ce numéro")
    except EmergencyNotNeeded as refusal:
        errors["dossier"] = refusal.sentence
    else:
        return see(f"/regulation/urgence/{made.id}")
    return _form(visit, minutes, typed=typed, errors=errors)


@router.get("/{access_id}")
def show(*, access_id: UUID, visit: ConsoleDep, session: SessionDep, keys: KeysDep, now: NowDep) -> Response:
    """Show identity and story while the access lasts."""
    reach_of(visit.actor, Action.EMERGENCY_OPEN)
    try:
        found = emergency.read(session, access_id, keys=keys, by=visit.actor, now=now)
    except EmergencyOver:
        return see("/regulation/urgence?fini=1")
    view, traits = found.view, found.identity
    return render(
        "regulation/emergency.html",
        visit=visit,
        access=found.access,
        until=local(found.access.expires_at).strftime("%H:%M"),
        territory=directory.get_territory(session, view.territory_id).name,
        name=wording.full_name(traits),
        born=wording.born(traits),
        age=wording.age(traits.birth_date, local_day(now)),
        phone=wording.phone(traits.phone),
        commune=directory.get_commune(session, view.insee).name,
        reason=reason_label(view.reason, local_day(now)),
        state=wording.capital(STATE_LABELS[view.state]),
        story=[story_row(move, now) for move in reversed(found.story)],
    )


def _form(
    visit: PageVisit,
    minutes: int,
    *,
    over: bool = False,
    typed: Mapping[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    return render(
        "regulation/emergency_ask.html",
        visit=visit,
        status=422 if errors else 200,
        minutes=minutes,
        least=LEAST_REASON,
        most=MOST_REASON,
        over=over,
        typed=typed or {},
        errors=errors or {},
    )
