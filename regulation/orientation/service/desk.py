"""The desk's whole form: eligibility, hours, médecin traitant, request, proposals or hold; always a trace.

The patient stands at the counter: he is told times at once, whatever the territory's mode. The same flow
serves the pharmacy and nurse desk, and the professionals' desk for physiotherapists.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.facts import Reason
from regulation.intake import hours, rules, traits
from regulation.intake import service as intake
from regulation.intake.facts import (
    Decision,
    Disposition,
    Duplicate,
    Move,
    MtAnswers,
    MtStatus,
    Opening,
    Origin,
    RequestState,
    RequestView,
    ResponseLevel,
    StepResult,
    Urgency,
)
from regulation.intake.service.opening import check_commune, territory_of
from regulation.live.steering import steer
from regulation.orientation import explaining
from regulation.orientation.facts import (
    DeskForm,
    DeskOutcome,
    DeskResult,
    HeldSlots,
    PreviewNeed,
    Proposals,
)
from regulation.orientation.ground import points_of
from regulation.orientation.refusals import SlotNoLongerFree
from regulation.orientation.service.claiming import hold_slots
from regulation.orientation.service.neighbours import lent_to, opening
from regulation.orientation.service.proposing import Question, answer, free_slots, make_proposals
from regulation.series import keeping
from regulation.series.facts import SeriesTerms
from regulation.triage import rules as triage_rules
from regulation.triage import service as triage
from regulation.triage.facts import DeskAnswers, DeskKind, DeskReason, Eligibility, EligibilityOutcome
from snp.assignment.facts import Audience
from snp.days import local_day
from snp.directory.facts import TerritoryView
from snp.errors import InvalidValue, NotFound
from snp.platform.actors import Actor, Role
from snp.platform.columns import new_id
from snp.platform.keys import Keys

NO_REQUEST: Final = {
    EligibilityOutcome.RED_FLAG: DeskOutcome.CALL_15,
    EligibilityOutcome.NOT_ELIGIBLE: DeskOutcome.CALL_116117,
    EligibilityOutcome.PHARMACIST: DeskOutcome.PHARMACIST,
}
"""What a desk is told when its case leads to no request."""

_ORIGINS: Final = {
    Role.ARM: Origin.ARM,
    Role.OSNP: Origin.OSNP,
    Role.REGULATEUR: Origin.REGULATEUR,
    Role.PHARMACY: Origin.PHARMACY,
    Role.NURSE_PRACTICE: Origin.NURSE,
}


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the steps of one form share."""

    session: Session
    form: DeskForm
    eligibility: Eligibility
    k: int
    keys: Keys
    by: Actor
    now: datetime
    terms: SeriesTerms | None = None


def desk_preview(session: Session, need: PreviewNeed, *, k: int = 3, by: Actor, now: datetime) -> Proposals:
    """What a desk could book for an eligible case, before it types who the patient is; holds nothing.

    The case is judged again and leaves no trace here: `triage.service.assess` and the form do. Not eligible:
    no proposal, and the reasons.
    """
    territory = territory_of(session, need.territory_id, by)
    eligibility = triage.judge(need.answers, by=by, now=now)
    if eligibility.outcome is not EligibilityOutcome.ELIGIBLE or eligibility.reason is None:
        return Proposals(None, None, (), 0, 0, eligibility.reasons)
    closed = _closed(territory, rules.audience_of(by), now)
    if closed:
        return Proposals(None, None, (), 0, 0, closed)
    check_commune(session, need.insee)
    view = _imagined(need, eligibility.reason, territory, by=by, now=now)
    if keeping.is_physio(view):
        fewest, most = keeping.spacing(session, territory.id, eligibility.reason.code)
        view = replace(view, min_gap_days=fewest, max_gap_days=most)
    free = free_slots(session, need.territory_id, [view], now)
    lent = lent_to(session, territory, [view], now=now)
    offered = [*free.values(), *(one.free for one in lent.values())]
    steering = steer(session, territory, [view], offered, at_once=True, now=now)
    later = opening(session, territory, [view], now)
    question = Question((view,), (), free, points_of(session, [view]), steering, lent, later)
    return replace(answer(question, k=k, now=now), request_id=None)


def desk_request(
    session: Session, form: DeskForm, *, k: int = 3, keys: Keys, by: Actor, now: datetime
) -> DeskResult:
    """The whole of a desk's form: eligibility, hours, médecin traitant, request, proposals or hold.

    Every outcome leaves a trace. A chosen slot that went meanwhile is no refusal: the request stands, and the
    result carries fresh proposals. Raises `DeskNotAllowed`, `SignsNotReviewed`, `InvalidValue`, `NotFound`.
    """
    territory = territory_of(session, form.territory_id, by)
    patient = traits.checked_patient(form.patient, origin_of(by), local_day(now))
    age = traits.age_in_years(patient.birth_date, local_day(now))
    answers = replace(form.answers, age_years=age, sex=patient.sex)
    form = replace(form, answers=answers, patient=patient)
    desk = _Desk(session, form, triage.judge(answers, by=by, now=now), k, keys, by, now)
    if desk.eligibility.outcome in NO_REQUEST:
        return _told(desk, NO_REQUEST[desk.eligibility.outcome], desk.eligibility.reasons)
    if rules.hard_stop(form.urgency):
        return _stopped(desk, _open(desk))
    closed = _closed(territory, rules.audience_of(by), now)
    if closed:
        return _told(desk, DeskOutcome.PDSA, closed)
    if rules.audience_of(by) is Audience.PROFESSIONALS:
        desk = replace(desk, terms=_grounds(desk, territory))
    return _regulated(desk, _open(desk))


