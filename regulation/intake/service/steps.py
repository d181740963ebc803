"""The steps between first word and decision: médecin traitant, delay, the régulateur's disposition."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, assert_never
from uuid import UUID

from sqlmodel import Session

from regulation.facts import Reason
from regulation.intake import hours, moving, repository, rules, traits
from regulation.intake.facts import (
    Decision,
    Disposition,
    Move,
    MtAnswers,
    RequestState,
    RequestView,
    StepResult,
    Urgency,
)
from regulation.intake.service.opening import booked_starts
from regulation.medecin_traitant import rules as mt_rules
from regulation.medecin_traitant.facts import MtVerdict, MtVerdictKind
from snp.assignment.facts import Audience
from snp.directory import service as directory
from snp.directory.facts import TerritoryView
from snp.errors import InvalidValue
from snp.platform.actors import Actor
from snp.platform.columns import new_id


def check_mt(
    session: Session,
    request_id: UUID,
    answers: MtAnswers,
    *,
    urgency: Urgency | None = None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Answer the médecin traitant question: call him first, keep an appointment, or go on."""
    view = moving.locked(session, request_id, version=version, by=by)
    if stopped := _hard_stop(session, view, urgency, by=by, now=now):
        return stopped
    delay_h = view.estimated_delay_h or _territory(session, view).settings.default_delay_hours
    verdict = mt_rules.verdict(
        answers,
        needed_by=now + timedelta(hours=delay_h),
        now=now,
        found_appointment=_found_appointment(session, view, now),
    )
    moved = _move_by_verdict(session, view, answers, verdict, by=by, now=now)
    return StepResult(moved, verdict.reasons)


def resume(
    session: Session, request_id: UUID, *, version: int | None = None, by: Actor, now: datetime
) -> StepResult:
    """Take up a request that waited for the médecin traitant; the question is asked again."""
    view = moving.locked(session, request_id, version=version, by=by)
    territory = _territory(session, view)
    reasons = hours.outside(territory.settings.snp_hours, now)
    return StepResult(moving.move(session, view, Move.RESUME, reasons=reasons, by=by, now=now), reasons)


