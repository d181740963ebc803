"""What people type, and what the pages understand of it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web import forms
from regulation.intake.facts import MtAnswers, Sex

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "typed", ["05/04/1985", "5/4/1985", "05041985", "5.4.1985", "5 - 4 - 1985", "05 04 1985", "1985-04-05"]
)
def test_a_birth_date_is_read_however_it_is_written(typed: str) -> None:
    assert forms.parse_birth_date(typed, TODAY) == date(1985, 4, 5)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Indiquez la date"),
        ("hier", "s’écrit jour, mois, année"),
        ("05/04/85", "s’écrit jour, mois, année"),
        ("31/02/1985", "n’existe pas"),
        ("29/02/2025", "n’existe pas"),
        ("25/11/2026", "dans le futur"),
        ("01/01/1890", "Vérifiez l’année"),
    ],
)
def test_a_wrong_birth_date_is_told_why(typed: str, sentence: str) -> None:
    told = forms.parse_birth_date(typed, TODAY)
    assert isinstance(told, str)
    assert sentence in told


@given(st.dates(min_value=date(1902, 1, 1), max_value=TODAY))
def test_every_birth_date_written_in_french_is_read_back(born: date) -> None:
    for written in (f"{born:%d/%m/%Y}", f"{born:%d%m%Y}", f"{born.day}/{born.month}/{born.year}"):
        assert forms.parse_birth_date(written, TODAY) == born


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_a_sentence(typed: str) -> None:
    assert isinstance(forms.parse_birth_date(typed, TODAY), date | str)


def test_the_first_page_tells_its_faults_in_the_order_of_the_page() -> None:
    reading = forms.read_first_step({}, {"fever"}, TODAY)
    assert list(reading.errors) == ["motif", "naissance", "sexe"]


def test_a_reason_that_the_desk_may_not_pick_is_refused() -> None:
    typed = {"motif": "physio", "naissance": "05041985", "sexe": "F"}
    assert list(forms.read_first_step(typed, {"fever"}, TODAY).errors) == ["motif"]


def test_the_first_page_is_read_whole() -> None:
    typed = {"motif": "fever", "naissance": "05041985", "sexe": "F"}
    read = forms.read_first_step(typed, {"fever"}, TODAY).value
    assert read == forms.FirstStep("fever", date(1985, 4, 5), Sex.FEMALE)


@pytest.mark.parametrize(
    ("typed", "answers"),
    [
        ({"mt": "non", "mt_appel": "peut"}, MtAnswers(has_mt=False)),
        ({"mt": "oui", "mt_appel": "pas_appele"}, MtAnswers(has_mt=True, called=False)),
        ({"mt": "oui", "mt_appel": "peut"}, MtAnswers(has_mt=True, called=True, available=True)),
        ({"mt": "oui", "mt_appel": "trop_tard"}, MtAnswers(has_mt=True, called=True, available=False)),
        (
            {"mt": "oui", "mt_appel": "absent"},
            MtAnswers(has_mt=True, called=True, available=False, absent=True),
        ),
    ],
)
def test_the_medecin_traitant_questions_are_read_in_their_order(
    typed: dict[str, str], answers: MtAnswers
) -> None:
    assert forms.read_mt(typed).value == answers


@pytest.mark.parametrize(
    ("typed", "field"),
    [({}, "mt"), ({"mt": "?"}, "mt"), ({"mt": "oui"}, "mt_appel"), ({"mt_appel": "peut"}, "mt")],
)
def test_an_unanswered_question_is_named(typed: dict[str, str], field: str) -> None:
    assert list(forms.read_mt(typed).errors) == [field]


def test_what_a_form_holds_is_trimmed_and_bounded() -> None:
    form = {"nom": "  Durand ", "long": "x" * 501, "fichier": object(), "reprise": "y" * 5000}
    assert forms.typed_texts(form) == {"nom": "Durand", "reprise": "y" * 5000}


def test_a_phone_may_be_left_out() -> None:
    read = forms.read_person({"nom": "Durand", "prenom": "Jeanne", "commune": "Pornic"}).value
    assert read is not None
    assert read.phone is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [("0", 0), ("999999999", 999_999_999), ("", -1), ("-1", -1), ("1,5", -1), ("9" * 400, -1)],
)
def test_a_whole_number_is_read_or_another_stands_for_it(typed: str, number: int) -> None:
    assert forms.whole(typed, -1) == number
