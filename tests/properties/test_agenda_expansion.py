"""Expansion over clock changes, leap days, holidays and midnights, against dateutil and plain facts."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from dateutil.rrule import rrulestr
from hypothesis import assume, example, given
from hypothesis import strategies as st

from slots.agenda import recurrence
from slots.agenda.facts import Interval, NoticeCode
from slots.agenda.plan import plan
from slots.agenda.rules import cut_range
from snp.days import PARIS, SnpHours, Wall, is_holiday, local_day, read_wall, within_snp_hours
from tests.support.agenda import a_ground, an_offer, an_opening

CLOCK_CHANGES = (date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

weekdays = st.lists(st.sampled_from(("MO", "TU", "WE", "TH", "FR", "SA", "SU")), min_size=1, max_size=4)
quarter_hours = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))
around_clock_changes = st.builds(
    lambda day, days: day + timedelta(days=days), st.sampled_from(CLOCK_CHANGES), st.integers(-10, 3)
)
any_day = st.one_of(
    around_clock_changes,
    st.dates(date(2026, 1, 1), date(2029, 12, 31)),
    st.sampled_from((date(2028, 2, 28), date(2028, 2, 29), date(2027, 12, 31))),
)


@st.composite
def rules(draw):
    """A rule of the subset, as text."""
    frequency = draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY")))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 4))}"]
    named = draw(st.booleans())
    if named:
        days = draw(weekdays)
        if frequency == "MONTHLY" and draw(st.booleans()):
            days = [f"{draw(st.sampled_from((1, 2, 5, -1)))}{day}" for day in days]
        parts.append(f"BYDAY={','.join(dict.fromkeys(days))}")
    if frequency != "WEEKLY" and draw(st.booleans()):
        month_days = draw(st.lists(st.sampled_from((1, 15, 28, 29, 30, 31, -1)), min_size=1, max_size=3))
        parts.append(f"BYMONTHDAY={','.join(map(str, dict.fromkeys(month_days)))}")
        named = True
    if frequency == "MONTHLY" and named and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from((1, 2, -1)))}")
    match draw(st.sampled_from(("", "COUNT", "UNTIL"))):
        case "COUNT":
            parts.append(f"COUNT={draw(st.integers(1, 30))}")
        case "UNTIL":
            parts.append(f"UNTIL={draw(any_day):%Y%m%d}")
    return ";".join(parts)


@given(rules(), any_day, quarter_hours, st.integers(0, 40), st.integers(1, 400))
def test_days_are_those_of_dateutil(text, first_day, at, ahead, length):
    start = first_day + timedelta(days=ahead)
    end = start + timedelta(days=length)
    rule = recurrence.parse(text)
    found = [day for day, _ in recurrence.occurrences(rule, first_day, at, start=start, end=end)]
    never = {day for day in CLOCK_CHANGES if read_wall(day, at) is Wall.NEVER}
    assume(rule.count is None or not never)
    until = f";UNTIL={end:%Y%m%d}T000000" if "UNTIL" not in text and "COUNT" not in text else ""
    bounded = text + until
    if "UNTIL=" in text:
        day = datetime.strptime(text.split("UNTIL=")[1], "%Y%m%d")  # noqa: DTZ007 - a day
        bounded = text.split("UNTIL=")[0] + f"UNTIL={min(day, datetime.combine(end, time())):%Y%m%d}T235959"
    oracle = rrulestr(bounded, dtstart=datetime.combine(first_day, at))
    expected = [
        moment.date()
        for moment in oracle.between(
            datetime.combine(start, time()) - timedelta(seconds=1),
            datetime.combine(end, time()) - timedelta(seconds=1),
        )
    ]
    assert found == expected


@given(rules(), any_day, quarter_hours)
def test_a_rule_is_read_back_from_its_own_text(text, first_day, at):
    rule = recurrence.parse(text)
    assert recurrence.parse(str(rule)) == rule


@given(st.sampled_from(CLOCK_CHANGES), quarter_hours, st.integers(1, 6), st.sampled_from((10, 15, 20, 30)))
@example(date(2026, 3, 29), time(2, 30), 2, 30)
@example(date(2026, 10, 25), time(2, 30), 2, 30)
@example(date(2026, 10, 25), time(23, 30), 3, 15)
def test_the_wall_shows_the_same_time_before_on_and_after_a_clock_change(change, at, patients, minutes):
    opening = an_opening(
        "FREQ=DAILY",
        first_day=change - timedelta(days=2),
        starts_at=at,
        patients=patients,
        slot_minutes=minutes,
    )
    days = [change + timedelta(days=n) for n in (-2, -1, 0, 1, 2)]
    planned = plan(opening, a_ground(), start=days[0], end=days[-1] + timedelta(days=1), now=LONG_AGO)
    firsts = {slot.day: slot.time.start.astimezone(PARIS) for slot in planned.slots if slot.no == 1}
    skipped = {told.day for told in planned.notices}
    assert {told.code for told in planned.notices} <= {NoticeCode.NO_SUCH_TIME}
    assert firsts.keys() | skipped == set(days)
    assert skipped == {day for day in days if read_wall(day, at) is Wall.NEVER}
    assert all(first.time() == at and first.date() == day for day, first in firsts.items())
    assert all(not first.fold for first in firsts.values())
    lengths = {(slot.time.end - slot.time.start) for slot in planned.slots}
    assert lengths == {timedelta(minutes=minutes)}


@given(rules(), any_day, quarter_hours, st.integers(1, 8), st.sampled_from((0, 5, 10)))
def test_slots_never_overlap_are_whole_and_follow_each_other(text, first_day, at, patients, buffer):
    opening = an_opening(
        text,
        first_day=first_day,
        starts_at=at,
        patients=patients,
        offer=an_offer(buffer_minutes=buffer, release_minutes=90),
    )
    planned = plan(
        opening, a_ground(), start=first_day, end=first_day + timedelta(days=120), now=LONG_AGO
    ).slots
    busy = [Interval(slot.time.start, slot.busy_until) for slot in planned]
    assert all(not one.overlaps(other) for one, other in pairwise(busy))
    assert all(slot.release_at == slot.time.start - timedelta(minutes=90) for slot in planned)
    assert len({(slot.day, slot.no) for slot in planned}) == len(planned)
    per_day = {}
    for slot in planned:
        per_day.setdefault(slot.day, []).append(slot.no)
    assert all(sorted(numbers) == list(range(1, patients + 1)) for numbers in per_day.values())


@given(rules(), any_day, quarter_hours, st.integers(1, 4))
def test_nothing_is_opened_on_a_holiday_or_outside_snp_hours(text, first_day, at, patients):
    hours = SnpHours()
    opening = an_opening(text, first_day=first_day, starts_at=at, patients=patients)
    end = first_day + timedelta(days=400)
    planned = plan(opening, a_ground(hours), start=first_day, end=end, now=LONG_AGO)
    assert all(within_snp_hours(slot.time.start, slot.time.end, hours) for slot in planned.slots)
    assert not any(is_holiday(local_day(slot.time.start)) for slot in planned.slots)
    everything = plan(opening, a_ground(), start=first_day, end=end, now=LONG_AGO)
    told = {notice.day for notice in planned.notices}
    opened = {(slot.day, slot.no) for slot in planned.slots}
    missing = [slot for slot in everything.slots if (slot.day, slot.no) not in opened]
    assert all(slot.day in told for slot in missing)


@given(rules(), any_day, quarter_hours, st.integers(0, 60), st.integers(0, 60))
def test_expanding_in_two_goes_is_expanding_at_once(text, first_day, at, first, second):
    opening = an_opening(text, first_day=first_day, starts_at=at)
    middle = first_day + timedelta(days=first)
    end = middle + timedelta(days=second)
    whole = plan(opening, a_ground(), start=first_day, end=end, now=LONG_AGO)
    before = plan(opening, a_ground(), start=first_day, end=middle, now=LONG_AGO)
    after = plan(opening, a_ground(), start=middle, end=end, now=LONG_AGO)
    assert {*before.slots, *after.slots} == set(whole.slots)


@given(rules(), any_day, quarter_hours, st.integers(1, 90))
def test_a_split_rule_occurs_when_the_whole_one_did(text, first_day, at, ahead):
    rule = recurrence.parse(text)
    end = first_day + timedelta(days=300)
    whole = recurrence.days(rule, first_day, at, start=first_day, end=end)
    assume(len(whole) > 1)
    day = whole[ahead % len(whole)]
    assume(rule.by_day or rule.by_month_day or rule.frequency is not recurrence.Frequency.MONTHLY)
    rest = recurrence.from_day_on(rule, first_day, at, day)
    left = recurrence.days(rest, day, at, start=day, end=end)
    assert [each for each in whole if each < day] + left == whole


@given(
    st.sampled_from(CLOCK_CHANGES),
    st.integers(-1440, 1440),
    st.integers(10, 600),
    st.integers(1, 12),
    st.integers(0, 15),
)
def test_a_range_is_cut_into_equal_slots_within_it(change, minute, length, patients, buffer):
    begins = datetime.combine(change, time(), UTC) + timedelta(minutes=minute)
    ends = begins + timedelta(minutes=length)
    assume(length - (patients - 1) * buffer >= 5 * patients)
    assume((length - (patients - 1) * buffer) // patients <= 240)
    spans = cut_range(begins, ends, patients=patients, buffer_minutes=buffer)
    assert len(spans) == patients
    assert spans[0].start == begins
    assert spans[-1].end <= ends
    assert len({span.end - span.start for span in spans}) == 1
    gaps = {later.start - earlier.end for earlier, later in pairwise(spans)}
    assert gaps <= {timedelta(minutes=buffer)}
