"""A regulator read from a FHIR body, and written as one: what goes in comes out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from api.fhir.regulator_mapping import read_criterion, read_regulator, regulator_resource
from api.security.facts import IdentifierCriterion, PlatformIdentifier, RegulatorDetails, RegulatorView
from tests.support.fhir_profiles import findings
from tests.support.regulators import NATIONAL, NATIONAL_ID, TECHNICAL, UUID_ID, a_regulator, an_identifier


def paths(body: dict[str, Any]) -> list[str]:
    found = read_regulator(body)
    assert isinstance(found, tuple)
    return [fault.path for fault in found]


def test_a_regulator_is_read():
    found = read_regulator(a_regulator(NATIONAL_ID, NATIONAL))

    assert isinstance(found, RegulatorDetails)
    assert found.identifiers == (PlatformIdentifier(NATIONAL, NATIONAL_ID),)
    assert (found.family_name, found.given_name, found.active) == ("Kermarrec", "Solenn", True)


def test_what_is_written_is_read_again():
    found = read_regulator(a_regulator(identifier=[an_identifier(), an_identifier(NATIONAL_ID, NATIONAL)]))
    assert isinstance(found, RegulatorDetails)

    written = regulator_resource(RegulatorView(uuid4(), found, datetime(2026, 11, 24, tzinfo=UTC)))

    assert read_regulator(written) == found


@pytest.mark.parametrize(
    "identifier", [an_identifier(), an_identifier(NATIONAL_ID, NATIONAL)], ids=["uuid", "national"]
)
def test_a_written_regulator_fits_the_official_profile(identifier: dict[str, Any]):
    found = read_regulator(a_regulator(identifier=[identifier]))
    assert isinstance(found, RegulatorDetails)
    written = regulator_resource(RegulatorView(uuid4(), found, datetime(2026, 11, 24, tzinfo=UTC)))

    assert findings(written) == []


def test_the_official_profile_is_really_read():
    """A validator that finds nothing in anything would prove nothing."""
    found = read_regulator(a_regulator())
    assert isinstance(found, RegulatorDetails)
    written = regulator_resource(RegulatorView(uuid4(), found, datetime(2026, 11, 24, tzinfo=UTC)))

    assert findings({name: value for name, value in written.items() if name != "active"})


def test_a_disabled_account_without_identifier_holds_no_empty_element():
    details = RegulatorDetails((), active=False, family_name="A", given_name="B", emails=("a@b.example",))

    written = regulator_resource(RegulatorView(uuid4(), details, datetime(2026, 11, 24, tzinfo=UTC)))

    assert "identifier" not in written


def test_an_official_name_counts_before_the_others():
    names = [
        {"family": "Usuel", "given": ["Solenn"]},
        {"use": "official", "family": "Kermarrec", "given": ["Solenn"]},
    ]
    found = read_regulator(a_regulator(name=names))

    assert isinstance(found, RegulatorDetails)
    assert found.family_name == "Kermarrec"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"identifier": []}, ["identifier"]),
        ({"identifier": [3]}, ["identifier[0]"]),
        ({"identifier": [an_identifier(" ")]}, ["identifier[0].value"]),
        ({"identifier": [an_identifier("a\u0000b")]}, ["identifier[0].value"]),
        ({"identifier": [an_identifier("x" * 300)]}, ["identifier[0].value"]),
        ({"identifier": [{"system": TECHNICAL, "value": UUID_ID}]}, ["identifier[0].type"]),
        ({"identifier": [an_identifier() | {"type": {"coding": "INTRN"}}]}, ["identifier[0].type"]),
        ({"identifier": [an_identifier() | {"system": "urn:oid:1.2.3"}]}, ["identifier[0].system"]),
        ({"identifier": [an_identifier() | {"system": ["x"]}]}, ["identifier[0].system"]),
        ({"active": "true"}, ["active"]),
        ({"active": 1}, ["active"]),
        ({"name": [{"family": "Kermarrec"}]}, ["name[0].given"]),
        ({"name": [{"family": "Kermarrec", "given": [""]}]}, ["name[0].given"]),
        ({"name": [{"family": 3, "given": "Solenn"}]}, ["name[0].family", "name[0].given"]),
        ({"telecom": [{"system": "email", "value": "nobody"}]}, ["telecom[0].value"]),
        ({"telecom": [{"system": "email", "value": "a @b.example"}]}, ["telecom[0].value"]),
        ({"meta": {"source": "urn:oid:1.2.3"}}, ["meta.source"]),
        ({"meta": []}, ["meta.source"]),
    ],
    ids=str,
)
def test_every_fault_is_named_by_its_path(changes: dict[str, Any], expected: list[str]):
    assert paths(a_regulator(**changes)) == expected


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (f"{NATIONAL}|{NATIONAL_ID}", IdentifierCriterion(NATIONAL_ID, NATIONAL)),
        (NATIONAL_ID, IdentifierCriterion(NATIONAL_ID)),
        (f"|{NATIONAL_ID}", IdentifierCriterion(NATIONAL_ID)),
        (f"{NATIONAL}|", None),
        ("|", None),
        (" ", None),
    ],
)
def test_a_criterion_names_a_value_in_a_system_or_in_any(token: str, expected: IdentifierCriterion | None):
    assert read_criterion(token) == expected