def estimate_delay(
    session: Session,
    request_id: UUID,
    delay_h: int,
    *,
    urgency: Urgency | None = None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Record within how many hours the OSNP thinks that care must be given."""
    view = moving.locked(session, request_id, version=version, by=by)
    if stopped := _hard_stop(session, view, urgency, by=by, now=now):
        return stopped
    rules.check_delay(delay_h)
    moved = moving.move(
        session,
        view,
        Move.ESTIMATE,
        data={"delay_h": delay_h},
        changes={"estimated_delay_h": delay_h, **_typed(urgency)},
        by=by,
        now=now,
    )
    return StepResult(moved)


def decide(
    session: Session,
    request_id: UUID,
    decision: Decision,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Record the régulateur's decision: only an SNP consultation or teleconsultation (R3) seeks a slot.

    R1, R2 and P0 stop towards the 15 whatever the disposition. Outside SNP hours a consultation is oriented
    to the PDSA, unless `can_wait` says that the need can wait and the delay reaches the next opening.
    """
    view = _lock_with_relative(session, request_id, decision, version=version, by=by)
    if stopped := _hard_stop(session, view, decision.urgency, decision.disposition, by=by, now=now):
        return stopped
    act = rules.decision_move(decision.disposition)
    if act is Move.DECIDE:
        return _seek(session, view, decision, by=by, now=now)
    changes = {
        "disposition": decision.disposition,
        "decided_at": now,
        **_typed(decision.urgency),
        **({"reason": traits.checked_reason(decision.reason)} if decision.reason else {}),
    }
    data = {"disposition": decision.disposition.value}
    moved = moving.move(
        session, view, act, reasons=decision.reasons, data=data, changes=changes, by=by, now=now
    )
    return StepResult(moved, decision.reasons)


def orient(
    session: Session,
    request_id: UUID,
    disposition: Disposition,
    reason: Reason,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> StepResult:
    """Send a request elsewhere without a slot (back to the MT, urgences, PDSA…)."""
    view = moving.locked(session, request_id, version=version, by=by)
    return StepResult(_orient(session, view, disposition, (reason,), by=by, now=now), (reason,))


def _seek(session: Session, view: RequestView, decision: Decision, *, by: Actor, now: datetime) -> StepResult:
    settings = _territory(session, view).settings
    checked = rules.checked_decision(
        replace(decision, delay_h=decision.delay_h or view.estimated_delay_h),
        default_delay_h=settings.default_delay_hours,
        default_max_km=settings.default_max_km,
    )
    assert checked.delay_h is not None
    earliest, deadline = rules.seeking_window(now, checked.delay_h, checked.not_before)
    closed = () if _is_professional(view) else hours.outside(settings.snp_hours, now)
    if closed and not (checked.can_wait and hours.reopens_by(settings.snp_hours, now, deadline)):
        rules.next_state(view.state, Move.DECIDE)
        return StepResult(_orient(session, view, Disposition.PDSA, closed, by=by, now=now), closed)
    waits = (hours.can_wait(settings.snp_hours, now),) if closed else ()
    reasons = (*decision.reasons, *waits)
    moved = moving.move(
        session,
        view,
        Move.DECIDE,
        reasons=reasons,
        data={"disposition": checked.disposition.value, "delay_h": checked.delay_h},
        changes={
            **_needs(session, view, checked, by=by, now=now),
            "earliest": earliest,
            "deadline": deadline,
            "decided_at": now,
        },
        by=by,
        now=now,
    )
    return StepResult(moved, reasons)


def _needs(
    session: Session, view: RequestView, checked: Decision, *, by: Actor, now: datetime
) -> dict[str, Any]:
    """What the engine will be asked, as columns."""
    only = checked.only_practitioner_ids
    needs = {
        "disposition": checked.disposition,
        **_typed(checked.urgency),
        "professions": sorted(checked.professions),
        "modes": sorted(checked.modes),
        "max_km": checked.max_km,
        "sessions": checked.sessions,
        "min_gap_days": checked.min_gap_days,
        "max_gap_days": checked.max_gap_days,
        "household_id": _household(session, view, checked.household_with, by=by, now=now),
        "excluded_practitioner_ids": sorted(checked.excluded_practitioner_ids | _absent_mt(session, view.id)),
        "only_practitioner_ids": None if only is None else sorted(only),
    }
    return needs | ({"reason": traits.checked_reason(checked.reason)} if checked.reason else {})


def _household(
    session: Session, view: RequestView, relative_id: UUID | None, *, by: Actor, now: datetime
) -> UUID | None:
    """The household that the request joins; the relative's request is written too when it had none."""
    if relative_id is None:
        return None
    relative = repository.load(session, [relative_id])[relative_id]
    if relative.household_id is not None:
        return relative.household_id
    household_id = new_id()
    data = {"household": str(household_id), "with": str(view.id)}
    changes = {"household_id": household_id}
    moving.move(session, relative, Move.CORRECT, data=data, changes=changes, by=by, now=now)
    return household_id


def _lock_with_relative(
    session: Session, request_id: UUID, decision: Decision, *, version: int | None, by: Actor
) -> RequestView:
    """Lock the request, and the one it joins as a household, in order of id; check that they go together."""
    relative_id = decision.household_with
    if relative_id is None:
        return moving.locked(session, request_id, version=version, by=by)
    if relative_id == request_id:
        raise InvalidValue("household_with", "un dossier ne se joint pas à lui-même.")
    both = moving.lock_all(session, [request_id, relative_id])
    view = moving.locked(session, request_id, version=version, by=by)
    relative = moving.visible(both.get(relative_id), by)
    if relative.territory_id != view.territory_id or relative.sessions > 1:
        raise InvalidValue("household_with", "ce dossier ne peut pas être vu dans la même suite de créneaux.")
    if relative.state in rules.FINAL_STATES | rules.CLAIMING_STATES:
        raise InvalidValue("household_with", "ce dossier n’est plus en attente d’un créneau.")
    return view


def _move_by_verdict(
    session: Session, view: RequestView, answers: MtAnswers, verdict: MtVerdict, *, by: Actor, now: datetime
) -> RequestView:
    changes: dict[str, Any] = {"mt_status": verdict.status, "mt": _mt_document(answers, verdict)}
    data = {"verdict": verdict.kind.value, "status": verdict.status.value}
    match verdict.kind:
        case MtVerdictKind.CALL_MT_FIRST:
            act = Move.WAIT_MT
        case MtVerdictKind.GO_ON:
            act = Move.CHECK_MT
        case MtVerdictKind.KEEP_APPOINTMENT:
            act, changes["disposition"] = Move.ORIENT, Disposition.KEEP_APPOINTMENT
        case MtVerdictKind.BACK_TO_MT:
            act, changes["disposition"] = Move.ORIENT, Disposition.BACK_TO_MT
        case _:
            assert_never(verdict.kind)
    if view.state is not RequestState.RECEIVED:
        raise rules.IllegalMove(view.state, Move.CHECK_MT)
    return moving.move(
        session, view, act, reasons=verdict.reasons, data=data, changes=changes, by=by, now=now
    )


def _mt_document(answers: MtAnswers, verdict: MtVerdict) -> dict[str, Any]:
    """The answers as they are kept: instants and identifiers, no name."""
    instants = {"offered_at": answers.offered_at, "holds_appointment_at": answers.holds_appointment_at}
    return {
        "has_mt": answers.has_mt,
        "called": answers.called,
        "available": answers.available,
        "absent": answers.absent,
        "other_need": answers.other_need,
        "mt_practitioner_id": None if answers.mt_practitioner_id is None else str(answers.mt_practitioner_id),
        "excluded": sorted(map(str, verdict.excluded)),
        **{name: None if instant is None else instant.isoformat() for name, instant in instants.items()},
    }


def _absent_mt(session: Session, request_id: UUID) -> frozenset[UUID]:
    return frozenset(map(UUID, repository.load_mt(session, request_id).get("excluded", ())))


def _found_appointment(session: Session, view: RequestView, now: datetime) -> datetime | None:
    """The next appointment that the service knows of for the same person and what may be the same need."""
    same_need = [
        other.id
        for other in repository.booked_for_same_person(session, view)
        if rules.may_be_same_need(view.reason, other.reason)
    ]
    starts = booked_starts(session, same_need)
    return min((start for told in starts.values() for start in told if start >= now), default=None)


def _hard_stop(
    session: Session,
    view: RequestView,
    urgency: Urgency | None,
    disposition: Disposition | None = None,
    *,
    by: Actor,
    now: datetime,
) -> StepResult | None:
    """Stop towards the 15 when what was typed says so; None when the step may go on."""
    reasons = rules.hard_stop(urgency)
    if urgency is None or not reasons:
        return None
    data = {} if disposition is None else {"typed": disposition.value}
    moved = moving.move_to_the_15(session, view, urgency, reasons, data=data, by=by, now=now)
    return StepResult(moved, reasons)


def _orient(
    session: Session,
    view: RequestView,
    disposition: Disposition,
    reasons: tuple[Reason, ...],
    *,
    by: Actor,
    now: datetime,
) -> RequestView:
    return moving.move(
        session,
        view,
        Move.ORIENT,
        reasons=reasons,
        data={"disposition": disposition.value},
        changes={"disposition": disposition, "decided_at": now},
        by=by,
        now=now,
    )


def _typed(urgency: Urgency | None) -> dict[str, Any]:
    """What was typed of the urgency, as columns."""
    if urgency is None:
        return {}
    typed = {"priority": urgency.priority, "response_level": urgency.response_level}
    return {name: value for name, value in typed.items() if value is not None}


def _territory(session: Session, view: RequestView) -> TerritoryView:
    return directory.get_territory(session, view.territory_id)


def _is_professional(view: RequestView) -> bool:
    """Brought by a carer for planned continuity, not by a call: the hours of calls do not bind it."""
    return view.audience is Audience.PROFESSIONALS