def desk_resume(
    session: Session,
    request_id: UUID,
    mt: MtAnswers,
    *,
    answers: DeskAnswers | None = None,
    k: int = 3,
    keys: Keys,
    by: Actor,
    now: datetime,
) -> DeskResult:
    """Take up a desk's request that waited for the médecin traitant: the question again, then proposals.

    The case is judged again, from new `answers` or else from those of its trace. A red flag met meanwhile
    orients it to the 15. Outside SNP hours it is oriented to the PDSA.
    Raises `NotFound` for a request that no desk brought, `IllegalMove` for one that does not wait.
    """
    view = intake.get_request(session, request_id, by=by, now=now)
    rules.next_state(view.state, Move.RESUME)
    answers = answers or triage.answers_of(session, request_id)
    if answers is None:
        raise NotFound("dossier", request_id)
    why = "reprise d’un dossier du comptoir"
    opened = intake.read_confidential(session, request_id, keys=keys, why=why, by=by, now=now)
    patient = opened.identity.traits
    age = traits.age_in_years(patient.birth_date, local_day(now))
    answers = replace(answers, age_years=age, sex=patient.sex)
    form = DeskForm(view.territory_id, answers, mt, patient)
    desk = _Desk(session, form, triage.judge(answers, by=by, now=now), k, keys, by, now)
    if desk.eligibility.outcome in NO_REQUEST:
        return _no_longer_eligible(desk, request_id)
    return _regulated(desk, intake.resume(session, request_id, by=by, now=now))


def origin_of(by: Actor) -> Origin:
    """Who brings the request, by the actor's role and profession; raises `InvalidValue` for nobody's desk."""
    if by.role in _ORIGINS:
        return _ORIGINS[by.role]
    match triage_rules.desk_of(by):
        case DeskKind.DOCTOR:
            return Origin.DOCTOR
        case DeskKind.PHYSIO:
            return Origin.PHYSIO
        case _:
            raise InvalidValue("role", "ce compte n’a pas de guichet.")


def _open(desk: _Desk) -> StepResult:
    form = desk.form
    opening = Opening(
        territory_id=form.territory_id,
        origin=origin_of(desk.by),
        patient=form.patient,
        reason=form.answers.reason,
        note=form.note,
        organisation_id=desk.by.organisation,
        urgency=form.urgency,
    )
    return intake.open_request(desk.session, opening, keys=desk.keys, by=desk.by, now=desk.now)


def _regulated(desk: _Desk, opened: StepResult) -> DeskResult:
    """From the médecin traitant question to proposals or a hold, by the list's protocol."""
    mt = desk.form.mt
    if rules.audience_of(desk.by) is Audience.PROFESSIONALS:
        mt = MtAnswers(holds_appointment_at=mt.holds_appointment_at, other_need=mt.other_need)
    checked = intake.check_mt(desk.session, opened.request.id, mt, by=desk.by, now=desk.now)
    if checked.request.state is RequestState.WAITING_MT:
        return _told(desk, DeskOutcome.CALL_MT_FIRST, checked.reasons, opened, checked.request)
    if checked.request.state is RequestState.ORIENTED:
        return _told(desk, DeskOutcome.KEEP_APPOINTMENT, checked.reasons, opened, checked.request)
    if desk.terms is not None:
        keeping.open_series(desk.session, opened.request, desk.terms, by=desk.by, now=desk.now)
    decided = intake.decide(desk.session, opened.request.id, _decision(desk), by=desk.by, now=desk.now)
    if decided.request.state is not RequestState.SEEKING:
        return _told(desk, DeskOutcome.PDSA, decided.reasons, opened, decided.request)
    return _offered(desk, opened, decided.request)


def _no_longer_eligible(desk: _Desk, request_id: UUID) -> DeskResult:
    """The patient, or the list in force, changed while the request waited."""
    outcome = NO_REQUEST[desk.eligibility.outcome]
    told = desk.eligibility.reasons
    oriented = intake.orient(
        desk.session, request_id, Disposition(outcome.value), told[0], by=desk.by, now=desk.now
    )
    return _told(desk, outcome, told, oriented, oriented.request)


