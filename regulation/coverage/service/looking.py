"""The outlook of a territory: need forecast from its own past against what is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np
from sqlmodel import Session

from regulation.coverage import repository
from regulation.coverage.facts import Basis, Line, Sheet
from regulation.coverage.forecasting import Assumed, Forecast, Model, assumed_weekly, forecast, learn
from regulation.coverage.halves import MIDDAY, HalfDay, OpenHalf, calendar_of, counted, open_halves, place_of
from regulation.coverage.shortage import LONGEST_WAIT, Ahead, outlook, wanted
from regulation.coverage.supply import LOOKED_BACK, still_to_come, wait_of, waits_of
from regulation.coverage.targeting import LEAST_NOTICE
from regulation.intake import service as intake
from regulation.intake.facts import NeedSeen, RequestState
from regulation.intake.service.opening import territory_of
from regulation.orientation import service as orientation
from regulation.orientation.overflow import may_overflow
from slots.agenda import service as agenda
from slots.agenda.facts import FreeSlot, SeenSlot, SlotCount
from slots.sharing import service as sharing
from snp.days import day_bounds, local, local_day
from snp.directory import service as directory
from snp.directory.facts import PractitionerFilter, TerritoryView
from snp.platform.actors import Actor, system

DAYS_AHEAD: Final = 14
HISTORY: Final = timedelta(days=400)
"""A year and what the season is learnt from; older needs say little of now."""
FRESH: Final = timedelta(minutes=30)
"""How old a kept outlook may be and still be shown."""
USUAL_PROFESSION: Final = "medecin_generaliste"
LENT_AHEAD: Final = timedelta(hours=48)
"""How far ahead what neighbours lend is counted: later on, their own patients may still need it."""
_YEAR_DAYS: Final = 350
_WAITS_READ: Final = 400
_READER: Final = system("coverage")


@dataclass(frozen=True, slots=True)
class Ground:
    """What was read of a territory at `now`, for all professions. `stranded`: needs nothing free suits.

    `lent`: slots that neighbours lend and that could all be taken, `LENT_AHEAD` at most.
    """

    territory: TerritoryView
    now: datetime
    needs: tuple[NeedSeen, ...]
    seen: tuple[SeenSlot, ...]
    counts: tuple[SlotCount, ...]
    stranded: frozenset[UUID]
    professions: tuple[str, ...]
    lent: tuple[FreeSlot, ...] = ()


def board(session: Session, territory_id: UUID, *, by: Actor, now: datetime) -> list[Sheet]:
    """Return the outlook of each profession of a territory: as kept, or computed when that is too old."""
    territory = territory_of(session, territory_id, by)
    kept = [one for one in repository.sheets(session, [territory_id]) if now - one.computed_at <= FRESH]
    called = _called(session, territory_id)
    sheets = kept or computed(session, territory, now=now)
    return [with_calls(one, called) for one in sorted(sheets, key=lambda one: _turn(one.profession))]


def soonest(
    session: Session, territory_ids: Iterable[UUID], *, limit: int = 4, now: datetime
) -> list[tuple[Sheet, Line]]:
    """Return the next half-days at risk of a shortage, the soonest first, as last kept; few statements."""
    found = []
    for sheet in repository.sheets(session, territory_ids):
        if now - sheet.computed_at > 2 * FRESH or sheet.basis is Basis.ASSUMED:
            continue
        settings = directory.get_territory(session, sheet.territory_id).settings.coverage
        last = local_day(now) + timedelta(days=settings.days_ahead)
        found += [
            (sheet, line)
            for line in sheet.lines
            if line.end > now and line.half.day <= last and line.risk * 100 >= settings.shortage_percent
        ]
    return sorted(found, key=lambda pair: (pair[1].start, pair[0].profession))[:limit]


def refresh(session: Session, territory: TerritoryView, *, now: datetime) -> list[Sheet]:
    """Compute the outlook of a territory and keep it; returns it."""
    sheets = computed(session, territory, now=now)
    repository.drop_sheets(session, territory.id, keep=[one.profession for one in sheets])
    for sheet in sheets:
        repository.write_sheet(session, sheet)
    return sheets


def refresh_due(session: Session, territory_id: UUID, *, now: datetime, every: timedelta) -> bool:
    """Tell whether the kept outlook of a territory is that old, or there is none."""
    kept = repository.sheets(session, [territory_id])
    return not kept or min(one.computed_at for one in kept) <= now - every


def computed(session: Session, territory: TerritoryView, *, now: datetime) -> list[Sheet]:
    """Compute the outlook of each profession of a territory."""
    ground = read_ground(session, territory, now=now)
    return [sheet_of(ground, profession) for profession in ground.professions]


def read_ground(session: Session, territory: TerritoryView, *, now: datetime) -> Ground:
    """Read what the outlooks of a territory are computed from."""
    needs = tuple(intake.needs_since(session, territory.id, now - HISTORY))
    until = day_bounds(local_day(now) + timedelta(days=DAYS_AHEAD))[0]
    seen = agenda.seen_slots(
        session, territory.id, starts_from=now - LOOKED_BACK, starts_until=until, now=now
    )
    counts = agenda.count_slots(session, territory.id, day_bounds(local_day(now))[0], until, now=now)
    system_runs = orientation.list_runs(session, territory.id, limit=1, by=_READER, now=now).items
    return Ground(
        territory=territory,
        now=now,
        needs=needs,
        seen=tuple(seen),
        counts=tuple(counts),
        stranded=frozenset(one.request_id for run in system_runs for one in run.unserved),
        professions=_professions(session, territory, needs, seen, now=now),
        lent=tuple(_lent(session, territory, now=now)),
    )


def _lent(session: Session, territory: TerritoryView, *, now: datetime) -> list[FreeSlot]:
    """What neighbours lend; nothing where no request ever looks there."""
    if not may_overflow(territory.settings):
        return []
    lent = sharing.takeable_slots(session, territory.id, starts_until=now + LENT_AHEAD, now=now)
    return [one.slot for one in lent]


def sheet_of(ground: Ground, profession: str) -> Sheet:
    """Compute the outlook of one profession."""
    territory, now = ground.territory, ground.now
    hours, settings = territory.settings.snp_hours, territory.settings.coverage
    needs = [one for one in ground.needs if main_profession(one.professions) == profession]
    first = local_day(needs[0].at) if needs else local_day(now)
    halves = open_halves(first, (local_day(now) - first).days + DAYS_AHEAD, hours)
    here = place_of(now, halves)
    ahead, calendar = halves[here:], calendar_of(halves, settings, hours)
    assumed = Assumed(assumed_weekly(profession, territory.population), school=settings.school_percent / 100)
    counts = counted((one.at for one in needs), halves[:here])
    model = learn(counts, calendar.part(slice(0, here)), assumed)
    told = forecast(model, calendar.part(slice(here, len(halves))))
    facts, stranded = _ahead(ground, profession, needs, ahead, told)
    expected = outlook(facts)
    last = local_day(now) + timedelta(days=settings.days_ahead)
    allowed = [one.end - LEAST_NOTICE > now and one.half.day <= last for one in ahead]
    asked = wanted(facts, allowed, least_risk=settings.shortage_percent / 100, stranded=stranded)
    slots = _slots_by_half(ground.counts, profession)
    lent = _lent_by_half(ground.lent, profession)
    quantiles = told.quantiles()
    lines = tuple(
        Line(
            half=one.half,
            start=one.start,
            end=one.end,
            need=tuple(int(count) for count in quantiles[n]),
            mean=round(float(told.mean[n]), 2),
            published=slots[one.half, "published"],
            taken=slots[one.half, "taken"],
            free=slots[one.half, "free"],
            to_come=round(float(facts.to_come[n]), 2),
            risk=round(float(expected.risk[n]), 3),
            unserved=round(float(expected.unserved[n]), 2),
            nothing_left=round(float(expected.nothing_left[n]), 3),
            wanted=asked[n],
            lent=lent[one.half],
        )
        for n, one in enumerate(ahead)
    )
    return Sheet(
        territory_id=territory.id,
        profession=profession,
        computed_at=now,
        basis=_basis(model, len(needs)),
        days_known=model.days,
        needs_known=len(needs),
        level=round(model.level, 1),
        stranded=len(stranded),
        lines=lines,
    )


def with_calls(sheet: Sheet, called: Mapping[tuple[str, HalfDay], int]) -> Sheet:
    """Return an outlook with what running calls already ask for."""
    lines = tuple(replace(one, called=called.get((sheet.profession, one.half), 0)) for one in sheet.lines)
    return replace(sheet, lines=lines)


def main_profession(professions: frozenset[str]) -> str:
    """Under which profession a need counts that several could meet: a general practitioner first."""
    return USUAL_PROFESSION if USUAL_PROFESSION in professions else min(professions)


def _called(session: Session, territory_id: UUID) -> Counter[tuple[str, HalfDay]]:
    called: Counter[tuple[str, HalfDay]] = Counter()
    for call in repository.running_calls(session, territory_id):
        called.update({(call.profession, half): count for half, count in call.missing().items()})
    return called


def _ahead(
    ground: Ground,
    profession: str,
    needs: Sequence[NeedSeen],
    ahead: Sequence[OpenHalf],
    told: Forecast,
) -> tuple[Ahead, list[int]]:
    """What lies ahead, and by how many half-days each need can still wait that nothing free suits."""
    now = ground.now
    waiting, stranded = [0] * LONGEST_WAIT, []
    for one in needs:
        if one.state is RequestState.SEEKING and one.deadline > now:
            wait = wait_of(now, one.deadline, ahead)
            if one.request_id in ground.stranded:
                stranded.append(wait)
            else:
                waiting[wait] += 1
    seen = [one for one in ground.seen if one.profession == profession and not one.taken_back]
    own, lent = _slots_by_half(ground.counts, profession), _lent_by_half(ground.lent, profession)
    length = (ahead[0].end - ahead[0].start) if ahead else timedelta(hours=1)
    left = (ahead[0].end - max(now, ahead[0].start)) if ahead else length
    since = local_day(needs[0].at) if needs else local_day(now)
    past = open_halves(since, (local_day(now) - since).days + 4, ground.territory.settings.snp_hours)
    return (
        Ahead(
            forecast=told,
            free=np.array([float(own[one.half, "free"] + lent[one.half]) for one in ahead]),
            to_come=still_to_come([(one.start, one.published_at) for one in seen], ahead, now),
            waits=waits_of(wait_of(one.at, one.deadline, past) for one in needs[-_WAITS_READ:]),
            waiting=waiting,
            first_share=left / length,
        ),
        stranded,
    )


def _slots_by_half(counts: Iterable[SlotCount], profession: str) -> Counter[tuple[HalfDay, str]]:
    found: Counter[tuple[HalfDay, str]] = Counter()
    for one in counts:
        if one.profession == profession:
            half = HalfDay(one.day, not one.is_morning)
            found[half, "free"] += one.free
            found[half, "taken"] += one.taken + one.held
            found[half, "published"] += one.free + one.taken + one.held
    return found


def _lent_by_half(lent: Iterable[FreeSlot], profession: str) -> Counter[HalfDay]:
    walls = (local(one.start) for one in lent if one.profession == profession)
    return Counter(HalfDay(wall.date(), wall.time() >= MIDDAY) for wall in walls)


def _basis(model: Model, needs: int) -> Basis:
    if not needs:
        return Basis.ASSUMED
    if model.is_assumed:
        return Basis.SHORT
    return Basis.YEAR if model.days >= _YEAR_DAYS else Basis.WEEKS


def _professions(
    session: Session,
    territory: TerritoryView,
    needs: Iterable[NeedSeen],
    seen: Iterable[SeenSlot],
    *,
    now: datetime,
) -> tuple[str, ...]:
    """The professions that are needed or offered in a territory, general practitioners first."""
    found = {main_profession(one.professions) for one in needs} | {one.profession for one in seen}
    if not found:
        members = PractitionerFilter(territory_ids=frozenset({territory.id}))
        page = directory.list_practitioners(session, members, limit=1, now=now)
        found = {USUAL_PROFESSION} if page.items else set()
    return tuple(sorted(found, key=_turn))


def _turn(profession: str) -> tuple[bool, str]:
    """General practitioners come first, wherever professions are listed."""
    return profession != USUAL_PROFESSION, profession
