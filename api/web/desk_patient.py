"""The desk's form, second page: the médecin traitant, then the patient; a request is opened from it.

The page is reached by its draft: before a verdict it leads back, after a request it leads on to the dossier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, PageVisit, SessionDep
from api.web import desk_grounds, desk_views, drafts, forms, outcomes, wording
from api.web.drafts import Draft, Verdict
from api.web.forms import Errors, MtChoice, Reading
from api.web.rendering import render, see
from api.web.submitted import DeskVisitDep, Submitted, SubmittedDep
from regulation.intake.facts import MtAnswers, PatientTraits
from regulation.orientation import service as orientation
from regulation.orientation.facts import DeskForm, DeskResult
from regulation.series.refusals import DirectAccessExhausted, DirectAccessNotAllowed
from snp.days import local_day
from snp.directory.facts import CommuneView
from snp.errors import InvalidValue
from snp.platform.actors import DESK_ROLES, Actor
from snp.platform.keys import Keys
from snp.terms import Phone

router = APIRouter(prefix="/comptoir/demandes", include_in_schema=False)

MT_OPTIONS: Final = (desk_views.Option("non", "Non"), desk_views.Option("oui", "Oui"))
AFTER_CALL: Final = (
    desk_views.Option(MtChoice.AVAILABLE, "Appelé : oui, il peut"),
    desk_views.Option(MtChoice.TOO_LATE, "Appelé : pas dans ce délai, ou pas de réponse"),
    desk_views.Option(MtChoice.ABSENT, "Absent et non remplacé"),
)
CALL_OPTIONS: Final = (desk_views.Option(MtChoice.NOT_CALLED, "Pas encore appelé"), *AFTER_CALL)

_ON_PAGE: Final = (
    *("mt", "mt_appel", "nom", "prenom", "telephone", "commune"),
    *("diagnostic", "diagnostic_le", "seances_ailleurs", "premiere_le", "commune_insee"),
)
"""The fields in the order of the page."""

_FIELD_NAMES: Final = {
    "family_name": "nom",
    "given_name": "prenom",
    "phone": "telephone",
    "birth_date": "naissance",
    "insee": "commune",
    "diagnosed": "diagnostic",
    "diagnosed_on": "diagnostic_le",
    "sessions_elsewhere": "seances_ailleurs",
    "first_elsewhere_on": "premiere_le",
}
_LABELS: Final = {"prenom": "Prénom", "telephone": "Téléphone", "naissance": "Date de naissance"}


@router.get("/{draft_id}")
def second_page(
    *,
    draft_id: UUID,
    visit: DeskVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show what follows the first page: advice, or the patient's traits."""
    draft = drafts.get_draft(session, draft_id, keys=keys, by=visit.actor, now=now)
    if draft.request_id is not None:
        return see(f"/comptoir/dossiers/{draft.request_id}")
    if draft.verdict is None:
        return see("/comptoir", info=info)
    if not draft.verdict.eligible:
        return outcomes.outcome_page(visit, draft, info=info)
    return _patient_page(session, visit, draft, typed=draft.typed, errors={}, now=now, info=info)


@router.post("/{draft_id}")
def request_slot(
    *,
    draft_id: UUID,
    visit: DeskVisitDep,
    form: SubmittedDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
) -> Response:
    """Read the second page and open the request; the next page shows what came of it."""
    actor = visit.actor
    draft = drafts.get_draft(session, draft_id, keys=keys, by=actor, now=now)
    if draft.request_id is not None or draft.verdict is None or not draft.verdict.eligible:
        return see(f"/comptoir/demandes/{draft_id}")
    filled, errors, communes = _read_second(session, draft, form, by=actor, now=now)
    if filled is not None:
        try:
            with session.begin_nested():
                result = orientation.desk_request(session, filled, keys=keys, by=actor, now=now)
        except InvalidValue as fault:
            errors = trait_fault(fault)
        except (DirectAccessExhausted, DirectAccessNotAllowed) as refusal:
            errors = {"diagnostic": refusal.sentence}
        else:
            return _keep_result(session, draft, result, keys=keys, now=now)
    return _patient_page(
        session, visit, draft, typed={**draft.typed, **form.texts}, errors=errors, now=now, communes=communes
    )


def _keep_result(
    session: Session, draft: Draft, result: DeskResult, *, keys: Keys, now: datetime
) -> RedirectResponse:
    if result.request is not None:
        drafts.save_draft(session, replace(draft, request_id=result.request.id), keys=keys)
        return see(f"/comptoir/dossiers/{result.request.id}")
    told = Verdict(result.outcome.value, result.reasons, result.trace_id, now)
    drafts.save_draft(session, replace(draft, verdict=told), keys=keys)
    return see(f"/comptoir/demandes/{draft.id}")


