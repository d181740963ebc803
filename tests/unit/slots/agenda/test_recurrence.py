from datetime import UTC, date, datetime, time

import pytest

from slots.agenda.recurrence import InvalidRecurrence, days, from_day_on, instant_of, occurrences, parse

NINE = time(9)


def test_a_rule_is_read_and_said_back_in_one_canonical_form():
    text = "rrule:interval=2;freq=weekly;byday=th,tu;wkst=MO;count=10"
    assert str(parse(text)) == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=10"


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY",
        "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20270630",
        "FREQ=MONTHLY;BYDAY=1MO,-1FR",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=MONTHLY;BYMONTHDAY=-1,15",
        "FREQ=WEEKLY;BYDAY=SA;UNTIL=20270101T080000Z",
    ],
)
def test_a_canonical_rule_is_read_back_to_itself(text):
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "forme"),
        ("BYDAY=MO", "FREQ manque"),
        ("FREQ=HOURLY", "DAILY, WEEKLY ou MONTHLY"),
        ("FREQ=YEARLY", "DAILY, WEEKLY ou MONTHLY"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR n’est pas accepté"),
        ("FREQ=DAILY;FREQ=DAILY", "deux fois"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;COUNT=1001", "COUNT"),
        ("FREQ=DAILY;COUNT=9999999999999", "COUNT"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "s’excluent"),
        ("FREQ=DAILY;UNTIL=20270101T090000", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20270230", "UNTIL"),
        ("FREQ=WEEKLY;BYDAY=LU", "« LU »"),
        ("FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "0"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS demande"),
        ("FREQ=DAILY;BYDAY=MO;BYSETPOS=1", "DAILY"),
        ("FREQ=WEEKLY;WKST=SU", "lundi"),
        ("FREQ=WEEKLY;;BYDAY=MO", "forme"),
    ],
)
def test_a_rule_outside_the_subset_is_refused_with_its_reason_in_french(text, said):
    with pytest.raises(InvalidRecurrence, match="rrule") as refusal:
        parse(text)
    assert said in refusal.value.sentence


def test_nine_o_clock_stays_nine_o_clock_through_both_clock_changes():
    rule = parse("FREQ=WEEKLY;BYDAY=SU")
    spring = occurrences(rule, date(2027, 3, 21), NINE, start=date(2027, 3, 21), end=date(2027, 4, 5))
    autumn = occurrences(rule, date(2026, 10, 18), NINE, start=date(2026, 10, 18), end=date(2026, 11, 2))
    assert [instant.hour for _, instant in spring] == [8, 7, 7]
    assert [instant.hour for _, instant in autumn] == [7, 8, 8]


def test_half_past_two_does_not_happen_on_the_last_sunday_of_march_and_is_not_counted():
    rule = parse("FREQ=DAILY;COUNT=3")
    found = occurrences(rule, date(2027, 3, 27), time(2, 30), start=date(2027, 3, 27), end=date(2027, 4, 10))
    assert [(day.day, instant is not None) for day, instant in found] == [
        (27, True),
        (28, False),
        (29, True),
        (30, True),
    ]


def test_half_past_two_means_the_first_one_on_the_last_sunday_of_october():
    assert instant_of(date(2026, 10, 25), time(2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_29th_skips_february_except_in_leap_years():
    rule = parse("FREQ=MONTHLY;BYMONTHDAY=29")
    found = days(rule, date(2027, 1, 1), NINE, start=date(2027, 1, 1), end=date(2028, 4, 1))
    assert date(2028, 2, 29) in found
    assert not [day for day in found if day.year == 2027 and day.month == 2]


def test_a_month_without_day_says_the_first_day_s_own():
    rule = parse("FREQ=MONTHLY")
    found = days(rule, date(2027, 1, 31), NINE, start=date(2027, 1, 1), end=date(2027, 6, 1))
    assert [day.month for day in found] == [1, 3, 5]


def test_the_first_day_sets_the_phase_and_occurs_only_if_the_rule_says_so():
    rule = parse("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO")
    found = days(rule, date(2026, 11, 25), NINE, start=date(2026, 11, 1), end=date(2027, 1, 1))
    assert found == [date(2026, 12, 7), date(2026, 12, 21)]


def test_until_as_a_day_includes_it_and_as_an_instant_cuts_within_it():
    by_day = parse("FREQ=DAILY;UNTIL=20261126")
    before_nine = parse("FREQ=DAILY;UNTIL=20261126T075959Z")
    span = {"start": date(2026, 11, 24), "end": date(2026, 12, 24)}
    assert len(days(by_day, date(2026, 11, 24), NINE, **span)) == 3
    assert len(days(before_nine, date(2026, 11, 24), NINE, **span)) == 2


def test_what_is_left_of_a_counted_rule_counts_on():
    rule = parse("FREQ=DAILY;COUNT=5")
    assert from_day_on(rule, date(2026, 11, 24), NINE, date(2026, 11, 26)) == parse("FREQ=DAILY;COUNT=3")
    assert from_day_on(rule, date(2026, 11, 24), NINE, date(2026, 12, 26)) is None


def test_a_rule_that_never_comes_back_is_searched_no_further_than_asked():
    rule = parse("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2")
    assert days(rule, date(2026, 11, 24), NINE, start=date(2026, 11, 24), end=date(2036, 1, 1)) == []
