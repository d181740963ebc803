from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from snp.directory import service as directory
from snp.directory.facts import (
    OrganisationDetails,
    OrganisationFilter,
    OrganisationKind,
    PractitionerDetails,
    PractitionerFilter,
    Preferences,
    SiteDetails,
    SiteFilter,
)
from snp.directory.repository.statements import IdentifierAlreadyUsed, UnknownReference
from snp.directory.rules import MembershipOverlap
from snp.errors import InvalidValue, NotFound, VersionMismatch
from tests.support.directory import (
    ADMINISTRATOR,
    NOW,
    a_finess,
    a_practitioner,
    a_siret,
    a_site,
    a_territory,
    an_organisation,
    an_rpps,
)

TODAY = date(2026, 11, 24)
BY = {"by": ADMINISTRATOR, "now": NOW}


@pytest.fixture
def territory(session):
    return a_territory(session)


def list_names(session, **wanted):
    found = directory.list_practitioners(session, PractitionerFilter(**wanted), now=NOW)
    return [person.family_name for person in found.items]


def test_a_practitioner_is_read_with_his_sites_and_territories(session, territory):
    site = a_site(session)
    made = a_practitioner(
        session, site_ids=(site.id,), member_of=(territory.id,), title="Dr", phone="0639980001"
    )
    assert made.site_ids == (site.id,)
    assert made.territory_ids == (territory.id,)
    assert made.phone == "+33639980001"
    assert made.full_name == f"Dr Camille {made.family_name}"


def test_a_practitioner_is_found_by_either_number(session, territory):
    rpps = an_rpps()
    made = a_practitioner(session, rpps=rpps, adeli="447012345")
    assert directory.find_practitioner(session, rpps=rpps, now=NOW) == made
    assert directory.find_practitioner(session, adeli="447012345", now=NOW) == made
    assert directory.find_practitioner(session, rpps=an_rpps(), now=NOW) is None
    assert directory.find_practitioner(session, now=NOW) is None


def test_two_practitioners_cannot_bear_one_number(session, territory):
    rpps = an_rpps()
    a_practitioner(session, rpps=rpps)
    with pytest.raises(IdentifierAlreadyUsed) as refusal, session.begin_nested():
        a_practitioner(session, rpps=rpps)
    assert refusal.value.fields == {"kind": "RPPS", "value": rpps}


def test_a_practitioner_without_a_number_is_refused(session, territory):
    with pytest.raises(InvalidValue):
        a_practitioner(session, rpps=None)


def test_a_wrong_key_is_refused_only_by_a_strict_service(session, territory):
    details = PractitionerDetails("Camille", "Essai", "medecin_generaliste", rpps="10003456780")
    directory.create_practitioner(session, details, **BY)
    wrong = replace(details, rpps="10003456781")
    with pytest.raises(InvalidValue, match="rpps"):
        directory.create_practitioner(session, wrong, strict=True, **BY)


def test_an_unknown_profession_or_site_is_named(session, territory):
    with pytest.raises(UnknownReference, match="rebouteux"), session.begin_nested():
        a_practitioner(session, profession="rebouteux")
    with pytest.raises(UnknownReference, match="site_ids"), session.begin_nested():
        a_practitioner(session, site_ids=(uuid4(),))


def test_practitioners_are_listed_by_name_in_pages(session, territory):
    for name in ("Zola", "Émile", "abel", "Émile"):
        a_practitioner(session, family_name=name)
    first = directory.list_practitioners(session, limit=3, now=NOW)
    assert [p.family_name for p in first.items] == ["abel", "Émile", "Émile"]
    second = directory.list_practitioners(session, limit=3, cursor=first.next_cursor, now=NOW)
    assert [p.family_name for p in second.items] == ["Zola"]
    assert second.next_cursor is None


@pytest.mark.parametrize("cursor", ["", "x", "WyJhIl0", "eyJhIjoxfQ", "WyJhIiwiYiJd", "é"])
def test_a_cursor_that_no_list_gave_is_refused(session, territory, cursor):
    with pytest.raises(InvalidValue, match="cursor"):
        directory.list_practitioners(session, cursor=cursor or "=", now=NOW)


def test_practitioners_are_filtered_by_each_criterion(session, territory):
    site = a_site(session)
    a_practitioner(session, family_name="Membre", member_of=(territory.id,), site_ids=(site.id,))
    a_practitioner(session, family_name="Kiné", profession="masseur_kinesitherapeute")
    a_practitioner(session, family_name="Parti", active=False)
    assert list_names(session, territory_ids=frozenset({territory.id})) == ["Membre"]
    assert list_names(session, territory_ids=frozenset()) == []
    assert list_names(session, profession="masseur_kinesitherapeute") == ["Kiné"]
    assert list_names(session, text="cam kin") == ["Kiné"]
    assert list_names(session, text="iné") == []
    assert list_names(session, site_id=site.id) == ["Membre"]
    assert list_names(session, active=False) == ["Parti"]
    assert len(list_names(session, active=None)) == 3