def _offered(desk: _Desk, opened: StepResult, view: RequestView) -> DeskResult:
    reasons = desk.eligibility.reasons
    if desk.form.slot_ids:
        try:
            held = hold_slots(desk.session, view.id, desk.form.slot_ids, by=desk.by, now=desk.now)
        except SlotNoLongerFree:
            reasons = (*reasons, explaining.lost(None, desk.now))
        else:
            view = intake.get_request(desk.session, view.id, by=desk.by, now=desk.now)
            return _told(desk, DeskOutcome.HELD, reasons, opened, view, held=held)
    proposals = make_proposals(desk.session, view, k=desk.k, at_once=True, by=desk.by, now=desk.now)
    return _told(desk, DeskOutcome.PROPOSALS, reasons, opened, view, proposals=proposals)


def _grounds(desk: _Desk, territory: TerritoryView) -> SeriesTerms:
    """On what grounds the patient comes to a physiotherapist; refused before anything is opened."""
    row = desk.eligibility.reason
    assert row is not None
    return keeping.grounds(
        desk.session,
        territory,
        desk.form.patient,
        desk.form.terms,
        sessions=desk.form.sessions,
        delay_h=row.delay_h,
        keys=desk.keys,
        by=desk.by,
        now=desk.now,
    )


def _decision(desk: _Desk) -> Decision:
    """What the list's protocol decides in the régulateur's place: an SNP consultation, never more."""
    row = desk.eligibility.reason
    assert row is not None
    form = desk.form
    if not 1 <= form.sessions <= row.sessions:
        raise InvalidValue("sessions", f"de 1 à {row.sessions} séance(s) pour ce motif.")
    fewest, most, only = 1, 7, None
    if desk.terms is not None:
        fewest, most = keeping.spacing(desk.session, form.territory_id, row.code)
        territory = territory_of(desk.session, form.territory_id, desk.by)
        only = keeping.narrowed_to(desk.session, territory, desk.terms, desk.now)
    return Decision(
        disposition=Disposition.SNP_CONSULTATION,
        urgency=Urgency(row.priority, ResponseLevel.R3),
        delay_h=row.delay_h,
        professions=row.professions,
        modes=row.modes,
        max_km=form.max_km,
        sessions=form.sessions,
        min_gap_days=fewest,
        max_gap_days=most,
        excluded_practitioner_ids=form.excluded_practitioner_ids,
        only_practitioner_ids=only,
        reason=row.code,
        reasons=desk.eligibility.reasons,
    )


def _stopped(desk: _Desk, opened: StepResult) -> DeskResult:
    return _told(desk, DeskOutcome.CALL_15, opened.reasons, opened, opened.request)


def _told(
    desk: _Desk,
    outcome: DeskOutcome,
    reasons: tuple[Reason, ...],
    opened: StepResult | None = None,
    view: RequestView | None = None,
    *,
    proposals: Proposals | None = None,
    held: HeldSlots | None = None,
) -> DeskResult:
    """The result, with the trace that covers the professional."""
    trace_id = triage.record_trace(
        desk.session,
        desk.form.territory_id,
        desk.form.answers,
        desk.eligibility,
        request_id=None if view is None else view.id,
        by=desk.by,
        now=desk.now,
    )
    duplicates: tuple[Duplicate, ...] = () if opened is None else opened.duplicates
    return DeskResult(outcome, reasons, desk.eligibility, trace_id, view, duplicates, proposals, held)


def _closed(territory: TerritoryView, audience: Audience, now: datetime) -> tuple[Reason, ...]:
    """Why the desk is closed; a carer who refers a patient to a physiotherapist may do so at any hour."""
    if audience is Audience.PROFESSIONALS:
        return ()
    return hours.outside(territory.settings.snp_hours, now)


def _imagined(
    need: PreviewNeed, row: DeskReason, territory: TerritoryView, *, by: Actor, now: datetime
) -> RequestView:
    """The request that the form would open, as far as the engine cares."""
    if not 1 <= need.sessions <= row.sessions:
        raise InvalidValue("sessions", f"de 1 à {row.sessions} séance(s) pour ce motif.")
    return RequestView(
        id=new_id(),
        number="",
        territory_id=need.territory_id,
        patient_id=new_id(),
        insee=need.insee,
        origin=origin_of(by),
        organisation_id=by.organisation,
        practitioner_id=by.practitioner,
        state=RequestState.SEEKING,
        audience=rules.audience_of(by),
        reason=row.code,
        mt_status=MtStatus.UNKNOWN,
        estimated_delay_h=None,
        disposition=Disposition.SNP_CONSULTATION,
        priority=row.priority,
        response_level=ResponseLevel.R3,
        professions=row.professions,
        modes=row.modes,
        max_km=territory.settings.default_max_km if need.max_km is None else need.max_km,
        earliest=now,
        deadline=now + timedelta(hours=row.delay_h),
        decided_at=now,
        sessions=need.sessions,
        min_gap_days=1,
        max_gap_days=7,
        household_id=None,
        excluded_practitioner_ids=frozenset(),
        only_practitioner_ids=None,
        version=1,
        created_at=now,
        created_by=by.ident,
    )
