"""What an imported calendar says of its owner's time, whoever wrote it."""

from __future__ import annotations

from datetime import UTC, datetime
from textwrap import dedent

import pytest

from slots.agenda.facts import Interval
from slots.feeds.facts import FetchFault
from slots.feeds.reading import merge, read_busy
from slots.feeds.refusals import CalendarUnreadable
from slots.feeds.writing import UID_DOMAIN
from tests.support.agenda import local

START = datetime(2026, 3, 1, tzinfo=UTC)
END = datetime(2026, 12, 31, tzinfo=UTC)

OUTLOOK_ZONE = """
BEGIN:VTIMEZONE
TZID:Romance Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar(*events: str, zone: str = "") -> bytes:
    bodies = "".join(
        f"BEGIN:VEVENT\nUID:{n}@x\n{dedent(one).strip()}\nEND:VEVENT\n" for n, one in enumerate(events)
    )
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//\n{zone.strip()}\n{bodies}END:VCALENDAR\n"
    return "\r\n".join(line for line in text.splitlines() if line).encode() + b"\r\n"


def busy(*events: str, zone: str = "") -> list[tuple[datetime, datetime]]:
    return [(one.start, one.end) for one in read_busy(calendar(*events, zone=zone), START, END)]


def test_an_event_in_utc_is_busy() -> None:
    assert busy("DTSTART:20261124T080000Z\nDTEND:20261124T090000Z") == [
        (local("2026-11-24 09:00"), local("2026-11-24 10:00"))
    ]


@pytest.mark.parametrize(
    "line",
    [
        "TRANSP:TRANSPARENT",
        "STATUS:CANCELLED",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        f"UID:slot{UID_DOMAIN}",
    ],
)
def test_what_takes_no_time_is_left_out(line: str) -> None:
    event = f"DTSTART:20261124T080000Z\nDTEND:20261124T090000Z\n{line}"
    text = calendar(event)
    if line.startswith("UID"):
        text = text.replace(b"UID:0@x\r\n", b"")
    assert read_busy(text, START, END) == ()


def test_an_all_day_event_takes_its_local_days() -> None:
    assert busy("DTSTART;VALUE=DATE:20261124\nDTEND;VALUE=DATE:20261126") == [
        (local("2026-11-24 00:00"), local("2026-11-26 00:00"))
    ]


def test_a_floating_time_is_read_in_paris() -> None:
    assert busy("DTSTART:20260701T180000\nDURATION:PT30M") == [
        (local("2026-07-01 18:00"), local("2026-07-01 18:30"))
    ]


@pytest.mark.parametrize("zone", ["Europe/Paris", "Romance Standard Time", "Central European Standard Time"])
def test_the_zones_of_others_are_understood(zone: str) -> None:
    event = f"DTSTART;TZID={zone}:20260701T180000\nDTEND;TZID={zone}:20260701T190000"
    assert busy(event) == [(local("2026-07-01 18:00"), local("2026-07-01 19:00"))]


def test_a_zone_that_outlook_defines_is_understood() -> None:
    event = (
        "DTSTART;TZID=Romance Standard Time:20260701T180000\nDTEND;TZID=Romance Standard Time:20260701T190000"
    )
    assert busy(event, zone=OUTLOOK_ZONE) == [(local("2026-07-01 18:00"), local("2026-07-01 19:00"))]


def zone(*rules: str, first: str = "19700101T030000", name: str = "Ici", offset: str = "+0100") -> str:
    """A zone of one's own with an observance for each rule."""
    observances = "".join(
        f"BEGIN:STANDARD\nDTSTART:{first}\nTZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\n{rule}\nEND:STANDARD\n"
        for rule in rules
    )
    return f"BEGIN:VTIMEZONE\nTZID:{name}\n{observances}END:VTIMEZONE\n"


def at_nine(zone_name: str = "Ici") -> str:
    return f"DTSTART;TZID={zone_name}:20261124T090000\nDTEND;TZID={zone_name}:20261124T100000"


YEARLY = "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"


