"""The desk's form, first page: reason, birth date, sex and signs; the case is judged and traced from it.

What is typed waits in a sealed draft; every form answers with a redirect, so that going back, reloading or
clicking twice does nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from api.deps import KeysDep, NowDep, PageVisit, SessionDep
from api.web import desk_views, drafts, forms
from api.web.drafts import Draft, Verdict
from api.web.forms import Errors
from api.web.rendering import render, see
from api.web.submitted import DeskVisitDep, Submitted, SubmittedDep
from regulation.intake.traits import age_in_years
from regulation.triage import service as triage
from regulation.triage.facts import DeskAnswers, EligibilityOutcome
from snp.days import local_day
from snp.platform.actors import DESK_ROLES, Actor
from snp.platform.columns import new_id
from snp.platform.keys import Keys

router = APIRouter(prefix="/comptoir", include_in_schema=False)

NONE_FOUND: Final = "aucun"
SOME_FOUND: Final = "coche"


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
        keeps_list=visit.actor.role in DESK_ROLES,
        closed=desk_views.closed_now(session, visit.actor, now),
        waiting=desk_views.waiting_rows(session, visit.actor, keys=keys, now=now),
        booked=desk_views.booked_rows(session, visit.actor, keys=keys, now=now),
        **_signs(reason, shown.ticked),
    )


def _signs(reason: desk_views.ReasonChoice | None, ticked: frozenset[str]) -> dict[str, Any]:
    return {"reason": reason, "ticked": ticked}