def _patient_page(
    session: Session,
    visit: PageVisit,
    draft: Draft,
    *,
    typed: Mapping[str, str],
    errors: Errors,
    now: datetime,
    communes: Sequence[CommuneView] = (),
    info: str | None = None,
) -> Response:
    assert draft.answers is not None
    assert draft.birth_date is not None
    reason = desk_views.reason_of(desk_views.reason_lists(visit.actor, now), draft.answers.reason)
    if reason is None:  # the list in force changed since the first page
        return see(f"/comptoir?reprendre={draft.id}")
    home = None if typed.get("commune") else desk_views.home_commune(session, visit.actor, now)
    filled = {**typed, "commune": typed.get("commune") or (desk_views.commune_label(home) if home else "")}
    return render(
        "patient_step.html",
        visit=visit,
        status=422 if errors else 200,
        info=info,
        draft_id=draft.id,
        reason=reason,
        age=wording.age(draft.birth_date, local_day(now)),
        sex=wording.SEXES[draft.answers.sex],
        told=draft.verdict.reasons[1:] if draft.verdict else (),
        asks_mt=_asks_mt(visit.actor),
        asks_grounds=desk_grounds.asks(visit.actor),
        ground_options=desk_grounds.OPTIONS,
        usual_options=desk_grounds.usual_options(session, visit.actor, draft.answers.reason, now),
        session_options=[desk_views.Option(str(n), str(n)) for n in range(1, reason.max_sessions + 1)],
        mt_options=MT_OPTIONS,
        call_options=CALL_OPTIONS,
        deadline=wording.until(now + timedelta(hours=reason.delay_h), now),
        communes=[desk_views.commune_label(one) for one in desk_views.own_communes(session, visit.actor)],
        commune_choices=[desk_views.Option(one.insee, desk_views.commune_label(one)) for one in communes],
        typed=filled,
        errors=errors,
    )


def _read_second(
    session: Session, draft: Draft, form: Submitted, *, by: Actor, now: datetime
) -> tuple[DeskForm | None, Errors, Sequence[CommuneView]]:
    """Return the whole form when all was understood; else the faults, and the communes to pick from."""
    assert draft.answers is not None
    assert draft.birth_date is not None
    mt = forms.read_mt(form.texts) if _asks_mt(by) else Reading(MtAnswers())
    person = forms.read_person(form.texts)
    grounds = desk_grounds.read(form.texts, by, local_day(now))
    errors = mt.errors | person.errors | grounds.errors | phone_fault(form.texts.get("telephone", ""))
    insee, fault, communes = picked_commune(session, form.texts, by)
    errors |= fault
    if errors or mt.value is None or person.value is None or insee is None:
        return None, {name: errors[name] for name in _ON_PAGE if name in errors}, communes
    traits = PatientTraits(
        family_name=person.value.family_name,
        given_name=person.value.given_name,
        birth_date=draft.birth_date,
        sex=draft.answers.sex,
        insee=insee,
        phone=person.value.phone,
    )
    filled = DeskForm(
        territory_id=desk_views.territory_for(session, by, insee),
        answers=draft.answers,
        mt=mt.value,
        patient=traits,
        sessions=_sessions(form.texts),
        terms=grounds.value,
    )
    return filled, {}, communes


def trait_fault(fault: InvalidValue) -> Errors:
    """Return a fault of the patient's traits, told after the name of its field: the summary stands apart."""
    name = _FIELD_NAMES.get(str(fault.fields["field"]), "nom")
    reason = str(fault.fields["reason"]).rstrip(".")
    return {name: f"{_LABELS.get(name, wording.capital(name))} : {reason}"}


def _asks_mt(by: Actor) -> bool:
    """Tell whether the médecin traitant is asked for: not of a doctor who refers a patient."""
    return by.role in DESK_ROLES


def _sessions(typed: Mapping[str, str]) -> int:
    wanted = typed.get("seances", "1")
    return int(wanted) if wanted in {"1", "2", "3"} else 1


def phone_fault(typed: str) -> Errors:
    """Return what is wrong with a number; nothing when none was typed."""
    if not typed:
        return {}
    try:
        Phone.parse(typed)
    except InvalidValue:
        return {"telephone": "Ce numéro de téléphone n’existe pas : dix chiffres, 06 12 34 56 78"}
    return {}


def picked_commune(
    session: Session, texts: Mapping[str, str], by: Actor
) -> tuple[str | None, Errors, Sequence[CommuneView]]:
    """Return the commune's code, or what is wrong and the communes that the words may mean."""
    typed = texts.get("commune", "")
    if not typed:
        return None, {}, ()
    found = desk_views.matching_communes(session, typed, by)
    picked = texts.get("commune_insee")
    if picked in {commune.insee for commune in found}:
        return picked, {}, ()
    match len(found):
        case 0:
            return (
                None,
                {"commune": "Cette commune n’a pas été trouvée : écrivez son nom ou son code postal"},
                (),
            )
        case 1:
            return found[0].insee, {}, ()
        case _:
            return None, {"commune_insee": "Plusieurs communes correspondent : choisissez la bonne"}, found
