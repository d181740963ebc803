import pytest

from snp.directory import service as directory
from snp.directory.reference import likely_perimeter, load_reference
from snp.errors import InvalidValue, NotFound
from tests.support.directory import a_territory


@pytest.fixture(autouse=True)
def _reference(session):
    load_reference(session)


def names(found):
    return [commune.name for commune in found]


@pytest.mark.parametrize("typed", ["saint père", "ST PERE EN", "Saint-Pe", "saint-père-en-retz"])
def test_accents_case_hyphens_and_abbreviations_do_not_matter(session, typed):
    assert names(directory.search_communes(session, typed))[0] == "Saint-Père-en-Retz"


def test_any_word_of_the_name_may_be_typed(session):
    assert "La Bernerie-en-Retz" in names(directory.search_communes(session, "bern"))
    assert names(directory.search_communes(session, "retz ville")) == ["Villeneuve-en-Retz"]


def test_a_ligature_is_found_as_it_is_typed(session):
    assert names(directory.search_communes(session, "paimboeuf")) == ["Paimbœuf"]


def test_the_first_digits_of_a_postal_code_are_enough(session):
    assert names(directory.search_communes(session, "4476"))[0] == "La Bernerie-en-Retz"
    assert set(names(directory.search_communes(session, "44760"))) == {
        "La Bernerie-en-Retz",
        "Les Moutiers-en-Retz",
    }


def test_a_name_that_begins_so_comes_before_one_that_holds_the_word(session):
    found = names(directory.search_communes(session, "p", limit=4))
    assert found[0] == "Pornic"
    assert all(name.startswith("P") for name in found)


def test_the_communes_of_the_territory_come_first(session):
    vendee = a_territory(session, "vendee", communes=("85146",), department="85")
    found = directory.search_communes(session, "m", near_territory_ids=[vendee.id], limit=3)
    assert names(found)[0] == "Montaigu-Vendée"


@pytest.mark.parametrize("typed", ["", "  ", "--", "%", "_"])
def test_nothing_typed_finds_nothing(session, typed):
    assert directory.search_communes(session, typed) == []


def test_a_wildcard_is_no_wildcard(session):
    assert directory.search_communes(session, "%or") == directory.search_communes(session, "or")


def test_a_limit_out_of_bounds_is_refused(session):
    with pytest.raises(InvalidValue):
        directory.search_communes(session, "p", limit=0)


def test_loading_the_reference_twice_changes_nothing(session):
    before = directory.get_communes(session, ["44131", "85262"])
    load_reference(session)
    assert directory.get_communes(session, ["44131", "85262"]) == before
    assert len(directory.list_professions(session)) == 10


def test_a_commune_without_a_row_is_not_found(session):
    with pytest.raises(NotFound):
        directory.get_commune(session, "75056")


def test_professions_are_data(session):
    physio = directory.get_profession(session, "masseur_kinesitherapeute")
    assert (physio.mos_code, physio.slot_minutes) == ("70", 30)
    nurse = directory.get_profession(session, "infirmier_pratique_avancee")
    assert (nurse.mos_code, nurse.specialty_code) == ("60", "SI01")
    with pytest.raises(NotFound):
        directory.get_profession(session, "rebouteux")


def test_the_shipped_perimeters_are_those_of_the_two_territories(session):
    retz, montaigu = likely_perimeter("pays-de-retz"), likely_perimeter("terres-de-montaigu")
    assert (len(retz), len(montaigu)) == (21, 9)
    assert "44081" not in retz | montaigu
    assert sum(c.population for c in directory.get_communes(session, retz).values()) == 101_873
