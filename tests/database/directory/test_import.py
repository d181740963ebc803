from datetime import timedelta

import pytest
import sqlalchemy as sa

from snp.directory import service as directory
from snp.directory.facts import OrganisationFilter, OrganisationKind, PractitionerFilter, SiteFilter
from snp.directory.importing.columns import BadFile
from snp.directory.importing.csv_file import open_csv
from snp.directory.importing.facts import ImportKind, RowRule, Tally
from snp.directory.importing.service import import_csv
from snp.directory.importing.template import template
from tests.support.csv_files import PEOPLE_HEADER, a_person, rpps, write_csv
from tests.support.directory import ADMINISTRATOR, NOW, a_finess, a_practitioner, a_site, a_territory

TABLES = ("practitioner", "site", "organisation", "practitioner_site", "membership")


@pytest.fixture
def territory(session):
    return a_territory(session)


@pytest.fixture
def run(session, tmp_path):
    def run(*lines, encoding="utf-8", now=NOW, **options):
        file = open_csv(write_csv(tmp_path, *lines, encoding=encoding))
        return import_csv(session, file, by=ADMINISTRATOR, now=now, **options)

    return run


def counts(session):
    return [session.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar() for name in TABLES]


def find(session, number):
    return directory.find_practitioner(session, rpps=rpps(number), now=NOW)


def test_people_their_places_and_memberships_are_written(session, run, territory):
    report = run(PEOPLE_HEADER, *map(a_person, range(1, 4)), territory_id=territory.id)
    assert report.written
    assert (report.rows, report.errors) == (3, ())
    assert report.practitioners == Tally(created=3)
    assert report.sites == Tally(created=3)
    assert (report.links, report.memberships) == (3, 3)
    one = find(session, 1)
    assert (one.title, one.family_name, one.phone) == ("Dr", "Nom1", "+33639980001")
    assert one.territory_ids == (territory.id,)
    site = directory.get_site(session, one.site_ids[0])
    assert (site.name, site.city, site.lat, site.active) == ("Cabinet 1", "Pornic", 47.11581, True)


def test_doing_it_again_changes_nothing(session, run, territory):
    lines = (PEOPLE_HEADER, *map(a_person, range(1, 4)))
    run(*lines, territory_id=territory.id)
    before = find(session, 1)
    again = run(*lines, territory_id=territory.id, now=NOW + timedelta(days=1))
    assert again.practitioners == Tally(unchanged=3)
    assert again.sites == Tally(unchanged=3)
    assert (again.links, again.memberships) == (0, 0)
    assert find(session, 1) == before


def test_what_has_changed_is_updated_and_counted(session, run, territory):
    run(PEOPLE_HEADER, a_person(1), a_person(2))
    report = run(PEOPLE_HEADER, a_person(1, phone="0639980099"), a_person(2), a_person(3))
    assert report.practitioners == Tally(created=1, updated=1, unchanged=1)
    one = find(session, 1)
    assert (one.phone, one.version) == ("+33639980099", 2)


def test_an_empty_cell_changes_nothing(session, run, territory):
    run(PEOPLE_HEADER, a_person(1))
    report = run(PEOPLE_HEADER, a_person(1, phone="", title=""))
    assert report.practitioners == Tally(unchanged=1)
    assert find(session, 1).title == "Dr"


def test_what_was_set_by_hand_survives_an_import(session, run, territory):
    site = a_site(session)
    made = a_practitioner(session, rpps=rpps(1), email="c@example.org", site_ids=(site.id,))
    run(PEOPLE_HEADER, a_person(1))
    after = directory.get_practitioner(session, made.id, now=NOW)
    assert (after.email, after.family_name) == ("c@example.org", "Nom1")
    assert site.id in after.site_ids
    assert len(after.site_ids) == 2


