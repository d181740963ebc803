"""Everything that a practitioner's statements are computed from, read in a few queries. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from slots.agenda import service as agenda
from slots.agenda.facts import EndedSlot
from slots.appointments import service as appointments
from slots.appointments.facts import LivedAppointment
from slots.compensation import funding, repository, rules, statement_rows
from slots.compensation.facts import (
    Act,
    CoordinationTime,
    FundingKind,
    Mark,
    Regulated,
    SlotFact,
    Terms,
    Verdict,
)
from slots.compensation.periods import dates_of, month_of, week_bounds, week_of
from slots.compensation.tariffs import national
from snp.days import day_bounds, local_day
from snp.directory import service as directory
from snp.directory.facts import PractitionerView, TerritoryView

ProofReader = Callable[[Session, Collection[UUID]], Mapping[UUID, Regulated]]
"""Who knows requests answers for some of them; `regulation.proofs` does, wired by `api`."""

DOCTOR: Final = "10"
"""The profession of doctors. Source: ANS, MOS, TRE_G15."""


@dataclass(slots=True)
class Book:
    """The facts of one practitioner in one territory, judged, with when each month last changed.

    `missed`: the verdicts of appointments whose patient did not come, stored only where another stood before.
    """

    territory: TerritoryView
    practitioner: PractitionerView
    verdicts: list[Verdict] = field(default_factory=list)
    missed: list[Verdict] = field(default_factory=list)
    slots: list[SlotFact] = field(default_factory=list)
    times: list[CoordinationTime] = field(default_factory=list)
    terms: list[Terms] = field(default_factory=list)
    changed: dict[date, datetime] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """Where the territory's days begin."""
        return self.territory.settings.snp_hours.zone

    def touch(self, day: date, at: datetime) -> None:
        """Note that something of a day's month changed."""
        month = month_of(day)
        self.changed[month] = max(at, self.changed.get(month, at))


def load(
    session: Session,
    territory_id: UUID,
    practitioner_id: UUID,
    *,
    since: date,
    proofs: ProofReader,
    now: datetime,
) -> Book:
    """Read and judge what happened from the month of `since` on. Raises `NotFound`."""
    territory = directory.get_territory(session, territory_id)
    practitioner = directory.get_practitioner(session, practitioner_id, now=now)
    book = Book(territory, practitioner)
    if directory.get_profession(session, practitioner.profession).mos_code == DOCTOR:
        _judge_acts(session, book, since, proofs, now)
    book.terms = repository.terms_of(session, [territory_id])
    book.slots = _slots(session, book, since, now)
    book.times = repository.times_of(
        session, practitioner_id, territory_id=territory_id, since=_first(book, since)
    )
    for time in book.times:
        book.touch(time.day, time.withdrawn_at or time.created_at)
    for terms in book.terms:
        _touch_terms(book, terms, since, local_day(now, book.zone))
    return book


def _judge_acts(session: Session, book: Book, since: date, proofs: ProofReader, now: datetime) -> None:
    zone = book.zone
    starts_from = week_bounds(week_of(since), zone)[0]
    starts_before = week_bounds(week_of(local_day(now, zone)), zone)[1]
    lived = appointments.lived_appointments(
        session, book.practitioner.id, starts_from=starts_from, starts_before=starts_before
    )
    acts = _acts(session, book, lived)
    marks = repository.marks_of(session, [act.appointment_id for act in acts])
    known = proofs(session, [act.request_id for act in acts])
    mine = [act for act in acts if act.territory_id == book.territory.id]
    for act in mine:
        book.touch(act.day, _changed(act, marks))
    judged = rules.judge_acts(acts, known, marks, national())
    book.verdicts = [one for one in judged if one.act.territory_id == book.territory.id]
    book.missed = [rules.missed(act) for act in mine if not act.honoured]


def _changed(act: Act, marks: dict[UUID, Mark]) -> datetime:
    mark = marks.get(act.appointment_id)
    return act.changed_at if mark is None else max(act.changed_at, mark.at)


