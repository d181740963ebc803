from dataclasses import replace
from datetime import date, time, timedelta
from uuid import UUID, uuid4

from slots.agenda.facts import ExceptionKind, ExceptionView, Interval, NoticeCode
from slots.agenda.ground import TerritoryGround
from slots.agenda.plan import occurs_on, plan
from slots.agenda.reconciling import Busy, ExistingSlot, reconcile, restorable
from snp.assignment.facts import Mode
from snp.days import SnpHours
from tests.support.agenda import (
    NEIGHBOUR,
    NOW,
    SITE,
    TERRITORY,
    a_ground,
    an_offer,
    an_opening,
    local,
)

TUESDAY = date(2026, 12, 1)


def plan_of(opening, ground=None, *, start=date(2026, 11, 24), end=date(2027, 1, 24), now=NOW):
    return plan(opening, ground or a_ground(), start=start, end=end, now=now)


def one_day(opening, day=TUESDAY, **terms):
    return plan_of(opening, start=day, end=day + timedelta(days=1), **terms)


def codes(planned):
    return [told.code for told in planned.notices]


def existing(planned, **values):
    plain = {
        "id": uuid4(),
        "time": planned.time,
        "busy_until": planned.busy_until,
        "site_id": SITE,
        "mode": Mode.AMB,
        "is_open": True,
        "is_occupied": False,
        "day": planned.day,
    }
    return ExistingSlot(**(plain | values))


def reconciled(found, planned, **terms):
    plain = {"offer": an_offer(), "decided": frozenset(), "others": ()}
    return reconcile(found, planned, **(plain | terms))


def test_an_occurrence_becomes_slots_in_a_row_with_their_buffer_and_release():
    offer = an_offer(buffer_minutes=5, release_minutes=60)
    first, second = one_day(an_opening(offer=offer)).slots
    assert first.time == Interval(local("2026-12-01 09:00"), local("2026-12-01 09:15"))
    assert first.busy_until == second.time.start == local("2026-12-01 09:20")
    assert first.release_at == local("2026-12-01 08:00")
    assert [first.no, second.no] == [1, 2]


def test_only_slots_that_start_later_than_now_are_asked_for():
    now = local("2026-12-01 09:00")
    assert [slot.no for slot in one_day(an_opening(), now=now).slots] == [2]


def test_an_opening_may_end_at_midnight_and_run_past_it():
    late = an_opening(starts_at=time(23, 30), patients=3)
    ends = [slot.time.end for slot in one_day(late).slots]
    assert ends[1] == local("2026-12-02 00:00")
    assert ends[2] == local("2026-12-02 00:15")


def test_a_public_holiday_is_skipped_with_a_notice():
    daily = an_opening("FREQ=DAILY")
    planned = plan_of(daily, a_ground(SnpHours()), start=date(2026, 12, 24), end=date(2026, 12, 27))
    assert {slot.day.day for slot in planned.slots} == {24, 26}
    assert codes(planned) == [NoticeCode.HOLIDAY]
    assert "25" in planned.notices[0].sentence


def test_a_slot_outside_snp_hours_is_skipped_with_a_notice_and_its_neighbours_stay():
    planned = plan_of(
        an_opening("FREQ=WEEKLY;BYDAY=SA", starts_at=time(11, 45)),
        a_ground(SnpHours()),
        start=date(2026, 11, 28),
        end=date(2026, 11, 29),
    )
    assert [slot.no for slot in planned.slots] == [1]
    assert codes(planned) == [NoticeCode.OUTSIDE_SNP_HOURS]


def test_a_time_that_does_not_exist_gives_no_slot_and_a_notice():
    night = an_opening("FREQ=DAILY", starts_at=time(2, 30))
    planned = plan_of(night, start=date(2027, 3, 27), end=date(2027, 3, 30))
    assert {slot.day.day for slot in planned.slots} == {27, 29}
    assert codes(planned) == [NoticeCode.NO_SUCH_TIME]


