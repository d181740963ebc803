"""From what was typed to the form that the regulation takes: the slot's territory, the commune's code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.web import desk_views
from api.web.desk_patient import phone_fault, picked_commune
from api.web.forms import Errors
from api.web.sas import views
from api.web.sas.forms import BookingTyped, in_order, read_booking
from regulation.intake.facts import PatientTraits
from regulation.orientation.facts import PlatformForm
from slots.agenda import service as agenda
from slots.agenda.refusals import SlotNotFound
from snp.days import local_day
from snp.directory.facts import CommuneView
from snp.platform.actors import Actor


def filled_form(
    session: Session, typed: Mapping[str, str], *, by: Actor, now: datetime
) -> tuple[PlatformForm | None, Errors, Sequence[CommuneView]]:
    """Return the form when everything was understood; else the faults, and the communes to pick from."""
    codes = frozenset(option.value for option in views.reason_options(now))
    reading = read_booking(typed, codes, local_day(now))
    near = replace(by, territories=_territories_of_slot(session, typed.get("creneau", ""), now=now))
    insee, faults, communes = picked_commune(session, typed, near)
    errors = reading.errors | phone_fault(typed.get("telephone", "")) | faults
    if not near.territories:
        errors["creneau"] = "Choisissez un créneau"
    if reading.value is None or insee is None or errors:
        return None, in_order(errors), communes
    return _form(reading.value, insee, desk_views.territory_for(session, near, insee)), {}, ()


def _form(read: BookingTyped, insee: str, territory_id: UUID) -> PlatformForm:
    traits = PatientTraits(
        family_name=read.person.family_name,
        given_name=read.person.given_name,
        birth_date=read.birth_date,
        sex=read.sex,
        insee=insee,
        phone=read.person.phone,
    )
    return PlatformForm(
        territory_id=territory_id,
        slot_id=read.slot_id,
        patient=traits,
        mt=read.mt,
        delay_h=read.delay_h,
        urgency=read.urgency,
        reason=read.reason,
        note=read.note,
        can_wait=read.can_wait,
    )


def _territories_of_slot(session: Session, typed: str, *, now: datetime) -> frozenset[UUID]:
    """Return where a slot is offered, taken or not; nothing when none was named that the platform may see."""
    try:
        slot = agenda.get_slot(session, UUID(typed), now=now)
    except (ValueError, SlotNotFound):
        return frozenset()
    shown = bool(slot.sas) and views.consents(session, slot.practitioner_id, now)
    return slot.territory_ids if shown else frozenset()