@pytest.mark.parametrize(
    "defined",
    [
        zone(YEARLY, first="16010101T030000"),
        zone("RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=SU"),
        zone("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=99991231T235959Z"),
        zone("RDATE:" + ",".join(f"{year}1101T030000" for year in range(1971, 2037))),
        "".join(zone(YEARLY, YEARLY, name=f"Zone {number}") for number in range(20)) + zone(YEARLY),
    ],
)
def test_a_zone_as_people_write_them_is_understood(defined: str) -> None:
    assert busy(at_nine(), zone=defined) == [(local("2026-11-24 09:00"), local("2026-11-24 10:00"))]


@pytest.mark.parametrize(
    "defined",
    [
        zone("RRULE:FREQ=SECONDLY"),
        zone("RRULE:freq=minutely;COUNT=999999999"),
        zone("RRULE;X-A=B:FREQ=DAILY;UNTIL=99991231T235959Z"),
        zone("RR\n ULE:FREQ=HOU\n RLY"),
        zone("EXRULE:FREQ=SECONDLY"),
        zone("RRULE:FREQ=YEARLY;BYSETPOS=1;BYDAY=MO"),
        zone("RRULE:FREQ=YEARLY;BYWEEKNO=1"),
        zone("RRULE:FREQ=YEARLY;BYMONTH=1,2,3,4,5;BYHOUR=1,2,3,4"),
        zone("RRULE:"),
        zone(*[YEARLY] * 60, first="00010101T000000"),
        zone(*[YEARLY] * 400),
        zone(*["RDATE:" + ",".join(["19711101T030000"] * 6_000)] * 9),
        "".join(zone(name=str(number)) for number in range(101)),
        "BEGIN:X-A\n" + zone("RRULE:FREQ=SECONDLY") + "END:X-A\n",
        "BEGIN:VTIMEZONE\nTZID:A\n" + zone("RRULE:FREQ=SECONDLY") + "END:VTIMEZONE\n",
        "begin:vtimezone\nTZID:A\nBegin:Standard\nrrule:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\n",
    ],
)
def test_a_zone_that_nobody_needs_is_refused_before_it_costs_anything(defined: str) -> None:
    with pytest.raises(CalendarUnreadable) as refusal:
        busy(at_nine(), zone=defined)

    assert refusal.value.fields["fault"] == FetchFault.TOO_LARGE


def test_the_most_that_zones_may_cost_is_little() -> None:
    """As many rules as are taken, all followed to the day of the events: a second or two, never minutes."""
    dear = zone(
        *["RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1,2,3,4,5,6,7;BYDAY=SU"] * 13, first="16010101T030000"
    )

    assert len(busy(*[at_nine()] * 20, zone=dear)) == 1


def test_a_zone_of_one_calendar_says_nothing_about_another() -> None:
    name = "Romance Standard Time"
    wrong = zone("RDATE:19711101T030000", name=name, offset="+0900")

    assert busy(at_nine(name), zone=wrong) == [(local("2026-11-24 01:00"), local("2026-11-24 02:00"))]

    right = [(local("2026-11-24 09:00"), local("2026-11-24 10:00"))]
    assert busy(at_nine(name)) == right
    assert busy(at_nine(name), zone=OUTLOOK_ZONE) == right


@pytest.mark.parametrize(
    ("first", "days"),
    [
        ("20260327", ("2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30")),
        ("20261023", ("2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26")),
    ],
)
def test_a_daily_event_keeps_its_wall_time_over_both_clock_changes(first: str, days: tuple[str, ...]) -> None:
    paris = "TZID=Europe/Paris"
    event = f"DTSTART;{paris}:{first}T180000\nDTEND;{paris}:{first}T190000\nRRULE:FREQ=DAILY;COUNT=4"
    assert busy(event) == [(local(f"{day} 18:00"), local(f"{day} 19:00")) for day in days]


