"""The desk's form, first and second page: reason and signs, then the patient and his médecin traitant.

What is typed waits in a sealed draft; every form answers with a redirect, so that going back, reloading or
clicking twice does nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, PageVisit, SessionDep
from api.web import desk_views, drafts, forms, outcomes, wording
from api.web.drafts import Draft, Verdict
from api.web.forms import Errors, MtChoice
from api.web.rendering import render, see
from api.web.submitted import DeskVisitDep, Submitted, SubmittedDep
from regulation.intake.facts import PatientTraits
from regulation.intake.traits import age_in_years
from regulation.orientation import service as orientation
from regulation.orientation.facts import DeskForm, DeskResult
from regulation.triage import service as triage
from regulation.triage.facts import DeskAnswers, EligibilityOutcome
from snp.days import local_day
from snp.directory.facts import CommuneView
from snp.errors import InvalidValue
from snp.platform.actors import Actor
from snp.platform.columns import new_id
from snp.platform.keys import Keys
from snp.terms import Phone

router = APIRouter(prefix="/comptoir", include_in_schema=False)

NONE_FOUND: Final = "aucun"
SOME_FOUND: Final = "coche"

MT_OPTIONS: Final = (desk_views.Option("non", "Non"), desk_views.Option("oui", "Oui"))
AFTER_CALL: Final = (
    desk_views.Option(MtChoice.AVAILABLE, "Appelé : oui, il peut"),
    desk_views.Option(MtChoice.TOO_LATE, "Appelé : pas dans ce délai, ou pas de réponse"),
    desk_views.Option(MtChoice.ABSENT, "Absent et non remplacé"),
)
CALL_OPTIONS: Final = (desk_views.Option(MtChoice.NOT_CALLED, "Pas encore appelé"), *AFTER_CALL)

_FIELD_NAMES: Final = {
    "family_name": "nom",
    "given_name": "prenom",
    "phone": "telephone",
    "birth_date": "naissance",
    "insee": "commune",
}


@dataclass(frozen=True, slots=True)
class FirstPage:
    """What the first page shows besides the lists: what was typed, what must be revised."""

    draft_id: UUID
    typed: Mapping[str, str] = field(default_factory=dict)
    ticked: frozenset[str] = frozenset()
    errors: Errors = field(default_factory=dict)
    show_signs: bool = False
    info: str | None = None


@router.get("")
def desk_home(
    *,
    visit: DeskVisitDep,
    session: SessionDep,
    keys: KeysDep,
    now: NowDep,
    reprendre: Annotated[UUID | None, Query()] = None,
    info: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show the form, as it was left when a draft is taken up again."""
    return first_page_of(session, visit, keys=keys, now=now, draft_id=reprendre, info=info)


def first_page_of(
    session: Session, visit: PageVisit, *, keys: Keys, now: datetime, draft_id: UUID | None, info: str | None
) -> HTMLResponse:
    """Return the first page, empty or with a draft's fields."""
    draft = drafts.find_draft(session, draft_id, keys=keys, by=visit.actor, now=now) if draft_id else None
    if draft is None or draft.request_id is not None:
        return _first_page(session, visit, FirstPage(new_id(), info=info), keys=keys, now=now)
    ticked = frozenset(draft.typed.get("signes_coches", "").split())
    shown = FirstPage(draft.id, draft.typed, ticked, show_signs=bool(draft.typed.get("motif")), info=info)
    return _first_page(session, visit, shown, keys=keys, now=now)


@router.post("/signes")
def signs_of_reason(*, visit: DeskVisitDep, form: SubmittedDep, now: NowDep) -> Response:
    """Return the signs of the reason just chosen; only asked for with scripts on."""
    lists = desk_views.reason_lists(visit.actor, now)
    reason = desk_views.reason_of(lists, form.texts.get("motif"))
    return render("parts/flags.html", visit=visit, **_signs(reason, form.ticked))


