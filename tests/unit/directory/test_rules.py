from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from snp.directory import rules
from snp.directory.facts import MembershipView, PractitionerDetails, Preferences
from snp.errors import InvalidValue

CAMILLE = PractitionerDetails("Camille", "Essai", "medecin_generaliste", rpps="10003456780")


@pytest.mark.parametrize(
    ("inhabitants", "size"),
    [(0, 1), (39_999, 1), (40_000, 2), (79_999, 2), (80_000, 3), (174_999, 3), (175_000, 4), (10**6, 4)],
)
def test_the_size_class_follows_the_inhabitants(inhabitants, size):
    assert rules.size_class(inhabitants) == size


def test_a_practitioner_is_tidied():
    messy = replace(
        CAMILLE, given_name=" Camille ", family_name="de  la  Tour", rpps="100 0345 6780", title=" "
    )
    tidy = rules.check_practitioner(messy, strict=False)
    assert (tidy.given_name, tidy.family_name, tidy.rpps) == ("Camille", "de la Tour", "10003456780")
    assert tidy.title is None


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("rpps", {"rpps": None}),
        ("rpps", {"rpps": "123"}),
        ("adeli", {"adeli": "123"}),
        ("given_name", {"given_name": " "}),
        ("family_name", {"family_name": ""}),
        ("email", {"email": "camille"}),
        ("email", {"email": "camille@example"}),
        ("phone", {"phone": "06"}),
    ],
)
def test_a_practitioner_that_makes_no_sense_is_refused_by_name(field, change):
    with pytest.raises(InvalidValue) as refusal:
        rules.check_practitioner(replace(CAMILLE, **change), strict=False)
    assert refusal.value.fields["field"] == field


def test_an_adeli_number_is_enough():
    alone = replace(CAMILLE, rpps=None, adeli="447012345")
    assert rules.check_practitioner(alone, strict=True).adeli == "447012345"


def test_preferences_survive_their_storage():
    wanted = Preferences(channel="email", max_slots_a_week=4, offer_to_sas=False)
    stored = rules.preferences_to_json(wanted)
    assert stored == {"channel": "email", "max_slots_a_week": 4, "offer_to_sas": False}
    assert rules.preferences_from_json(stored) == wanted


def test_a_preference_that_is_no_longer_known_is_left_out():
    assert rules.preferences_from_json({"colour": "blue"}) == Preferences()


@pytest.mark.parametrize(
    "change",
    [
        {"channel": "pigeon"},
        {"max_messages_a_week": 22},
        {"quiet_until": -1},
        {"buffer_minutes": 121},
        {"default_slot_minutes": 4},
        {"max_slots_a_week": -1},
    ],
)
def test_a_preference_out_of_bounds_is_refused(change):
    with pytest.raises(InvalidValue, match=next(iter(change))):
        rules.check_preferences(replace(Preferences(), **change))


def membership(since, until=None):
    return MembershipView(uuid4(), uuid4(), since, until, outside_perimeter=False)


def test_a_membership_may_begin_the_day_another_ends():
    rules.check_membership_starts([membership(date(2026, 1, 1), date(2026, 2, 1))], date(2026, 2, 1))


@pytest.mark.parametrize("until", [None, date(2026, 2, 2)])
def test_a_membership_may_not_begin_within_another(until):
    with pytest.raises(rules.MembershipOverlap):
        rules.check_membership_starts([membership(date(2026, 1, 1), until)], date(2026, 2, 1))
