from datetime import date, time, timedelta

import pytest

from slots.agenda.facts import Interval, PatternDraft
from slots.agenda.ground import TerritoryGround
from slots.agenda.recurrence import InvalidRecurrence
from slots.agenda.refusals import (
    DuringAbsence,
    NotAMember,
    OutsideSnpHours,
    ReleaseAlreadyDue,
    SlotInThePast,
)
from slots.agenda.rules import check_draft, check_offer, check_publishable, cut_range
from snp.days import SnpHours
from snp.errors import InvalidValue
from tests.support.agenda import (
    NEIGHBOUR,
    NOW,
    SITE,
    TERRITORY,
    a_ground,
    an_offer,
    local,
)

OFFICIAL = SnpHours()


def minutes_of(spans):
    return [int((span.end - span.start) / timedelta(minutes=1)) for span in spans]


def span(start, minutes=15):
    return Interval(local(start), local(start) + timedelta(minutes=minutes))


def test_a_range_is_shared_between_patients():
    spans = cut_range(local("2026-11-25 18:00"), local("2026-11-25 18:40"), patients=2)
    assert minutes_of(spans) == [20, 20]
    assert spans[1].start == spans[0].end


def test_a_range_shared_with_pauses_keeps_them_between_patients_only():
    spans = cut_range(local("2026-11-25 18:00"), local("2026-11-25 18:40"), patients=2, buffer_minutes=10)
    assert minutes_of(spans) == [15, 15]
    assert spans[-1].end == local("2026-11-25 18:40")


def test_a_range_is_cut_into_as_many_slots_of_a_length_as_fit():
    spans = cut_range(local("2026-11-25 18:00"), local("2026-11-25 19:10"), minutes=20)
    assert minutes_of(spans) == [20, 20, 20]


def test_a_range_over_the_spring_clock_change_is_as_long_as_it_lasts():
    spans = cut_range(local("2027-03-28 01:00"), local("2027-03-28 04:00"), minutes=60)
    assert len(spans) == 2


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"patients": 3, "minutes": 20}, "patients"),
        ({"patients": 61}, "patients"),
        ({"patients": 0}, "patients"),
        ({"patients": 20}, "slot_minutes"),
        ({"minutes": 50}, "slot_minutes"),
        ({"minutes": 4}, "slot_minutes"),
        ({}, "patients"),
    ],
)
def test_a_range_that_cannot_be_cut_as_asked_is_refused(asked, field):
    with pytest.raises(InvalidValue) as refusal:
        cut_range(local("2026-11-25 18:00"), local("2026-11-25 18:45"), **asked)
    assert refusal.value.fields["field"] == field


def test_a_range_that_ends_before_it_starts_is_refused():
    with pytest.raises(InvalidValue):
        cut_range(local("2026-11-25 18:00"), local("2026-11-25 18:00"), patients=1)


@pytest.mark.parametrize(
    "terms",
    [
        {"audiences": frozenset()},
        {"territory_ids": frozenset()},
        {"slot_minutes": 4},
        {"slot_minutes": 241},
        {"buffer_minutes": -1},
        {"buffer_minutes": 121},
        {"release_minutes": -1},
        {"reasons": frozenset({" "})},
    ],
)
def test_an_offer_outside_its_bounds_is_refused(terms):
    with pytest.raises(InvalidValue):
        check_offer(an_offer(**terms))


def test_a_slot_within_snp_hours_may_be_published():
    check_publishable(a_ground(OFFICIAL), span("2026-11-28 11:45"), an_offer(), NOW)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2026-11-25 07:50", "du lundi au vendredi"),
        ("2026-11-25 19:50", "du lundi au vendredi"),
        ("2026-11-28 11:50", "le samedi"),
        ("2026-11-29 10:00", "jour de la semaine"),
        ("2026-12-25 10:00", "férié"),
    ],
)
def test_a_slot_not_wholly_within_snp_hours_is_refused_and_told_why(start, said):
    with pytest.raises(OutsideSnpHours) as refusal:
        check_publishable(a_ground(OFFICIAL), span(start), an_offer(), NOW)
    assert said in refusal.value.sentence
    assert "Pays de Retz" in refusal.value.sentence


def test_a_slot_must_satisfy_the_hours_of_each_territory_it_is_offered_to():
    forever = ((date(2000, 1, 1), None),)
    late = TerritoryGround("Tardif", SnpHours(closed_on=frozenset({date(2026, 11, 26)})), forever)
    ground = a_ground(territories={TERRITORY: TerritoryGround("Retz", OFFICIAL, forever), NEIGHBOUR: late})
    both = an_offer(territory_ids=frozenset({TERRITORY, NEIGHBOUR}))
    check_publishable(ground, span("2026-11-26 10:00"), an_offer(), NOW)
    with pytest.raises(OutsideSnpHours, match="outside SNP hours") as refusal:
        check_publishable(ground, span("2026-11-26 10:00"), both, NOW)
    assert "Tardif" in refusal.value.sentence


def test_a_slot_that_starts_now_is_in_the_past():
    with pytest.raises(SlotInThePast):
        check_publishable(a_ground(), span("2026-11-24 10:00"), an_offer(), NOW)


def test_a_slot_in_an_absence_is_refused():
    away = (SITE, Interval(local("2026-11-25 00:00"), local("2026-11-26 00:00")))
    with pytest.raises(DuringAbsence):
        check_publishable(a_ground(absences=(away,)), span("2026-11-25 10:00"), an_offer(), NOW)
    check_publishable(a_ground(absences=(away,)), span("2026-11-26 00:00"), an_offer(), NOW)


def test_a_slot_is_offered_only_where_its_practitioner_is_a_member_that_day():
    left = TerritoryGround("Retz", OFFICIAL, ((date(2020, 1, 1), date(2026, 11, 26)),))
    ground = a_ground(territories={TERRITORY: left})
    check_publishable(ground, span("2026-11-25 10:00"), an_offer(), NOW)
    with pytest.raises(NotAMember) as refusal:
        check_publishable(ground, span("2026-11-26 10:00"), an_offer(), NOW)
    assert "Retz" in refusal.value.sentence


def test_a_slot_due_for_release_as_it_is_published_is_refused():
    offer = an_offer(release_minutes=24 * 60)
    check_publishable(a_ground(), span("2026-11-25 10:15"), offer, NOW)
    with pytest.raises(ReleaseAlreadyDue):
        check_publishable(a_ground(), span("2026-11-25 10:00"), offer, NOW)


def a_draft(**terms):
    plain = {
        "offer": an_offer(),
        "rrule": "FREQ=DAILY",
        "first_day": date(2026, 12, 1),
        "starts_at": time(9),
        "patients": 2,
    }
    return PatternDraft(**(plain | terms))


@pytest.mark.parametrize(
    "terms",
    [
        {"last_day": date(2026, 11, 30)},
        {"patients": 0},
        {"patients": 60, "offer": an_offer(slot_minutes=30)},
        {"starts_at": time(9, 0, 30)},
    ],
)
def test_an_opening_that_makes_no_sense_is_refused(terms):
    with pytest.raises(InvalidValue):
        check_draft(a_draft(**terms), terms.get("offer", an_offer()).slot_minutes)


def test_a_rule_that_never_comes_back_is_refused():
    with pytest.raises(InvalidRecurrence, match="jamais"):
        check_draft(a_draft(rrule="FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31", first_day=date(2027, 2, 1)), 15)


def test_a_29_february_is_not_never():
    draft = a_draft(rrule="FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=29", first_day=date(2097, 2, 1))
    assert check_draft(draft, 15).interval == 12
