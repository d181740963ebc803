"""A small CPTS at work on Tuesday 24 November 2026: carers with slots, a regulation, desks, patients."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from regulation.intake import service as intake
from regulation.intake.facts import (
    CallPriority,
    Decision,
    Disposition,
    MtAnswers,
    Opening,
    Origin,
    PatientTraits,
    RequestView,
    ResponseLevel,
    Sex,
    StepResult,
    Urgency,
)
from slots.agenda import service as agenda
from slots.agenda.facts import Offer
from snp.assignment.facts import Audience, Mode
from snp.days import PARIS
from snp.directory.facts import OrganisationKind, PractitionerView, SiteView, TerritoryView
from snp.platform.actors import Actor, Role, system
from snp.platform.crypto import Keyring
from snp.platform.keys import Keys
from tests.support.directory import a_practitioner, a_site, a_territory, an_organisation

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=PARIS)
NIGHT = datetime(2026, 11, 24, 22, 0, tzinfo=PARIS)
KEYS = Keys(
    identity=Keyring({"k1": b"i" * 32}), hashing=Keyring({"h1": b"h" * 32}), session_secret="not used"
)
PHYSIO = "masseur_kinesitherapeute"
EVERYONE = frozenset({Audience.REGULATION, Audience.DESK, Audience.PROFESSIONALS})
NO_MT = MtAnswers(has_mt=False)

_numbers = count(1)


def at(clock: str, *, day: int = 0) -> datetime:
    """A local time of the story's Tuesday, or so many days later."""
    hour, minute = map(int, clock.split(":"))
    moment = TODAY + timedelta(days=day)
    return datetime(moment.year, moment.month, moment.day, hour, minute, tzinfo=PARIS)


def a_patient(**traits: Any) -> PatientTraits:
    """Somebody in Pornic, unlike any other of the run."""
    number = next(_numbers)
    letters = "".join(chr(ord("a") + int(digit)) for digit in str(number))
    plain: dict[str, Any] = {
        "family_name": f"Patient {letters}",
        "given_name": "Camille",
        "birth_date": date(1980, 5, 17),
        "sex": Sex.FEMALE,
        "insee": "44131",
        "phone": f"06 39 98 {number // 100 % 100:02d} {number % 100:02d}",
    }
    return PatientTraits(**(plain | traits))


def a_snp_decision(**changes: Any) -> Decision:
    """An SNP consultation within 48 h, P2 and R3."""
    plain = Decision(
        disposition=Disposition.SNP_CONSULTATION,
        urgency=Urgency(CallPriority.P2, ResponseLevel.R3),
        delay_h=48,
    )
    return replace(plain, **changes)


@dataclass
class Cpts:
    """The territory of a test and who acts in it; builders write with the session given."""

    session: Session
    territory: TerritoryView
    site: SiteView
    osnp: Actor = field(init=False)
    regulateur: Actor = field(init=False)
    pharmacy: Actor = field(init=False)
    nurse: Actor = field(init=False)
    coordinator: Actor = field(init=False)
    job: Actor = field(default_factory=lambda: system("test"))

    def __post_init__(self) -> None:
        here = frozenset({self.territory.id})
        officine = an_organisation(self.session, OrganisationKind.PHARMACY, territory_ids=here)
        practice = an_organisation(self.session, OrganisationKind.NURSE_PRACTICE, territory_ids=here)
        self.osnp = an_actor(Role.OSNP, here)
        self.regulateur = an_actor(Role.REGULATEUR, here)
        self.coordinator = an_actor(Role.COORDINATOR, here)
        self.pharmacy = an_actor(Role.PHARMACY, here, organisation=officine.id)
        self.nurse = an_actor(Role.NURSE_PRACTICE, here, organisation=practice.id)

    def carer(
        self, profession: str = "medecin_generaliste", *, site: SiteView | None = None, **details: Any
    ) -> PractitionerView:
        """A member of the CPTS who practises at its site, or elsewhere."""
        return a_practitioner(
            self.session,
            profession=profession,
            site_ids=((site or self.site).id,),
            member_of=(self.territory.id,),
            **details,
        )

    def acting(self, carer: PractitionerView) -> Actor:
        """A carer signed in."""
        here = frozenset({self.territory.id})
        return an_actor(Role.PRACTITIONER, here, practitioner=carer.id, profession=carer.profession)

    def slot(
        self,
        carer: PractitionerView,
        start: datetime,
        *,
        audiences: frozenset[Audience] = EVERYONE,
        mode: Mode = Mode.AMB,
        reasons: frozenset[str] = frozenset(),
        minutes: int = 15,
        site: SiteView | None = None,
        now: datetime = NOW,
    ) -> UUID:
        """A slot of a carer, offered in this territory."""
        offer = Offer(
            site_id=(site or self.site).id,
            mode=mode,
            audiences=audiences,
            territory_ids=frozenset({self.territory.id}),
            reasons=reasons,
            slot_minutes=minutes,
        )
        made = agenda.publish_slot(self.session, carer.id, start, offer, by=self.acting(carer), now=now)
        return made.slots[0].id

    def open(
        self, patient: PatientTraits | None = None, *, now: datetime = NOW, **details: Any
    ) -> StepResult:
        """A call taken by the OSNP."""
        by = details.pop("by", self.osnp)
        opening = Opening(
            territory_id=self.territory.id,
            origin=details.pop("origin", Origin.OSNP),
            patient=patient or a_patient(),
            **details,
        )
        return intake.open_request(self.session, opening, keys=KEYS, by=by, now=now)

    def seeking(
        self,
        patient: PatientTraits | None = None,
        *,
        now: datetime = NOW,
        reason: str | None = None,
        **decided: Any,
    ) -> RequestView:
        """A call that went all the way to an SNP consultation."""
        opened = self.open(patient, now=now, reason=reason).request
        intake.check_mt(self.session, opened.id, NO_MT, by=self.osnp, now=now)
        decision = a_snp_decision(**decided)
        return intake.decide(self.session, opened.id, decision, by=self.regulateur, now=now).request

    @contextmanager
    def transactions(self) -> Any:
        """Units of work as savepoints of the test's own transaction."""
        with self.session.begin_nested():
            yield self.session


def a_cpts(session: Session, slug: str = "pays-de-retz", **details: Any) -> Cpts:
    """A CPTS with one site in Pornic, in the database."""
    return Cpts(session, a_territory(session, slug, **details), a_site(session))


def an_actor(role: Role, territories: frozenset[UUID], **more: Any) -> Actor:
    """Somebody signed in with a role."""
    return Actor(ident=f"account:{uuid4()}", role=role, territories=territories, **more)