def test_an_edit_replaces_a_practitioner_and_his_sites(session, territory):
    one, other = a_site(session), a_site(session)
    made = a_practitioner(session, site_ids=(one.id,), email="a@example.org")
    details = PractitionerDetails(
        "Dominique", "Essai", "sage_femme", rpps=made.rpps, site_ids=frozenset({other.id})
    )
    changed = directory.update_practitioner(session, made.id, details, version=1, **BY)
    assert (changed.given_name, changed.profession, changed.email) == ("Dominique", "sage_femme", None)
    assert changed.site_ids == (other.id,)
    with pytest.raises(VersionMismatch):
        directory.update_practitioner(session, made.id, details, version=1, **BY)
    with pytest.raises(NotFound):
        directory.update_practitioner(session, uuid4(), details, version=1, **BY)


def test_preferences_are_edited_alone(session, territory):
    site = a_site(session)
    made = a_practitioner(session, site_ids=(site.id,))
    wanted = Preferences(channel="email", quiet_from=19, offer_to_sas=False)
    changed = directory.set_preferences(session, made.id, wanted, version=made.version, **BY)
    assert changed.preferences == wanted
    assert changed.site_ids == (site.id,)
    assert changed.version == made.version + 1
    with pytest.raises(InvalidValue, match="quiet_from"):
        directory.set_preferences(session, made.id, replace(wanted, quiet_from=24), version=2, **BY)


def test_a_practitioner_may_belong_to_several_territories_from_outside_their_perimeters(session, territory):
    other = a_territory(session, "b", communes=("44012",))
    inside, lege = a_site(session, "44131"), a_site(session, "44081")
    both = a_practitioner(session, site_ids=(inside.id,), member_of=(territory.id, other.id))
    outsider = a_practitioner(session, site_ids=(lege.id,), member_of=(territory.id,))
    outside = {
        (m.practitioner_id, m.territory_id): m.outside_perimeter for m in directory.list_memberships(session)
    }
    assert outside == {
        (both.id, territory.id): False,
        (both.id, other.id): True,
        (outsider.id, territory.id): True,
    }


def test_who_leaves_and_comes_back_has_two_memberships(session, territory):
    made = a_practitioner(session, member_of=(territory.id,))
    leaves, returns = TODAY + timedelta(days=30), TODAY + timedelta(days=60)
    directory.end_membership(session, made.id, territory.id, until=leaves, **BY)
    directory.join_territory(session, made.id, territory.id, since=returns, **BY)
    found = directory.list_memberships(session, practitioner_id=made.id)
    assert [(m.since, m.until) for m in found] == [(TODAY, leaves), (returns, None)]

    def member_on(day):
        now = NOW + timedelta(days=(day - TODAY).days)
        return directory.get_practitioner(session, made.id, now=now).territory_ids == (territory.id,)

    assert member_on(TODAY)
    assert member_on(leaves - timedelta(days=1))
    assert not member_on(leaves)
    assert member_on(returns)


def test_memberships_of_one_territory_cannot_overlap(session, territory):
    made = a_practitioner(session, member_of=(territory.id,))
    with pytest.raises(MembershipOverlap):
        directory.join_territory(session, made.id, territory.id, since=TODAY + timedelta(days=1), **BY)
    directory.end_membership(session, made.id, territory.id, until=TODAY + timedelta(days=9), **BY)
    with pytest.raises(MembershipOverlap):
        directory.join_territory(session, made.id, territory.id, since=TODAY + timedelta(days=8), **BY)


def test_a_membership_ended_before_it_began_never_was(session, territory):
    made = a_practitioner(session, member_of=(territory.id,))
    assert directory.end_membership(session, made.id, territory.id, until=TODAY, **BY) is None
    assert directory.list_memberships(session, practitioner_id=made.id) == []
    with pytest.raises(NotFound):
        directory.end_membership(session, made.id, territory.id, until=TODAY, **BY)


def test_an_unknown_territory_cannot_be_joined(session, territory):
    made = a_practitioner(session)
    with pytest.raises(UnknownReference), session.begin_nested():
        directory.join_territory(session, made.id, uuid4(), since=TODAY, **BY)


def test_an_organisation_takes_part_in_territories(session, territory):
    pharmacy = an_organisation(
        session,
        OrganisationKind.PHARMACY,
        name="Pharmacie de l’Océan",
        finess=a_finess(),
        territory_ids=frozenset({territory.id}),
    )
    an_organisation(session, OrganisationKind.MSP, name="MSP du Port")
    here = OrganisationFilter(territory_ids=frozenset({territory.id}))
    assert directory.list_organisations(session, here).items == (pharmacy,)
    found = directory.list_organisations(session, OrganisationFilter(text="ocean")).items
    assert found == (pharmacy,)
    msp = OrganisationFilter(kind=OrganisationKind.MSP)
    assert [o.name for o in directory.list_organisations(session, msp).items] == ["MSP du Port"]


