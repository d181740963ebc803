"""Regulator accounts sent by the platform (INT_R02): each assertion of the certification, then the rest.

The names of the first tests are those of the certification kit, group 5.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa

from tests.support.http import Service, expect
from tests.support.regulators import (
    NATIONAL,
    NATIONAL_ID,
    TECHNICAL,
    UUID_ID,
    a_regulator,
    an_identifier,
)

PATH = "/fhir/Practitioner"
OTHER_NATIONAL = "3139900001/REG0043"
KIT_HEADERS = {"Content-Type": "application/json", "Accept": "application/json+fhir"}


@pytest.fixture
def platform(service: Service) -> httpx.Client:
    return service.caller(**KIT_HEADERS)


def put(platform: httpx.Client, value: str, system: str, body: dict[str, Any]) -> httpx.Response:
    return platform.put(f"{PATH}?identifier={quote(f'{system}|{value}', safe='')}", json=body)


def outcome(response: httpx.Response, *statuses: int) -> dict[str, Any]:
    """The OperationOutcome of a refusal."""
    assert response.status_code in (statuses or (400, 422)), f"{response.status_code} {response.text}"
    assert response.headers["content-type"] == "application/fhir+json"
    body: dict[str, Any] = response.json()
    assert body["resourceType"] == "OperationOutcome"
    assert body["issue"][0]["severity"] == "error"
    assert body["issue"][0]["details"]["text"]
    return body


def holders(service: Service, value: str) -> list[tuple[bool, bool]]:
    """The rows of an identifier, oldest first: whether it is held, whether its account is active."""
    statement = sa.text(
        "SELECT released_at IS NULL AS held, active FROM regulator_identifier i"
        " JOIN account a ON a.id = i.account_id WHERE value = :value ORDER BY i.id"
    )
    with service.session() as session:
        return [(row.held, row.active) for row in session.execute(statement, {"value": value})]


# The kit, group 5


def test_creation_regulateur_idnps(platform: httpx.Client) -> None:
    answer = platform.post(PATH, json=a_regulator(NATIONAL_ID, NATIONAL))

    made = expect(answer, 201)
    assert answer.headers["location"] == f"{platform.base_url}{PATH}/{made['id']}".replace("//fhir", "/fhir")
    assert made["resourceType"] == "Practitioner"
    assert made["id"] != "example-regulator-1"
    assert made["identifier"] == [an_identifier(NATIONAL_ID, NATIONAL)]


def test_creation_regulateur_uuid(platform: httpx.Client) -> None:
    expect(platform.post(PATH, json=a_regulator()), 201)


def test_creation_double_regulateur_uuid(platform: httpx.Client) -> None:
    expect(platform.post(PATH, json=a_regulator()), 201)

    refusal = outcome(platform.post(PATH, json=a_regulator()), 422)

    assert refusal["issue"][0]["code"] == "business-rule"


@pytest.mark.parametrize("field", ["identifier", "name", "telecom", "active"])
def test_creation_regulateur_champs_manquants(platform: httpx.Client, field: str) -> None:
    refusal = outcome(platform.post(PATH, json=a_regulator(**{field: None})), 422)

    assert field in refusal["issue"][0]["details"]["text"]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": [{"family": "", "given": ["Solenn"]}]},
        {"telecom": [{"system": "email", "value": ""}]},
        {"telecom": [{"system": "phone", "value": "+33240000000"}]},
        {"identifier": [an_identifier(UUID_ID, NATIONAL, "INTRN")]},
        {"identifier": [an_identifier(NATIONAL_ID, TECHNICAL, "IDNPS")]},
    ],
    ids=["empty family", "empty email", "phone", "INTRN under national", "IDNPS under technical"],
)
def test_creation_regulateur_valeurs_invalides(platform: httpx.Client, changes: dict[str, Any]) -> None:
    outcome(platform.post(PATH, json=a_regulator(**changes)), 422)


@pytest.mark.parametrize(
    "changes",
    [
        {"active": False},
        {"active": True},
        {"telecom": [{"system": "email", "value": "s.kermarrec@sas.example"}]},
        {"name": [{"family": "Le Goff", "given": ["Solenn"]}]},
        {"name": [{"family": "Kermarrec", "given": ["Soizic"]}]},
    ],
    ids=["deshabilitation", "habilitation", "email", "nom", "prenom"],
)
def test_modification_regulateur(platform: httpx.Client, changes: dict[str, Any]) -> None:
    made = expect(platform.post(PATH, json=a_regulator(NATIONAL_ID, NATIONAL)), 201)

    answer = put(platform, NATIONAL_ID, NATIONAL, a_regulator(NATIONAL_ID, NATIONAL, **changes))

    kept = expect(answer, 200)
    assert kept["id"] == made["id"]
    assert answer.headers["location"].endswith(f"{PATH}/{made['id']}")
    for name, value in changes.items():
        assert kept[name] == value


def test_modification_id_regulateur(platform: httpx.Client, service: Service) -> None:
    made = expect(platform.post(PATH, json=a_regulator(NATIONAL_ID, NATIONAL)), 201)

    kept = expect(put(platform, NATIONAL_ID, NATIONAL, a_regulator(OTHER_NATIONAL, NATIONAL)), 200)

    assert kept["id"] == made["id"]
    assert [one["value"] for one in kept["identifier"]] == [OTHER_NATIONAL]
    assert holders(service, NATIONAL_ID) == [(False, True)]
    assert holders(service, OTHER_NATIONAL) == [(True, True)]


def test_modification_typeid_regulateur(platform: httpx.Client) -> None:
    """The kit swaps the systems: nobody matches, so an account is made, though the e-mail is another's."""
    expect(platform.post(PATH, json=a_regulator()), 201)

    answer = put(platform, UUID_ID, NATIONAL, a_regulator(OTHER_NATIONAL, TECHNICAL))

    expect(answer, 201)