def test_an_occurrence_across_the_spring_change_lasts_as_long_as_any_other():
    night = an_opening("FREQ=DAILY", starts_at=time(1, 30), patients=2, slot_minutes=30)
    slots = one_day(night, date(2027, 3, 28)).slots
    assert slots[-1].time.end - slots[0].time.start == timedelta(hours=1)
    assert slots[-1].time.end == local("2027-03-28 03:30")


def test_an_absence_gives_hidden_slots_and_a_notice():
    away = UUID(int=7)
    absence = (away, Interval(local("2026-12-01 09:10"), local("2026-12-01 12:00")))
    planned = one_day(an_opening(patients=1), ground=a_ground(absences=(absence,)))
    assert [slot.hidden_by_id for slot in planned.slots] == [away]
    assert codes(planned) == [NoticeCode.DURING_ABSENCE]


def test_slots_already_due_for_release_are_not_asked_for():
    planned = one_day(an_opening(offer=an_offer(release_minutes=60)), now=local("2026-12-01 08:00"))
    assert [slot.no for slot in planned.slots] == [2]
    assert codes(planned) == [NoticeCode.ALREADY_RELEASED]


def test_a_membership_that_lapses_narrows_then_ends_the_offer():
    until = date(2026, 12, 8)
    ground = a_ground(
        territories={
            TERRITORY: TerritoryGround("Retz", SnpHours(), ((date(2020, 1, 1), until),)),
            NEIGHBOUR: TerritoryGround("Logne", SnpHours(), ((date(2020, 1, 1), date(2026, 12, 15)),)),
        }
    )
    both = an_opening(patients=1, offer=an_offer(territory_ids=frozenset({TERRITORY, NEIGHBOUR})))
    planned = plan_of(both, ground, start=TUESDAY, end=date(2026, 12, 16))
    assert [slot.territory_ids for slot in planned.slots] == [{TERRITORY, NEIGHBOUR}, {NEIGHBOUR}]
    assert codes(planned) == [NoticeCode.NOT_A_MEMBER]


def test_a_cancelled_occurrence_is_not_asked_for():
    cancelled = {TUESDAY: ExceptionView(TUESDAY, ExceptionKind.CANCELLED)}
    planned = plan_of(an_opening(exceptions=cancelled), start=TUESDAY, end=date(2026, 12, 9))
    assert {slot.day for slot in planned.slots} == {date(2026, 12, 8)}
    assert planned.notices == ()


def test_a_moved_occurrence_keeps_the_name_of_its_own_day():
    moved = ExceptionView(TUESDAY, ExceptionKind.MOVED, date(2026, 12, 3), time(14), 1)
    (slot,) = one_day(an_opening(exceptions={TUESDAY: moved})).slots
    assert (slot.day, slot.no) == (TUESDAY, 1)
    assert slot.time.start == local("2026-12-03 14:00")


def test_the_last_day_is_included():
    opening = an_opening(last_day=TUESDAY)
    assert occurs_on(opening, TUESDAY)
    assert not occurs_on(opening, date(2026, 12, 8))


def test_expanding_again_changes_nothing_but_terms():
    planned = plan_of(an_opening()).slots
    todo = reconciled([existing(slot) for slot in planned], planned)
    assert not todo.publish
    assert not todo.withdraw
    assert not todo.close
    assert not todo.notices
    assert len(todo.rewrite) == len(planned)


def test_a_free_slot_that_is_no_longer_asked_for_is_withdrawn_and_a_taken_one_closed():
    first, second = one_day(an_opening()).slots
    free, taken = existing(first), existing(second, is_occupied=True)
    todo = reconciled([free, taken], ())
    assert todo.withdraw == (free.id,)
    assert todo.close == (taken.id,)
    assert [(told.code, told.slot_id) for told in todo.notices] == [(NoticeCode.KEPT_TAKEN, taken.id)]