def _acts(session: Session, book: Book, lived: Iterable[LivedAppointment]) -> list[Act]:
    zones = {book.territory.id: book.zone}
    acts = []
    for one in lived:
        if one.territory_id not in zones:
            elsewhere = directory.get_territory(session, one.territory_id)
            zones[one.territory_id] = elsewhere.settings.snp_hours.zone
        day, week = dates_of(one.start, zones[one.territory_id])
        acts.append(
            Act(
                appointment_id=one.id,
                slot_id=one.slot_id,
                request_id=one.request_id,
                practitioner_id=one.practitioner_id,
                territory_id=one.territory_id,
                seen_at=one.start,
                booked_at=one.booked_at,
                day=day,
                week=week,
                is_doctor=True,
                honoured=one.honoured,
                changed_at=one.changed_at,
                specialty=book.practitioner.specialty_code,
            )
        )
    return acts


def _first(book: Book, since: date) -> date:
    """The first day that counts for a cap: that of the oldest terms, or of what is stated."""
    return min((one.details.valid_from for one in book.terms), default=since)


def _slots(session: Session, book: Book, since: date, now: datetime) -> list[SlotFact]:
    mine = [
        one
        for one in book.terms
        if one.details.kind is FundingKind.UNUSED_SLOT
        and one.details.profession == book.practitioner.profession
    ]
    if not mine:
        return []
    starts_from = day_bounds(min(_first(book, since), since) - timedelta(days=7), book.zone)[0]
    found = agenda.ended_slots(
        session, book.practitioner.id, book.territory.id, starts_from=starts_from, now=now
    )
    facts = []
    for slot in _paid_here(session, book, found):
        day, week = dates_of(slot.start, book.zone)
        book.touch(day, slot.changed_at)
        facts.append(
            SlotFact(
                slot_id=slot.id,
                practitioner_id=slot.practitioner_id,
                profession=slot.profession,
                start=slot.start,
                end=slot.end,
                day=day,
                week=week,
                state=slot.state,
                taken=slot.taken,
                no_show=slot.no_show,
                available_since=slot.available_since,
                changed_at=slot.changed_at,
            )
        )
    return facts


def _paid_here(session: Session, book: Book, found: Sequence[EndedSlot]) -> list[EndedSlot]:
    """The slots that this territory may fund: one offered to several is funded once.

    A statement that already counts it keeps it; else the CPTS that has terms for it and that the practitioner
    joined first.
    """
    shared = [slot for slot in found if len(slot.territory_ids) > 1]
    if not shared:
        return list(found)
    elsewhere = statement_rows.stated_elsewhere(session, book.territory.id, [slot.id for slot in shared])
    others = {ident for slot in shared for ident in slot.territory_ids}
    terms: dict[UUID, list[Terms]] = defaultdict(list)
    for one in repository.terms_of_payers(session, others):
        terms[one.territory_id].append(one)
    memberships = directory.list_memberships(session, practitioner_id=book.practitioner.id)
    joined = {m.territory_id: m.since for m in reversed(memberships)}
    kept = []
    for slot in found:
        day = local_day(slot.start, book.zone)
        payers = sorted(
            (joined.get(ident, date.max), ident)
            for ident in slot.territory_ids
            if funding.terms_on(terms[ident], FundingKind.UNUSED_SLOT, day, slot.profession)
        )
        is_first = not payers or payers[0][1] == book.territory.id
        if len(slot.territory_ids) == 1 or (slot.id not in elsewhere and is_first):
            kept.append(slot)
    return kept


def _touch_terms(book: Book, terms: Terms, since: date, today: date) -> None:
    """Terms may change every month that they cover."""
    month, last = month_of(max(terms.details.valid_from, since)), terms.details.valid_until or today
    while month <= last and month <= today:
        book.touch(month, terms.created_at)
        month = month_of(month + timedelta(days=32))
