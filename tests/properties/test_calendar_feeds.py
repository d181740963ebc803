"""A feed says when a slot is, whoever reads it, on any day of the year and through both clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import vobject
from hypothesis import given
from hypothesis import strategies as st

from slots.agenda.facts import Interval
from slots.feeds.facts import Entry, EntryState
from slots.feeds.reading import merge, read_busy
from slots.feeds.writing import UID_DOMAIN, write_feed
from snp.days import at_local

CLOCK_CHANGES = (date(2026, 3, 29), date(2026, 10, 25))
DAYS = st.one_of(
    st.sampled_from(CLOCK_CHANGES), st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 12, 31))
)
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
STARTS = st.builds(at_local, DAYS, TIMES, second=st.booleans())
CHANGED = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    found = []
    for number, start in enumerate(draw(st.lists(STARTS, min_size=1, max_size=6))):
        found.append(
            Entry(
                slot_id=UUID(int=number),
                start=start,
                end=start + timedelta(minutes=draw(st.integers(5, 240))),
                state=draw(st.sampled_from(EntryState)),
                revision=draw(st.integers(1, 50)),
                changed_at=CHANGED,
                place=draw(st.sampled_from(["Cabinet, 1 rue, du Port; Pornic", "Maison d’été"])),
                patient=draw(st.sampled_from([None, "Jeanne D’ARC, née"])),
            )
        )
    return found


@given(entries())
def test_an_independent_parser_reads_what_was_written(wanted: list[Entry]) -> None:
    calendar = vobject.readOne(write_feed(wanted, name="Soins non programmés").decode())
    read = {event.uid.value: event for event in calendar.vevent_list}
    assert len(read) == len(wanted)
    for entry in wanted:
        event = read[f"{entry.slot_id}{UID_DOMAIN}"]
        assert event.dtstart.value.astimezone(UTC) == entry.start
        assert event.dtend.value.astimezone(UTC) == entry.end
        assert event.sequence.value == str(entry.revision)
        assert event.location.value == entry.place
        assert (event.status.value == "CANCELLED") == (entry.state is EntryState.GONE)


@given(entries())
def test_a_feed_imported_elsewhere_blocks_the_same_times(wanted: list[Entry]) -> None:
    text = write_feed(wanted, name="x").replace(UID_DOMAIN.encode(), b"@elsewhere")
    window = Interval(datetime(2025, 12, 1, tzinfo=UTC), datetime(2028, 2, 1, tzinfo=UTC))
    blocked = merge(Interval(one.start, one.end) for one in wanted if one.state is not EntryState.GONE)
    assert read_busy(text, window.start, window.end) == blocked


@given(entries())
def test_our_own_feed_imported_here_blocks_nothing(wanted: list[Entry]) -> None:
    text = write_feed(wanted, name="x")
    assert read_busy(text, datetime(2025, 12, 1, tzinfo=UTC), datetime(2028, 2, 1, tzinfo=UTC)) == ()


@given(entries())
def test_the_same_slots_give_the_same_bytes(wanted: list[Entry]) -> None:
    assert write_feed(wanted, name="x") == write_feed(list(reversed(wanted)), name="x")