def test_a_taken_slot_keeps_its_site_and_its_time_when_the_pattern_moves_elsewhere():
    (slot,) = one_day(an_opening(patients=1)).slots
    taken = existing(slot, is_occupied=True)
    todo = reconciled([taken], [slot], offer=an_offer(site_id=uuid4()))
    assert todo.close == (taken.id,)
    assert not todo.rewrite
    assert not todo.publish
    assert {told.code for told in todo.notices} == {NoticeCode.KEPT_TAKEN, NoticeCode.OVERLAP}


def test_a_free_slot_follows_its_pattern_to_another_site():
    (slot,) = one_day(an_opening(patients=1)).slots
    free = existing(slot)
    todo = reconciled([free], [slot], offer=an_offer(site_id=uuid4()))
    assert [ident for ident, _ in todo.rewrite] == [free.id]


def test_a_longer_buffer_never_costs_a_taken_slot_its_place():
    first, second = one_day(an_opening()).slots
    taken = existing(second, is_occupied=True)
    other = Interval(second.time.end, second.time.end + timedelta(minutes=10))
    longer = [replace(slot, busy_until=slot.time.end + timedelta(minutes=5)) for slot in (first, second)]
    todo = reconciled([taken], longer[1:], others=(other,))
    ((_, rewritten),) = todo.rewrite
    assert rewritten.busy_until == second.time.end


def test_a_free_slot_whose_longer_buffer_meets_another_is_withdrawn_with_a_notice():
    (slot,) = one_day(an_opening(patients=1)).slots
    free = existing(slot)
    other = Interval(slot.time.end, slot.time.end + timedelta(minutes=10))
    todo = reconciled(
        [free], [replace(slot, busy_until=slot.time.end + timedelta(minutes=5))], others=(other,)
    )
    assert todo.withdraw == (free.id,)
    assert [told.code for told in todo.notices] == [NoticeCode.OVERLAP]


def test_an_overlap_costs_one_slot_and_not_the_others():
    first, second = one_day(an_opening()).slots
    todo = reconciled((), [first, second], others=(Interval(first.time.start, first.time.end),))
    assert todo.publish == (second,)
    assert [told.code for told in todo.notices] == [NoticeCode.OVERLAP]


def test_two_occurrences_moved_onto_each_other_keep_the_first():
    opening = an_opening("FREQ=DAILY", patients=1)
    moved = ExceptionView(TUESDAY, ExceptionKind.MOVED, date(2026, 12, 2), None, None)
    planned = plan_of(replace(opening, exceptions={TUESDAY: moved}), start=TUESDAY, end=date(2026, 12, 3))
    todo = reconciled((), planned.slots)
    assert len(todo.publish) == 1
    assert len(todo.notices) == 1


def test_what_was_withdrawn_or_released_by_itself_is_not_offered_again():
    first, second = one_day(an_opening()).slots
    todo = reconciled((), [first, second], decided=frozenset({(first.day, first.no)}))
    assert todo.publish == (second,)


def test_busy_times_that_touch_do_not_meet():
    busy = Busy([Interval(local("2026-12-01 09:00"), local("2026-12-01 09:15"))])
    assert not busy.meets(Interval(local("2026-12-01 09:15"), local("2026-12-01 09:30")))
    assert not busy.meets(Interval(local("2026-12-01 08:45"), local("2026-12-01 09:00")))
    assert busy.meets(Interval(local("2026-12-01 09:14"), local("2026-12-01 09:30")))


def test_of_two_hidden_slots_in_conflict_the_earliest_comes_back():
    one, two, three = UUID(int=1), UUID(int=2), UUID(int=3)
    at = [local(f"2026-12-01 {text}") for text in ("09:00", "09:10", "09:15", "09:30", "10:00")]
    hidden = [
        (two, Interval(at[1], at[3])),
        (one, Interval(at[0], at[2])),
        (three, Interval(at[3], at[4])),
    ]
    live = [Interval(at[3] + timedelta(minutes=20), at[4] + timedelta(hours=1))]
    assert restorable(hidden, live) == ((one,), (two, three))
