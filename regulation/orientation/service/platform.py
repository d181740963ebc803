"""A régulateur who came through the national platform books the slot that he opened, in one act.

The steps are the regulation's own, in their order: request, médecin traitant, delay, decision, hold, booking.
All of it stands or none: the caller undoes the whole when the slot was lost or does not suit.
Source: ANS, interoperability guide of the SAS (INT_SSO, INT_R03); hard stops and hours as for every request.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlmodel import Session

from regulation.facts import Reason
from regulation.intake import service as intake
from regulation.intake.facts import (
    Decision,
    Disposition,
    Opening,
    Origin,
    RequestState,
    RequestView,
    StepResult,
)
from regulation.intake.service.opening import territory_of
from regulation.orientation.facts import PlatformForm, PlatformOutcome, PlatformResult
from regulation.orientation.ground import points_of
from regulation.orientation.service.claiming import confirm, hold_slots
from regulation.orientation.service.proposing import free_among
from slots.agenda.facts import FreeSlot
from slots.appointments import service as appointments
from slots.appointments.facts import SasOperator
from snp.assignment.facts import Mode
from snp.assignment.rules import great_circle_km
from snp.platform.actors import Actor
from snp.platform.keys import Keys

_ENDED: Final = {
    Disposition.CALL_15: PlatformOutcome.CALL_15,
    Disposition.SMUR: PlatformOutcome.CALL_15,
    Disposition.BACK_TO_MT: PlatformOutcome.BACK_TO_MT,
    Disposition.KEEP_APPOINTMENT: PlatformOutcome.KEEP_APPOINTMENT,
    Disposition.PDSA: PlatformOutcome.PDSA,
}
"""What is told of a request that ended without a slot."""


def book_from_platform(
    session: Session, form: PlatformForm, operator: SasOperator, *, keys: Keys, by: Actor, now: datetime
) -> PlatformResult:
    """Open, decide and book, or end where the flow ends: the 15, the médecin traitant, the PDSA.

    The appointment is declared to the platform under the operator's identifier. Raises `SlotNoLongerFree`
    with fresh proposals, `SlotDoesNotSuit`, `InvalidValue`, `NotFound`.
    """
    opening = Opening(
        territory_id=form.territory_id,
        origin=Origin.SAS,
        patient=form.patient,
        reason=form.reason,
        note=form.note,
        urgency=form.urgency,
    )
    opened = intake.open_request(session, opening, keys=keys, by=by, now=now)
    if opened.stopped:
        return _ended(opened)
    request_id = opened.request.id
    checked = intake.check_mt(session, request_id, form.mt, by=by, now=now)
    if checked.request.state is RequestState.WAITING_MT:
        return PlatformResult(PlatformOutcome.CALL_MT_FIRST, checked.request, checked.reasons)
    if checked.request.state is RequestState.ORIENTED:
        return _ended(checked)
    intake.estimate_delay(session, request_id, form.delay_h, by=by, now=now)
    decision = _decision(session, form, checked.request, by=by, now=now)
    decided = intake.decide(session, request_id, decision, by=by, now=now)
    if decided.request.state is not RequestState.SEEKING:
        return _ended(decided)
    held = hold_slots(session, request_id, [form.slot_id], by=by, now=now)
    (booked,) = confirm(session, held.bundle_id, keys=keys, by=by, now=now)
    appointments.declare_to_sas(session, booked.id, operator, now=now)
    view = intake.get_request(session, request_id, by=by, now=now)
    return PlatformResult(PlatformOutcome.BOOKED, view, decided.reasons, booked, opened.duplicates)


def _decision(
    session: Session, form: PlatformForm, view: RequestView, *, by: Actor, now: datetime
) -> Decision:
    """What the régulateur decides by choosing this slot: its carer's profession, its mode, its distance.

    A slot that is gone leaves the territory's defaults, by which fresh proposals are then sought.
    """
    decision = Decision(
        disposition=Disposition.SNP_CONSULTATION,
        urgency=form.urgency,
        delay_h=form.delay_h,
        can_wait=form.can_wait,
        reason=form.reason,
        reasons=(_CHOSEN,),
    )
    chosen = free_among(session, form.territory_id, [form.slot_id], now).get(form.slot_id)
    if chosen is None:
        return decision
    tele = chosen.mode is Mode.VR
    return replace(
        decision,
        disposition=Disposition.TELECONSULTATION if tele else Disposition.SNP_CONSULTATION,
        professions=frozenset({chosen.profession}),
        modes=frozenset({chosen.mode}),
        max_km=_radius(session, chosen, view, by=by),
    )


def _radius(session: Session, chosen: FreeSlot, view: RequestView, *, by: Actor) -> float:
    """The territory's radius, or farther when the régulateur chose a slot beyond it, knowing where it is."""
    default = territory_of(session, view.territory_id, by).settings.default_max_km
    here = points_of(session, [view])[view.insee]
    return max(default, float(math.ceil(great_circle_km(here.lat, here.lon, chosen.lat, chosen.lon))))


def _ended(step: StepResult) -> PlatformResult:
    disposition = step.request.disposition
    assert disposition is not None
    return PlatformResult(_ENDED[disposition], step.request, step.reasons)


_CHOSEN: Final = Reason(
    "chosen_on_platform",
    "Créneau choisi par le régulateur depuis la plateforme SAS.",
    "ANS, guide d’implémentation SAS : prise de rendez-vous depuis la plateforme",
)
