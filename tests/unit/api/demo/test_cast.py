from collections import Counter

import pytest

from api.demo.cast import MONTAIGU, RETZ, build_cast, desks_of
from api.demo.facts import GP, PHYSIO
from snp.directory.facts import OrganisationKind
from snp.directory.reference import likely_perimeter
from snp.terms import FINESS, RPPS, SIRET, Phone

CAST = build_cast(2026)


def members(territory, profession):
    return [c for c in CAST.carers if territory in c.territories and c.profession == profession]


def slots_a_week(carer):
    return sum(len(opening.days) * opening.patients for opening in carer.openings)


def test_the_cast_is_that_of_the_two_organisations():
    kinds = Counter(place.kind for place in CAST.places)
    assert len(members(RETZ, GP)) == 20
    assert len(members(RETZ, PHYSIO)) == 11
    assert len(members(MONTAIGU, GP)) >= 10
    assert kinds[OrganisationKind.PHARMACY] == 12
    assert kinds[OrganisationKind.NURSE_PRACTICE] == 4
    assert kinds[OrganisationKind.MSP] == kinds[OrganisationKind.CENTRE_SNP] == 1


def test_each_carer_offers_two_slots_a_week_or_more():
    assert min(map(slots_a_week, CAST.carers)) == 2
    assert max(map(slots_a_week, members(RETZ, GP))) > 2
    assert {slots_a_week(carer) for carer in members(RETZ, PHYSIO)} == {2}


def test_the_same_seed_gives_the_same_cast_and_another_seed_other_people():
    assert build_cast(2026) == CAST
    assert build_cast(1) != CAST


def test_some_practise_outside_the_perimeters_and_one_belongs_to_both():
    towns = {place.key: place.insee for place in CAST.places}
    perimeters = likely_perimeter(RETZ) | likely_perimeter(MONTAIGU)
    outside = [carer for carer in CAST.carers if towns[carer.place] not in perimeters]
    assert len(outside) == 2
    assert [c for c in CAST.carers if len(c.territories) == 2] == outside[1:]


def test_identifiers_look_right_and_are_used_once():
    numbers = [RPPS.parse(carer.rpps, strict=True) for carer in CAST.carers]
    sirets = [SIRET.parse(place.siret, strict=True) for place in CAST.places]
    finess = [FINESS.parse(place.finess, strict=True) for place in CAST.places if place.finess]
    for found in (numbers, sirets, finess):
        assert len(set(found)) == len(found)


def test_phones_are_those_kept_for_fiction():
    phones = [Phone.parse(thing.phone) for thing in (*CAST.places, *CAST.carers)]
    assert all(phone.startswith(("+3326191", "+3363998")) for phone in phones)


@pytest.mark.parametrize(("territory", "count"), [(RETZ, 11), (MONTAIGU, 5)])
def test_desks_are_named_by_territory(territory, count):
    places = {place.key: place for place in CAST.places}
    found = desks_of(territory)
    assert len(found) == count
    assert all(places[key].territories == (territory,) for key in found)