def test_a_dry_run_tells_the_real_figures_and_writes_nothing(session, run, territory):
    run(PEOPLE_HEADER, a_person(1))
    before = counts(session)
    lines = (PEOPLE_HEADER, a_person(1, phone="0639980099"), a_person(2))
    dry = run(*lines, territory_id=territory.id, dry_run=True)
    assert counts(session) == before
    assert not dry.written
    assert dry.practitioners == Tally(created=1, updated=1)
    real = run(*lines, territory_id=territory.id)
    assert (real.practitioners, real.sites, real.links, real.memberships) == (
        dry.practitioners,
        dry.sites,
        dry.links,
        dry.memberships,
    )


def test_one_false_row_and_nothing_is_written(session, run, territory):
    before = counts(session)
    report = run(
        PEOPLE_HEADER,
        a_person(1),
        a_person(2, family_name="", phone="06"),
        a_person(1),
        "trop;court",
    )
    assert counts(session) == before
    assert not report.written
    assert (report.rows, report.skipped) == (4, 3)
    assert [(e.row, e.rule) for e in report.errors] == [
        (3, RowRule.REQUIRED),
        (3, RowRule.FORM),
        (4, RowRule.DUPLICATE_ROW),
        (5, RowRule.CELL_COUNT),
    ]


def test_false_rows_may_be_left_out_on_demand(session, run, territory):
    report = run(PEOPLE_HEADER, a_person(1), a_person(2, family_name=""), a_person(3), skip_invalid=True)
    assert report.written
    assert (report.practitioners, report.skipped) == (Tally(created=2), 1)
    assert find(session, 2) is None


def test_a_practitioner_may_have_several_places(session, run, territory):
    second = a_person(1, site_name="Autre", address="9 quai")
    report = run(PEOPLE_HEADER, a_person(1), second)
    assert report.practitioners == Tally(created=1)
    assert report.sites == Tally(created=2)
    assert len(find(session, 1).site_ids) == 2


def test_several_practitioners_may_share_a_place(session, run, territory):
    shared = {"site_name": "Maison", "address": "1 quai"}
    report = run(PEOPLE_HEADER, a_person(1, **shared), a_person(2, **shared))
    assert (report.sites, report.links) == (Tally(created=1), 2)
    assert find(session, 1).site_ids == find(session, 2).site_ids


def test_the_order_and_length_of_chunks_do_not_matter(session, run, territory):
    shared = {"site_name": "Maison", "address": "1 quai"}
    lines = (PEOPLE_HEADER, *(a_person(n, **shared) for n in range(1, 6)), a_person(1))
    report = run(*lines, chunk_rows=2)
    assert report.practitioners == Tally(created=5)
    assert report.sites == Tally(created=2)
    assert run(*lines).practitioners == Tally(unchanged=5)


def test_a_number_that_belongs_to_somebody_else_is_a_false_row(session, run, territory):
    a_practitioner(session, rpps=rpps(1))
    a_practitioner(session, rpps=rpps(2), adeli="447012345")
    report = run("rpps;adeli;nom;prénom;profession", f"{rpps(1)};447012345;Nom;Camille;Médecin")
    assert not report.written
    (error,) = report.errors
    assert (error.row, error.column, error.rule) == (2, "adeli", RowRule.BELONGS_TO_ANOTHER)
    assert find(session, 1).adeli is None


def test_an_adeli_number_leads_to_the_practitioner_who_now_has_an_rpps(session, run, territory):
    made = a_practitioner(session, adeli="447012345")
    run("rpps;adeli;nom;prénom;profession", f"{rpps(1)};447012345;Nom;Camille;Médecin")
    assert directory.get_practitioner(session, made.id, now=NOW).rpps == rpps(1)