def test_modification_typeid_regulateur_as_the_guide_writes_it(platform: httpx.Client) -> None:
    made = expect(platform.post(PATH, json=a_regulator()), 201)

    kept = expect(put(platform, UUID_ID, TECHNICAL, a_regulator(NATIONAL_ID, NATIONAL)), 200)

    assert kept["id"] == made["id"]
    assert kept["identifier"] == [an_identifier(NATIONAL_ID, NATIONAL)]


@pytest.mark.parametrize("field", ["identifier", "name", "telecom", "active"])
def test_modification_regulateur_champs_manquants(platform: httpx.Client, field: str) -> None:
    expect(platform.post(PATH, json=a_regulator()), 201)

    outcome(put(platform, UUID_ID, TECHNICAL, a_regulator(**{field: None})), 422)


@pytest.mark.parametrize("field", ["identifier", "name", "telecom", "active"])
def test_put_as_create_missing_fields(platform: httpx.Client, field: str) -> None:
    outcome(put(platform, UUID_ID, TECHNICAL, a_regulator(**{field: None})), 422)


def test_put_as_create(platform: httpx.Client) -> None:
    made = expect(put(platform, UUID_ID, TECHNICAL, a_regulator()), 201)

    again = expect(put(platform, UUID_ID, TECHNICAL, a_regulator()), 200)

    assert again["id"] == made["id"]


def test_idnps_reattribution(platform: httpx.Client, service: Service) -> None:
    """An identifier that a disabled account holds goes to the account that the platform gives it to."""
    disabled = a_regulator(NATIONAL_ID, NATIONAL, active=False)
    gone = expect(put(platform, NATIONAL_ID, NATIONAL, disabled), 201)
    made = expect(platform.post(PATH, json=a_regulator()), 201)

    kept = expect(put(platform, UUID_ID, TECHNICAL, a_regulator(NATIONAL_ID, NATIONAL)), 200)

    assert kept["id"] == made["id"] != gone["id"]
    assert holders(service, NATIONAL_ID) == [(False, False), (True, True)]


# What the kit leaves out


@pytest.mark.parametrize(
    "query",
    [
        f"identifier={NATIONAL}|{NATIONAL_ID}",
        f"identifier={NATIONAL}%7C{NATIONAL_ID}",
        "identifier=urn%3Aoid%3A1.2.250.1.71.4.2.1%7C3139900001%2FREG0042",
        f"identifier={NATIONAL}%7C3139900001%2FREG0042&_format=json",
        f"identifier={NATIONAL_ID}",
    ],
)
def test_the_criterion_is_read_however_it_is_encoded(service: Service, query: str) -> None:
    platform = service.caller(**KIT_HEADERS)
    made = expect(platform.post(PATH, json=a_regulator(NATIONAL_ID, NATIONAL)), 201)
    url = httpx.URL(f"{service.url}{PATH}").copy_with(query=query.encode())

    kept = expect(platform.put(url, json=a_regulator(NATIONAL_ID, NATIONAL)), 200)

    assert kept["id"] == made["id"]