def test_an_organisation_is_edited_over_the_version_that_was_read(session, territory):
    made = an_organisation(session)
    details = OrganisationDetails(OrganisationKind.CENTRE_SNP, "Centre", siret=a_siret(), active=False)
    changed = directory.update_organisation(session, made.id, details, version=1, **BY)
    assert (changed.kind, changed.active, changed.version) == (OrganisationKind.CENTRE_SNP, False, 2)
    with pytest.raises(VersionMismatch):
        directory.update_organisation(session, made.id, details, version=1, **BY)
    assert directory.list_organisations(session).items == ()


def test_an_organisation_in_an_unknown_territory_is_refused(session, territory):
    with pytest.raises(UnknownReference), session.begin_nested():
        an_organisation(session, territory_ids=frozenset({uuid4()}))


def test_organisations_and_sites_are_read_in_pages(session, territory):
    for name in "dcba":
        an_organisation(session, name=name)
        a_site(session, name=name)
    first = directory.list_organisations(session, limit=3)
    assert [o.name for o in first.items] == ["a", "b", "c"]
    assert [
        o.name for o in directory.list_organisations(session, limit=3, cursor=first.next_cursor).items
    ] == ["d"]
    sites = directory.list_sites(session, limit=2, now=NOW)
    assert [s.name for s in sites.items] == ["a", "b"]
    rest = directory.list_sites(session, limit=2, cursor=sites.next_cursor, now=NOW)
    assert [s.name for s in rest.items] == ["c", "d"]


def test_a_site_without_coordinates_stands_at_the_point_of_its_commune(session, territory):
    site = a_site(session, "44131")
    assert (site.lat, site.lon, site.city) == (47.11581, -2.10331, "Pornic")
    exact = a_site(session, "44131", lat=47.1, lon=-2.1)
    assert (exact.lat, exact.lon) == (47.1, -2.1)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("postal_code", {"postal_code": "4421"}),
        ("lat", {"lat": 47.0}),
        ("lat", {"lat": 91.0, "lon": 0.0}),
        ("lon", {"lat": 47.0, "lon": 181.0}),
        ("address", {"address": ""}),
        ("phone", {"phone": "12"}),
        ("finess", {"finess": "44"}),
        ("siret", {"siret": "44"}),
    ],
)
def test_a_site_that_makes_no_sense_is_refused_by_name(session, territory, field, change):
    with pytest.raises(InvalidValue) as refusal:
        a_site(session, **change)
    assert refusal.value.fields["field"] == field


def test_a_site_in_an_unknown_commune_or_organisation_is_refused(session, territory):
    with pytest.raises(UnknownReference, match="75056"):
        a_site(session, "75056")
    with pytest.raises(UnknownReference), session.begin_nested():
        a_site(session, organisation_id=uuid4())


def test_sites_of_a_territory_stand_in_it_or_are_used_by_its_members(session, territory):
    inside, lege, elsewhere = a_site(session, "44131"), a_site(session, "44081"), a_site(session, "85146")
    a_practitioner(session, site_ids=(lege.id,), member_of=(territory.id,))
    here = SiteFilter(territory_ids=frozenset({territory.id}))
    found = {s.id for s in directory.list_sites(session, here, now=NOW).items}
    assert found == {inside.id, lege.id}
    assert elsewhere.id not in found


def test_sites_are_filtered_by_organisation_practitioner_and_name(session, territory):
    msp = an_organisation(session, OrganisationKind.MSP, name="MSP")
    one = a_site(session, organisation_id=msp.id, name="Maison du Môle")
    other = a_site(session)
    person = a_practitioner(session, site_ids=(other.id,))

    def ids(**wanted):
        return {s.id for s in directory.list_sites(session, SiteFilter(**wanted), now=NOW).items}

    assert ids(organisation_id=msp.id) == {one.id}
    assert ids(practitioner_id=person.id) == {other.id}
    assert ids(text="mole") == {one.id}
    assert directory.get_site(session, one.id).organisation_kind is OrganisationKind.MSP


def test_a_site_is_edited_over_the_version_that_was_read(session, territory):
    site = a_site(session)
    details = SiteDetails("Nouveau lieu", "2 rue", "44210", "44131", finess=a_finess())
    changed = directory.update_site(session, site.id, details, version=1, **BY)
    assert (changed.name, changed.version) == ("Nouveau lieu", 2)
    with pytest.raises(VersionMismatch):
        directory.update_site(session, site.id, details, version=1, **BY)
    with pytest.raises(IdentifierAlreadyUsed), session.begin_nested():
        a_site(session, finess=details.finess)


@pytest.mark.parametrize("get", ["get_territory", "get_organisation", "get_site"])
def test_what_does_not_exist_is_not_found(session, get):
    with pytest.raises(NotFound):
        getattr(directory, get)(session, uuid4())
    with pytest.raises(NotFound):
        directory.get_practitioner(session, uuid4(), now=NOW)
