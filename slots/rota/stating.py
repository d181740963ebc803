"""A rota as a problem: what the database knows, in the words of `facts`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from slots.agenda import service as agenda
from slots.agenda.facts import AbsenceView
from slots.rota import settling, shift_rows
from slots.rota.dating import dated, shift_key
from slots.rota.facts import Carer, Kind, Limits, Place, RotaProblem, Shift, Span, Turns, Weights, Wish
from slots.rota.terms import Member, Purpose, RotaView, ShiftView, WishKind
from snp.days import day_bounds
from snp.directory import service as directory
from snp.directory.paging import MAX_LIMIT

REMEMBERED: Final = timedelta(weeks=26)
"""Shifts held that long before count for what is due: half a year evens out what one rota could not."""
_OF_REPAIRS: Final = Weights(gap=1_000_000, change=50_000)
"""Above the unfairness of one shift more: a repair changes what it must, and evens out nothing."""

_ALWAYS: Final = (Span(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)),)
"""Who practises at none of the places can hold nothing."""

LOOK_BACK: Final = timedelta(days=14)
"""Shifts held that shortly before are stated too, settled: rest and weeks reach over the first day."""


def state_plan(
    session: Session, rota: RotaView, purpose: Purpose, first: date, last: date, *, now: datetime
) -> RotaProblem:
    """The problem of a plan over the local days `[first, last]`.

    A new rota holds what the week's openings ask for; a repair what stands, of which as little as may be
    changes.
    """
    start, end = day_bounds(first)[0], day_bounds(last)[1]
    fixed_until = max(start, now)
    standing = shift_rows.shifts(session, rota_id=rota.id, start=start - LOOK_BACK, end=end)
    if purpose is Purpose.REPAIR:
        named = standing
        fresh: list[Shift] = []
    else:
        named = [each for each in standing if each.start < start]
        hours = directory.get_territory(session, rota.territory_id).settings.snp_hours
        fresh = [shift for shift, _ in dated(rota.details, first, last, hours)]
    problem = _state(session, rota, named, fresh, frozen_before=fixed_until, now=now)
    return replace(problem, weights=_OF_REPAIRS) if purpose is Purpose.REPAIR else problem


def state_around(
    session: Session, rota: RotaView, moments: Collection[datetime], *, now: datetime
) -> tuple[RotaProblem, Turns]:
    """What stands around some moments, as a problem and its turns: enough to judge a change by."""
    start, end = min(moments) - LOOK_BACK, max(moments) + LOOK_BACK
    standing = shift_rows.shifts(session, rota_id=rota.id, start=start, end=end)
    problem = _state(session, rota, standing, [], frozen_before=now, now=now)
    return problem, dict(problem.in_force or {})


def key_of(shift: ShiftView) -> str:
    """How a problem names a shift that stands."""
    return shift_key(shift.site_id, shift.start)


def away_of(session: Session, who: Collection[UUID], *, after: datetime) -> dict[UUID, list[AbsenceView]]:
    """The absences that hold and end after an instant, by practitioner."""
    found: dict[UUID, list[AbsenceView]] = {}
    cursor = None
    while who:
        page = agenda.list_absences(
            session, practitioner_ids=frozenset(who), ends_after=after, cursor=cursor, limit=MAX_LIMIT
        )
        for each in page.items:
            if each.lifted_at is None:
                found.setdefault(each.practitioner_id, []).append(each)
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


def _state(
    session: Session,
    rota: RotaView,
    standing: Sequence[ShiftView],
    fresh: Sequence[Shift],
    *,
    frozen_before: datetime,
    now: datetime,
) -> RotaProblem:
    known = {key_of(each): each for each in standing}
    shifts = [*map(_shift, standing), *(each for each in fresh if each.id not in known)]
    shifts.sort(key=lambda shift: (shift.start, shift.place))
    earliest = shifts[0].start if shifts else now
    members = {each.practitioner_id: each for each in settling.list_members(session, rota.id, now=now)}
    holders = {turn.practitioner_id for each in standing for turn in each.turns}
    absences = away_of(session, members.keys() | holders, after=earliest)
    before = shift_rows.held_before(session, rota.id, earliest - REMEMBERED, earliest)
    places = {each.site_id: each for each in rota.details.places}
    site_ids = {*places, *(each.site_id for each in standing)}
    carers = [
        _carer(each, shifts, absences.get(each.practitioner_id, []), before.get(each.practitioner_id, {}))
        for each in members.values()
    ]
    carers += [_gone(session, each, frozen_before, now) for each in sorted(holders - members.keys())]
    limits = rota.details
    return RotaProblem(
        places=tuple(
            Place(
                str(each),
                directory.get_site(session, each).name,
                places[each].rooms if each in places else None,
            )
            for each in sorted(site_ids)
        ),
        shifts=tuple(shifts),
        carers=tuple(carers),
        limits=Limits(
            timedelta(minutes=limits.rest_minutes),
            limits.most_per_day,
            limits.most_per_week,
            limits.most_days_in_a_row,
        ),
        gaps=limits.gaps,
        in_force={
            key: frozenset(str(turn.practitioner_id) for turn in each.turns) for key, each in known.items()
        },
        frozen_before=frozen_before,
    )


def _shift(view: ShiftView) -> Shift:
    return Shift(
        key_of(view), str(view.site_id), view.start, view.end, view.half, view.least, view.most, view.kinds
    )


def _carer(
    member: Member, shifts: Sequence[Shift], absences: Sequence[AbsenceView], before: dict[Kind, int]
) -> Carer:
    away = tuple(Span(each.start, each.end) for each in absences)
    places = frozenset(map(str, member.site_ids))
    by_kind = {
        kind: frozenset((each.weekday, each.half) for each in member.wishes if each.kind is kind)
        for kind in WishKind
    }
    always = [
        shift
        for shift in shifts
        if (shift.day.weekday(), shift.half) in by_kind[WishKind.ALWAYS]
        and shift.place in places
        and not any(span.meets(shift.span) for span in away)
    ]
    alone = {(shift.day, shift.half) for shift in always}
    return Carer(
        id=str(member.practitioner_id),
        name=member.name,
        share=member.share,
        places=places,
        away=away if places else _ALWAYS,
        never=by_kind[WishKind.NEVER],
        fixed=frozenset(shift.id for shift in always) if len(alone) == len(always) else frozenset(),
        wishes=tuple(
            Wish(each.weekday, each.half, each.points)
            for each in member.wishes
            if each.kind is WishKind.PREFER
        ),
        most_per_week=member.most_per_week,
        before=before,
    )


def _gone(session: Session, practitioner_id: UUID, since: datetime, now: datetime) -> Carer:
    """Who left the rota: what he held is told, and nothing more is his."""
    person = directory.get_practitioner(session, practitioner_id, now=now)
    away = (Span(since, since + timedelta(days=3660)),)
    return Carer(id=str(person.id), name=person.full_name, share=0, away=away)
