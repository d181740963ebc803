"""Whom a call would ask, why, and what would be put to each: what a preview shows and a wave sends."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from regulation.coverage import repository, targeting
from regulation.coverage.facts import AnswerKind, Asking, Moment
from regulation.coverage.halves import MIDDAY, HalfDay
from regulation.coverage.service.looking import main_profession
from regulation.coverage.targeting import Standing, Volunteer, WhyNot
from regulation.coverage.wording import reasons_for
from regulation.intake import service as intake
from regulation.intake.facts import RequestState
from regulation.messages.rules import out_of_quiet
from regulation.messages.splitting import medium_for
from slots.agenda import service as agenda
from slots.agenda.facts import Offer, SeenSlot, SlotFilter, Wish
from slots.agenda.usual import usual_offer
from snp.assignment.rules import great_circle_km
from snp.days import local
from snp.directory import service as directory
from snp.directory.facts import PractitionerFilter, PractitionerView, TerritoryView
from snp.directory.paging import MAX_LIMIT, every

PAUSE: Final = timedelta(days=7)
_NEED_READ: Final = timedelta(days=14)
_OPEN_NEED: Final = 20
"""How much more an open need counts than a past one when nearness is measured."""
_NEEDS_MEASURED: Final = 100
_MOST_TRIED: Final = 8


@dataclass(frozen=True, slots=True)
class Circle:
    """Everybody of a profession who may be asked, by id, and what is known of each."""

    territory: TerritoryView
    halves: tuple[HalfDay, ...]
    people: Mapping[UUID, PractitionerView]
    standings: tuple[Standing[UUID], ...]
    most_missing: int


def circle(
    session: Session,
    territory: TerritoryView,
    profession: str,
    missing: Mapping[HalfDay, int],
    *,
    asked: frozenset[UUID] = frozenset(),
    now: datetime,
) -> Circle:
    """Return everybody of a profession, in the order in which they would be asked for these half-days."""
    halves = sorted(missing)
    people = {one.id: one for one in _members(session, territory, profession, now)}
    since = now - timedelta(weeks=targeting.WEEKS_READ)
    until = now + timedelta(days=21)
    seen = agenda.seen_slots(session, territory.id, starts_from=since, starts_until=until, now=now)
    by_person: dict[UUID, list[SeenSlot]] = defaultdict(list)
    for slot in seen:
        if not slot.taken_back:
            by_person[slot.practitioner_id].append(slot)
    quieting = repository.last_quieting(session, people)
    sent = repository.leaving_since(session, people, now - PAUSE)
    near = _nearness(session, territory, profession, people.values(), now)
    volunteers = [
        _volunteer(
            person,
            by_person[person.id],
            halves,
            near=near[person.id],
            messages=sent.get(person.id, 0),
            most_messages=territory.settings.coverage.messages_a_week,
            paused=is_paused(quieting.get(person.id), now),
            asked_before=person.id in asked,
            now=now,
        )
        for person in people.values()
    ]
    standings = tuple(targeting.ranked(volunteers, halves))
    return Circle(territory, tuple(halves), people, standings, max(missing.values()))


def asking_of(
    session: Session, ring: Circle, standing: Standing[UUID], *, now: datetime
) -> tuple[Asking, Offer | None]:
    """Return what would be sent to somebody, and on what terms his slots would be offered.

    Whoever is not asked, or has no moment left that could be published, comes back with the reason.
    """
    person = ring.people[standing.volunteer.who]
    why = reasons_for(standing)
    if standing.why_not is not None:
        return named(ring, standing), None
    offer = _offer(session, person, ring.territory, now)
    leaves_at = out_of_quiet(now, person.preferences.quiet_from, person.preferences.quiet_until)
    moments = _moments(session, ring, standing, offer, earliest=leaves_at, now=now) if offer else ()
    if offer is None or not moments:
        return Asking(person.id, person.full_name, why, why_not=WhyNot.NOTHING_TO_OFFER), None
    medium = medium_for(person)
    return Asking(person.id, person.full_name, why, moments, leaves_at, medium), offer


def named(ring: Circle, standing: Standing[UUID]) -> Asking:
    """Return somebody who may be asked later: his name and why, without the moments."""
    person = ring.people[standing.volunteer.who]
    return Asking(person.id, person.full_name, reasons_for(standing), why_not=standing.why_not)


def is_paused(told: tuple[AnswerKind, datetime] | None, now: datetime) -> bool:
    """Tell whether what somebody last said about being asked still keeps him in peace."""
    if told is None:
        return False
    kind, at = told
    return kind is AnswerKind.STOP or (kind is AnswerKind.NOT_THIS_WEEK and at > now - PAUSE)


def wishes_of(moment: Moment, offer: Offer) -> list[Wish]:
    """Return the slots of a moment, one after the other."""
    assert offer.slot_minutes is not None
    step = timedelta(minutes=offer.slot_minutes + offer.buffer_minutes)
    return [Wish(moment.start + step * n, offer) for n in range(moment.slots)]


def _members(
    session: Session, territory: TerritoryView, profession: str, now: datetime
) -> list[PractitionerView]:
    wanted = PractitionerFilter(territory_ids=frozenset({territory.id}), profession=profession)
    return list(
        every(
            lambda cursor: directory.list_practitioners(
                session, wanted, cursor=cursor, limit=MAX_LIMIT, now=now
            )
        )
    )


def _volunteer(
    person: PractitionerView,
    seen: Sequence[SeenSlot],
    halves: Sequence[HalfDay],
    *,
    near: float,
    messages: int,
    most_messages: int,
    paused: bool,
    asked_before: bool,
    now: datetime,
) -> Volunteer[UUID]:
    habits: dict[int, Counter[time]] = defaultdict(Counter)
    weeks = {half.day.isocalendar()[:2] for half in halves}
    this_week = 0
    for slot in seen:
        day, clock = _wall(slot.start)
        this_week += day.isocalendar()[:2] in weeks
        if slot.start < now:
            habits[HalfDay(day, clock >= MIDDAY).cell][clock] += 1
    return Volunteer(
        person.id,
        habits,
        given=sum(slot.start < now for slot in seen),
        near=near,
        messages=messages,
        most_messages=min(most_messages, person.preferences.max_messages_a_week),
        reachable=medium_for(person) is not None,
        paused=paused,
        asked_before=asked_before,
        this_week=this_week,
        most_slots=person.preferences.max_slots_a_week,
    )


def _nearness(
    session: Session,
    territory: TerritoryView,
    profession: str,
    people: Iterable[PractitionerView],
    now: datetime,
) -> dict[UUID, float]:
    """The share of the need within reach of each: open needs first, then those of the last days."""
    needs = [
        one
        for one in intake.needs_since(session, territory.id, now - _NEED_READ)
        if main_profession(one.professions) == profession
    ][-_NEEDS_MEASURED:]
    communes = directory.get_communes(session, {one.insee for one in needs})
    weights: Counter[str] = Counter()
    for need in needs:
        if need.insee in communes:
            open_now = need.state is RequestState.SEEKING and need.deadline > now
            weights[need.insee] += _OPEN_NEED if open_now else 1
    codes = sorted(weights)
    found = {}
    for person in people:
        sites = [directory.get_site(session, ident) for ident in person.site_ids]
        far = [
            min(
                (great_circle_km(s.lat, s.lon, communes[c].lat, communes[c].lon) for s in sites),
                default=float("inf"),
            )
            for c in codes
        ]
        reach = territory.settings.default_max_km
        found[person.id] = targeting.share_within(far, [float(weights[c]) for c in codes], reach)
    return found


def _offer(
    session: Session, person: PractitionerView, territory: TerritoryView, now: datetime
) -> Offer | None:
    """His usual terms, for this territory; None when he has no open place."""
    sites = [site.id for site in (directory.get_site(session, i) for i in person.site_ids) if site.active]
    if not sites:
        return None
    mine = SlotFilter(
        practitioner_ids=frozenset({person.id}),
        territory_ids=frozenset({territory.id}),
        starts_from=now - timedelta(weeks=targeting.WEEKS_READ),
        starts_before=now + timedelta(days=7),
    )
    seen = agenda.list_slots(session, mine, now=now, limit=MAX_LIMIT).items
    minutes = directory.get_profession(session, person.profession).slot_minutes
    offer = usual_offer(person, sites, seen, slot_minutes=minutes)
    return replace(offer, territory_ids=frozenset({territory.id}), release_minutes=None)


def _moments(
    session: Session,
    ring: Circle,
    standing: Standing[UUID],
    offer: Offer,
    *,
    earliest: datetime,
    now: datetime,
) -> tuple[Moment, ...]:
    """The moments to put to him: those of his that could be published as things stand."""
    assert offer.slot_minutes is not None
    count = min(targeting.in_a_row(offer.slot_minutes), ring.most_missing)
    length = offer.slot_minutes * count + offer.buffer_minutes * (count - 1)
    options = targeting.moments(
        standing.volunteer, ring.halves, length, earliest=earliest + targeting.LEAST_NOTICE
    )
    candidates = [Moment(start, end, count) for start, end in options[:_MOST_TRIED]]
    choices = [wishes_of(moment, offer) for moment in candidates]
    kept: list[Moment] = []
    rehearsed = agenda.rehearse_apart(session, standing.volunteer.who, choices, now=now)
    for moment, tried in zip(candidates, rehearsed, strict=True):
        clear = all(moment.end <= one.start or moment.start >= one.end for one in kept)
        if clear and not any(one.why_not for one in tried):
            kept.append(moment)
        if len(kept) == targeting.MOST_PROPOSALS:
            break
    return tuple(sorted(kept, key=lambda moment: moment.start))


def _wall(start: datetime) -> tuple[date, time]:
    shown = local(start)
    return shown.date(), shown.time().replace(fold=0)
