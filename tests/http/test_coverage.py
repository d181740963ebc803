"""Coverage and calls for slots over the JSON API."""

from __future__ import annotations

import pytest

from snp.directory import service as directory
from snp.directory.facts import PractitionerDetails
from snp.platform.actors import system
from tests.support.http import World, expect, refused

pytestmark = pytest.mark.database
CALL = {
    "profession": "medecin_generaliste",
    "half_days": [{"day": "2026-11-26", "is_afternoon": False, "slots": 2}],
}


@pytest.fixture
def address(world: World) -> str:
    """The territory's routes; its doctor has a mobile phone."""
    with world.service.session() as session:
        now = world.service.clock.now()
        one = directory.get_practitioner(session, world.gp.id, now=now)
        details = PractitionerDetails(
            given_name=one.given_name,
            family_name=one.family_name,
            profession=one.profession,
            rpps=one.rpps,
            phone="+33639980001",
            site_ids=frozenset(one.site_ids),
        )
        by = system("tests")
        directory.update_practitioner(session, one.id, details, version=one.version, by=by, now=now)
    return f"/api/v1/territories/{world.territory.id}"


def test_the_outlook_is_read_by_the_regulation_and_the_coordination(world: World, address: str) -> None:
    told = expect(world.regulateur.get(f"{address}/coverage"), 200)
    refused(world.neighbour_regulateur.get(f"{address}/coverage"), 404, "not-found")

    sheet = told["professions"][0]
    need = sheet["half_days"][0]["need"]
    assert sheet["profession"] == "medecin_generaliste"
    assert sheet["basis"] == "assumed"
    assert need["q10"] <= need["q50"] <= need["q90"]


def test_a_call_is_previewed_opened_once_read_and_cancelled(world: World, address: str) -> None:
    coordinator = world.coordinator
    preview = expect(coordinator.post(f"{address}/slot-calls/preview", json=CALL), 200)
    key = {"Idempotency-Key": "appel-1"}
    made = expect(coordinator.post(f"{address}/slot-calls", json=CALL, headers=key), 201)
    again = expect(coordinator.post(f"{address}/slot-calls", json=CALL, headers=key), 201)
    refused(coordinator.post(f"{address}/slot-calls", json=CALL), 409, "already-called")
    read = expect(coordinator.get(f"{address}/slot-calls/{made['id']}"), 200)
    listed = expect(coordinator.get(f"{address}/slot-calls"), 200)
    ended = expect(coordinator.delete(f"{address}/slot-calls/{made['id']}"), 200)
    refused(coordinator.delete(f"{address}/slot-calls/{made['id']}"), 409, "slot-call-ended")

    assert preview["first"][0]["practitioner_id"] == str(world.gp.id)
    assert preview["first"][0]["moments"]
    assert again == made
    assert (made["asked"], read["outcome"]["asked"], read["outcome"]["gained"]) == (1, 1, 0)
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    assert ended["ending"] == "cancelled"


@pytest.mark.parametrize(
    ("change", "status", "slug"),
    [
        ({"profession": "inconnue"}, 404, "not-found"),
        ({"half_days": []}, 422, "validation"),
        ({"half_days": [*CALL["half_days"], *CALL["half_days"]]}, 422, "invalid-value"),
        ({"half_days": [{"day": "2026-11-23", "is_afternoon": False, "slots": 1}]}, 422, "invalid-value"),
    ],
)
def test_what_cannot_be_called_for_is_refused(
    world: World, address: str, change: dict[str, object], status: int, slug: str
) -> None:
    refused(world.coordinator.post(f"{address}/slot-calls/preview", json=CALL | change), status, slug)


def test_settings_of_coverage_are_part_of_the_territory(world: World, address: str) -> None:
    read = world.coordinator.get(address)
    body = {name: read.json()[name] for name in ("slug", "name", "department", "communes")}
    body["settings"] = {"coverage": {"seaside_percent": 200, "school_holidays": ["2026-12-19/2027-01-03"]}}
    etag = {"If-Match": read.headers["etag"]}

    changed = expect(world.coordinator.put(address, json=body, headers=etag), 200)

    assert changed["settings"]["coverage"]["seaside_percent"] == 200
    assert changed["settings"]["coverage"]["messages_a_week"] == 3
    assert changed["settings"]["coverage"]["school_holidays"] == ["2026-12-19/2027-01-03"]
