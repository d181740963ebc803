"""Every resource is valid against its official profile, as an independent validator reads it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from api.fhir.certification_set import SET
from tests.http.fhir.test_sos_medecins import Association, sos
from tests.support.fhir import Platform, links_of
from tests.support.fhir_profiles import findings

__all__ = ["sos"]

SLICES = {
    "sas-cpts-bundle-aggregator": ("Slot", "Schedule", "Practitioner", "PractitionerRole"),
    "sas-sos-bundle-aggregator": ("Slot", "Schedule", "Location", "Organization"),
}


@pytest.mark.parametrize("who", [SET.rpps, SET.rpps_multilieux, SET.rpps_cpts2, SET.rpps_none])
def test_an_answer_and_all_that_it_holds_are_valid(platform: Platform, who: str) -> None:
    bundle = platform.search(who).bundle

    assert findings(bundle) == []
    counted_by_hand(bundle)


def test_an_answer_for_many_is_valid(platform: Platform) -> None:
    bundle = platform.search(SET.rpps, SET.rpps2, SET.rpps_multilieux, SET.rpps_cpts2).bundle

    assert findings(bundle) == []
    counted_by_hand(bundle)


def test_each_resource_is_valid_by_itself(by_cpts: Platform) -> None:
    for entry in by_cpts.search(SET.rpps).entries:
        assert findings(entry["resource"]) == []


def test_an_answer_for_an_association_is_valid(sos: Association) -> None:
    sos.publish("2026-11-25T10:00:00+01:00")

    bundle = sos.search().bundle

    assert findings(bundle) == []
    counted_by_hand(bundle)


def test_the_capability_statement_and_refusals_are_valid(individually: Platform) -> None:
    assert findings(individually.caller.get("/fhir/metadata").json()) == []
    assert findings(individually.caller.get("/fhir/Slot").json()) == []
    assert findings(individually.caller.get("/fhir/Slot/x").json()) == []


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Slot", "schedule"),
        ("Slot", "status"),
        ("Slot", "start"),
        ("Schedule", "actor"),
        ("Practitioner", "identifier"),
        ("PractitionerRole", "location"),
        ("HealthcareService", "providedBy"),
        ("Organization", "identifier"),
    ],
)
def test_the_validator_finds_what_is_missing(by_cpts: Platform, kind: str, name: str) -> None:
    resource = deepcopy(by_cpts.search(SET.rpps).of(kind)[0])
    del resource[name]

    assert findings(resource) != []


def test_the_validator_finds_a_wrong_code_system_and_status(by_cpts: Platform) -> None:
    slot = deepcopy(by_cpts.search(SET.rpps).slots[0])
    slot["status"] = "busy"
    assert findings(slot) != []

    practitioner = deepcopy(by_cpts.search(SET.rpps).of("Practitioner")[0])
    practitioner["identifier"][0]["system"] = "urn:oid:1.2.3"
    assert findings(practitioner) != []


def counted_by_hand(bundle: dict[str, Any]) -> None:
    """What the validator cannot count: entries by profile, and the one extension of each CPTS of a slot."""
    entries = bundle.get("entry", [])
    for profile, kinds in SLICES.items():
        if bundle["meta"]["profile"][0].endswith(profile):
            assert len(entries) >= 4
            assert set(kinds) <= {entry["resource"]["resourceType"] for entry in entries}
            assert all(entry["fullUrl"] for entry in entries)
    for entry in entries:
        if entry["resource"]["resourceType"] == "Slot":
            named = list(links_of(entry["resource"]))
            assert len(named) == len(set(named))
            others = [k for k in entry["resource"]["serviceType"] if "604" not in str(k.get("coding"))]
            assert not any("extension" in kind for kind in others)
