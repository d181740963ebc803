"""People without a médecin traitant: sign-ups, entries, places, and the messages that they were sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from regulation.intake.facts import PatientTraits
from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.facts import (
    Circumstances,
    Consent,
    EntryOrigin,
    EntryState,
    EntryView,
    PlaceTerms,
    PlaceView,
    SignUp,
)
from regulation.medecin_traitant.register.rules import CONSENT_VERSION
from regulation.messages.facts import Medium
from snp.platform.actors import Actor, Role
from snp.platform.columns import new_id
from tests.support.regulation import KEYS, NOW, TODAY, Cpts, a_patient

PATIENT = Actor(ident="patient", role=Role.PATIENT)


def a_sign_up(territory_id: UUID, patient: PatientTraits | None = None, **details: Any) -> SignUp:
    """Somebody of Pornic who agrees."""
    written: dict[str, Any] = {
        "territory_id": territory_id,
        "patient": patient or a_patient(),
        "consent": Consent(CONSENT_VERSION),
    }
    return SignUp(**(written | details))


def an_entry(
    cpts: Cpts, patient: PatientTraits | None = None, *, now: datetime = NOW, **told: Any
) -> EntryView:
    """Somebody whom the regulation put on the list after a call."""
    typed = a_sign_up(cpts.territory.id, patient, circumstances=Circumstances(**told))
    return register.add_entry(cpts.session, typed, keys=KEYS, by=cpts.osnp, now=now)


def a_place(cpts: Cpts, doctor: Actor, *, now: datetime = NOW, **terms: Any) -> PlaceView:
    """Five places, for anybody, for a month."""
    written: dict[str, Any] = {"places": 5, "valid_until": TODAY + timedelta(days=30)}
    declared = PlaceTerms(**(written | terms))
    return register.declare_places(cpts.session, cpts.territory.id, declared, by=doctor, now=now)


def a_view(**changes: Any) -> EntryView:
    """An entry without a database: somebody of 40, on the list since today."""
    plain = EntryView(
        id=new_id(),
        territory_id=new_id(),
        origin=EntryOrigin.PATIENT,
        organisation_id=None,
        request_id=None,
        state=EntryState.WAITING,
        close_reason=None,
        insee="44131",
        birth_year=1986,
        ald=False,
        pregnant_until=None,
        discharged_on=None,
        housebound=False,
        medium=Medium.SMS,
        waiting_since=NOW,
        reconfirmed_at=None,
        asked_at=None,
        asked_count=0,
        next_call_on=None,
        refusals=0,
        created_at=NOW,
        closed_at=None,
        erased_at=None,
        version=1,
    )
    return replace(plain, **changes)


def told(session: Session) -> list[str]:
    """The kinds of the list's messages that were queued, in order."""
    rows = session.execute(
        sa.text(
            "SELECT payload ->> 'kind' AS kind FROM outbox_message"
            " WHERE payload ->> 'kind' LIKE 'mt_%' ORDER BY position"
        )
    )
    return [row.kind for row in rows]


def born_in(year: int) -> date:
    """A day of birth in a year."""
    return date(year, 7, 1)
