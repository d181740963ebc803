"""A day of calls played through the services, at the instants when it would have happened.

What a call leads to is what the services make of it: no row is written here.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.demo.facts import GP, Call, Path, Stage
from regulation.facts import Reason
from regulation.intake import service as intake
from regulation.intake.facts import (
    CallPriority,
    Decision,
    Disposition,
    MtAnswers,
    Opening,
    Origin,
    RequestState,
    ResponseLevel,
    Urgency,
)
from regulation.orientation import service as orientation
from regulation.orientation.facts import DeskForm, DeskOutcome, Proposals
from regulation.triage.facts import DeskAnswers
from snp.days import SnpHours, is_snp_hours, snp_openings
from snp.platform.actors import Actor, Role
from snp.platform.keys import Keys

IDENT: Final = "system:demo"
_MINUTE: Final = timedelta(minutes=1)
_WHOLE_DAY: Final = timedelta(hours=8)
_FARTHEST: Final = timedelta(days=13)
_TO_COME: Final = timedelta(minutes=10)
_SOURCE: Final = "Démonstration"
_DISPOSITIONS: Final = {
    Path.ADVICE: Disposition.ADVICE,
    Path.SNP: Disposition.SNP_CONSULTATION,
    Path.TELECONSULTATION: Disposition.TELECONSULTATION,
    Path.EMERGENCY: Disposition.EMERGENCY,
    Path.PDSA: Disposition.PDSA,
}


@dataclass(frozen=True, slots=True)
class Theatre:
    """What every scene needs: the session, the keys, the cast, and the end of the play.

    `until`: nothing happens after it. `book`: whether slots are looked for, or the request stays open.
    """

    session: Session
    keys: Keys
    stage: Stage
    hours: SnpHours
    until: datetime
    book: bool = True

    def actor(self, role: Role, call: Call) -> Actor:
        """Return who acts: the regulation of the territory, a desk, or a carer who refers to a physio."""
        territories = frozenset({self.stage.territories[call.territory]})
        plain = Actor(ident=IDENT, role=role, territories=territories)
        if call.desk is None:
            return plain
        if role is Role.PRACTITIONER:
            return replace(plain, practitioner=self.stage.carers[call.desk], profession=GP)
        return replace(plain, organisation=self.stage.organisations[call.desk])


def play(theatre: Theatre, calls: Iterable[Call]) -> None:
    """Play calls in order; one that would end after `until` stops where it then stands."""
    for call in calls:
        match call.path:
            case Path.DESK | Path.DESK_RED_FLAG:
                role = Role.NURSE_PRACTICE if (call.desk or "").startswith("nurses") else Role.PHARMACY
                _visit(theatre, call, theatre.actor(role, call))
            case Path.PHYSIO:
                _visit(theatre, call, theatre.actor(Role.PRACTITIONER, call))
            case _:
                _phone(theatre, call)


def _phone(theatre: Theatre, call: Call) -> None:
    """ARM, médecin traitant, OSNP, régulateur, and the slot: each some minutes after the one before."""
    arm, osnp, doctor = (theatre.actor(role, call) for role in (Role.ARM, Role.OSNP, Role.REGULATEUR))
    opening = Opening(
        territory_id=theatre.stage.territories[call.territory],
        origin=Origin.ARM,
        patient=call.patient,
        reason=call.reason,
    )
    at = call.at
    opened = intake.open_request(theatre.session, opening, keys=theatre.keys, by=arm, now=at)
    ident, at = opened.request.id, at + 2 * _MINUTE
    answers = MtAnswers(has_mt=True, called=False) if call.waits else call.mt
    state = _step(theatre, at) and _check_mt(theatre, ident, answers, arm, at)
    if state is RequestState.WAITING_MT:
        at += 45 * _MINUTE
        if not _step(theatre, at):
            return
        intake.resume(theatre.session, ident, by=arm, now=at)
        state = _check_mt(theatre, ident, call.mt, arm, at + _MINUTE)
    if state is not RequestState.TO_ESTIMATE or not _step(theatre, at := at + 3 * _MINUTE):
        return
    intake.estimate_delay(theatre.session, ident, call.delay_h, by=osnp, now=at)
    if _step(theatre, at := at + 6 * _MINUTE) and _decide(theatre, call, ident, doctor, at) and theatre.book:
        _book(theatre, ident, osnp, at + 2 * _MINUTE)


def _step(theatre: Theatre, at: datetime) -> bool:
    return at < theatre.until


def _check_mt(theatre: Theatre, ident: UUID, answers: MtAnswers, by: Actor, at: datetime) -> RequestState:
    return intake.check_mt(theatre.session, ident, answers, by=by, now=at).request.state


def _decide(theatre: Theatre, call: Call, ident: UUID, by: Actor, at: datetime) -> bool:
    """Record the régulateur's decision; whether the request now seeks a slot.

    Outside SNP hours the need is one that can wait until the next whole day of care.
    """
    disposition = _DISPOSITIONS[call.path]
    level = ResponseLevel.R4 if disposition is Disposition.ADVICE else ResponseLevel.R3
    seeks = disposition in {Disposition.SNP_CONSULTATION, Disposition.TELECONSULTATION}
    decision = Decision(
        disposition=disposition,
        urgency=Urgency(CallPriority.P1 if call.path is Path.EMERGENCY else call.priority, level),
        delay_h=_delay_h(theatre.hours, at, call.delay_h) if seeks else None,
        max_km=call.max_km,
        reason=call.reason,
        can_wait=not is_snp_hours(at, theatre.hours),
        reasons=(Reason("demo", "Décision inventée pour la démonstration.", _SOURCE),),
    )
    decided = intake.decide(theatre.session, ident, decision, by=by, now=at)
    return decided.request.state is RequestState.SEEKING


def _delay_h(hours: SnpHours, at: datetime, delay_h: int) -> int:
    """Return the delay that was typed, or one that reaches the end of the next whole day of care."""
    if is_snp_hours(at, hours):
        return delay_h
    whole = (end for start, end in snp_openings(at, at + _FARTHEST, hours) if end - start >= _WHOLE_DAY)
    return max(delay_h, round((next(whole, at) - at) / timedelta(hours=1)))


def _book(theatre: Theatre, request_id: UUID, by: Actor, at: datetime) -> None:
    """Read the proposals to the caller, who takes the first; without one the request stays open."""
    if not _step(theatre, at + 2 * _MINUTE):
        return
    found = orientation.propose(theatre.session, request_id, at_once=True, by=by, now=at)
    take(theatre, found, by, at + _MINUTE)


def take(theatre: Theatre, found: Proposals, by: Actor, at: datetime) -> None:
    """Hold and confirm the first proposal that leaves the patient time to come; none, and nothing happens."""
    ahead = (p.id for p in found.proposals if p.id is not None and p.slots[0].start > at + _TO_COME)
    proposal_id = next(ahead, None)
    if proposal_id is None:
        return
    held = orientation.hold(theatre.session, proposal_id, by=by, now=at)
    orientation.confirm(theatre.session, held.bundle_id, keys=theatre.keys, by=by, now=at + _MINUTE)


def _visit(theatre: Theatre, call: Call, by: Actor) -> None:
    """The form of a desk: pharmacy, nurse practice, or the carers' desk for physiotherapists."""
    patient = call.patient
    signs = {"chest_pain"} if call.path is Path.DESK_RED_FLAG else set[str]()
    answers = DeskAnswers(
        reason=call.reason,
        age_years=0,
        sex=patient.sex,
        signs=frozenset(signs),
        reviewed=True,
        counter_declined=True,
    )
    form = DeskForm(
        territory_id=theatre.stage.territories[call.territory],
        answers=answers,
        mt=call.mt,
        patient=patient,
        sessions=call.sessions,
        max_km=call.max_km,
    )
    told = orientation.desk_request(theatre.session, form, keys=theatre.keys, by=by, now=call.at)
    later = call.at + 2 * _MINUTE
    if told.outcome is DeskOutcome.PROPOSALS and told.proposals and _step(theatre, later) and theatre.book:
        take(theatre, told.proposals, by, later)


def coin(key: object, seed: int) -> float:
    """Return a number in [0, 1) that a key always gets."""
    return random.Random(f"{seed}:{key}").random()  # noqa: S311 - an invented outcome, no secret