def test_an_identifier_of_another_active_account_is_refused(platform: httpx.Client, service: Service) -> None:
    expect(platform.post(PATH, json=a_regulator()), 201)
    expect(platform.post(PATH, json=a_regulator(NATIONAL_ID, NATIONAL)), 201)

    outcome(put(platform, UUID_ID, TECHNICAL, a_regulator(NATIONAL_ID, NATIONAL)), 422)

    assert holders(service, UUID_ID) == [(True, True)]


def test_several_active_accounts_are_a_failed_precondition(platform: httpx.Client) -> None:
    """Only a criterion without its system can match two accounts."""
    expect(platform.post(PATH, json=a_regulator(NATIONAL_ID, NATIONAL)), 201)
    expect(platform.post(PATH, json=a_regulator(NATIONAL_ID, TECHNICAL)), 201)

    outcome(platform.put(f"{PATH}?identifier={NATIONAL_ID}", json=a_regulator()), 412)


def test_among_several_accounts_the_active_one_is_meant(platform: httpx.Client) -> None:
    expect(platform.post(PATH, json=a_regulator(NATIONAL_ID, NATIONAL, active=False)), 201)
    active = expect(platform.post(PATH, json=a_regulator(NATIONAL_ID, TECHNICAL)), 201)

    kept = expect(platform.put(f"{PATH}?identifier={NATIONAL_ID}", json=a_regulator()), 200)

    assert kept["id"] == active["id"]


@pytest.mark.parametrize(
    "query", ["", "?identifier=", f"?identifier={TECHNICAL}|", "?name=x", "?identifier=a&b=c"]
)
def test_a_put_without_a_whole_criterion_is_refused(platform: httpx.Client, query: str) -> None:
    outcome(platform.put(f"{PATH}{query}", json=a_regulator()), 400)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"resourceType": "Patient"}', 400),
        (b'{"resourceType": "Practitioner", "meta": 3, "identifier": [1], "name": {}}', 422),
        ("é".encode("latin-1"), 400),
    ],
)
def test_what_is_no_regulator_is_told_as_an_outcome(platform: httpx.Client, body: bytes, status: int) -> None:
    outcome(platform.post(PATH, content=body), status)
    outcome(platform.put(f"{PATH}?identifier=x", content=body), status)


def test_every_fault_is_told_at_once(platform: httpx.Client) -> None:
    refusal = outcome(platform.post(PATH, json=a_regulator(name=None, telecom=None)), 422)

    text = refusal["issue"][0]["details"]["text"]
    assert "name" in text
    assert "telecom" in text


def test_an_account_found_again_by_any_of_its_identifiers(platform: httpx.Client) -> None:
    both = [an_identifier(UUID_ID), an_identifier(NATIONAL_ID, NATIONAL)]
    made = expect(platform.post(PATH, json=a_regulator(identifier=both)), 201)

    for value, system in ((UUID_ID, TECHNICAL), (NATIONAL_ID, NATIONAL)):
        kept = expect(put(platform, value, system, a_regulator(identifier=both)), 200)
        assert kept["id"] == made["id"]


def test_two_creations_at_once_make_one_account(service: Service) -> None:
    callers = [service.caller(**KIT_HEADERS) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda caller: caller.post(PATH, json=a_regulator()), callers))

    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]
    assert holders(service, UUID_ID) == [(True, True)]


def test_two_updates_at_once_of_an_unknown_identifier_make_one_account(service: Service) -> None:
    callers = [service.caller(**KIT_HEADERS) for _ in range(3)]

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda caller: put(caller, UUID_ID, TECHNICAL, a_regulator()), callers))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]


def test_a_regulator_s_account_gets_no_password(platform: httpx.Client, service: Service) -> None:
    made = expect(platform.post(PATH, json=a_regulator()), 201)
    with service.session() as session:
        row = session.execute(
            sa.text("SELECT password_hash, territory_ids FROM account WHERE id = :id"), {"id": made["id"]}
        ).one()

    assert row.password_hash is None
    assert row.territory_ids == []


def test_no_name_of_a_regulator_is_logged(
    platform: httpx.Client, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    expect(platform.post(PATH, json=a_regulator()), 201)
    outcome(platform.post(PATH, json=a_regulator()))
    outcome(platform.post(PATH, json=a_regulator(telecom=[{"system": "email", "value": "kermarrec"}])))

    said = caplog.text + "".join(capfd.readouterr())
    assert "regulator.created" in said
    assert "kermarrec" not in said.lower()
    assert UUID_ID not in said
