"""A régulateur of the national platform books in one act, by the regulation's own rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from regulation.intake.facts import CallPriority, MtAnswers, Origin, RequestState, ResponseLevel, Urgency
from regulation.orientation import service as orientation
from regulation.orientation.facts import PlatformForm, PlatformOutcome, PlatformResult
from regulation.orientation.refusals import SlotDoesNotSuit, SlotNoLongerFree
from slots.appointments import service as appointments
from slots.appointments.facts import SasOperator
from snp.platform.actors import Actor
from tests.support.directory import a_site
from tests.support.regulation import KEYS, NIGHT, NO_MT, NOW, Cpts, a_cpts, a_patient, at

pytestmark = pytest.mark.database
P = PlatformOutcome
OPERATOR = SasOperator("urn:oid:1.2.250.1.213.3.6", "5b0f8f0e-2f8a-4a43-9e57-3d1a2c4b5e6f")


@pytest.fixture
def cpts(session: Session) -> Cpts:
    return a_cpts(session)


def from_platform(cpts: Cpts) -> Actor:
    return replace(cpts.regulateur, from_platform=True)


def book(cpts: Cpts, slot_id: UUID, *, now: Any = NOW, **form: Any) -> PlatformResult:
    plain: dict[str, Any] = {"patient": a_patient(), "mt": NO_MT, "delay_h": 24}
    filled = PlatformForm(cpts.territory.id, slot_id, **(plain | form))
    by = from_platform(cpts)
    return orientation.book_from_platform(cpts.session, filled, OPERATOR, keys=KEYS, by=by, now=now)


def messages(cpts: Cpts) -> list[tuple[str, dict[str, Any]]]:
    rows = cpts.session.execute(
        sa.text("SELECT subject, payload FROM outbox_message WHERE topic = 'sas.appointment' ORDER BY id")
    )
    return [(row.subject, row.payload) for row in rows]


def test_one_act_opens_decides_books_and_declares(cpts: Cpts):
    result = book(cpts, cpts.slot(cpts.carer(), at("14:00")), reason="fever", note="Dossier 1234")

    assert result.outcome is P.BOOKED
    assert result.request.state is RequestState.BOOKED
    assert result.request.origin is Origin.SAS
    assert result.appointment is not None
    ident = result.appointment.id
    declared = appointments.sas_declarations(cpts.session, [ident])[ident]
    assert declared.operator == OPERATOR
    ((subject, payload),) = messages(cpts)
    assert subject == f"sas-appointment:{ident}"
    assert payload == {"appointment_id": str(ident), "told_id": str(ident), "status": "booked"}


def test_an_appointment_booked_otherwise_is_not_declared(cpts: Cpts):
    request = cpts.seeking()
    cpts.slot(cpts.carer(), at("14:00"))
    (proposal,) = orientation.propose(cpts.session, request.id, by=cpts.osnp, now=NOW).proposals
    held = orientation.hold(cpts.session, proposal.id, by=cpts.osnp, now=NOW)
    (booked,) = orientation.confirm(cpts.session, held.bundle_id, keys=KEYS, by=cpts.osnp, now=NOW)

    assert appointments.sas_declarations(cpts.session, [booked.id]) == {}
    assert messages(cpts) == []


def test_a_slot_taken_meanwhile_brings_fresh_proposals(cpts: Cpts):
    carer = cpts.carer()
    slot, other = cpts.slot(carer, at("14:00")), cpts.slot(carer, at("15:00"))
    book(cpts, slot)

    with pytest.raises(SlotNoLongerFree) as lost, cpts.session.begin_nested():
        book(cpts, slot)

    assert [one.slots[0].slot_id for one in lost.value.proposals.proposals] == [other]


@pytest.mark.parametrize(
    "urgency",
    [
        Urgency(priority=CallPriority.P0),
        Urgency(response_level=ResponseLevel.R1),
        Urgency(response_level=ResponseLevel.R2),
    ],
)
def test_a_hard_stop_books_nothing(cpts: Cpts, urgency: Urgency):
    result = book(cpts, cpts.slot(cpts.carer(), at("14:00")), urgency=urgency)

    assert result.outcome is P.CALL_15
    assert result.appointment is None
    assert messages(cpts) == []


def test_a_medecin_traitant_who_can_see_the_patient_does(cpts: Cpts):
    mt = MtAnswers(has_mt=True, called=True, available=True)

    assert book(cpts, cpts.slot(cpts.carer(), at("14:00")), mt=mt).outcome is P.BACK_TO_MT


def test_a_medecin_traitant_is_called_first(cpts: Cpts):
    mt = MtAnswers(has_mt=True, called=False)

    assert book(cpts, cpts.slot(cpts.carer(), at("14:00")), mt=mt).outcome is P.CALL_MT_FIRST


def test_at_night_the_pdsa_takes_over_unless_the_need_can_wait(cpts: Cpts):
    slot = cpts.slot(cpts.carer(), at("09:00", day=1))

    assert book(cpts, slot, now=NIGHT).outcome is P.PDSA
    assert book(cpts, slot, now=NIGHT, can_wait=True).outcome is P.BOOKED


def test_an_appointment_already_held_in_time_is_kept(cpts: Cpts):
    carer, patient = cpts.carer(), a_patient()
    book(cpts, cpts.slot(carer, at("14:00")), patient=patient)

    assert book(cpts, cpts.slot(carer, at("15:00")), patient=patient).outcome is P.KEEP_APPOINTMENT


def test_a_slot_beyond_the_delay_does_not_suit(cpts: Cpts):
    slot = cpts.slot(cpts.carer(), at("14:00", day=1))

    with pytest.raises(SlotDoesNotSuit, match="late"):
        book(cpts, slot, delay_h=4)


def test_a_far_slot_that_was_chosen_is_booked(cpts: Cpts):
    far = a_site(cpts.session, "85146", postal_code="85600")
    slot = cpts.slot(cpts.carer(site=far), at("14:00"), site=far)

    assert cpts.territory.settings.default_max_km < 40
    assert book(cpts, slot).outcome is P.BOOKED


def test_a_teleconsultation_slot_is_booked_as_one(cpts: Cpts):
    from snp.assignment.facts import Mode

    slot = cpts.slot(cpts.carer(), NOW + timedelta(hours=3), mode=Mode.VR)

    assert book(cpts, slot).outcome is P.BOOKED
