"""What things belong to, as the table of rights judges it; loads what it takes to say so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from api.security.rights import (
    Action,
    Reach,
    Subject,
    check_existing,
    check_named,
    check_new,
    reach_of,
    within,
)
from regulation.intake import service as intake
from regulation.orientation.facts import Reopened
from slots.agenda.facts import AbsenceView, PatternView, SlotView
from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentView
from slots.rota import service as rotas
from slots.rota.terms import RotaView
from snp.directory import service as directory
from snp.directory.facts import PractitionerView
from snp.platform import near
from snp.platform.actors import Actor, system

_DOOR: Final = system("rights")


def of_practitioner(view: PractitionerView) -> Subject:
    """A practitioner belongs to himself and to his CPTS."""
    return Subject(
        "professionnel",
        view.id,
        territories=frozenset(view.territory_ids),
        practitioners=frozenset({view.id}),
    )


def of_slot(view: SlotView) -> Subject:
    """A slot belongs to who publishes it and to the CPTS that it is offered in."""
    return Subject(
        "créneau",
        view.id,
        territories=view.territory_ids,
        practitioners=frozenset({view.practitioner_id}),
    )


def of_pattern(view: PatternView) -> Subject:
    """A pattern belongs to who publishes it and to the CPTS that it is offered in."""
    return Subject(
        "série",
        view.id,
        territories=view.offer.territory_ids,
        practitioners=frozenset({view.practitioner_id}),
    )


def of_absence(session: Session, view: AbsenceView, *, now: datetime) -> Subject:
    """An absence belongs to the practitioner and to his CPTS."""
    practitioner = directory.get_practitioner(session, view.practitioner_id, now=now)
    return Subject(
        "absence",
        view.id,
        territories=frozenset(practitioner.territory_ids),
        practitioners=frozenset({view.practitioner_id}),
    )


def of_rota(session: Session, view: RotaView, *, now: datetime) -> Subject:
    """A rota belongs to its CPTS, and to those who take part in it."""
    return Subject(
        "roulement",
        view.id,
        territories=frozenset({view.territory_id}),
        practitioners=frozenset(
            each.practitioner_id for each in rotas.list_members(session, view.id, now=now)
        ),
    )


def of_appointment(session: Session, view: AppointmentView, *, now: datetime) -> Subject:
    """An appointment belongs to its request's territory and author, its desk, and its practitioner."""
    with near.reaching(
        session, [view.territory_id]
    ):  # a neighbour's is refused by the table, as if it were not
        request = intake.get_request(session, view.request_id, by=_DOOR, now=now)
    return Subject(
        "rendez-vous",
        view.id,
        territories=frozenset({request.territory_id}),
        organisation=view.organisation_id,
        practitioners=frozenset({view.practitioner_id}),
        author=request.created_by,
    )


def reachable_appointment(
    session: Session, by: Actor, action: Action, appointment_id: UUID, *, now: datetime
) -> AppointmentView:
    """Return an appointment within reach. Raises `NotFound`."""
    found = appointments.get_appointment(session, appointment_id)
    check_existing(by, action, of_appointment(session, found, now=now))
    return found


def told_of(by: Actor, freed: Iterable[Reopened]) -> list[Reopened]:
    """Return the requests reopened by who takes slots back that he may read.

    Those of a neighbour's patients, to whom a slot was lent, seek again without being told to a coordinator
    here; the practitioner who received them is told of his own.
    """
    reach = reach_of(by, Action.AGENDA_WRITE)
    return [
        one
        for one in freed
        if reach is not Reach.TERRITORY
        or within(by, reach, Subject("dossier", territories=frozenset({one.request.territory_id})))
    ]


def check_publisher(
    session: Session, by: Actor, practitioner_id: UUID, territories: frozenset[UUID], *, now: datetime
) -> None:
    """Refuse to publish for a practitioner, or in a CPTS, out of reach. Raises `OutOfReach`."""
    practitioner = directory.get_practitioner(session, practitioner_id, now=now)
    check_new(by, Action.AGENDA_WRITE, of_practitioner(practitioner))
    check_named(by, Action.AGENDA_WRITE, territories)
