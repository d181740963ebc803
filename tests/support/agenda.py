"""Builders of agendas: offers, openings, grounds; and a practitioner in the database who may publish."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from slots.agenda import recurrence
from slots.agenda import service as agenda
from slots.agenda.facts import Interval, LockedSlot, Offer, PatternDraft, SlotState, SlotView
from slots.agenda.ground import Ground, TerritoryGround
from slots.agenda.plan import Opening
from slots.appointments.facts import Claim
from snp.assignment.facts import Audience, Mode
from snp.days import PARIS, DayHours, SnpHours
from snp.platform.actors import Actor, Role
from snp.platform.crypto import Keyring
from snp.platform.hashing import KeyedHash
from tests.support.directory import a_practitioner, a_site, a_territory

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""Tuesday 24 November 2026, 10:00 in Paris."""
OWNER = Actor(ident="account:owner", role=Role.PRACTITIONER)
OSNP = Actor(ident="account:osnp", role=Role.OSNP)
BY_OWNER = {"by": OWNER, "now": NOW}
CODES = KeyedHash(Keyring({"k": b"k" * 32}))

TERRITORY = UUID("00000000-0000-7000-8000-0000000000a1")
NEIGHBOUR = UUID("00000000-0000-7000-8000-0000000000a2")
SITE = UUID("00000000-0000-7000-8000-0000000000b1")
ALWAYS_OPEN = SnpHours(
    weekdays=DayHours(time(0), time(0)),
    saturday=DayHours(time(0), time(0)),
    sunday=DayHours(time(0), time(0)),
    open_on_holidays=True,
)


def local(text: str) -> datetime:
    """The instant (UTC) at which the wall in Paris shows `text`: `local("2026-11-25 09:00")`."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def an_offer(**terms: Any) -> Offer:
    """An offer to the regulation and the desks."""
    plain: dict[str, Any] = {
        "site_id": SITE,
        "mode": Mode.AMB,
        "audiences": frozenset({Audience.REGULATION, Audience.DESK}),
        "territory_ids": frozenset({TERRITORY}),
        "slot_minutes": 15,
    }
    return Offer(**(plain | terms))


def an_opening(rrule: str = "FREQ=WEEKLY;BYDAY=TU", **terms: Any) -> Opening:
    """An opening on Tuesdays at 09:00 for two patients."""
    plain: dict[str, Any] = {
        "recurrence": recurrence.parse(rrule),
        "first_day": date(2026, 11, 24),
        "last_day": None,
        "starts_at": time(9),
        "patients": 2,
        "slot_minutes": 15,
        "offer": an_offer(),
        "exceptions": {},
    }
    return Opening(**(plain | terms))


def a_ground(
    hours: SnpHours = ALWAYS_OPEN, *, absences: tuple[tuple[UUID, Interval], ...] = (), **territories: Any
) -> Ground:
    """The ground of a member of one territory, always open unless said otherwise."""
    own = TerritoryGround("Pays de Retz", hours, ((date(2000, 1, 1), None),))
    return Ground(
        practitioner_id=UUID("00000000-0000-7000-8000-0000000000c1"),
        profession="medecin_generaliste",
        slot_minutes=15,
        territories=territories.get("territories", {TERRITORY: own}),
        absences=absences,
    )


def a_locked_slot(start: str = "2026-11-25 09:00", **values: Any) -> LockedSlot:
    """An open slot of fifteen minutes under lock."""
    begins = local(start)
    plain: dict[str, Any] = {
        "id": uuid4(),
        "practitioner_id": uuid4(),
        "site_id": SITE,
        "start": begins,
        "end": begins + timedelta(minutes=15),
        "mode": Mode.AMB,
        "audiences": frozenset({Audience.REGULATION}),
        "territory_ids": frozenset({TERRITORY}),
        "release_at": None,
        "state": SlotState.OPEN,
        "closing": False,
        "hidden_by_id": None,
        "version": 1,
    }
    return LockedSlot(**(plain | values))


@dataclass(frozen=True)
class Doctor:
    """A practitioner in the database with his territory and site, and shorthands to publish."""

    id: UUID
    site_id: UUID
    territory_id: UUID

    def offer(self, **terms: Any) -> Offer:
        """An offer of his."""
        plain: dict[str, Any] = {"site_id": self.site_id, "territory_ids": frozenset({self.territory_id})}
        return an_offer(**(plain | terms))

    def draft(self, rrule: str = "FREQ=WEEKLY;BYDAY=TU", **terms: Any) -> PatternDraft:
        """A recurring opening of his: Tuesdays at 09:00, two patients, from 1 December."""
        plain: dict[str, Any] = {
            "offer": self.offer(),
            "rrule": rrule,
            "first_day": date(2026, 12, 1),
            "starts_at": time(9),
            "patients": 2,
        }
        return PatternDraft(**(plain | terms))

    def slot(self, session: Session, start: str = "2026-11-25 09:00", **terms: Any) -> SlotView:
        """A slot of his, published."""
        made = agenda.publish_slot(session, self.id, local(start), self.offer(**terms), **BY_OWNER)
        return made.slots[0]

    @property
    def asked(self) -> dict[str, Any]:
        """What a claim of the regulation on his slots says besides the slots."""
        return {"audience": Audience.REGULATION, "territory_id": self.territory_id, "by": OSNP, "now": NOW}


def a_doctor(session: Session, **details: Any) -> Doctor:
    """A general practitioner, member of a territory of his own, who practises at one site."""
    territory = a_territory(session, slug=f"territoire-{uuid4().hex[:8]}")
    site = a_site(session)
    practitioner = a_practitioner(session, site_ids=(site.id,), member_of=(territory.id,), **details)
    return Doctor(practitioner.id, site.id, territory.id)


def a_claim(slot_id: UUID, request_id: UUID | None = None, session_no: int = 1) -> Claim:
    """A claim on a slot for a request unlike any other."""
    return Claim(slot_id, request_id or uuid4(), session_no)


def race(sessions: sessionmaker[Session], acts: list[Callable[[Session], object]]) -> list[object]:
    """Run acts at once, each in a transaction on a connection of its own; the result or the error of each.

    Whoever waits for a lock waits as long as it takes: a slow machine is no defect.
    """
    start = Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> object:
        start.wait()
        try:
            with sessions() as session, session.begin():
                session.execute(sa.text("SET LOCAL lock_timeout = '60s'"))
                return act(session)
        except Exception as error:  # noqa: BLE001 - the test judges it
            return error

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(run, acts))