def test_a_cancelled_occurrence_and_an_excluded_one_are_free() -> None:
    text = calendar(
        "DTSTART:20261102T080000Z\nDTEND:20261102T090000Z\nRRULE:FREQ=WEEKLY;COUNT=4\nEXDATE:20261109T080000Z",
        "RECURRENCE-ID:20261116T080000Z\nDTSTART:20261116T080000Z\nDTEND:20261116T090000Z\nSTATUS:CANCELLED",
    ).replace(b"UID:1@x", b"UID:0@x")
    days = [one.start.day for one in read_busy(text, START, END)]
    assert days == [2, 23]


def test_times_that_touch_or_overlap_are_one() -> None:
    assert busy(
        "DTSTART:20261124T080000Z\nDTEND:20261124T090000Z",
        "DTSTART:20261124T090000Z\nDTEND:20261124T100000Z",
        "DTSTART:20261124T083000Z\nDTEND:20261124T084500Z",
    ) == [(local("2026-11-24 09:00"), local("2026-11-24 11:00"))]


def test_an_event_without_length_takes_no_time() -> None:
    assert busy("DTSTART:20261124T080000Z") == []


def test_what_lies_outside_the_window_is_cut() -> None:
    event = "DTSTART:20260201T000000Z\nDTEND:20260302T000000Z"
    assert busy(event) == [(START, datetime(2026, 3, 2, tzinfo=UTC))]


def test_a_rule_that_repeats_within_the_day_is_left_out() -> None:
    assert busy("DTSTART:20261124T080000Z\nDTEND:20261124T080001Z\nRRULE:FREQ=SECONDLY") == []


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYSETPOS=300",
        "FREQ=WEEKLY;BYMONTH=13",
        "FREQ=YEARLY;BYMONTH=2,4;BYMONTHDAY=31",
        "FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5;BYSECOND=1,2,3",
    ],
)
def test_a_rule_searched_for_in_vain_is_left_out(rule: str) -> None:
    """Each would be looked for until the year 9999, or fill every minute."""
    assert busy(*[f"DTSTART:20261124T080000Z\nDTEND:20261124T080001Z\nRRULE:{rule}"] * 300) == []


def test_a_birthday_and_a_last_day_of_the_month_are_read() -> None:
    yearly = "DTSTART:20200229T080000Z\nDTEND:20200229T090000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"
    assert len(busy(yearly.replace("BYMONTH=2", "BYMONTH=11"))) == 1
    assert len(busy(yearly.replace("YEARLY;BYMONTH=2", "MONTHLY"))) > 5


def test_too_many_rules_to_search_for_are_refused() -> None:
    one = "DTSTART:20261124T080000Z\nDTEND:20261124T080001Z\nRRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1"
    with pytest.raises(CalendarUnreadable) as refusal:
        busy(*[one] * 101)
    assert refusal.value.fault is FetchFault.TOO_LARGE


@pytest.mark.parametrize(
    "broken", ["DTEND:20261124T090000Z", "DTSTART:20261124T080000Z\nDTSTART:20261125T080000Z"]
)
def test_one_event_without_a_beginning_or_with_two_does_not_hide_the_others(broken: str) -> None:
    assert len(busy(broken, "DTSTART:20261124T080000Z\nDTEND:20261124T090000Z")) == 1


def test_one_broken_event_does_not_hide_the_others() -> None:
    good = "DTSTART:20261124T080000Z\nDTEND:20261124T090000Z"
    assert (
        len(busy("DTSTART:20261125T080000Z\nDTEND:20261125T090000Z\nRRULE:FREQ=NEVER", "DTSTART:nope", good))
        == 1
    )


@pytest.mark.parametrize("text", [b"", b"<html></html>", b"\xff\xfe\x00", b"BEGIN:VCARD\r\nEND:VCARD\r\n"])
def test_what_is_no_calendar_is_refused(text: bytes) -> None:
    with pytest.raises(CalendarUnreadable) as refusal:
        read_busy(text, START, END)
    assert refusal.value.fault is FetchFault.NOT_A_CALENDAR


def test_merging_is_the_union() -> None:
    one, two = Interval(START, END), Interval(local("2026-11-24 09:00"), local("2026-11-24 10:00"))
    assert merge([two, one]) == (one,)
