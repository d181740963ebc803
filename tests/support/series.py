"""Series of physiotherapy in the small CPTS: physios with slots, a doctor who refers, a series booked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from regulation.intake.facts import PatientTraits, Sex
from regulation.orientation import service as orientation
from regulation.orientation.facts import DeskForm, DeskResult
from regulation.series.facts import SeriesTerms
from regulation.triage.facts import DeskAnswers
from slots.appointments.facts import AppointmentView
from snp.assignment.facts import Audience
from snp.directory import service as directory
from snp.directory.facts import PractitionerView, TerritoryDetails
from snp.platform.actors import Actor
from tests.support.regulation import KEYS, NO_MT, NOW, PHYSIO, Cpts, a_patient, at

CARERS = frozenset({Audience.PROFESSIONALS})
TEXTS = {
    "findings": "Genou gonflé, flexion 70°.",
    "exercises": "Flexions 10 fois",
    "advice": "Glace",
    "next": "Suivi",
}


@dataclass
class Physios:
    """A CPTS with two physiotherapists and a doctor, who act in it."""

    cpts: Cpts
    anne: PractitionerView = field(init=False)
    bob: PractitionerView = field(init=False)
    doctor: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.anne = self.cpts.carer(PHYSIO, family_name="Abgrall", email="abgrall@example.org")
        self.bob = self.cpts.carer(PHYSIO, family_name="Bihan", email="bihan@example.org")
        self.doctor = self.cpts.acting(self.cpts.carer(email="medecin@example.org"))

    @property
    def a(self) -> Actor:
        """Anne signed in."""
        return self.cpts.acting(self.anne)

    @property
    def b(self) -> Actor:
        """Bob signed in."""
        return self.cpts.acting(self.bob)

    def slots(self, of: PractitionerView, *days: int, clock: str = "9:00", now: datetime = NOW) -> list[UUID]:
        """Slots for carers' patients, so many days after the story's Tuesday."""
        return [self.cpts.slot(of, at(clock, day=day), minutes=30, audiences=CARERS, now=now) for day in days]

    def ask(
        self,
        *,
        by: Actor | None = None,
        terms: SeriesTerms | None = None,
        patient: PatientTraits | None = None,
        reason: str = "trauma",
        sessions: int = 2,
        now: datetime = NOW,
        **form: Any,
    ) -> DeskResult:
        """The professionals' desk's form."""
        given = DeskAnswers(reason, age_years=46, sex=Sex.FEMALE, reviewed=True)
        desk_form = DeskForm(
            self.cpts.territory.id,
            given,
            NO_MT,
            patient or a_patient(),
            sessions=sessions,
            terms=terms,
            **form,
        )
        return orientation.desk_request(
            self.cpts.session, desk_form, keys=KEYS, by=by or self.doctor, now=now
        )

    def booked(
        self, slot_ids: list[UUID], *, now: datetime = NOW, **asked: Any
    ) -> tuple[AppointmentView, ...]:
        """A series booked on these slots."""
        told = self.ask(slot_ids=tuple(slot_ids), sessions=len(slot_ids), now=now, **asked)
        assert told.held is not None, told.outcome
        by = asked.get("by") or self.doctor
        return orientation.confirm(self.cpts.session, told.held.bundle_id, keys=KEYS, by=by, now=now)

    def allow_direct_access(
        self, since: date = date(2026, 1, 1), until: date | None = None, *, department: str = "85"
    ) -> None:
        """The territory gives sessions without a prior diagnosis between these days."""
        territory = directory.get_territory(self.cpts.session, self.cpts.territory.id)
        details = TerritoryDetails(
            slug=territory.slug,
            name=territory.name,
            department=department,
            communes=frozenset(territory.communes),
            settings=replace(territory.settings, direct_access_from=since, direct_access_until=until),
        )
        directory.update_territory(
            self.cpts.session, territory.id, details, version=territory.version, by=self.cpts.job, now=NOW
        )