def test_sites_are_imported_with_their_organisation(session, run, territory):
    finess = a_finess()
    report = run(
        "lieu;adresse;code postal;commune;finess;structure;type de structure",
        f"Pharmacie du Port;1 quai;44210;Pornic;{finess};Pharmacie du Port;pharmacie",
        "Maison;2 quai;44210;Pornic;;Maison;MSP",
        "Annexe;3 quai;44210;Pornic;;Maison;MSP",
        territory_id=territory.id,
    )
    assert report.kind is ImportKind.SITES
    assert (report.sites, report.organisations) == (Tally(created=3), Tally(created=2))
    here = OrganisationFilter(territory_ids=frozenset({territory.id}))
    found = directory.list_organisations(session, here).items
    assert [(o.name, o.kind) for o in found] == [
        ("Maison", OrganisationKind.MSP),
        ("Pharmacie du Port", OrganisationKind.PHARMACY),
    ]
    sites = directory.list_sites(session, SiteFilter(organisation_id=found[0].id), now=NOW).items
    assert [s.name for s in sites] == ["Annexe", "Maison"]


def test_a_site_is_found_again_by_its_identifier_though_its_name_changed(session, run, territory):
    finess = a_finess()
    header = "lieu;adresse;code postal;finess"
    run(header, f"Ancien nom;1 quai;44210;{finess}")
    report = run(header, f"Nouveau nom;1 quai;44210;{finess}")
    assert report.sites == Tally(updated=1)
    assert [s.name for s in directory.list_sites(session, now=NOW).items] == ["Nouveau nom"]


def test_a_site_without_identifier_receives_it_and_one_with_another_is_another_site(session, run, territory):
    one, other = a_finess(), a_finess()
    header = "lieu;adresse;code postal;finess"
    run(header, "Centre;1 quai;44210;")
    assert run(header, f"Centre;1 quai;44210;{one}").sites == Tally(updated=1)
    assert run(header, f"Centre;1 quai;44210;{other}").sites == Tally(created=1)
    assert {s.finess for s in directory.list_sites(session, now=NOW).items} == {one, other}


def test_coordinates_set_by_hand_are_kept_when_the_file_gives_none(session, run, territory):
    header = "lieu;adresse;code postal;latitude;longitude"
    run(header, "Centre;1 quai;44210;47.1;-2.1")
    assert run(header, "Centre;1 quai;44210;;").sites == Tally(unchanged=1)
    assert directory.list_sites(session, now=NOW).items[0].lat == 47.1


def test_a_file_from_excel_in_france_is_read(session, run, territory):
    run(PEOPLE_HEADER, a_person(1, family_name="Lœuf-Éon"), encoding="cp1252")
    found = directory.list_practitioners(session, PractitionerFilter(text="loeuf eon"), now=NOW).items
    assert [p.family_name for p in found] == ["Lœuf-Éon"]


def test_the_sample_may_be_imported_as_it_is(session, tmp_path, territory):
    for kind in ImportKind:
        path = write_csv(tmp_path, *template(kind).splitlines())
        report = import_csv(session, open_csv(path), strict=True, by=ADMINISTRATOR, now=NOW)
        assert report.kind is kind
        assert report.errors == ()


def test_a_file_that_breaks_half_way_is_refused_whole(session, run, territory):
    before = counts(session)
    with pytest.raises(BadFile, match="ligne 3"):
        run(PEOPLE_HEADER, a_person(1), '"ouvert', a_person(2))
    assert counts(session) == before


def test_progress_is_told_to_the_end(session, run, territory):
    told = []
    run(PEOPLE_HEADER, a_person(1), a_person(2), progress=lambda *step: told.append(step))
    phase, done, total = told[-1]
    assert (phase, done, total) == ("write", 2, 2)
    assert told[0][0] == "check"
    assert told[0][1] == told[0][2] > 0


def test_a_member_does_not_join_twice(session, run, territory):
    made = a_practitioner(session, rpps=rpps(1), member_of=(territory.id,))
    report = run(PEOPLE_HEADER, a_person(1), a_person(2), territory_id=territory.id)
    assert report.memberships == 1
    assert len(directory.list_memberships(session, practitioner_id=made.id)) == 1
