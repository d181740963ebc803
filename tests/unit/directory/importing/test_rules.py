import pytest

from snp.directory.facts import CommuneView, OrganisationKind, ProfessionView
from snp.directory.importing.columns import read_header
from snp.directory.importing.facts import ImportKind, ParsedRow, RowRule
from snp.directory.importing.rules import lexicon, parse_row
from snp.directory.importing.template import template
from tests.support.csv_files import rpps


def commune(insee, name, *codes):
    return CommuneView(insee, name, codes, insee[:2], 1000, 47.0, -2.0)


def profession(code, mos, label, short, specialty=None):
    return ProfessionView(code, mos, specialty, label, short, 15, active=True)


WORDS = lexicon(
    [
        commune("44131", "Pornic", "44210"),
        commune("44012", "La Bernerie-en-Retz", "44760"),
        commune("44106", "Les Moutiers-en-Retz", "44760"),
        commune("01001", "Saint-Denis", "01500"),
        commune("93066", "Saint-Denis", "93200"),
    ],
    [
        profession("medecin_generaliste", "10", "Médecin généraliste", "Médecin", "SM54"),
        profession("infirmier_pratique_avancee", "60", "Infirmier en pratique avancée", "IPA", "SI01"),
        profession("infirmier", "60", "Infirmier", "Infirmier"),
    ],
)
HEADER = [
    *("rpps", "adeli", "nom", "prénom", "profession", "téléphone", "email"),
    *("lieu", "adresse", "code postal", "commune", "insee", "latitude", "longitude"),
    *("finess", "siret", "structure", "type de structure"),
]
GOOD = {
    "rpps": rpps(1),
    "nom": "Essai",
    "prénom": "Camille",
    "profession": "médecin",
    "lieu": "Cabinet",
    "adresse": "1 rue",
    "code postal": "44210",
}


def parse(*, strict=False, **changes):
    cells = GOOD | {name.replace("_", " "): value for name, value in changes.items()}
    assert cells.keys() <= set(HEADER)
    row = [cells.get(name, "") for name in HEADER]
    return parse_row(read_header(HEADER), 7, row, words=WORDS, strict=strict)


def faults(**changes):
    found = parse(**changes)
    assert not isinstance(found, ParsedRow)
    return [(error.column, error.rule) for error in found]


def test_a_good_row_says_who_and_where():
    parsed = parse(téléphone="06 39 98 00 10", structure="Maison du Môle", type_de_structure="MSP")
    assert parsed.row == 7
    assert parsed.person.rpps == rpps(1)
    assert parsed.person.profession == "medecin_generaliste"
    assert parsed.person.phone == "+33639980010"
    assert parsed.site.insee == "44131"
    assert parsed.site.organisation.kind is OrganisationKind.MSP


def test_a_row_without_a_place_is_a_person_alone():
    assert parse(lieu="", adresse="", code_postal="").site is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Médecin généraliste", "medecin_generaliste"),
        ("medecin_generaliste", "medecin_generaliste"),
        ("10", "medecin_generaliste"),
        ("60", "infirmier"),
        ("IPA", "infirmier_pratique_avancee"),
    ],
)
def test_a_profession_may_be_written_in_any_known_way(written, code):
    assert parse(profession=written).person.profession == code


@pytest.mark.parametrize(
    ("place", "insee"),
    [
        ({"insee": "44012"}, "44012"),
        ({"code_postal": "44760", "commune": "Les Moutiers en Retz"}, "44106"),
        ({"code_postal": "44999", "commune": "PORNIC"}, "44131"),
        ({"code_postal": "", "commune": "Pornic"}, "44131"),
        ({"code_postal": "1500", "commune": "St Denis"}, "01001"),
    ],
)
def test_a_commune_is_found_by_code_by_postal_code_or_by_name(place, insee):
    assert parse(**place).site.insee == insee


