"""What a practitioner usually publishes: when, for how many, where, for whom. The pages start from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.agenda import service as agenda
from slots.agenda.facts import Offer, SlotFilter, SlotView
from slots.agenda.usual import usual_offer
from snp.days import local, local_day, snp_openings
from snp.directory import service as directory
from snp.directory.facts import PractitionerView, SiteView

LOOKED_BACK: Final = timedelta(days=35)
MOST_SLOTS: Final = 200
HOURS_SHOWN: Final = 6
DAYS_SHOWN: Final = 6
DAYS_SEARCHED: Final = 14
USUAL_TIMES: Final = (time(8, 30), time(11, 30), time(14), time(17), time(18), time(19))
"""Offered to who has published nothing yet: around the hours of ordinary consultations."""


@dataclass(frozen=True, slots=True)
class Habits:
    """Where the forms of an agenda start from."""

    practitioner: PractitionerView
    sites: tuple[SiteView, ...]
    offer: Offer
    times: tuple[time, ...]
    patients: int
    days: tuple[date, ...]

    @property
    def minutes(self) -> int:
        """How long a slot lasts."""
        assert self.offer.slot_minutes is not None
        return self.offer.slot_minutes

    def length(self, patients: int) -> timedelta:
        """How long that many slots in a row last."""
        return self.step * patients - timedelta(minutes=self.offer.buffer_minutes)

    @property
    def step(self) -> timedelta:
        """How long after a slot the next one in its row starts."""
        return timedelta(minutes=self.minutes + self.offer.buffer_minutes)


def habits_of(session: Session, practitioner_id: UUID, *, now: datetime) -> Habits | None:
    """Return the habits of a practitioner; None when he has no place or no territory to publish in."""
    practitioner = directory.get_practitioner(session, practitioner_id, now=now)
    sites = tuple(directory.get_site(session, ident) for ident in practitioner.site_ids)
    sites = tuple(site for site in sites if site.active)
    if not sites or not practitioner.territory_ids:
        return None
    query = SlotFilter(
        practitioner_ids=frozenset({practitioner_id}),
        starts_from=now - LOOKED_BACK,
        starts_before=now + timedelta(days=7),
    )
    seen = agenda.list_slots(session, query, now=now, limit=MOST_SLOTS).items
    rows = rows_of(seen)
    return Habits(
        practitioner=practitioner,
        sites=sites,
        offer=usual_offer(
            practitioner,
            [site.id for site in sites],
            seen,
            slot_minutes=directory.get_profession(session, practitioner.profession).slot_minutes,
        ),
        times=usual_times(rows),
        patients=_most_common([len(row) for row in rows], 2),
        days=_open_days(session, practitioner, now),
    )


def rows_of(slots: Sequence[SlotView]) -> list[list[SlotView]]:
    """Cut slots in order of start into rows that follow each other without a gap."""
    rows: list[list[SlotView]] = []
    for slot in slots:
        if rows and rows[-1][-1].end <= slot.start <= rows[-1][-1].busy_until:
            rows[-1].append(slot)
        else:
            rows.append([slot])
    return rows


def usual_times(rows: Sequence[Sequence[SlotView]]) -> tuple[time, ...]:
    """Return the times at which rows usually start, in order of the day, filled up with ordinary ones."""
    starts = Counter(local(row[0].start).time().replace(tzinfo=None, fold=0) for row in rows)
    known = [at for at, _ in sorted(starts.items(), key=lambda item: (-item[1], item[0]))][:HOURS_SHOWN]
    spare = (at for at in reversed(USUAL_TIMES) if at not in known)
    return tuple(
        sorted([*known, *(at for at, _ in zip(spare, range(HOURS_SHOWN - len(known)), strict=False))])
    )


def _open_days(session: Session, practitioner: PractitionerView, now: datetime) -> tuple[date, ...]:
    """Return the next days on which SNP hours are still ahead, in one of his territories."""
    hours = [
        directory.get_territory(session, ident).settings.snp_hours for ident in practitioner.territory_ids
    ]
    until = now + timedelta(days=DAYS_SEARCHED)
    found = {local_day(opens) for one in hours for opens, _ in snp_openings(now, until, one)}
    return tuple(sorted(found))[:DAYS_SHOWN]


def _most_common(numbers: Sequence[int], otherwise: int) -> int:
    return Counter(numbers).most_common(1)[0][0] if numbers else otherwise
