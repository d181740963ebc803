"""What the answers of a search point to can be read one by one; what a search may not show cannot."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.fhir.certification_set import SET
from snp.directory import service as directory
from snp.directory.facts import Preferences
from tests.support.directory import ADMINISTRATOR
from tests.support.fhir import Platform
from tests.support.http import Service, World, expect, publish
from tests.support.regulators import a_regulator

NOBODY = "00000000-0000-7000-8000-000000000000"
KINDS = (
    "Slot",
    "Schedule",
    "Practitioner",
    "PractitionerRole",
    "HealthcareService",
    "Organization",
    "Location",
)


def outcome(answer: httpx.Response, status: int) -> dict[str, Any]:
    body = expect(answer, status)
    assert answer.headers["content-type"] == "application/fhir+json"
    assert body["resourceType"] == "OperationOutcome"
    return dict(body)


def test_each_resource_of_an_answer_reads_as_it_was_answered(individually: Platform) -> None:
    for entry in individually.search(SET.rpps).entries:
        resource = entry["resource"]

        read = expect(individually.caller.get(entry["fullUrl"]), 200)

        assert read == resource


def test_each_resource_of_a_cpts_reads_as_it_was_answered(by_cpts: Platform) -> None:
    for entry in by_cpts.search(SET.rpps_cpts2).entries:
        assert expect(by_cpts.caller.get(entry["fullUrl"]), 200) == entry["resource"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ident", [NOBODY, "x", "é", "a" * 64, NOBODY.replace("-", "") * 2])
def test_what_does_not_exist_is_not_found(certified: Service, kind: str, ident: str) -> None:
    (issue,) = outcome(certified.caller().get(f"/fhir/{kind}/{ident}"), 404)["issue"]

    assert issue["code"] == "not-found"


def test_who_does_not_consent_cannot_be_read(world: World) -> None:
    slot = publish(world, "2026-11-25T10:00:00+01:00")
    caller = world.service.caller()
    paths = [f"Slot/{slot['id']}", f"Practitioner/{world.gp.id}"]
    paths += [f"{kind}/{world.gp.id.hex}{world.site.id.hex}" for kind in ("Schedule", "PractitionerRole")]
    for path in paths:
        expect(caller.get(f"/fhir/{path}"), 200)

    with world.service.session() as session:
        directory.set_preferences(
            session,
            world.gp.id,
            Preferences(offer_to_sas=False),
            version=world.gp.version,
            by=ADMINISTRATOR,
            now=world.service.clock.now(),
        )

    for path in paths:
        outcome(caller.get(f"/fhir/{path}"), 404)


def test_a_regulator_reads_where_his_creation_said(service: Service) -> None:
    caller = service.caller()
    made = caller.post("/fhir/Practitioner", json=a_regulator())
    expect(made, 201)

    assert expect(caller.get(made.headers["location"]), 200) == made.json()


def test_a_role_where_the_practitioner_does_not_practise_is_not_found(world: World) -> None:
    outcome(
        world.service.caller().get(f"/fhir/PractitionerRole/{world.gp.id.hex}{world.neighbour_site.id.hex}"),
        404,
    )


def test_every_interaction_of_the_capability_statement_runs(certified: Service, by_cpts: Platform) -> None:
    caller = certified.caller()
    (rest,) = expect(caller.get("/fhir/metadata"), 200)["rest"]
    known = {
        entry["resource"]["resourceType"]: entry["fullUrl"] for entry in by_cpts.search(SET.rpps).entries
    }

    for resource in rest["resource"]:
        for interaction in resource["interaction"]:
            match interaction["code"]:
                case "read" if resource["type"] in known:
                    expect(caller.get(known[resource["type"]]), 200)
                case "read":
                    outcome(caller.get(f"/fhir/{resource['type']}/{NOBODY}"), 404)
                case "search-type":
                    outcome(caller.get(f"/fhir/{resource['type']}"), 400)


def test_what_the_capability_statement_does_not_announce_is_refused(certified: Service) -> None:
    caller = certified.caller()
    headers = {"Content-Type": "application/fhir+json"}

    outcome(caller.get("/fhir/Appointment"), 404)
    outcome(caller.post("/fhir/Slot", content=b"{}", headers=headers), 405)
    outcome(caller.delete(f"/fhir/Slot/{NOBODY}"), 405)
