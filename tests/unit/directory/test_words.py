import pytest

from snp.directory.words import fold, search_words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Saint-Père-en-Retz", "saint pere en retz"),
        ("ST PERE  EN RETZ", "saint pere en retz"),
        ("Ste-Pazanne", "sainte pazanne"),
        ("L’Herbergement", "l herbergement"),
        ("Paimbœuf", "paimboeuf"),
        ("N° RPPS", "n rpps"),
        ("Étienne-Est", "etienne est"),
        ("  ", ""),
        ("%_", ""),
    ],
)
def test_names_are_folded_as_people_type_them(text, folded):
    assert fold(text) == folded


def test_folding_twice_changes_nothing():
    assert fold(fold("Sainte-Marie-d’Œuf")) == fold("Sainte-Marie-d’Œuf")


def test_each_word_is_looked_for():
    assert search_words("Père, Retz") == ("pere", "retz")
