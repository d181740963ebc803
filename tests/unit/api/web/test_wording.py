"""How pages say instants, waits, distances and people."""

from datetime import UTC, date, datetime, timedelta

import pytest

from api.web import wording
from regulation.intake.facts import PatientTraits, Sex
from regulation.orientation.explaining import say_distance

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def plain(words: str) -> str:
    return words.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (timedelta(hours=8, minutes=30), "Aujourd’hui à 18 h 30"),
        (timedelta(hours=24), "Demain mercredi 25 novembre à 10 h"),
        (timedelta(days=7), "Mardi 1er décembre à 10 h"),
    ],
)
def test_a_heading_says_the_day_as_it_is_spoken(after: timedelta, words: str) -> None:
    assert plain(wording.when(NOW + after, NOW)) == words


def test_paper_says_the_year() -> None:
    assert plain(wording.on_paper(NOW)) == "Mardi 24 novembre 2026 à 10 h"


@pytest.mark.parametrize(
    ("km", "words"), [(0.1, "sur place"), (0.3, "à 0,3 km"), (4.25, "à 4,2 km"), (14.4, "à 14 km")]
)
def test_a_distance_is_as_precise_as_it_is_useful(km: float, words: str) -> None:
    assert plain(say_distance(km)) == words


@pytest.mark.parametrize(
    ("born", "words"),
    [(date(2026, 1, 24), "10 mois"), (date(2024, 11, 25), "23 mois"), (date(1985, 4, 5), "41 ans")],
)
def test_an_infants_age_is_in_months(born: date, words: str) -> None:
    assert plain(wording.age(born, NOW.date())) == words


def test_a_patient_is_called_by_given_name_then_family_name() -> None:
    traits = PatientTraits("Le Goff", "Anne", date(1985, 4, 5), Sex.FEMALE, "44131")
    assert wording.full_name(traits) == "Anne LE GOFF"
    assert wording.born(traits) == "née le 05/04/1985"


def test_a_phone_is_written_in_pairs_and_none_is_nothing() -> None:
    assert plain(wording.phone("+33612345678")) == "06 12 34 56 78"
    assert wording.phone(None) == ""
