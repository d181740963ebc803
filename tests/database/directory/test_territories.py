from dataclasses import replace

import pytest

from snp.directory import service as directory
from snp.directory.facts import TerritoryDetails
from snp.directory.repository.statements import IdentifierAlreadyUsed, UnknownReference
from snp.directory.repository.territories import SlugAlreadyUsed
from snp.errors import InvalidValue, NotFound, VersionMismatch
from tests.support.directory import ADMINISTRATOR, NOW, a_finess, a_territory


def details_of(territory, **changes):
    plain = TerritoryDetails(
        slug=territory.slug,
        name=territory.name,
        department=territory.department,
        communes=frozenset(territory.communes),
        finess=territory.finess,
    )
    return replace(plain, **changes)


def update(session, territory, details, version=None):
    return directory.update_territory(
        session, territory.id, details, version=version or territory.version, by=ADMINISTRATOR, now=NOW
    )


def test_a_territory_knows_its_inhabitants_and_its_size_class(session):
    territory = a_territory(session, communes=("44131", "44154"))
    assert territory.population == 18745 + 14541
    assert territory.size_class == 1
    assert territory.communes == ("44131", "44154")


def test_a_size_class_fixed_by_contract_wins_over_the_population(session):
    assert a_territory(session, size_class=3).size_class == 3


def test_a_new_territory_takes_the_settings_of_its_department(session):
    assert a_territory(session).settings.default_max_km == 15
    vendee = a_territory(session, "terres-de-montaigu", communes=("85146",), department="85")
    assert vendee.settings.default_max_km == 30
    assert vendee.settings.regulation_number == "116 117"


def test_a_territory_is_found_by_its_short_name(session):
    made = a_territory(session)
    assert directory.get_territory_by_slug(session, "pays-de-retz") == made
    with pytest.raises(NotFound):
        directory.get_territory_by_slug(session, "ailleurs")


def test_territories_are_read_in_pages(session):
    slugs = [f"t{n}" for n in range(5)]
    for slug in reversed(slugs):
        a_territory(session, slug)
    first = directory.list_territories(session, limit=3)
    assert [t.slug for t in first.items] == slugs[:3]
    last = directory.list_territories(session, limit=3, cursor=first.next_cursor)
    assert [t.slug for t in last.items] == slugs[3:]
    assert last.next_cursor is None


def test_an_account_reads_only_the_territories_it_is_given(session):
    mine = a_territory(session, "a")
    a_territory(session, "b")
    assert directory.list_territories(session, ids=[mine.id]).items == (mine,)
    assert directory.list_territories(session, ids=[]).items == ()


def test_the_territories_of_a_commune_may_be_several_or_none(session):
    a_territory(session, "a", communes=("44131",))
    a_territory(session, "b", communes=("44131", "44012"))
    assert [t.slug for t in directory.territories_covering(session, "44131")] == ["a", "b"]
    assert directory.territories_covering(session, "85146") == []


def test_an_edit_replaces_the_perimeter_and_keeps_the_settings(session):
    territory = a_territory(session)
    changed = update(session, territory, details_of(territory, communes=frozenset({"44012", "44220"})))
    assert changed.communes == ("44012", "44220")
    assert changed.settings == territory.settings
    assert changed.version == 2


def test_an_edit_over_a_stale_version_is_refused(session):
    territory = a_territory(session)
    update(session, territory, details_of(territory, name="CPTS 2"))
    with pytest.raises(VersionMismatch):
        update(session, territory, details_of(territory, name="CPTS 3"), version=1)


def test_each_edit_is_kept_with_its_author(session):
    territory = a_territory(session)
    settings = replace(territory.settings, hold_minutes=10)
    update(session, territory, details_of(territory, settings=settings))
    latest, first = directory.territory_history(session, territory.id)
    assert (first.version, latest.version) == (1, 2)
    assert latest.author == ADMINISTRATOR.ident
    assert first.content["settings"]["hold_minutes"] == 5
    assert latest.content["settings"]["hold_minutes"] == 10


def test_a_short_name_is_used_once(session):
    a_territory(session)
    with pytest.raises(SlugAlreadyUsed), session.begin_nested():
        a_territory(session)


def test_a_finess_number_is_used_once(session):
    finess = a_finess()
    a_territory(session, "a", finess=finess)
    with pytest.raises(IdentifierAlreadyUsed) as refusal, session.begin_nested():
        a_territory(session, "b", finess=finess)
    assert (
        refusal.value.sentence == f"Le numéro FINESS {finess} est déjà celui d’une autre fiche de l’annuaire."
    )


def test_a_commune_that_the_directory_does_not_hold_is_named(session):
    with pytest.raises(UnknownReference, match="13055"):
        a_territory(session, communes=("44131", "13055"))


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("slug", {"slug": "Pays de Retz"}),
        ("department", {"department": "99"}),
        ("communes", {"communes": frozenset()}),
        ("size_class", {"size_class": 5}),
        ("name", {"name": "  "}),
        ("insee", {"communes": frozenset({"4413"})}),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(session, field, change):
    territory = a_territory(session)
    with pytest.raises(InvalidValue) as refusal:
        update(session, territory, details_of(territory, **change))
    assert refusal.value.fields["field"] == field
