"""The list of people without a médecin traitant on a real database: coming, picked, leaving, erased."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from regulation.medecin_traitant.register import repository
from regulation.medecin_traitant.register import service as register
from regulation.medecin_traitant.register.facts import (
    Circumstances,
    CloseReason,
    EntryFilter,
    EntryState,
    EntryView,
    PickOutcome,
    PracticeAnswer,
    PracticeCall,
    RefusalReason,
    SignedAnswer,
)
from regulation.medecin_traitant.register.refusals import (
    AlreadyOnTheList,
    EntryMoved,
    NoPlaceLeft,
    NotADoctor,
    PickEnded,
)
from snp.errors import Forbidden, InvalidValue, NotFound
from snp.platform.actors import Role
from snp.platform.crypto import Keyring
from snp.platform.keys import Keys
from tests.support.mt_list import PATIENT, a_place, a_sign_up, an_entry, born_in, told
from tests.support.regulation import KEYS, NOW, TODAY, Cpts, a_cpts, a_patient, an_actor

pytestmark = pytest.mark.database
DAY = timedelta(days=1)


@pytest.fixture
def cpts(session: Session) -> Cpts:
    return a_cpts(session)


def entries(cpts: Cpts) -> list[EntryView]:
    """Every entry of the database, the oldest first."""
    ids = cpts.session.execute(sa.text("SELECT id FROM mt_entry ORDER BY id")).scalars().all()
    found = repository.load(cpts.session, ids)
    return [found[ident] for ident in ids]


def tend(cpts: Cpts, now: object) -> int:
    return sum(len(unit(cpts.session, cpts.territory.id, by=cpts.job, now=now)) for unit in register.UNITS)


def test_a_public_sign_up_counts_once_its_message_is_answered(cpts: Cpts) -> None:
    typed = a_sign_up(cpts.territory.id)
    register.sign_up(cpts.session, typed, keys=KEYS, by=PATIENT, now=NOW)
    (entry,) = entries(cpts)
    assert (entry.state, told(cpts.session)) == (EntryState.UNCONFIRMED, ["mt_confirm"])
    assert (
        register.list_entries(cpts.session, EntryFilter(cpts.territory.id), by=cpts.osnp, now=NOW).items == ()
    )
    link = register.link_text(entry.id, KEYS)
    for _twice in range(2):
        view = register.confirm(cpts.session, link, keys=KEYS, by=PATIENT, now=NOW + DAY)
    assert (view.state, view.waiting_since) == (EntryState.WAITING, NOW + DAY)
    kept = register.consents(cpts.session, entry.id, by=cpts.osnp, now=NOW)
    assert [(one.given, one.author) for one in kept] == [(True, "patient")]


def test_what_is_never_confirmed_leaves_no_trace_of_a_person(cpts: Cpts) -> None:
    register.sign_up(cpts.session, a_sign_up(cpts.territory.id), keys=KEYS, by=PATIENT, now=NOW)
    assert tend(cpts, NOW + timedelta(hours=47)) == 0
    assert tend(cpts, NOW + timedelta(hours=48)) == 1
    assert entries(cpts) == []


def test_signing_up_again_makes_no_second_entry_and_says_so_to_the_person_alone(cpts: Cpts) -> None:
    patient = a_patient()
    an_entry(cpts, patient)
    typed = a_sign_up(cpts.territory.id, patient)
    for hours in (1, 2):
        register.sign_up(cpts.session, typed, keys=KEYS, by=PATIENT, now=NOW + timedelta(hours=hours))
    assert (len(entries(cpts)), told(cpts.session)) == (1, ["mt_known"])
    with pytest.raises(AlreadyOnTheList):
        an_entry(cpts, patient)


def test_one_phone_is_not_flooded_by_invented_names(cpts: Cpts) -> None:
    for _name in range(5):
        typed = a_sign_up(cpts.territory.id, a_patient(phone="06 39 98 77 77"))
        register.sign_up(cpts.session, typed, keys=KEYS, by=PATIENT, now=NOW)
    assert told(cpts.session) == ["mt_confirm"] * 3


def test_a_public_sign_up_must_be_reachable_by_message(cpts: Cpts) -> None:
    typed = a_sign_up(cpts.territory.id, a_patient(phone="02 40 00 00 09"))
    with pytest.raises(InvalidValue):
        register.sign_up(cpts.session, typed, keys=KEYS, by=PATIENT, now=NOW)


def test_the_same_person_with_another_phone_is_shown_to_the_regulation(cpts: Cpts) -> None:
    patient = a_patient()
    first = an_entry(cpts, patient)
    again = an_entry(cpts, a_patient(family_name=patient.family_name))
    assert [one.id for one in register.look_alikes(cpts.session, first)] == [again.id]


def test_a_dossier_becomes_an_entry_in_one_tap_and_only_once(cpts: Cpts) -> None:
    request = cpts.open().request
    made = [
        register.add_from_request(
            cpts.session, request.id, Circumstances(), keys=KEYS, by=cpts.regulateur, now=NOW
        )
        for _twice in range(2)
    ]
    assert made[0].id == made[1].id
    assert (made[0].insee, made[0].birth_year) == (request.insee, 1980)


def test_the_list_is_in_the_order_of_its_points_and_pages_follow(cpts: Cpts) -> None:
    old = an_entry(cpts, a_patient(birth_date=born_in(1940)), now=NOW)
    plain = [an_entry(cpts, now=NOW + timedelta(minutes=n)) for n in range(3)]
    ald = an_entry(cpts, ald=True, now=NOW + DAY)
    expected = [ald.id, old.id, *(one.id for one in plain)]
    found, cursor = [], None
    while True:
        page = register.list_entries(
            cpts.session, EntryFilter(cpts.territory.id), cursor=cursor, limit=2, by=cpts.osnp, now=NOW + DAY
        )
        found += [one.entry.id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == expected


def test_practices_asked_are_kept_sealed_and_count_as_points(cpts: Cpts) -> None:
    entry = an_entry(cpts)
    call = PracticeCall(
        PracticeAnswer.REFUSED,
        practice="Cabinet Untel",
        reason=RefusalReason.FULL,
        note="rappeler en mars",
        next_call_on=TODAY + 10 * DAY,
    )
    view = register.record_call(cpts.session, entry.id, call, keys=KEYS, by=cpts.osnp, now=NOW)
    assert (view.refusals, view.next_call_on) == (1, TODAY + 10 * DAY)
    (read,) = register.practice_calls(cpts.session, entry.id, keys=KEYS, why="suivi", by=cpts.osnp, now=NOW)
    assert (read.practice, read.note) == ("Cabinet Untel", "rappeler en mars")
    stored = cpts.session.execute(sa.text("SELECT practice, note FROM mt_call")).one()
    assert all(b"Cabinet" not in bytes(one) and b"mars" not in bytes(one) for one in stored)
    later = NOW + 10 * DAY
    wanted = EntryFilter(cpts.territory.id, to_call=True)
    assert register.list_entries(cpts.session, wanted, by=cpts.osnp, now=NOW).items == ()
    assert len(register.list_entries(cpts.session, wanted, by=cpts.osnp, now=later).items) == 1


def test_nobody_sees_an_entry_that_is_not_his(cpts: Cpts) -> None:
    entry = an_entry(cpts)
    away = an_actor(Role.OSNP, frozenset())
    for stranger in (cpts.pharmacy, cpts.coordinator, away, cpts.acting(cpts.carer())):
        with pytest.raises(NotFound):
            register.get_entry(cpts.session, entry.id, by=stranger, now=NOW)
    with pytest.raises(Forbidden):
        register.read_people(
            cpts.session, [entry.id], keys=KEYS, why="curiosité", by=cpts.coordinator, now=NOW
        )


def test_a_corrected_contact_keeps_the_wait_and_reaches_the_person(cpts: Cpts) -> None:
    entry = an_entry(cpts, a_patient(phone=None))
    assert not entry.reachable
    view = register.correct_contact(
        cpts.session, entry.id, phone="06 39 98 66 01", email="A@b.fr", keys=KEYS, by=cpts.osnp, now=NOW
    )
    assert (view.reachable, view.waiting_since) == (True, entry.waiting_since)
    read = register.read_people(cpts.session, [entry.id], keys=KEYS, why="essai", by=cpts.osnp, now=NOW)
    assert (read[entry.id].traits.phone, read[entry.id].email) == ("+33639986601", "a@b.fr")
    person = read[entry.id].traits
    twin = an_entry(cpts, a_patient(family_name=person.family_name))
    with pytest.raises(AlreadyOnTheList):
        register.correct_contact(
            cpts.session, twin.id, phone=person.phone, email=None, keys=KEYS, by=cpts.osnp, now=NOW
        )


def test_every_reading_of_an_identity_is_audited(cpts: Cpts) -> None:
    entry = an_entry(cpts)
    register.read_people(cpts.session, [entry.id], keys=KEYS, why="rappel", by=cpts.osnp, now=NOW)
    lines = cpts.session.execute(
        sa.text("SELECT action, why FROM audit_entry WHERE resource_id = :id"), {"id": entry.id}
    )
    assert ("read", "rappel") in {tuple(line) for line in lines}


def test_a_practice_sees_cards_and_reads_who_it_is_only_once_it_accepted(cpts: Cpts) -> None:
    doctor = cpts.acting(cpts.carer())
    entry, place = an_entry(cpts, ald=True), a_place(cpts, doctor)
    (card,) = register.list_cards(cpts.session, place.id, by=doctor, now=NOW).items
    assert (card.age_band, card.insee, card.ald, card.km) == ("45 à 59 ans", "44131", True, 0.0)
    one = register.pick(cpts.session, place.id, entry.id, by=doctor, now=NOW)
    people = register.read_picked(cpts.session, [one.id], keys=KEYS, why="appel", by=doctor, now=NOW)
    assert people[one.id].traits.given_name == "Camille"
    other = cpts.acting(cpts.carer())
    assert register.read_picked(cpts.session, [one.id], keys=KEYS, why="x", by=other, now=NOW) == {}
    assert told(cpts.session) == ["mt_picked"]


def test_a_place_is_for_whom_it_says_and_no_more_than_it_says(cpts: Cpts) -> None:
    doctor = cpts.acting(cpts.carer())
    child = an_entry(cpts, a_patient(birth_date=born_in(2024)))
    ald, other = an_entry(cpts, ald=True), an_entry(cpts, ald=True)
    place = a_place(cpts, doctor, places=1, ald_only=True)
    shown = {card.entry_id for card in register.list_cards(cpts.session, place.id, by=doctor, now=NOW).items}
    assert shown == {ald.id, other.id}
    with pytest.raises(NoPlaceLeft):
        register.pick(cpts.session, place.id, child.id, by=doctor, now=NOW)
    register.pick(cpts.session, place.id, ald.id, by=doctor, now=NOW)
    with pytest.raises(NoPlaceLeft):
        register.pick(cpts.session, place.id, other.id, by=doctor, now=NOW)
    rival = cpts.acting(cpts.carer())
    with pytest.raises(EntryMoved):
        register.pick(cpts.session, a_place(cpts, rival).id, ald.id, by=rival, now=NOW)
    with pytest.raises(NotFound):
        register.pick(cpts.session, place.id, other.id, by=rival, now=NOW)
    with pytest.raises(NotADoctor):
        a_place(cpts, cpts.acting(cpts.carer("masseur_kinesitherapeute")))


def test_a_practice_that_does_not_call_loses_the_person_who_keeps_his_wait(cpts: Cpts) -> None:
    doctor = cpts.acting(cpts.carer(phone="06 39 98 00 01"))
    entry, place = an_entry(cpts), a_place(cpts, doctor, places=1)
    one = register.pick(cpts.session, place.id, entry.id, by=doctor, now=NOW)
    assert tend(cpts, one.call_by - timedelta(seconds=1)) == 0
    assert tend(cpts, one.call_by) == 1
    (back,) = entries(cpts)
    assert (back.state, back.waiting_since) == (EntryState.WAITING, entry.waiting_since)
    assert register.list_places(cpts.session, by=doctor, now=NOW)[0].left == 1
    (ended,) = register.list_picks(cpts.session, running=False, by=doctor, now=NOW)
    assert ended.outcome is PickOutcome.NOT_CALLED
    assert told(cpts.session) == ["mt_picked", "mt_back", "mt_carer_returned"]
    with pytest.raises(PickEnded):
        register.record_called(cpts.session, one.id, by=doctor, now=NOW)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (SignedAnswer.YES, EntryState.SIGNED),
        (SignedAnswer.NO, EntryState.WAITING),
        (SignedAnswer.NOT_YET, EntryState.AGREED),
    ],
)
def test_the_person_is_asked_whether_it_is_signed(
    cpts: Cpts, answer: SignedAnswer, state: EntryState
) -> None:
    doctor = cpts.acting(cpts.carer())
    entry, place = an_entry(cpts), a_place(cpts, doctor)
    one = register.pick(cpts.session, place.id, entry.id, by=doctor, now=NOW)
    register.record_called(cpts.session, one.id, by=doctor, now=NOW + DAY)
    assert tend(cpts, NOW + 30 * DAY) == 0
    assert tend(cpts, NOW + 31 * DAY) == 1
    assert tend(cpts, NOW + 44 * DAY) == 0
    assert tend(cpts, NOW + 45 * DAY) == 1
    assert tend(cpts, NOW + 60 * DAY) == 0
    link = register.link_text(entry.id, KEYS)
    view = register.answer_signed(cpts.session, link, answer, keys=KEYS, by=PATIENT, now=NOW + 61 * DAY)
    assert view.state is state
    assert told(cpts.session).count("mt_follow_up") == 2


def test_the_person_may_decline_and_keeps_his_place_on_the_list(cpts: Cpts) -> None:
    doctor = cpts.acting(cpts.carer(phone="06 39 98 00 02"))
    entry, place = an_entry(cpts), a_place(cpts, doctor)
    register.pick(cpts.session, place.id, entry.id, by=doctor, now=NOW)
    link = register.link_text(entry.id, KEYS)
    view = register.decline(cpts.session, link, keys=KEYS, by=PATIENT, now=NOW)
    assert (view.state, view.waiting_since) == (EntryState.WAITING, entry.waiting_since)
    assert told(cpts.session) == ["mt_picked", "mt_carer_returned"]
    with pytest.raises(EntryMoved):
        register.decline(cpts.session, link, keys=KEYS, by=PATIENT, now=NOW)


def test_taking_consent_back_erases_at_once(cpts: Cpts) -> None:
    entry = an_entry(cpts, ald=True)
    call = PracticeCall(PracticeAnswer.NO_ANSWER, practice="Cabinet Untel", note="mot")
    register.record_call(cpts.session, entry.id, call, keys=KEYS, by=cpts.osnp, now=NOW)
    link = register.link_text(entry.id, KEYS)
    for _twice in range(2):
        register.withdraw(cpts.session, link, keys=KEYS, by=PATIENT, now=NOW)
    row = cpts.session.execute(sa.text("SELECT * FROM mt_entry")).one()
    gone = ("identity", "email", "person_hash", "phone_hash", "email_hash", "insee", "birth_year", "medium")
    assert all(getattr(row, name) is None for name in gone)
    assert (row.close_reason, row.ald) == (CloseReason.WITHDRAWN, False)
    assert cpts.session.execute(sa.text("SELECT practice, note FROM mt_call")).one() == (None, None)
    kept = register.consents(cpts.session, entry.id, by=cpts.osnp, now=NOW)
    assert [one.given for one in kept] == [True, False]


def test_who_never_answers_is_reminded_then_closed_then_erased(cpts: Cpts) -> None:
    entry, mute = an_entry(cpts), an_entry(cpts, a_patient(phone="02 40 00 00 08"))
    half_a_year = NOW + timedelta(days=181)  # 24 May 2027 is 181 days after 24 November 2026
    assert tend(cpts, half_a_year - DAY) == 0
    assert tend(cpts, half_a_year) == 1
    assert tend(cpts, half_a_year + 13 * DAY) == 0
    assert tend(cpts, half_a_year + 14 * DAY) == 1
    assert tend(cpts, half_a_year + 28 * DAY) == 1
    closed = next(one for one in entries(cpts) if one.id == entry.id)
    assert (closed.state, closed.close_reason) == (EntryState.CLOSED, CloseReason.AGED_OUT)
    assert told(cpts.session) == ["mt_reconfirm", "mt_reconfirm", "mt_closed"]
    to_call = register.list_entries(
        cpts.session, EntryFilter(cpts.territory.id, to_call=True), by=cpts.osnp, now=half_a_year
    )
    assert [one.entry.id for one in to_call.items] == [mute.id]
    assert tend(cpts, half_a_year + 58 * DAY) == 1
    assert next(one for one in entries(cpts) if one.id == entry.id).erased_at is not None


def test_an_answer_to_the_reminder_starts_the_months_again(cpts: Cpts) -> None:
    entry = an_entry(cpts)
    later = NOW + timedelta(days=181)
    tend(cpts, later)
    register.stay(cpts.session, register.link_text(entry.id, KEYS), keys=KEYS, by=PATIENT, now=later + DAY)
    assert tend(cpts, later + timedelta(days=150)) == 0


def test_a_territory_changes_its_delays(cpts: Cpts) -> None:
    register.change_settings(cpts.session, cpts.territory.id, {"call_days": 3}, by=cpts.coordinator, now=NOW)
    doctor = cpts.acting(cpts.carer())
    entry, place = an_entry(cpts), a_place(cpts, doctor)
    one = register.pick(cpts.session, place.id, entry.id, by=doctor, now=NOW)
    assert one.call_by.astimezone(NOW.tzinfo).date() == TODAY + 4 * DAY
    with pytest.raises(InvalidValue):
        register.change_settings(
            cpts.session, cpts.territory.id, {"call_days": 0}, by=cpts.coordinator, now=NOW
        )


def test_the_figures_count_what_happened_and_hide_what_is_small(cpts: Cpts) -> None:
    doctor = cpts.acting(cpts.carer())
    people = [an_entry(cpts) for _one in range(6)]
    place = a_place(cpts, doctor)
    call = PracticeCall(PracticeAnswer.REFUSED, practice="Cabinet", reason=RefusalReason.FULL)
    for entry in people:
        register.record_call(cpts.session, entry.id, call, keys=KEYS, by=cpts.osnp, now=NOW)
    for entry in people[:5]:
        one = register.pick(cpts.session, place.id, entry.id, by=doctor, now=NOW + 9 * DAY)
        register.record_signed(cpts.session, one.id, by=doctor, now=NOW + 10 * DAY)
    told_ = register.register_figures(
        cpts.session, cpts.territory.id, since=NOW, until=NOW + 30 * DAY, now=NOW + 10 * DAY
    )
    assert (told_.entered, told_.picked, told_.signed, told_.median_wait_days) == (6, 5, 5, 9)
    assert told_.refusals == {RefusalReason.FULL: 6}
    assert told_.waiting is None
    assert told_.by_commune == {"44131": None}


def test_a_rotation_of_keys_keeps_the_list_readable_and_findable(cpts: Cpts) -> None:
    patient = a_patient()
    entry = an_entry(cpts, patient)
    both = Keys(
        identity=Keyring({"k2": b"j" * 32, "k1": b"i" * 32}),
        hashing=Keyring({"h2": b"g" * 32, "h1": b"h" * 32}),
        session_secret="not used",
    )
    new = Keys(Keyring({"k2": b"j" * 32}), Keyring({"h2": b"g" * 32}), "not used")
    assert register.reseal_register(cpts.session, keys=both, by=cpts.job, now=NOW) == entry.id
    assert register.reseal_register(cpts.session, after=entry.id, keys=both, by=cpts.job, now=NOW) is None
    read = register.read_people(cpts.session, [entry.id], keys=new, why="essai", by=cpts.osnp, now=NOW)
    assert read[entry.id].traits.family_name == patient.family_name
    with pytest.raises(AlreadyOnTheList):
        register.add_entry(
            cpts.session, a_sign_up(cpts.territory.id, patient), keys=new, by=cpts.osnp, now=NOW
        )
