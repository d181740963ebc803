"""What a practitioner says himself: codes billed with an act, whether he is the MT, time for coordination."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.appointments import service as appointments
from slots.appointments.facts import AppointmentStatusKind
from slots.compensation import repository
from slots.compensation.facts import Activity, CoordinationTime, Mark
from snp.days import local_day
from snp.directory import service as directory
from snp.errors import InvalidValue, NotFound
from snp.platform.actors import Actor
from snp.platform.events import Event
from snp.platform.logs import log

MOST_CODES: Final = 8
MOST_MINUTES: Final = 720
FARTHEST_BACK: Final = timedelta(days=366)
_CODE: Final = re.compile(r"[A-Z][A-Z0-9]{0,7}")
_CLOSED: Final = frozenset({AppointmentStatusKind.HONOURED, AppointmentStatusKind.NO_SHOW})


def mark_act(
    session: Session,
    appointment_id: UUID,
    *,
    codes: Collection[str],
    is_mt: bool | None,
    by: Actor,
    now: datetime,
) -> Mark:
    """Say which codes were billed with an act and whether its practitioner is the médecin traitant.

    The last mark counts. Raises `AppointmentNotFound`, `InvalidValue` (a code, an act not lived yet).
    """
    appointment = appointments.get_appointment(session, appointment_id)
    if appointment.status not in _CLOSED:
        raise InvalidValue("appointment", "dites d’abord si le patient est venu")
    given = frozenset(code.strip().upper() for code in codes if code.strip())
    if len(given) > MOST_CODES:
        raise InvalidValue("codes", f"{MOST_CODES} codes au plus")
    for code in given:
        if not _CODE.fullmatch(code):
            raise InvalidValue("codes", "des codes de la nomenclature, comme MCG")
    mark = Mark(appointment_id, given, is_mt, now)
    repository.insert_mark(session, mark, by=by.ident)
    log(Event.ACT_MARKED, appointment_id=appointment_id)
    return mark


def marks_of(session: Session, appointment_ids: Collection[UUID]) -> dict[UUID, Mark]:
    """Return the last mark of each of these acts; those without one are left out."""
    return repository.marks_of(session, appointment_ids)


def declare_time(
    session: Session,
    practitioner_id: UUID,
    territory_id: UUID,
    *,
    day: date,
    minutes: int,
    activity: Activity,
    by: Actor,
    now: datetime,
) -> CoordinationTime:
    """Declare time given to the CPTS on a day. Raises `NotFound`, `InvalidValue`."""
    territory = directory.get_territory(session, territory_id)
    practitioner = directory.get_practitioner(session, practitioner_id, now=now)
    if territory_id not in practitioner.territory_ids:
        raise InvalidValue("territory_id", "une CPTS dont vous êtes membre")
    today = local_day(now, territory.settings.snp_hours.zone)
    if not today - FARTHEST_BACK <= day <= today:
        raise InvalidValue("day", "un jour passé, d’un an au plus")
    if not 5 <= minutes <= MOST_MINUTES:
        raise InvalidValue("minutes", f"de 5 à {MOST_MINUTES} minutes")
    ident = repository.insert_time(
        session,
        {
            "practitioner_id": practitioner_id,
            "territory_id": territory_id,
            "day": day,
            "minutes": minutes,
            "activity": activity,
            "created_at": now,
            "created_by": by.ident,
        },
    )
    return get_time(session, ident)


def withdraw_time(session: Session, time_id: UUID, *, now: datetime) -> CoordinationTime:
    """Take a declaration back; once. Raises `NotFound`."""
    get_time(session, time_id)
    repository.withdraw_time(session, time_id, now)
    return get_time(session, time_id)


def get_time(session: Session, time_id: UUID) -> CoordinationTime:
    """Return a declaration. Raises `NotFound`."""
    found = repository.time_of(session, time_id)
    if found is None:
        raise NotFound("déclaration", time_id)
    return found


def list_times(session: Session, practitioner_id: UUID, *, since: date) -> list[CoordinationTime]:
    """Return what a practitioner declared since a day, the latest first."""
    return repository.times_of(session, practitioner_id, since=since)