@router.post("/demandes")
def assess(
    *, visit: DeskVisitDep, form: SubmittedDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> Response:
    """Read the first page, judge the case, keep the trace."""
    actor, typed = visit.actor, form.texts
    draft = drafts.start_draft(session, _draft_id(typed), keys=keys, by=actor, now=now)
    if draft.request_id is not None:
        return see(f"/comptoir/dossiers/{draft.request_id}")
    lists = desk_views.reason_lists(actor, now)
    codes = {reason.code for one in lists for reason in one.reasons}
    reading = forms.read_first_step(typed, codes, local_day(now))
    errors = dict(reading.errors)
    signs_shown = bool(typed.get("motif")) and typed.get("signes_de") == typed.get("motif")
    if signs_shown and typed.get("reponse") == SOME_FOUND and not form.ticked:
        errors["signes"] = "Cochez le ou les signes présents, ou répondez qu’il n’y en a aucun"
    if errors or reading.value is None or not signs_shown or not typed.get("reponse"):
        ticked = form.ticked if signs_shown else frozenset()
        page = FirstPage(draft.id, typed, ticked, errors, show_signs=typed.get("motif") in codes)
        return _first_page(session, visit, page, keys=keys, now=now)
    answers = _answers(reading.value, form, local_day(now))
    return _judge(
        session,
        replace(draft.typing(form.kept), birth_date=reading.value.birth_date),
        answers,
        keys=keys,
        by=actor,
        now=now,
    )


@router.get("/demandes/{draft_id}")
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


@router.post("/demandes/{draft_id}/medecin")
def need_a_doctor(
    *, draft_id: UUID, visit: DeskVisitDep, session: SessionDep, keys: KeysDep, now: NowDep
) -> RedirectResponse:
    """The pharmacist does not settle the case at the counter: judge it again, for a doctor."""
    draft = drafts.get_draft(session, draft_id, keys=keys, by=visit.actor, now=now)
    if draft.answers is None or draft.request_id is not None:
        return see(f"/comptoir/demandes/{draft_id}")
    answers = replace(draft.answers, counter_declined=True)
    return _judge(session, draft, answers, keys=keys, by=visit.actor, now=now)


@router.post("/demandes/{draft_id}")
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
    filled, errors, communes = _read_second(session, draft, form, by=actor)
    if filled is not None:
        try:
            with session.begin_nested():
                result = orientation.desk_request(session, filled, keys=keys, by=actor, now=now)
        except InvalidValue as fault:
            errors = {_FIELD_NAMES.get(str(fault.fields["field"]), "nom"): str(fault.fields["reason"])}
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


def _judge(
    session: Session, draft: Draft, answers: DeskAnswers, *, keys: Keys, by: Actor, now: datetime
) -> RedirectResponse:
    """Judge the answers once; the same answers sent again meet the verdict already kept.

    An eligible case is traced with the request it becomes; any other is traced now.
    """
    if draft.verdict is None or draft.answers != answers:
        trace_id = None
        eligibility = triage.judge(answers, by=by, now=now)
        if eligibility.outcome is not EligibilityOutcome.ELIGIBLE:
            territory_id = desk_views.territory_for(session, by, None)
            trace_id = triage.record_trace(session, territory_id, answers, eligibility, by=by, now=now)
        verdict = Verdict(eligibility.outcome.value, eligibility.reasons, trace_id, now)
        draft = replace(draft, answers=answers, verdict=verdict)
    drafts.save_draft(session, draft, keys=keys)
    return see(f"/comptoir/demandes/{draft.id}")


def _answers(first: forms.FirstStep, form: Submitted, today: date) -> DeskAnswers:
    return DeskAnswers(
        reason=first.reason,
        age_years=age_in_years(first.birth_date, today),
        sex=first.sex,
        signs=form.ticked,
        reviewed=form.texts.get("reponse") == NONE_FOUND,
    )


def _draft_id(typed: Mapping[str, str]) -> UUID:
    try:
        return UUID(typed.get("brouillon", ""))
    except ValueError:
        return new_id()


def _first_page(
    session: Session, visit: PageVisit, shown: FirstPage, *, keys: Keys, now: datetime
) -> HTMLResponse:
    lists = desk_views.reason_lists(visit.actor, now)
    reason = desk_views.reason_of(lists, shown.typed.get("motif")) if shown.show_signs else None
    return render(
        "home/desk.html",
        visit=visit,
        status=422 if shown.errors else 200,
        info=shown.info,
        lists=lists,
        sexes=desk_views.SEXES,
        draft_id=shown.draft_id,
        typed=shown.typed,
        errors=shown.errors,
        waiting=desk_views.waiting_rows(session, visit.actor, keys=keys, now=now),
        booked=desk_views.booked_rows(session, visit.actor, keys=keys, now=now),
        **_signs(reason, shown.ticked),
    )


def _signs(reason: desk_views.ReasonChoice | None, ticked: frozenset[str]) -> dict[str, Any]:
    return {"reason": reason, "ticked": ticked}


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
) -> HTMLResponse:
    assert draft.answers is not None
    assert draft.birth_date is not None
    reason = desk_views.reason_of(desk_views.reason_lists(visit.actor, now), draft.answers.reason)
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
        mt_options=MT_OPTIONS,
        call_options=CALL_OPTIONS,
        deadline=wording.until(now + timedelta(hours=reason.delay_h if reason else 48), now),
        communes=[desk_views.commune_label(one) for one in desk_views.own_communes(session, visit.actor)],
        commune_choices=[desk_views.Option(one.insee, desk_views.commune_label(one)) for one in communes],
        typed=filled,
        errors=errors,
    )


def _read_second(
    session: Session, draft: Draft, form: Submitted, *, by: Actor
) -> tuple[DeskForm | None, Errors, Sequence[CommuneView]]:
    """Return the whole form when all was understood; else the faults, and the communes to pick from."""
    assert draft.answers is not None
    assert draft.birth_date is not None
    mt, person = forms.read_mt(form.texts), forms.read_person(form.texts)
    errors = mt.errors | person.errors | _phone_fault(form.texts.get("telephone", ""))
    insee, fault, communes = _commune(session, form, by)
    errors |= fault
    if errors or mt.value is None or person.value is None or insee is None:
        return None, errors, communes
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
    )
    return filled, {}, communes


def _sessions(typed: Mapping[str, str]) -> int:
    wanted = typed.get("seances", "1")
    return int(wanted) if wanted in {"1", "2", "3"} else 1


def _phone_fault(typed: str) -> Errors:
    if not typed:
        return {}
    try:
        Phone.parse(typed)
    except InvalidValue:
        return {"telephone": "Ce numéro de téléphone n’existe pas : dix chiffres, 06 12 34 56 78"}
    return {}


def _commune(
    session: Session, form: Submitted, by: Actor
) -> tuple[str | None, Errors, Sequence[CommuneView]]:
    """Return the commune's code, or what is wrong and the communes that the words may mean."""
    typed = form.texts.get("commune", "")
    if not typed:
        return None, {}, ()
    found = desk_views.matching_communes(session, typed, by)
    picked = form.texts.get("commune_insee")
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
