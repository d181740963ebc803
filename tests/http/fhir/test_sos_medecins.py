"""SOS Médecins: free slots by association, at its fixed places of consultation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from snp.directory.facts import OrganisationKind
from tests.support import directory
from tests.support.fhir import SIRET_SYSTEM, Answer, window
from tests.support.http import World, expect, publish

IG = "https://interop.esante.gouv.fr/ig/fhir/sas/StructureDefinition/"


@dataclass
class Association:
    """An association with two places, a doctor at both, and what the platform asks of it."""

    world: World
    siret: str
    sites: tuple[Any, Any]
    doctor: Any

    def publish(self, start: str, site: int = 0, **offer: Any) -> dict[str, Any]:
        return publish(
            self.world, start, practitioner=self.doctor.id, site_id=str(self.sites[site].id), **offer
        )

    def query(self, **changes: str | None) -> str:
        start, end = window(self.world.service.clock.now())
        pairs = [
            ("_revinclude", "revinclude", "Slot:schedule"),
            ("_include", "include", "Schedule:actor:Location"),
            ("_include:iterate", "iterate", "Location:organization"),
            ("_has:Slot:schedule:start", "from", f"ge{start}"),
            ("_has:Slot:schedule:start", "until", f"le{end}"),
            ("_has:Slot:schedule:status", "status", "free"),
            ("actor:Location.organization.identifier", "who", f"{SIRET_SYSTEM}|3{self.siret}"),
        ]
        told = [(name, changes.get(key, value)) for name, key, value in pairs]
        return "&".join(f"{name}={quote(value, safe=':')}" for name, value in told if value is not None)

    def search(self, **changes: str | None) -> Answer:
        return Answer(self.world.service.caller().get(f"/fhir/Schedule?{self.query(**changes)}"))


@pytest.fixture
def sos(world: World) -> Association:
    siret = directory.a_siret()
    with world.service.session() as session:
        association = directory.an_organisation(
            session,
            OrganisationKind.SOS_MEDECINS,
            name="SOS Médecins Essai",
            siret=siret,
            territory_ids=frozenset({world.territory.id}),
        )
        sites = tuple(
            directory.a_site(session, organisation_id=association.id, phone="02 40 00 00 09")
            for _ in range(2)
        )
        doctor = directory.a_practitioner(
            session, site_ids=tuple(site.id for site in sites), member_of=(world.territory.id,)
        )
    return Association(world, siret, (sites[0], sites[1]), doctor)


def test_the_slots_of_an_association_come_with_its_places(sos: Association) -> None:
    sos.publish("2026-11-25T10:00:00+01:00")
    sos.publish("2026-11-25T11:00:00+01:00", site=1, audiences=["regulation", "public", "professionals"])

    found = sos.search()

    assert found.bundle["meta"]["profile"] == [f"{IG}sas-sos-bundle-aggregator"]
    assert found.bundle["total"] == 2
    assert len(found.bundle["link"]) == 1
    (organization,) = found.of("Organization")
    assert organization["identifier"][0]["value"] == f"3{sos.siret}"
    places = {f"Location/{place['id']}": place for place in found.of("Location")}
    assert len(places) == 2
    assert {place["managingOrganization"]["reference"] for place in places.values()} == {
        f"Organization/{organization['id']}"
    }
    actors = [actor["reference"] for schedule in found.of("Schedule") for actor in schedule["actor"]]
    assert sorted(actors) == sorted(places)
    assert {slot["schedule"]["reference"] for slot in found.slots} == {
        f"Schedule/{schedule['id']}" for schedule in found.of("Schedule")
    }
    assert found.security() == {"SNP", "PUBLIC"}
    assert all(slot["comment"] for slot in found.slots)


def test_places_without_a_slot_are_left_out(sos: Association) -> None:
    sos.publish("2026-11-25T10:00:00+01:00")

    assert len(sos.search().of("Location")) == 1


def test_an_association_without_a_slot_answers_empty(sos: Association) -> None:
    for found in (sos.search(), sos.search(who=f"{SIRET_SYSTEM}|3{directory.a_siret()}")):
        assert found.bundle["total"] == 0
        assert "entry" not in found.bundle


def test_another_kind_of_organisation_is_no_association(sos: Association) -> None:
    siret = directory.a_siret()
    with sos.world.service.session() as session:
        session.execute(
            sa.text("UPDATE organisation SET siret = :siret WHERE id = :id"),
            {"siret": siret, "id": sos.world.site.organisation_id},
        )
    publish(sos.world, "2026-11-25T10:00:00+01:00")

    assert sos.search(who=f"{SIRET_SYSTEM}|3{siret}").bundle["total"] == 0


def test_its_resources_can_be_read(sos: Association) -> None:
    sos.publish("2026-11-25T10:00:00+01:00")
    found = sos.search()

    for entry in found.entries:
        if entry["resource"]["resourceType"] != "Slot":
            assert expect(sos.world.service.caller().get(entry["fullUrl"]), 200) == entry["resource"]


@pytest.mark.parametrize("missing", ["revinclude", "include", "iterate", "from", "until", "status", "who"])
def test_a_missing_parameter_is_refused(sos: Association, missing: str) -> None:
    answer = sos.world.service.caller().get(f"/fhir/Schedule?{sos.query(**{missing: None})}")

    (issue,) = expect(answer, 400)["issue"]
    assert issue["code"] == "required"
