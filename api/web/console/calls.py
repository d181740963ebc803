"""Taking a call: the form that follows it, the same patient's other dossiers shown, the dossier opened.

What is typed waits in a sealed draft, as at the desk: a form sent twice opens one dossier.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, PageVisit, SessionDep
from api.security.rights import Action, reach_of
from api.web import desk_views, drafts, forms, wording
from api.web.console import call_views
from api.web.console.call_forms import CallTyped, in_order, read_call
from api.web.console.visits import ConsoleDep
from api.web.desk_patient import picked_commune
from api.web.forms import Errors
from api.web.rendering import render, see
from api.web.submitted import Submitted, SubmittedDep
from regulation.intake import service as intake
from regulation.intake.facts import Duplicate, Opening, Origin, PatientTraits, RequestState
from snp.days import local_day
from snp.directory import service as directory
from snp.directory.facts import CommuneView
from snp.errors import InvalidValue
from snp.platform.actors import Actor, Role
from snp.platform.columns import new_id
from snp.platform.keys import Keys

router = APIRouter(prefix="/regulation", include_in_schema=False)

SEEN: Final = "doublons"
"""The field that says which other dossiers of the patient were shown before this sending."""

_ORIGINS: Final = {Role.ARM: Origin.ARM, Role.OSNP: Origin.OSNP, Role.REGULATEUR: Origin.REGULATEUR}
_FIELD_NAMES: Final = {
    "family_name": "nom",
    "given_name": "prenom",
    "phone": "telephone",
    "birth_date": "naissance",
    "insee": "commune",
    "caller.name": "appelant",
    "caller.relation": "appelant_lien",
    "reason": "motif",
    "note": "note",
}


@dataclass(frozen=True, slots=True)
class CallPage:
    """What the form of a call shows besides its lists."""

    draft_id: UUID
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)
    communes: Sequence[CommuneView] = ()
    duplicates: Sequence[Duplicate] = ()


@router.get("/appel")
def new_call(
    *,
    visit: ConsoleDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    reprendre: Annotated[UUID | None, Query()] = None,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the form of a call, as it was left when a draft is taken up again."""
    draft = drafts.find_draft(session, reprendre, keys=keys, by=visit.actor, now=now) if reprendre else None
    if draft is not None and draft.request_id is not None:
        return see(f"/regulation/dossiers/{draft.request_id}")
    shown = CallPage(draft.id, draft.typed) if draft else CallPage(new_id())
    return _page(session, visit, shown, now=now, info=info)


@router.get("/communes")
def communes(
    *, visit: ConsoleDep, session: SessionDep, commune: Annotated[str, Query(max_length=80)] = ""
) -> Response:
    """Return the communes that typed words may mean, as options of the field; only asked for with scripts."""
    found = desk_views.matching_communes(session, commune, visit.actor) if len(commune) > 1 else ()
    labels = [desk_views.commune_label(one) for one in found]
    return render("parts/commune_options.html", visit=visit, communes=labels)


@router.post("/appels")
def take_call(
    *, visit: ConsoleDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Read the call, show the patient's other dossiers, then open his and ask for the médecin traitant."""
    actor = visit.actor
    reach_of(actor, Action.REQUEST_OPEN)
    draft = drafts.start_draft(session, _draft_id(form.texts), keys=keys, by=actor, now=now)
    if draft.request_id is not None:
        return see(f"/regulation/dossiers/{draft.request_id}")
    reading = read_call(form.texts, call_views.reason_codes(now), local_day(now))
    insee, faults, found = picked_commune(session, form.texts, actor)
    errors = in_order({**reading.errors, **faults})
    if errors or reading.value is None or insee is None:
        shown = CallPage(draft.id, form.texts, errors, found)
        return _page(session, visit, shown, now=now)
    try:
        with session.begin_nested():
            answer = _open(session, form, reading.value, insee, keys=keys, by=actor, now=now)
    except InvalidValue as fault:
        return _page(session, visit, CallPage(draft.id, form.texts, _fault(fault)), now=now)
    if isinstance(answer, UUID):
        drafts.save_draft(session, replace(draft, request_id=answer), keys=keys)
        return see(f"/regulation/dossiers/{answer}")
    drafts.save_draft(session, draft.typing(form.kept), keys=keys)
    return _page(session, visit, CallPage(draft.id, form.texts, duplicates=answer), now=now)


def _open(
    session: Session,
    form: Submitted,
    call: CallTyped,
    insee: str,
    *,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> UUID | tuple[Duplicate, ...]:
    """Open the dossier and answer the médecin traitant question; first the duplicates not yet shown."""
    traits = PatientTraits(call.family_name, call.given_name, call.birth_date, call.sex, insee, call.phone)
    territory_id = desk_views.territory_for(session, by, insee)
    found = intake.find_duplicates(
        session, territory_id, traits, reason=call.reason, keys=keys, by=by, now=now
    )
    if found and form.texts.get(SEEN) != mark_of(found):
        return found
    opening = Opening(
        territory_id=territory_id,
        origin=_ORIGINS[by.role],
        patient=traits,
        caller=call.caller,
        reason=call.reason,
        note=call.note,
        urgency=call.urgency,
    )
    opened = intake.open_request(session, opening, keys=keys, by=by, now=now)
    if opened.request.state is RequestState.RECEIVED:
        intake.check_mt(session, opened.request.id, call.mt, by=by, now=now)
    return opened.request.id


def mark_of(found: Sequence[Duplicate]) -> str:
    """Return what stands for dossiers that were shown, so that one opened meanwhile is shown too."""
    return hashlib.sha256(" ".join(sorted(str(one.request.id) for one in found)).encode()).hexdigest()[:16]


def _page(
    session: Session, visit: PageVisit, shown: CallPage, *, now: datetime, info: str | None = None
) -> HTMLResponse:
    return render(
        "regulation/call.html",
        visit=visit,
        status=422 if shown.errors else 200,
        info=info,
        draft_id=shown.draft_id,
        typed={"gravite": "aucune", "rdv": "non", **shown.typed},
        errors=shown.errors,
        commune_choices=[
            desk_views.Option(one.insee, desk_views.commune_label(one)) for one in shown.communes
        ],
        communes=[desk_views.commune_label(one) for one in desk_views.own_communes(session, visit.actor)],
        duplicates=[call_views.duplicate(one, now) for one in shown.duplicates],
        seen=mark_of(shown.duplicates) if shown.duplicates else "",
        deadline=_asked_deadline(session, visit.actor, now),
        **call_views.lists(now),
    )


def _asked_deadline(session: Session, by: Actor, now: datetime) -> str:
    """Return by when the médecin traitant should see the patient: the shortest of the territories' delays."""
    delays = [directory.get_territory(session, one).settings.default_delay_hours for one in by.territories]
    return wording.until(now + timedelta(hours=min(delays, default=48)), now)


def _fault(fault: InvalidValue) -> Errors:
    name = _FIELD_NAMES.get(str(fault.fields["field"]), "nom")
    return {name: forms.capital_reason(fault)}


def _draft_id(typed: Mapping[str, str]) -> UUID:
    return forms.ident(typed.get("brouillon")) or new_id()


@router.get("/appels")
def to_the_call() -> RedirectResponse:
    """Return to the form of a call: its address is only sent to."""
    return see("/regulation/appel")
