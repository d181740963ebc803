"""Coverage over real tables: outlooks kept, calls opened, asked, answered and closed; limits kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlmodel import Session

from regulation.coverage import service as coverage
from regulation.coverage.facts import AnswerKind, AskView, Basis, CallEnding
from regulation.coverage.halves import HalfDay
from regulation.coverage.refusals import AlreadyCalled, CallEnded, CallNotFound, MomentGone, NobodyToAsk
from regulation.coverage.targeting import WhyNot
from regulation.messages import service as messages
from regulation.messages.facts import Letter
from regulation.orientation import service as orientation
from slots.agenda import service as agenda
from slots.agenda.facts import SlotFilter
from snp.directory.facts import PractitionerView, Preferences
from snp.errors import InvalidValue, NotFound
from snp.notifications import service as outbox
from snp.notifications.facts import Unneeded
from snp.platform.actors import Role
from tests.support.coverage import by_link, need_behind, set_coverage
from tests.support.regulation import KEYS, NOW, Cpts, a_cpts, an_actor, at
from tests.support.sharing import neighbours

pytestmark = pytest.mark.database
GP = "medecin_generaliste"
TOMORROW = HalfDay(at("09:00", day=1).date(), False)
FRIDAY = HalfDay(at("09:00", day=3).date(), True)
_phones = count(1)


@pytest.fixture
def cpts(session: Session) -> Cpts:
    return a_cpts(session)


def doctor(cpts: Cpts, **details: Any) -> PractitionerView:
    return cpts.carer(phone=f"+33639980{next(_phones):03d}", **details)


def call(cpts: Cpts, wanted: dict[HalfDay, int] | None = None, *, now: datetime = NOW) -> Any:
    return coverage.open_call(
        cpts.session, cpts.territory.id, GP, wanted or {TOMORROW: 2}, by=cpts.coordinator, now=now
    )


def letters(session: Session, now: datetime) -> list[Letter | Unneeded]:
    """What leaves now, as the channels would write it."""
    desk = messages.Desk(KEYS, "https://snp.example")
    found = []
    while (message := outbox.claim(session, ["sms", "email"], now=now)) is not None:
        found.append(messages.compose(session, message, desk, now))
    return found


def accept(session: Session, ask: AskView, *, place: int = 0, now: datetime = NOW) -> tuple[Any, ...]:
    start = ask.moments[place].start
    return coverage.accept(session, ask.id, start, by=by_link(session, ask, now), now=now)


def book(cpts: Cpts, slot_id: Any) -> None:
    view = cpts.seeking()
    held = orientation.hold_slots(cpts.session, view.id, [slot_id], by=cpts.osnp, now=NOW)
    orientation.confirm(cpts.session, held.bundle_id, keys=KEYS, by=cpts.osnp, now=NOW)


def test_nothing_known_is_said_and_opens_nothing(cpts: Cpts, session: Session) -> None:
    doctor(cpts)

    [sheet] = coverage.refresh(session, cpts.territory, now=NOW)

    assert sheet.basis is Basis.ASSUMED
    assert sheet.lines[0].need[0] <= sheet.lines[0].need[-1]
    assert coverage.open_due(session, cpts.territory, [sheet], by=cpts.job, now=NOW) == []
    assert coverage.soonest(session, [cpts.territory.id], now=NOW) == []


def test_weeks_of_need_without_a_slot_open_a_call_by_themselves(cpts: Cpts, session: Session) -> None:
    people = [doctor(cpts) for _ in range(3)]
    need_behind(cpts, NOW)

    [sheet] = coverage.refresh(session, cpts.territory, now=NOW)
    [opened] = coverage.open_due(session, cpts.territory, [sheet], by=cpts.job, now=NOW)
    again = coverage.open_due(session, cpts.territory, [sheet], by=cpts.job, now=NOW)
    soonest = coverage.soonest(session, [cpts.territory.id], now=NOW)
    [told] = coverage.board(session, cpts.territory.id, by=cpts.coordinator, now=NOW)

    assert sheet.basis is Basis.WEEKS
    assert max(line.risk for line in sheet.lines) > 0.9
    assert opened.automatic
    assert opened.asked == len(people)
    assert again == []
    assert soonest[0][1].start <= soonest[-1][1].start
    assert sum(line.called for line in told.lines) == sum(opened.wanted.values())


def test_a_territory_may_forbid_automatic_calls(cpts: Cpts, session: Session) -> None:
    doctor(cpts)
    need_behind(cpts, NOW)
    territory = set_coverage(session, cpts.territory, NOW, automatic=False)

    sheets = coverage.refresh(session, territory, now=NOW)

    assert coverage.open_due(session, territory, sheets, by=cpts.job, now=NOW) == []


def test_a_moment_is_published_by_one_tap_and_the_call_closes_when_filled(
    cpts: Cpts, session: Session
) -> None:
    doctor(cpts)
    opened = call(cpts)
    [ask] = coverage.asks(session, opened.id)
    [letter] = letters(session, NOW)

    made = accept(session, ask)
    twice = accept(session, ask)
    filled = coverage.call_of(session, cpts.territory.id, opened.id, by=cpts.coordinator)

    assert isinstance(letter, Letter)
    assert f"https://snp.example/lien/{coverage.secret_of(ask.id, KEYS)}" in letter.text
    assert len(letter.text) <= 306
    assert coverage.ask_of(coverage.secret_of(ask.id, KEYS), KEYS) == ask.id
    assert len(made) == 2
    assert twice == made
    assert filled.ending is CallEnding.FILLED
    assert filled.gained == {TOMORROW: 2}
    slots = agenda.list_slots(session, SlotFilter(slot_ids=frozenset(made)), now=NOW).items
    assert [slot.start for slot in slots] == [
        ask.moments[0].start,
        ask.moments[0].start + timedelta(minutes=15),
    ]
    assert slots[0].territory_ids == frozenset({cpts.territory.id})
    with pytest.raises(CallEnded):
        accept(session, ask, place=1)


def test_what_came_of_a_call_is_told_as_counts(cpts: Cpts, session: Session) -> None:
    for _ in range(4):
        doctor(cpts)
    opened = call(cpts, {TOMORROW: 3})
    first, second, third, _ = coverage.asks(session, opened.id)
    made = accept(session, first)
    coverage.say(session, second.id, AnswerKind.DECLINED, now=NOW)
    coverage.say(session, second.id, AnswerKind.DECLINED, now=NOW)
    coverage.say(session, third.id, AnswerKind.NOT_THIS_WEEK, now=NOW)
    book(cpts, made[0])

    found = coverage.call_of(session, cpts.territory.id, opened.id, by=cpts.coordinator)
    told = coverage.outcome(session, found, now=NOW)

    assert (told.asked, told.answered, told.accepted, told.declined, told.paused) == (4, 3, 1, 1, 1)
    assert (told.gained, told.wanted, told.served) == (2, 3, 1)


def test_nobody_is_sent_more_messages_a_week_than_agreed(cpts: Cpts, session: Session) -> None:
    often = doctor(cpts, preferences=Preferences(max_messages_a_week=2))
    seldom = doctor(cpts, preferences=Preferences(max_messages_a_week=1))

    first = call(cpts, {TOMORROW: 1})
    second = call(cpts, {FRIDAY: 1})
    preview = coverage.preview(session, cpts.territory.id, GP, {TOMORROW: 1}, by=cpts.coordinator, now=NOW)

    asked = [{ask.practitioner_id for ask in coverage.asks(session, one.id)} for one in (first, second)]
    assert asked == [{often.id, seldom.id}, {often.id}]
    assert {one.why_not for one in preview.left} == {WhyNot.ENOUGH_MESSAGES}
    assert len(preview.left) == 2
    later = NOW + timedelta(days=8)
    wanted = {HalfDay(later.date() + timedelta(days=1), False): 1}
    rested = coverage.preview(session, cpts.territory.id, GP, wanted, by=cpts.coordinator, now=later)
    assert rested.left == ()


@pytest.mark.parametrize(
    ("kind", "days", "peace"),
    [
        (AnswerKind.NOT_THIS_WEEK, 6, True),
        (AnswerKind.NOT_THIS_WEEK, 8, False),
        (AnswerKind.STOP, 60, True),
        (AnswerKind.DECLINED, 8, False),
    ],
)
def test_who_asks_for_peace_has_it(
    cpts: Cpts, session: Session, kind: AnswerKind, days: int, peace: bool
) -> None:
    doctor(cpts)
    [ask] = coverage.asks(session, call(cpts).id)
    coverage.say(session, ask.id, kind, now=NOW)
    later = NOW + timedelta(days=days)
    while later.weekday() > 3:
        later += timedelta(days=0 if days == 6 else 1)
        if days == 6:
            break
    wanted = {HalfDay(later.date() + timedelta(days=1 if later.weekday() < 4 else 3), False): 1}

    found = coverage.preview(session, cpts.territory.id, GP, wanted, by=cpts.coordinator, now=later)

    assert [one.why_not for one in found.left] == ([WhyNot.PAUSED] if peace else [])
    if kind is AnswerKind.STOP:
        coverage.say(session, ask.id, AnswerKind.RESUME, now=later)
        again = coverage.preview(session, cpts.territory.id, GP, wanted, by=cpts.coordinator, now=later)
        assert again.left == ()


def test_a_message_waits_for_the_end_of_quiet_hours(cpts: Cpts, session: Session) -> None:
    doctor(cpts, preferences=Preferences(quiet_from=9, quiet_until=14))

    [ask] = coverage.asks(session, call(cpts, {TOMORROW: 1}).id)

    assert ask.leaves_at == at("14:00")
    assert letters(session, NOW) == []
    assert len(letters(session, at("14:00"))) == 1


def test_a_cancelled_call_sends_nothing_more_and_publishes_nothing(cpts: Cpts, session: Session) -> None:
    doctor(cpts)
    opened = call(cpts)
    [ask] = coverage.asks(session, opened.id)

    coverage.cancel_call(session, cpts.territory.id, opened.id, by=cpts.coordinator, now=NOW)

    assert letters(session, NOW) == [Unneeded("no-longer-so")]
    with pytest.raises(CallEnded):
        accept(session, ask)
    with pytest.raises(CallEnded):
        coverage.cancel_call(session, cpts.territory.id, opened.id, by=cpts.coordinator, now=NOW)
    page = coverage.ask_page(session, ask.id, now=NOW)
    assert page.open_moments == ()


def test_a_half_day_that_is_filled_is_no_longer_to_be_had(cpts: Cpts, session: Session) -> None:
    for _ in range(2):
        doctor(cpts)
    opened = call(cpts, {TOMORROW: 1, FRIDAY: 4})
    one, other = coverage.asks(session, opened.id)
    accept(session, one, place=0)

    page = coverage.ask_page(session, other.id, now=NOW)

    mornings = [m for m in other.moments if m.start < at("20:00", day=1)]
    assert mornings
    assert all(m.start in page.gone for m in mornings)
    with pytest.raises(MomentGone):
        accept(session, other, place=0)


def test_the_next_wave_asks_others_once_the_first_had_its_time(cpts: Cpts, session: Session) -> None:
    for _ in range(8):
        doctor(cpts)
    opened = call(cpts, {FRIDAY: 1})
    first = {ask.practitioner_id for ask in coverage.asks(session, opened.id)}

    early = coverage.ask_on(session, cpts.territory, now=NOW + timedelta(hours=1))
    late = coverage.ask_on(session, cpts.territory, now=NOW + timedelta(hours=4))

    assert early == 0
    assert late > 0
    asked = [ask.practitioner_id for ask in coverage.asks(session, opened.id)]
    assert len(set(asked)) == len(asked) == len(first) + late


def test_a_call_whose_time_has_passed_closes_itself(cpts: Cpts, session: Session) -> None:
    doctor(cpts)
    opened = call(cpts)

    closed = coverage.close_calls(session, cpts.territory, by=cpts.job, now=opened.closes_at)

    found = coverage.call_of(session, cpts.territory.id, opened.id, by=cpts.coordinator)
    assert closed == 1
    assert found.ending is CallEnding.EXPIRED
    assert coverage.close_calls(session, cpts.territory, by=cpts.job, now=opened.closes_at) == 0


def test_one_half_day_has_one_running_call(cpts: Cpts, session: Session) -> None:
    doctor(cpts)
    call(cpts)

    with pytest.raises(AlreadyCalled), session.begin_nested():
        call(cpts)


def test_what_cannot_be_asked_for_is_refused(cpts: Cpts, session: Session) -> None:
    with pytest.raises(NobodyToAsk), session.begin_nested():
        call(cpts)
    doctor(cpts)
    for wanted in (
        {},
        {TOMORROW: 0},
        {HalfDay(NOW.date(), False): 1},
        {HalfDay(at("9:00", day=40).date(), False): 1},
    ):
        with pytest.raises(InvalidValue):
            coverage.preview(
                session, cpts.territory.id, GP, wanted, by=cpts.coordinator, now=NOW + timedelta(hours=4)
            )
    neighbour = an_actor(Role.COORDINATOR, frozenset())
    with pytest.raises(NotFound):
        coverage.preview(session, cpts.territory.id, GP, {TOMORROW: 1}, by=neighbour, now=NOW)
    opened = call(cpts)
    other = a_cpts(session, "ailleurs", communes=("85146",))
    with pytest.raises(CallNotFound):
        coverage.call_of(session, other.territory.id, opened.id, by=other.coordinator)


def test_calls_are_listed_page_by_page(cpts: Cpts, session: Session) -> None:
    doctor(cpts)
    set_coverage(session, cpts.territory, NOW, messages_a_week=7)
    doctor(cpts, preferences=Preferences(max_messages_a_week=7))
    made = [
        call(cpts, {HalfDay(at("09:00", day=1).date(), False): 1}, now=NOW),
        call(cpts, {FRIDAY: 1}, now=NOW + timedelta(minutes=1)),
    ]

    first = coverage.list_calls(session, cpts.territory.id, limit=1, by=cpts.coordinator)
    second = coverage.list_calls(
        session, cpts.territory.id, cursor=first.next_cursor, limit=1, by=cpts.coordinator
    )

    assert [one.id for one in (*first.items, *second.items)] == [made[1].id, made[0].id]
    assert second.next_cursor is None
    with pytest.raises(InvalidValue):
        coverage.list_calls(session, cpts.territory.id, cursor="!", by=cpts.coordinator)


@pytest.mark.parametrize(("overflows", "counted"), [(60, 2), (None, 0)])
def test_what_neighbours_lend_within_two_days_counts_as_supply(
    session: Session, overflows: int | None, counted: int
) -> None:
    """As much as could all be taken, and only where requests ever look there."""
    settings = {f"overflow_p{number}_minutes": overflows for number in (1, 2, 3)}
    both = neighbours(session, **settings)
    both.borrower.carer()
    gp = both.lender.carer()
    for clock in ("9:00", "9:15", "9:30"):
        both.lender.slot(gp, at(clock, day=1))
    both.lender.slot(gp, at("9:00", day=3))
    (alone,) = coverage.refresh(session, both.borrower.territory, now=NOW)

    both.agreed(most_a_day=2)
    (sheet,) = coverage.refresh(session, both.borrower.territory, now=NOW)

    assert {line.half: line.lent for line in sheet.lines if line.lent} == (
        {TOMORROW: counted} if counted else {}
    )
    assert all(line.free == 0 for line in sheet.lines)
    unserved = [sum(line.unserved for line in one.lines) for one in (alone, sheet)]
    assert (unserved[1] < unserved[0]) is bool(counted)
    assert coverage.board(session, both.borrower.territory.id, by=both.borrower.coordinator, now=NOW) == [
        sheet
    ]
