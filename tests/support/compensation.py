"""Acts that were regulated, booked and honoured, and slots that stayed free, played through the services."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from regulation.intake import service as intake
from regulation.intake.facts import MtAnswers, Opening, Origin
from regulation.proofs.service import read_proofs
from slots.agenda import service as agenda
from slots.agenda.facts import Offer
from slots.appointments import service as appointments
from slots.appointments.facts import Claim
from slots.compensation import service as compensation
from slots.compensation.facts import FundingKind, TermsDetails
from snp.assignment.facts import Audience, Mode
from snp.platform.actors import Actor, Role
from snp.platform.keys import Keys
from tests.support.directory import ADMINISTRATOR
from tests.support.regulation import NO_MT, PHYSIO, a_patient, a_snp_decision

UNKNOWN_MT = MtAnswers(has_mt=True, called=True, available=False)


def a_lived_act(
    session: Session,
    keys: Keys,
    *,
    territory: UUID,
    practitioner: UUID,
    site: UUID,
    start: datetime,
    mt: MtAnswers = NO_MT,
    hours: float = 20,
) -> UUID:
    """The appointment of a patient whom the régulateur sent so many hours before, and who came."""
    decided, here = start - timedelta(hours=hours), frozenset({territory})
    doctor = Actor(ident=f"account:{uuid4()}", role=Role.REGULATEUR, territories=here)
    slot = a_free_slot(
        session,
        territory=territory,
        practitioner=practitioner,
        site=site,
        start=start,
        now=decided - timedelta(hours=1),
    )
    opening = Opening(territory_id=territory, origin=Origin.OSNP, patient=a_patient())
    request = intake.open_request(session, opening, keys=keys, by=doctor, now=decided).request
    intake.check_mt(session, request.id, mt, by=doctor, now=decided)
    decision = a_snp_decision(delay_h=72, can_wait=True)
    intake.decide(session, request.id, decision, by=doctor, now=decided)
    (made,) = appointments.book(
        session,
        [Claim(slot, request.id)],
        audience=Audience.REGULATION,
        territory_id=territory,
        codes=keys.hasher(),
        by=doctor,
        now=decided + timedelta(minutes=5),
    ).appointments
    appointments.honour(session, made.id, by=doctor, now=start + timedelta(minutes=20))
    return made.id


def a_free_slot(
    session: Session, *, territory: UUID, practitioner: UUID, site: UUID, start: datetime, now: datetime
) -> UUID:
    """A slot that was published and that nobody has."""
    audiences = frozenset({Audience.REGULATION, Audience.PROFESSIONALS})
    offer = Offer(site, Mode.AMB, audiences, frozenset({territory}), slot_minutes=15)
    return agenda.publish_slot(session, practitioner, start, offer, by=ADMINISTRATOR, now=now).slots[0].id


def terms_for_physio(session: Session, territory: UUID, *, now: datetime, **changes: Any) -> None:
    """The CPTS funds the slots of physiotherapists from the first of the year on."""
    plain: dict[str, Any] = {
        "kind": FundingKind.UNUSED_SLOT,
        "profession": PHYSIO,
        "valid_from": date(now.year, 1, 1),
        "rate_cents": 2050,
    }
    details = TermsDetails(**(plain | changes))
    compensation.add_terms(session, territory, details, by=ADMINISTRATOR, now=now)


def compute(session: Session, territory: UUID, *, now: datetime) -> None:
    """Every statement of a territory, as the job computes them."""
    for one in compensation.practitioners_due(session, territory, now=now):
        compensation.compute_statements(session, territory, one, proofs=read_proofs, now=now)
