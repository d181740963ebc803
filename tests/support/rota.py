"""Builders of rotas: a problem of a few shifts, and an MSP in the database with its doctors."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from slots.rota import service as rota
from slots.rota.facts import Carer, Half, Limits, Place, RotaProblem, Shift
from slots.rota.solving import solve_text
from slots.rota.terms import Opening, PlanView, Room, RotaDetails, RotaView, ShiftView
from snp.days import at_local
from snp.directory.territory_settings import default_settings
from snp.platform.actors import Actor, Role
from tests.support.directory import NOW, a_practitioner, a_site, a_territory

COORDINATOR = Actor(ident="account:coordinator", role=Role.COORDINATOR)
BY = {"by": COORDINATOR, "now": NOW}
MONDAY = date(2026, 11, 30)
HOURS = {
    Half.MORNING: (time(8), time(12)),
    Half.AFTERNOON: (time(14), time(18)),
    Half.EVENING: (time(18), time(20)),
}


def a_shift(day: int = 0, half: Half = Half.MORNING, **values: Any) -> Shift:
    """A shift so many days after Monday 30 November 2026, for one carer at the MSP."""
    when = MONDAY + timedelta(days=day)
    opens, closes = HOURS[half]
    plain: dict[str, Any] = {
        "id": f"{values.get('place', 'msp')}-{day}-{half}",
        "place": "msp",
        "start": at_local(when, opens),
        "end": at_local(when, closes),
        "half": half,
    }
    return Shift(**(plain | values))


def a_carer(ident: str = "a", **values: Any) -> Carer:
    """A carer named after his identifier."""
    return Carer(**({"id": ident, "name": f"Dr {ident.upper()}"} | values))


def a_problem(shifts: tuple[Shift, ...], carers: tuple[Carer, ...], **values: Any) -> RotaProblem:
    """A rota at one place, at most one shift a day and three a week."""
    plain: dict[str, Any] = {"places": (Place("msp", "MSP"),), "limits": Limits()}
    return RotaProblem(shifts=shifts, carers=carers, **(plain | values))


@dataclass(frozen=True)
class Msp:
    """An MSP in the database: its rota, its place, its doctors, and shorthands."""

    rota: RotaView
    site_id: UUID
    doctors: tuple[UUID, ...]

    def plan(self, session: Session, *, weeks: int = 4, now: datetime = NOW) -> PlanView:
        """A plan that was asked for and solved."""
        asked = rota.ask_plan(session, self.rota.id, MONDAY, weeks, by=COORDINATOR, now=now)
        return self.solved(session, asked.id, now=now)

    def solved(self, session: Session, plan_id: UUID, *, now: datetime = NOW) -> PlanView:
        """A plan, solved in this process."""
        return rota.solve_plan(lambda: nullcontext(session), plan_id, solve=solve_text, clock=lambda: now)

    def shifts(self, session: Session, weeks: int = 4) -> tuple[ShiftView, ...]:
        """What stands."""
        start = at_local(MONDAY, time())
        return rota.list_shifts(session, self.rota.id, start, start + timedelta(weeks=weeks))


def an_msp(session: Session, doctors: int = 4, **terms: Any) -> Msp:
    """An MSP of one place that holds weekday mornings, two patients each."""
    settings = replace(default_settings("44"), alert_emails=("coordination@example.org",))
    territory = a_territory(session, slug=f"territoire-{uuid4().hex[:8]}", settings=settings)
    site = a_site(session, name="MSP de Pornic")
    openings = tuple(
        Opening(site.id, weekday, Half.MORNING, time(9), time(11), patients=2) for weekday in range(5)
    )
    details = RotaDetails(**({"name": "MSP", "openings": openings, "places": (Room(site.id),)} | terms))
    made = rota.create_rota(session, territory.id, details, **BY)
    ids = []
    for number in range(doctors):
        person = a_practitioner(
            session,
            site_ids=(site.id,),
            member_of=(territory.id,),
            family_name=f"Garde {number}",
            email=f"garde{number}@example.org",
        )
        rota.put_member(session, made.id, person.id, now=NOW)
        ids.append(person.id)
    return Msp(made, site.id, tuple(ids))


def instant(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