def test_a_postal_code_left_out_is_the_commune_s_own():
    assert parse(code_postal="", commune="Pornic").site.postal_code == "44210"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"rpps": ""}, ("rpps", RowRule.REQUIRED)),
        ({"rpps": "123"}, ("rpps", RowRule.FORM)),
        ({"adeli": "123"}, ("adeli", RowRule.FORM)),
        ({"nom": ""}, ("nom", RowRule.REQUIRED)),
        ({"prénom": " "}, ("prenom", RowRule.REQUIRED)),
        ({"profession": ""}, ("profession", RowRule.REQUIRED)),
        ({"profession": "rebouteux"}, ("profession", RowRule.UNKNOWN_PROFESSION)),
        ({"téléphone": "06"}, ("telephone", RowRule.FORM)),
        ({"email": "camille"}, ("courriel", RowRule.FORM)),
        ({"lieu": ""}, ("lieu", RowRule.REQUIRED)),
        ({"adresse": ""}, ("adresse", RowRule.REQUIRED)),
        ({"code_postal": ""}, ("code postal", RowRule.REQUIRED)),
        ({"code_postal": "4421A"}, ("code postal", RowRule.FORM)),
        ({"code_postal": "75001"}, ("code postal", RowRule.UNKNOWN_COMMUNE)),
        ({"code_postal": "44760"}, ("code postal", RowRule.AMBIGUOUS_COMMUNE)),
        ({"code_postal": "", "commune": "Saint-Denis"}, ("commune", RowRule.AMBIGUOUS_COMMUNE)),
        ({"commune": "Atlantide"}, ("commune", RowRule.UNKNOWN_COMMUNE)),
        ({"insee": "99999"}, ("insee", RowRule.UNKNOWN_COMMUNE)),
        ({"latitude": "47"}, ("longitude", RowRule.REQUIRED)),
        ({"longitude": "-2"}, ("latitude", RowRule.REQUIRED)),
        ({"latitude": "nord", "longitude": "1"}, ("latitude", RowRule.FORM)),
        ({"latitude": "47", "longitude": "181"}, ("longitude", RowRule.FORM)),
        ({"latitude": "nan", "longitude": "1"}, ("latitude", RowRule.FORM)),
        ({"finess": "44"}, ("finess", RowRule.FORM)),
        ({"siret": "44"}, ("siret", RowRule.FORM)),
        ({"structure": "A", "type_de_structure": "hôtel"}, ("type de structure", RowRule.UNKNOWN_KIND)),
    ],
)
def test_each_fault_is_told_with_its_column(changes, fault):
    assert faults(**changes) == [fault]


def test_every_fault_of_a_row_is_told():
    found = faults(nom="", profession="rebouteux", téléphone="06", code_postal="75001")
    assert [column for column, _ in found] == ["nom", "profession", "telephone", "code postal"]


def test_a_wrong_key_is_a_fault_only_for_a_strict_service():
    wrong = rpps(1)[:-1] + str((int(rpps(1)[-1]) + 1) % 10)
    assert isinstance(parse(rpps=wrong), ParsedRow)
    assert not isinstance(parse(rpps=wrong, strict=True), ParsedRow)


def test_a_decimal_comma_is_understood():
    site = parse(latitude="47,1158", longitude="-2,1033").site
    assert (site.lat, site.lon) == (47.1158, -2.1033)


@pytest.mark.parametrize("cells", [["a"], ["a"] * 40])
def test_a_row_of_another_length_is_a_fault(cells):
    (error,) = parse_row(read_header(HEADER), 3, cells, words=WORDS, strict=False)
    assert (error.row, error.rule) == (3, RowRule.CELL_COUNT)


@pytest.mark.parametrize("kind", list(ImportKind))
def test_the_sample_may_be_imported_as_it_is(kind):
    header, row = (line.split(";") for line in template(kind).splitlines())
    parsed = parse_row(read_header(header), 2, row, words=WORDS, strict=True)
    assert isinstance(parsed, ParsedRow)
