import pytest

from snp.directory.importing.columns import BadFile, read_header
from snp.directory.importing.facts import ImportKind
from snp.directory.importing.template import template

SITES = ImportKind.SITES
PEOPLE = ImportKind.PRACTITIONERS


def test_headers_are_read_in_french_or_english_however_they_are_written():
    french = read_header(["N° RPPS", "NOM", "Prénom", "Profession", "Code postal"])
    english = read_header(["rpps", "last_name", "first_name", "profession", "postal_code"])
    assert french.columns == english.columns
    assert french.kind is PEOPLE


def test_without_a_person_the_rows_are_sites():
    layout = read_header(["Nom", "Adresse", "Téléphone", "Commune"])
    assert layout.kind is SITES
    assert layout.columns == ("site_name", "address", "site_phone", "city")


def test_a_kind_that_is_asked_for_wins():
    assert read_header(["lieu", "adresse", "rpps"], SITES).ignored == ("rpps",)


def test_a_column_that_is_not_understood_is_left_aside_and_named():
    layout = read_header(["lieu", "adresse", "Couleur", ""])
    assert layout.ignored == ("Couleur",)
    assert layout.cells(["A  B", " rue ", "bleu", ""]) == {"site_name": "A B", "address": "rue"}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (["rpps", "nom"], "colonnes manquantes : prenom, profession"),
        (["nom", "prénom", "profession"], r"rpps \(ou adeli\)"),
        (["adresse"], "colonnes manquantes : lieu"),
        (["a", "b"], r"lues : a, b"),
        (["rpps", "nom", "nom de famille", "prénom", "profession"], "deux colonnes « nom »"),
    ],
)
def test_a_header_that_will_not_do_is_refused_in_one_line(header, reason):
    with pytest.raises(BadFile, match=reason):
        read_header(header)


@pytest.mark.parametrize("kind", list(ImportKind))
def test_the_sample_uses_every_column(kind):
    header = template(kind).splitlines()[0].split(";")
    layout = read_header(header)
    assert layout.kind is kind
    assert layout.ignored == ()
    assert None not in layout.columns
